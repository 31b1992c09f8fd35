// Softmax, whose outputs depend on their whole row, and the losses that meet it: ∂C/∂z at once, from z.
//
// z, a, y and d in panels [outputs/8][rows][8]. The padding of a and d is 0.

import { OutputRows } from "./losses";
import { exp, logOf, softplus } from "./math";
import { cell, PANEL_BYTES } from "./panels";
import { columnsBelow, flushed, madd, maxLane, select, splat, sumLanes } from "./vec";

/** aⱼ = e^(zⱼ − max z) / Σₖ e^(zₖ − max z) over each of `rows` rows of a batch; 0 in the padding. */
export function softmax(z: usize, a: usize, rows: i32, batch: i32, outputs: i32): void {
  const panelBytes = <usize>batch * PANEL_BYTES;
  for (let row = 0; row < rows; row++) {
    const top = splat(rowMax(z, panelBytes, outputs));
    let total = splat(0);
    for (let column = 0, at: usize = 0; column < outputs; column += 8, at += panelBytes) {
      const low = v128.and(exp(f32x4.sub(v128.load(z + at), top)), columnsBelow(column, outputs));
      const high = v128.and(exp(f32x4.sub(v128.load(z + at, 16), top)), columnsBelow(column + 4, outputs));
      v128.store(a + at, low);
      v128.store(a + at, high, 16);
      total = f32x4.add(total, f32x4.add(low, high));
    }
    const sum = splat(<f32>sumLanes(total));
    for (let column = 0, at: usize = 0; column < outputs; column += 8, at += panelBytes) {
      v128.store(a + at, f32x4.div(v128.load(a + at), sum));
      v128.store(a + at, f32x4.div(v128.load(a + at, 16), sum), 16);
    }
    z += PANEL_BYTES;
    a += PANEL_BYTES;
  }
}

/** The largest of a row's first `outputs` numbers. */
export function rowMax(row: usize, panelBytes: usize, outputs: i32): f32 {
  const lowest = splat(-Infinity);
  let top = lowest;
  for (let column = 0; column < outputs; column += 8, row += panelBytes) {
    top = f32x4.max(top, select(columnsBelow(column, outputs), v128.load(row), lowest));
    top = f32x4.max(top, select(columnsBelow(column + 4, outputs), v128.load(row, 16), lowest));
  }
  return maxLane(top);
}

/** δⱼ = aⱼ(dⱼ − Σₖ dₖaₖ) over each of `rows` rows of a batch. */
export function softmaxGradient(a: usize, d: usize, rows: i32, batch: i32, outputs: i32): void {
  const panelBytes = <usize>batch * PANEL_BYTES;
  for (let row = 0; row < rows; row++) {
    let total = splat(0);
    for (let column = 0, at: usize = 0; column < outputs; column += 8, at += panelBytes) {
      total = madd(v128.load(a + at), v128.load(d + at), total);
      total = madd(v128.load(a + at, 16), v128.load(d + at, 16), total);
    }
    const dot = splat(<f32>sumLanes(total));
    for (let column = 0, at: usize = 0; column < outputs; column += 8, at += panelBytes) {
      v128.store(d + at, flushed(f32x4.mul(v128.load(a + at), f32x4.sub(v128.load(d + at), dot))));
      v128.store(d + at, flushed(f32x4.mul(v128.load(a + at, 16), f32x4.sub(v128.load(d + at, 16), dot))), 16);
    }
    a += PANEL_BYTES;
    d += PANEL_BYTES;
  }
}

/** −Σ y ln a for a = softmax z: Σ y(lse − z), lse = ln Σ eᶻ; δ = a·Σy − y */
export function softmaxCrossEntropy(rows: OutputRows, scale: f32): void {
  const panelBytes = rows.panelBytes;
  const outputs = rows.outputs;
  let z = rows.z;
  let a = rows.a;
  let y = rows.y;
  let d = rows.d;
  for (let row = 0; row < rows.rows; row++) {
    // z's and a's largest belong to the same output, so ln Σ eᶻ = max z − ln(max a), and what large z's have in common
    // cancels before anything is rounded
    const top = splat(rowMax(z, panelBytes, outputs));
    const rest = splat(logOf(rowMax(a, panelBytes, outputs)));
    let losses = splat(0);
    let targets = splat(0);
    for (let column = 0, at: usize = 0; column < outputs; column += 4) {
      const mask = columnsBelow(column, outputs);
      const ys = v128.and(v128.load(y + at), mask);
      const minusLog = f32x4.sub(f32x4.sub(top, v128.load(z + at)), rest);
      losses = f32x4.add(losses, f32x4.mul(ys, v128.and(minusLog, mask)));
      targets = f32x4.add(targets, ys);
      at += column & 4 ? panelBytes - 16 : 16;
    }
    store<f64>(rows.losses + <usize>row * 8, sumLanes(losses));
    if (d) {
      const total = splat(<f32>sumLanes(targets));
      const scales = splat(scale);
      const columns = (outputs + 7) & ~7;
      for (let column = 0, at: usize = 0; column < columns; column += 4) {
        const difference = f32x4.sub(f32x4.mul(v128.load(a + at), total), v128.load(y + at));
        v128.store(d + at, v128.and(flushed(f32x4.mul(difference, scales)), columnsBelow(column, outputs)));
        at += column & 4 ? panelBytes - 16 : 16;
      }
      d += PANEL_BYTES;
    }
    z += PANEL_BYTES;
    a += PANEL_BYTES;
    y += PANEL_BYTES;
  }
}

