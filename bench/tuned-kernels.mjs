// The baseline's loops over numbers: matrix product, activations, optimizers. What was tried for them is in tuned.mjs.

/**
 * Everything that the baseline computes with lies in this one array, at places that `allocate` gives out. It is a global
 * because V8 compiles a global's address and length into the code; those of an array in a parameter, a field or a
 * module's constant are loaded and checked again in each turn of a loop (2x3 tile: 6.8 GFLOP/s, else 4.3 to 4.6).
 */
const memory = new Float32Array(2 ** 24);
globalThis.tunedMemory = memory;

let used = 0;

/** The place of `length` numbers. */
export function allocate(length) {
  const at = used;
  used += length;
  if (used > memory.length) throw new Error(`the baseline's memory has no room for ${length} more numbers`);
  return at;
}

export function clear(at, length) {
  memory.fill(0, at, at + length);
}

export function write(at, numbers) {
  memory.set(numbers, at);
}

export function read(at, length) {
  return memory.slice(at, at + length);
}

const PANEL = 4096;
const panel = allocate(PANEL);
/** From so many rows of A on, it pays to gather a tile's part of B: 5.4 to 6.2 GFLOP/s for the gradients of C. */
const PACKING_PAYS = 32;

/**
 * C = A Bᵀ: c[i][j] = Σ_p a[i][p] b[j][p] for i < m, j < n, p < k. Each operand is { at, row, sum }: where it begins, how
 * far apart its rows (i or j) lie, and how far apart the terms of a sum; C is { at, row, column }.
 *
 * Tiles of 2 rows and 3 columns; the last tile overlaps the one before it where they don't come out even.
 */
export function multiply(c, a, b, m, n, k) {
  if (n < 3 && m > n) multiply(transposed(c), b, a, n, m, k);
  else if (m >= 2 && n >= 3) multiplyTiles(c, a, b, m, n, k);
  else if (m === 1 && n >= 6) multiplyRow(c, a, b, n, k);
  else multiplySingly(c, a, b, m, n, k);
}

function transposed({ at, row, column }) {
  return { at, row: column, column: row };
}

// The places in the inner loops are int32 (`| 0`), so that V8 doesn't check their additions for overflow.

function multiplyTiles(c, a, b, m, n, k) {
  const { row: aRow, sum: aSum } = a;
  const { row: cRow, column } = c;
  const packs = b.sum !== 1 && m >= PACKING_PAYS && k <= PANEL / 3;
  const bRow = packs ? 1 : b.row;
  const bSum = packs ? 3 : b.sum;
  for (let tile = 0; tile < n; tile = (tile + 3) | 0) {
    const j = Math.min(tile, n - 3);
    let bAt = (b.at + Math.imul(j, b.row)) | 0;
    if (packs) bAt = packThree(bAt, b, k);
    for (let tileRow = 0; tileRow < m; tileRow = (tileRow + 2) | 0) {
      const i = Math.min(tileRow, m - 2);
      let a0 = (a.at + Math.imul(i, aRow)) | 0;
      let a1 = (a0 + aRow) | 0;
      let b0 = bAt;
      let b1 = (b0 + bRow) | 0;
      let b2 = (b1 + bRow) | 0;
      let c00 = 0;
      let c01 = 0;
      let c02 = 0;
      let c10 = 0;
      let c11 = 0;
      let c12 = 0;
      for (let p = 0; p < k; p = (p + 1) | 0) {
        const x0 = tunedMemory[a0];
        const x1 = tunedMemory[a1];
        const y0 = tunedMemory[b0];
        const y1 = tunedMemory[b1];
        const y2 = tunedMemory[b2];
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
      const upper = (c.at + Math.imul(i, cRow) + Math.imul(j, column)) | 0;
      const lower = (upper + cRow) | 0;
      tunedMemory[upper] = c00;
      tunedMemory[(upper + column) | 0] = c01;
      tunedMemory[(upper + 2 * column) | 0] = c02;
      tunedMemory[lower] = c10;
      tunedMemory[(lower + column) | 0] = c11;
      tunedMemory[(lower + 2 * column) | 0] = c12;
    }
  }
}

/** Three rows of b from `from` into the panel, as [k][3]; returns where that is. */
function packThree(from, { row, sum }, k) {
  for (let p = 0, to = panel; p < k; p = (p + 1) | 0, from = (from + sum) | 0, to = (to + 3) | 0) {
    tunedMemory[to] = tunedMemory[from];
    tunedMemory[(to + 1) | 0] = tunedMemory[(from + row) | 0];
    tunedMemory[(to + 2) | 0] = tunedMemory[(from + 2 * row) | 0];
  }
  return panel;
}

/** One row of C, 6 columns at a time. */
function multiplyRow(c, a, b, n, k) {
  const aSum = a.sum;
  const bSum = b.sum;
  for (let tileColumn = 0; tileColumn < n; tileColumn += 6) {
    const j = Math.min(tileColumn, n - 6);
    let at = a.at | 0;
    let b0 = (b.at + j * b.row) | 0;
    let b1 = (b0 + b.row) | 0;
    let b2 = (b1 + b.row) | 0;
    let b3 = (b2 + b.row) | 0;
    let b4 = (b3 + b.row) | 0;
    let b5 = (b4 + b.row) | 0;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    let c4 = 0;
    let c5 = 0;
    for (let p = 0; p < k; p = (p + 1) | 0) {
      const x = tunedMemory[at];
      c0 += x * tunedMemory[b0];
      c1 += x * tunedMemory[b1];
      c2 += x * tunedMemory[b2];
      c3 += x * tunedMemory[b3];
      c4 += x * tunedMemory[b4];
      c5 += x * tunedMemory[b5];
      at = (at + aSum) | 0;
      b0 = (b0 + bSum) | 0;
      b1 = (b1 + bSum) | 0;
      b2 = (b2 + bSum) | 0;
      b3 = (b3 + bSum) | 0;
      b4 = (b4 + bSum) | 0;
      b5 = (b5 + bSum) | 0;
    }
    const first = (c.at + j * c.column) | 0;
    tunedMemory[first] = c0;
    tunedMemory[(first + c.column) | 0] = c1;
    tunedMemory[(first + 2 * c.column) | 0] = c2;
    tunedMemory[(first + 3 * c.column) | 0] = c3;
    tunedMemory[(first + 4 * c.column) | 0] = c4;
    tunedMemory[(first + 5 * c.column) | 0] = c5;
  }
}

function multiplySingly(c, a, b, m, n, k) {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let left = (a.at + i * a.row) | 0;
      let right = (b.at + j * b.row) | 0;
      let sum = 0;
      for (let p = 0; p < k; p = (p + 1) | 0) {
        sum += tunedMemory[left] * tunedMemory[right];
        left = (left + a.sum) | 0;
        right = (right + b.sum) | 0;
      }
      tunedMemory[(c.at + i * c.row + j * c.column) | 0] = sum;
    }
  }
}

/** target[j] = Σ_i matrix[i][j] */
export function sumRows(target, matrix, rows, columns) {
  for (let j = 0; j < columns; j++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += tunedMemory[(matrix + i * columns + j) | 0];
    tunedMemory[(target + j) | 0] = sum;
  }
}
