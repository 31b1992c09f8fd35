// Rows of a dataset on their way into a mini-batch: gathered in any order, converted and scaled, laid into panels.

import { InputKind, TargetKind } from "../src/abi";
import { cell, PANEL, PANEL_BYTES, panelsOf } from "./panels";
import { sumLanes, VECTOR_BYTES } from "./vec";

/** A dataset staged in memory: row-major inputs and targets. */
@unmanaged @final
export class Table {
  inputs: usize;
  targets: usize;
  inputKind: InputKind;
  targetKind: TargetKind;
  /** What each row counts, float32, or 0 where all count alike. */
  weights: usize;
  /** What every input is multiplied by. */
  scale: f32;
}

/** Where row `i` of an epoch is found in the table: as `order` (uint32) says, or at i where there is no order. */
// @ts-ignore: decorator
@inline
function rowAt(order: usize, i: i32): usize {
  return order ? <usize>load<u32>(order + <usize>i * 4) : <usize>i;
}

/** Which rows of an epoch's order make a mini-batch, and which of these are to be gathered. */
@unmanaged @final
export class Selection {
  /** uint32, or 0 where the rows come as they lie. */
  order: usize;
  /** The mini-batch's first row in the order, and how many it has. */
  first: i32;
  batch: i32;
  /** Those of its rows that are gathered. */
  from: i32;
  to: i32;
}

/** A table's numbers, as they lie. */
@unmanaged @final
class Floats {
  @inline get bytes(): usize { return 4; }
  @inline one(at: usize): f32 { return load<f32>(at); }
  /** Four numbers, and the four behind them. */
  @inline low(at: usize): v128 { return v128.load(at); }
  @inline high(at: usize): v128 { return v128.load(at, 16); }
}

@unmanaged @final
class Bytes {
  @inline get bytes(): usize { return 1; }
  @inline one(at: usize): f32 { return <f32>load<u8>(at); }
  @inline low(at: usize): v128 { return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(v128.load_ext<u8>(at))); }
  @inline high(at: usize): v128 { return f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(v128.load_ext<u8>(at))); }
}

/** The selected rows' inputs into x, panels [inputs/8][batch][8]; the padding is left as it is. */
export function gatherInputs(x: usize, table: Table, rows: Selection, inputs: i32): void {
  if (table.inputKind == InputKind.uint8) gatherRows<Bytes>(x, table, rows, inputs);
  else gatherRows<Floats>(x, table, rows, inputs);
}

/** Four rows at a time: they share cache lines where they are written, and where they are read, none waits for another. */
// @ts-ignore: decorator
@inline
function gatherRows<T>(x: usize, table: Table, rows: Selection, inputs: i32): void {
  const panelBytes = <usize>rows.batch * PANEL_BYTES;
  let row = rows.from;
  let target = x + <usize>row * PANEL_BYTES;
  for (; row + 4 <= rows.to; row += 4, target += 4 * PANEL_BYTES) {
    const first = source<T>(table, rows, row, inputs);
    const second = source<T>(table, rows, row + 1, inputs);
    const third = source<T>(table, rows, row + 2, inputs);
    const fourth = source<T>(table, rows, row + 3, inputs);
    gather<T>(4, target, first, second, third, fourth, panelBytes, inputs, table.scale);
  }
  for (; row < rows.to; row++, target += PANEL_BYTES) {
    const only = source<T>(table, rows, row, inputs);
    gather<T>(1, target, only, only, only, only, panelBytes, inputs, table.scale);
  }
}

/** Where a row of the mini-batch lies in the table. */
// @ts-ignore: decorator
@inline
function source<T>(table: Table, rows: Selection, row: i32, inputs: i32): usize {
  return table.inputs + rowAt(rows.order, rows.first + row) * <usize>inputs * changetype<T>(0).bytes;
}