/**
 * −Σ (y ln a + (1 − y) ln(1 − a)) for a = softmax z. Only the largest aₘ can come so close to 1 that 1 − aₘ is lost to
 * rounding, so 1 − aₘ is had from the others' sum S = Σ_{k≠m} e^(zₖ − zₛ), where zₛ is the largest z but zₘ:
 *   1 − aₘ = S/(S + e^(zₘ − zₛ)).
 * With hₖ = aₖ·∂C/∂aₖ = −yₖ + (1 − yₖ)·aₖ/(1 − aₖ), δᵢ = hᵢ − aᵢ Σₖ hₖ. The term of m, whose aₘ/(1 − aₘ) = e^(zₘ − zₛ)/S
 * may overflow, is taken apart: it adds aₘ − yₘ to δₘ (from hₘ(1 − aₘ)) and −aᵢhₘ = aᵢyₘ − (1 − yₘ)·aₘ·e^(zᵢ − zₛ)/S to
 * every other δᵢ. outputs ≥ 2.
 */
export function softmaxBinaryCrossEntropy(rows: OutputRows, share: f64, scale: f32): void {
  const panelBytes = rows.panelBytes;
  const outputs = rows.outputs;
  let z = rows.z;
  let a = rows.a;
  let y = rows.y;
  let d = rows.d;
  for (let row = 0; row < rows.rows; row++) {
    let sum: f64 = 0;
    let m = 0;
    for (let k = 1; k < outputs; k++) if (at(z, panelBytes, k) > at(z, panelBytes, m)) m = k;
    let second: f32 = -Infinity;
    for (let k = 0; k < outputs; k++) if (k != m) second = max(second, at(z, panelBytes, k));
    let others: f32 = 0;
    for (let k = 0; k < outputs; k++) if (k != m) others += expOf(at(z, panelBytes, k) - second);

    const zm = at(z, panelBytes, m);
    const am = at(a, panelBytes, m);
    const ym = at(y, panelBytes, m);
    const notYm: f32 = 1 - ym;
    const logOthers = logOf(others); // ln S ≥ 0, as S ≥ 1
    // ln(1 − aₘ) = −ln(1 + e^(zₘ − zₛ)/S)
    const logRest = -f32x4.extract_lane(softplus(splat(zm - second - logOthers)), 0);
    const logAm = -f32x4.extract_lane(softplus(splat(second + logOthers - zm)), 0);
    sum -= <f64>ym * <f64>logAm + <f64>notYm * <f64>logRest;
    let total: f32 = 0; // Σ_{k≠m} hₖ
    for (let k = 0; k < outputs; k++) {
      if (k == m) continue;
      const ak = at(a, panelBytes, k);
      const yk = at(y, panelBytes, k);
      const logAk = at(z, panelBytes, k) - zm + logAm;
      sum -= <f64>yk * <f64>logAk + <f64>(1 - yk) * <f64>logOf(1 - ak);
      total += hOf(ak, yk);
    }
    store<f64>(rows.losses + <usize>row * 8, sum * share);
    if (d) {
      for (let k = outputs; k < ((outputs + 7) & ~7); k++) put(d, panelBytes, k, 0);
      for (let k = 0; k < outputs; k++) {
        const ak = at(a, panelBytes, k);
        const yk = at(y, panelBytes, k);
        let delta: f32;
        if (k == m) delta = notYm * am - ym * expOf(logRest);
        else {
          const share = expOf(at(z, panelBytes, k) - second) / others;
          delta = hOf(ak, yk) + ak * ym - notYm * am * share;
        }
        put(d, panelBytes, k, flushedOf((delta - ak * total) * scale));
      }
      d += PANEL_BYTES;
    }
    z += PANEL_BYTES;
    a += PANEL_BYTES;
    y += PANEL_BYTES;
  }
}

// @ts-ignore: decorator
@inline
function at(row: usize, panelBytes: usize, column: i32): f32 {
  return load<f32>(cell(row, panelBytes, column));
}

// @ts-ignore: decorator
@inline
function put(row: usize, panelBytes: usize, column: i32, value: f32): void {
  store<f32>(cell(row, panelBytes, column), value);
}

// @ts-ignore: decorator
@inline
function expOf(x: f32): f32 {
  return f32x4.extract_lane(exp(splat(x)), 0);
}

/** hₖ = −yₖ + (1 − yₖ)·aₖ/(1 − aₖ) */
// @ts-ignore: decorator
@inline
function hOf(a: f32, y: f32): f32 {
  return (<f32>1 - y) * (a / (<f32>1 - a)) - y;
}

// @ts-ignore: decorator
@inline
function flushedOf(x: f32): f32 {
  return f32x4.extract_lane(flushed(splat(x)), 0);
}
