// The baseline's loops over numbers: matrix product, activations, optimizers. What was tried for them is in plain.mjs.

/**
 * Everything that the baseline computes with lies in this one array, at places that `allocate` gives out. It is a global
 * because V8 compiles a global's address and length into the code; those of an array in a parameter, a field or a
 * module's constant are loaded and checked again in each turn of a loop (2x3 tile: 6.8 GFLOP/s, else 4.3 to 4.6).
 */
const memory = new Float32Array(2 ** 24);
globalThis.plainMemory = memory;

let used = 0;

/** The place of `length` numbers. */
export function allocate(length) {
  const at = used;
  used += length;
  if (used > memory.length) throw new Error(`the baseline's memory has no room for ${length} more numbers`);
  return at;
}

/** Gives back all that was allocated since `mark` was what `allocate(0)` returned. */
export function release(mark) {
  memory.fill(0, mark, used);
  used = mark;
}

export function write(at, numbers) {
  memory.set(numbers, at);
}

export function read(at, length) {
  return memory.slice(at, at + length);
}

/**
 * C = A Bᵀ: c[i][j] = Σ_p a[i][p] b[j][p] for i < m, j < n, p < k. Each operand is { at, row, sum }: where it begins, how
 * far apart its rows (i or j) lie, and how far apart the terms of a sum; C is { at, row, column }.
 *
 * Tiles of 2 rows and 3 columns; the last tile overlaps the one before it where they don't come out even.
 */
export function multiply(c, a, b, m, n, k) {
  if (n < 3 && m > n) multiply(transposed(c), b, a, n, m, k);
  else if (m >= 2 && n >= 3) multiplyTiles(c, a, b, m, n, k);
  else if (m === 1 && n >= 5) multiplyRow(c, a, b, n, k);
  else multiplySingly(c, a, b, m, n, k);
}

function transposed({ at, row, column }) {
  return { at, row: column, column: row };
}

// The places in the inner loops are int32 (`| 0`), so that V8 doesn't check their additions for overflow.

function multiplyTiles(c, a, b, m, n, k) {
  const aSum = a.sum;
  const bSum = b.sum;
  for (let tileColumn = 0; tileColumn < n; tileColumn += 3) {
    const j = Math.min(tileColumn, n - 3);
    for (let tileRow = 0; tileRow < m; tileRow += 2) {
      const i = Math.min(tileRow, m - 2);
      let a0 = (a.at + i * a.row) | 0;
      let a1 = (a0 + a.row) | 0;
      let b0 = (b.at + j * b.row) | 0;
      let b1 = (b0 + b.row) | 0;
      let b2 = (b1 + b.row) | 0;
      let c00 = 0;
      let c01 = 0;
      let c02 = 0;
      let c10 = 0;
      let c11 = 0;
      let c12 = 0;
      for (let p = 0; p < k; p = (p + 1) | 0) {
        const x0 = plainMemory[a0];
        const x1 = plainMemory[a1];
        const y0 = plainMemory[b0];
        const y1 = plainMemory[b1];
        const y2 = plainMemory[b2];
        c00 += x0 * y0;
        c01 += x0 * y1;
        c02 += x0 * y2;
        c10 += x1 * y0;
        c11 += x1 * y1;
        c12 += x1 * y2;
        a0 = (a0 + aSum) | 0;
        a1 = (a1 + aSum) | 0;
        b0 = (b0 + bSum) | 0;
        b1 = (b1 + bSum) | 0;
        b2 = (b2 + bSum) | 0;
      }
      const upper = (c.at + i * c.row + j * c.column) | 0;
      const lower = (upper + c.row) | 0;
      plainMemory[upper] = c00;
      plainMemory[(upper + c.column) | 0] = c01;
      plainMemory[(upper + 2 * c.column) | 0] = c02;
      plainMemory[lower] = c10;
      plainMemory[(lower + c.column) | 0] = c11;
      plainMemory[(lower + 2 * c.column) | 0] = c12;
    }
  }
}

/** One row of C, 5 columns at a time. */
function multiplyRow(c, a, b, n, k) {
  const aSum = a.sum;
  const bSum = b.sum;
  for (let tileColumn = 0; tileColumn < n; tileColumn += 5) {
    const j = Math.min(tileColumn, n - 5);
    let at = a.at | 0;
    let b0 = (b.at + j * b.row) | 0;
    let b1 = (b0 + b.row) | 0;
    let b2 = (b1 + b.row) | 0;
    let b3 = (b2 + b.row) | 0;
    let b4 = (b3 + b.row) | 0;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    let c4 = 0;
    for (let p = 0; p < k; p = (p + 1) | 0) {
      const x = plainMemory[at];
      c0 += x * plainMemory[b0];
      c1 += x * plainMemory[b1];
      c2 += x * plainMemory[b2];
      c3 += x * plainMemory[b3];
      c4 += x * plainMemory[b4];
      at = (at + aSum) | 0;
      b0 = (b0 + bSum) | 0;
      b1 = (b1 + bSum) | 0;
      b2 = (b2 + bSum) | 0;
      b3 = (b3 + bSum) | 0;
      b4 = (b4 + bSum) | 0;
    }
    const first = (c.at + j * c.column) | 0;
    plainMemory[first] = c0;
    plainMemory[(first + c.column) | 0] = c1;
    plainMemory[(first + 2 * c.column) | 0] = c2;
    plainMemory[(first + 3 * c.column) | 0] = c3;
    plainMemory[(first + 4 * c.column) | 0] = c4;
  }
}

function multiplySingly(c, a, b, m, n, k) {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let left = (a.at + i * a.row) | 0;
      let right = (b.at + j * b.row) | 0;
      let sum = 0;
      for (let p = 0; p < k; p = (p + 1) | 0) {
        sum += plainMemory[left] * plainMemory[right];
        left = (left + a.sum) | 0;
        right = (right + b.sum) | 0;
      }
      plainMemory[(c.at + i * c.row + j * c.column) | 0] = sum;
    }
  }
}

/** target[j] = Σ_i matrix[i][j] */
export function sumRows(target, matrix, rows, columns) {
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += plainMemory[(matrix + i * columns + j) | 0];
    plainMemory[(target + j) | 0] = sum;
  }
}
