// The bare kernels, timed one by one: the bench's way to what the engine can do.

import { readFileSync } from "node:fs";

/** A measurement lasts so long at least, in ms. */
const LEAST = 40;
const FLOATS = 4;

const memory = new WebAssembly.Memory({ initial: 8192 });
const floats = new Float32Array(memory.buffer);

/** The kernels of a variant, "simd" or "relaxed"; undefined where the engine hasn't its instructions. */
export function load(variant) {
  const binary = readFileSync(new URL(`../build/testing-${variant}.wasm`, import.meta.url));
  if (!WebAssembly.validate(binary)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } }).exports;
}

/** Places for blocks of so many numbers, filled with normal numbers that are neither 0 nor subnormal. */
function place(...counts) {
  let at = 1 << 20;
  return counts.map((count) => {
    const start = at;
    at += Math.ceil((count * FLOATS + 64) / 64) * 64;
    for (let i = 0; i < count; i++) floats[start / FLOATS + i] = 0.5 + ((i * 2654435761) % 1024) / 1024;
    return start;
  });
}

const panelled = (rows, columns) => Math.ceil(columns / 8) * 8 * rows;
const named = (group, shape) => ({ group, name: shape.join(" × "), amount: 2 * shape[0] * shape[1] * shape[2] });

// Measurements, as measure() takes them: `group` and `name` for people, `amount` of flops or bytes in one time, and
// `make`, which prepares a function that does it so many times.

/** c = a·b of rows × depth × columns. */
export function forward(kernels, shape) {
  const [m, k, n] = shape;
  const make = () => {
    const [c, a, b, start] = place(panelled(m, n), panelled(m, k), panelled(k, n), 8);
    return (times) => kernels.multiplyPanels(c, a, b, start, m, k, Math.ceil(n / 8), times);
  };
  return { ...named("forward", shape), make };
}

/** c = aᵀ·b, summed over the rows. */
export function weightGradient(kernels, shape) {
  const [m, k, n] = shape;
  const make = () => {
    const [c, a, b] = place(panelled(k, n), panelled(m, k), panelled(m, n));
    return (times) => kernels.multiplyTransposedPanels(c, a, b, k, m, Math.ceil(n / 8), times);
  };
  return { ...named("weight gradient", shape), make };
}

/** The inner loop alone, on numbers in the L1 cache: what nothing can be faster than. */
export function bareTile(kernels) {
  const rows = kernels.tileRows();
  return { ...forward(kernels, [rows, 256, 8]), group: "tile", name: `${rows} × 256 × 8, in L1` };
}

/** Adam on so many parameters: reads 4 blocks (w, g, m, v) and writes 3. */
export function adam(kernels, count, name) {
  const make = () => {
    const [state, w] = place(64, 4 * count);
    return (times) => kernels.adamOver(state, w, count, times);
  };
  return { group: "Adam", name, amount: 7 * count * FLOATS, make };
}

/** A copy of as many numbers: reads and writes 2 blocks each. */
export function copy(kernels, count, name) {
  const bytes = 2 * count * FLOATS;
  const make = () => {
    const [w] = place(4 * count);
    return (times) => kernels.copyOver(w, w + bytes, bytes, times);
  };
  return { group: "copy", name, amount: 2 * bytes, make };
}

/** Billions a second, in each repetition. */
export function measure({ amount, make }, repetitions) {
  const run = make();
  let times = 1;
  for (;;) {
    const begin = performance.now();
    run(times);
    const ms = performance.now() - begin;
    if (ms >= LEAST) break;
    times = Math.ceil(times * Math.min(8, (1.3 * LEAST) / Math.max(ms, 0.01)));
  }
  return Array.from({ length: repetitions }, () => {
    const begin = performance.now();
    run(times);
    return (amount * times) / (performance.now() - begin) / 1e6;
  });
}
