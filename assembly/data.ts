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

/** The selected rows' inputs into x, panels [inputs/8][batch][8]; the padding is left as it is. */
export function gatherInputs(x: usize, table: Table, rows: Selection, inputs: i32): void {
  const bytes = table.inputKind == InputKind.uint8;
  for (let row = rows.from; row < rows.to; row++) {
    const index = rowAt(rows.order, rows.first + row);
    const target = x + <usize>row * PANEL_BYTES;
    if (bytes) gatherBytes(target, table.inputs + index * <usize>inputs, rows.batch, inputs, table.scale);
    else gatherFloats(target, table.inputs + index * <usize>inputs * 4, rows.batch, inputs, table.scale);
  }
}

// @ts-ignore: decorator
@inline
function gatherFloats(target: usize, source: usize, batch: i32, inputs: i32, scale: f32): void {
  const scales = f32x4.splat(scale);
  let column = 0;
  for (; column + PANEL <= inputs; column += PANEL) {
    v128.store(target, f32x4.mul(v128.load(source), scales));
    v128.store(target, f32x4.mul(v128.load(source, 16), scales), 16);
    source += PANEL * 4;
    target += <usize>batch * PANEL_BYTES;
  }
  for (; column < inputs; column++, source += 4, target += 4) store<f32>(target, load<f32>(source) * scale);
}

// @ts-ignore: decorator
@inline
function gatherBytes(target: usize, source: usize, batch: i32, inputs: i32, scale: f32): void {
  const scales = f32x4.splat(scale);
  let column = 0;
  for (; column + PANEL <= inputs; column += PANEL) {
    const words = v128.load_ext<u8>(source);
    const low = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words));
    const high = f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words));
    v128.store(target, f32x4.mul(low, scales));
    v128.store(target, f32x4.mul(high, scales), 16);
    source += PANEL;
    target += <usize>batch * PANEL_BYTES;
  }
  for (; column < inputs; column++, source++, target += 4) store<f32>(target, <f32>load<u8>(source) * scale);
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