// @ts-ignore: decorator
@inline
function gather<T>(
  count: i32,
  target: usize,
  first: usize,
  second: usize,
  third: usize,
  fourth: usize,
  panelBytes: usize,
  inputs: i32,
  scale: f32,
): void {
  const numbers = changetype<T>(0);
  const scales = f32x4.splat(scale);
  const step = <usize>PANEL * numbers.bytes;
  let column = 0;
  for (; column + PANEL <= inputs; column += PANEL) {
    v128.store(target, f32x4.mul(numbers.low(first), scales));
    v128.store(target, f32x4.mul(numbers.high(first), scales), 16);
    first += step;
    if (count > 1) {
      v128.store(target, f32x4.mul(numbers.low(second), scales), 32);
      v128.store(target, f32x4.mul(numbers.high(second), scales), 48);
      v128.store(target, f32x4.mul(numbers.low(third), scales), 64);
      v128.store(target, f32x4.mul(numbers.high(third), scales), 80);
      v128.store(target, f32x4.mul(numbers.low(fourth), scales), 96);
      v128.store(target, f32x4.mul(numbers.high(fourth), scales), 112);
      second += step;
      third += step;
      fourth += step;
    }
    target += panelBytes;
  }
  for (; column < inputs; column++, target += 4) {
    store<f32>(target, numbers.one(first) * scale);
    first += numbers.bytes;
    if (count > 1) {
      store<f32>(target, numbers.one(second) * scale, 32);
      store<f32>(target, numbers.one(third) * scale, 64);
      store<f32>(target, numbers.one(fourth) * scale, 96);
      second += numbers.bytes;
      third += numbers.bytes;
      fourth += numbers.bytes;
    }
  }
}

/**
 * x ← (x − center)·factor for the same rows of inputs, column by column; `scaling` has both for each panel, [2][8]. The
 * difference comes first: it is exact where inputs lie close together, far from 0.
 */
export function scaleInputs(x: usize, scaling: usize, rows: Selection, inputs: i32): void {
  const panelBytes = <usize>rows.batch * PANEL_BYTES;
  for (let p = 0, panels = panelsOf(inputs); p < panels; p++, x += panelBytes, scaling += 2 * PANEL_BYTES) {
    for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
      const center = v128.load(scaling + half);
      const factor = v128.load(scaling + half, 32);
      const end = x + <usize>rows.to * PANEL_BYTES + half;
      for (let at = x + <usize>rows.from * PANEL_BYTES + half; at < end; at += PANEL_BYTES) {
        v128.store(at, f32x4.mul(f32x4.sub(v128.load(at), center), factor));
      }
    }
  }
}

/** The same rows' targets into y, panels [outputs/8][batch][8], class indices as one-hot rows; the padding gets 0. */
export function gatherTargets(y: usize, table: Table, rows: Selection, outputs: i32): void {
  const panelBytes = <usize>rows.batch * PANEL_BYTES;
  y += <usize>rows.from * PANEL_BYTES;
  for (let p = 0, panels = panelsOf(outputs); p < panels; p++) {
    memory.fill(y + <usize>p * panelBytes, 0, <usize>(rows.to - rows.from) * PANEL_BYTES);
  }
  for (let row = rows.from; row < rows.to; row++, y += PANEL_BYTES) {
    const index = rowAt(rows.order, rows.first + row);
    if (table.targetKind == TargetKind.classes) {
      const label = load<i32>(table.targets + index * 4);
      store<f32>(cell(y, panelBytes, label), 1);
      continue;
    }
    const source = table.targets + index * <usize>outputs * 4;
    for (let j = 0; j < outputs; j++) {
      store<f32>(cell(y, panelBytes, j), load<f32>(source + <usize>j * 4));
    }
  }
}

/** What the same rows count, into float32 at `weights`. */
export function gatherWeights(weights: usize, table: Table, rows: Selection): void {
  for (let row = rows.from; row < rows.to; row++) {
    store<f32>(weights + <usize>row * 4, load<f32>(table.weights + rowAt(rows.order, rows.first + row) * 4));
  }
}

/** One layer's values out of their panels into `target`, row-major. */
export function scatter(target: usize, panels: usize, rows: i32, units: i32): void {
  const panelBytes = <usize>rows * PANEL_BYTES;
  for (let row = 0; row < rows; row++, panels += PANEL_BYTES) {
    for (let j = 0; j < units; j++, target += 4) store<f32>(target, load<f32>(cell(panels, panelBytes, j)));
  }
}

/** Whether `count` numbers are all finite. */
export function areFinite(at: usize, count: i32): bool {
  let total = f32x4.splat(0);
  // x·0 is 0, or NaN for an infinity or NaN, and NaN stays in the sum
  const zero = f32x4.splat(0);
  for (; count >= 4; count -= 4, at += VECTOR_BYTES) total = f32x4.add(total, f32x4.mul(v128.load(at), zero));
  let rest: f32 = 0;
  for (; count > 0; count--, at += 4) rest += load<f32>(at) * 0;
  return sumLanes(total) + rest == 0;
}
