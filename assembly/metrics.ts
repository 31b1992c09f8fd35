// Which class an output names, and how often it is the right one.

import { cell, PANEL_BYTES } from "./panels";

/** One target says yes from here on. */
const THRESHOLD: f32 = 0.5;

@unmanaged @final
export class Metrics {
  /** The loss summed over all rows seen. */
  lossSum: f64;
  /** The rows whose class was met. */
  correct: f64;
  /** Whether outputs name classes. */
  classifies: bool;
  /** From where on a single output says yes. */
  threshold: f32;
  /** [classes][classes] uint32 counts, actual × predicted, or 0. */
  confusion: usize;
}

/**
 * Counts the rows whose class in a is their class in y, panels [outputs/8][rows][8]. With one output there are two
 * classes, told apart by a threshold; else the largest output names the class, the first where several are equal.
 */
export function countCorrect(metrics: Metrics, a: usize, y: usize, rows: i32, outputs: i32): void {
  const panelBytes = <usize>rows * PANEL_BYTES;
  const classes = max(outputs, 2);
  for (let row = 0; row < rows; row++, a += PANEL_BYTES, y += PANEL_BYTES) {
    const predicted = classOf(a, panelBytes, outputs, metrics.threshold);
    const actual = classOf(y, panelBytes, outputs, THRESHOLD);
    if (predicted == actual) metrics.correct += 1;
    if (metrics.confusion) {
      const count = metrics.confusion + (<usize>actual * <usize>classes + <usize>predicted) * 4;
      store<u32>(count, load<u32>(count) + 1);
    }
  }
}

// @ts-ignore: decorator
@inline
function classOf(row: usize, panelBytes: usize, outputs: i32, threshold: f32): i32 {
  if (outputs == 1) return i32(load<f32>(row) >= threshold);
  let best = 0;
  let top = load<f32>(row);
  for (let j = 1; j < outputs; j++) {
    const value = load<f32>(cell(row, panelBytes, j));
    if (value > top) {
      top = value;
      best = j;
    }
  }
  return best;
}
