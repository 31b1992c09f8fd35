// How one vector of parameters follows its gradient: a class per optimizer, but for Adam, which is in adam.ts.
//
// `follow<H>` updates the parameters at w + H and the state at s, t and u + H by the gradient at g + H. H is the half of a
// panel's row that is at hand. A rule's factors are made ready in optimizers.ts, and η below is −rate. State that decays
// is kept off subnormal numbers by `flushed` and, where it is never negative, by a floor (see FLUSH there).

import { OptimizerState } from "./optimizers";
import { atLeast, atMost, madd, select, splat } from "./vec";

// @ts-ignore: decorator
@inline
function factor(state: OptimizerState, offset: usize): v128 {
  return v128.load_splat<f32>(changetype<usize>(state) + offset);
}

// @ts-ignore: decorator
@inline
function rate(state: OptimizerState): v128 { return factor(state, offsetof<OptimizerState>("rate")); }
// @ts-ignore: decorator
@inline
function floor(state: OptimizerState): v128 { return factor(state, offsetof<OptimizerState>("floor")); }
// @ts-ignore: decorator
@inline
function flush(state: OptimizerState): v128 { return factor(state, offsetof<OptimizerState>("flush")); }

// @ts-ignore: decorator
@inline
function flushed(state: OptimizerState, x: v128): v128 {
  return f32x4.sub(f32x4.add(x, flush(state)), flush(state));
}

/** keepFirst·m + addFirst·x, stored at `at` + H. */
// @ts-ignore: decorator
@inline
function firstMoment<H>(state: OptimizerState, at: usize, x: v128): v128 {
  const keep = factor(state, offsetof<OptimizerState>("keepFirst"));
  const add = factor(state, offsetof<OptimizerState>("addFirst"));
  const m = flushed(state, madd(keep, v128.load(at, offsetof<H>()), f32x4.mul(add, x)));
  v128.store(at, m, offsetof<H>());
  return m;
}

/** keepSecond·v + addSecond·x², stored at `at` + H; never below FLUSH·addSecond. */
// @ts-ignore: decorator
@inline
function secondMoment<H>(state: OptimizerState, at: usize, x: v128): v128 {
  const keep = factor(state, offsetof<OptimizerState>("keepSecond"));
  const add = factor(state, offsetof<OptimizerState>("addSecond"));
  const v = madd(keep, v128.load(at, offsetof<H>()), f32x4.mul(add, madd(x, x, flush(state))));
  v128.store(at, v, offsetof<H>());
  return v;
}

/** w ← keepWeights·w + rate·direction */
// @ts-ignore: decorator
@inline
function move<H>(state: OptimizerState, w: usize, direction: v128): void {
  const kept = f32x4.mul(factor(state, offsetof<OptimizerState>("keepWeights")), v128.load(w, offsetof<H>()));
  v128.store(w, madd(rate(state), direction, kept), offsetof<H>());
}

/** w ← w − ηg */
@unmanaged @final
export class Plain {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, s: usize, t: usize, u: usize): void {
    v128.store(w, madd(rate(state), v128.load(g, offsetof<H>()), v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/** v ← μv + g; w ← w − ηv (Polyak 1964, PyTorch's form) */
@unmanaged @final
export class Momentum {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, s: usize, t: usize, u: usize): void {
    const keep = factor(state, offsetof<OptimizerState>("momentum"));
    const v = flushed(state, madd(keep, v128.load(s, offsetof<H>()), v128.load(g, offsetof<H>())));
    v128.store(s, v, offsetof<H>());
    v128.store(w, madd(rate(state), v, v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/** The same with Nesterov's look-ahead: w ← w − η(g + μv) (Sutskever et al. 2013, PyTorch's form) */
@unmanaged @final
export class NesterovMomentum {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, s: usize, t: usize, u: usize): void {
    const keep = factor(state, offsetof<OptimizerState>("momentum"));
    const gradient = v128.load(g, offsetof<H>());
    const v = flushed(state, madd(keep, v128.load(s, offsetof<H>()), gradient));
    v128.store(s, v, offsetof<H>());
    v128.store(w, madd(rate(state), madd(keep, v, gradient), v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/** Reddi et al. 2018: √ of the largest v so far. As in PyTorch, the largest before it is corrected. */
@unmanaged @final
export class AmsGrad {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, m: usize, v: usize, most: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    const first = firstMoment<H>(state, m, gradient);
    const second = f32x4.max(v128.load(most, offsetof<H>()), secondMoment<H>(state, v, gradient));
    v128.store(most, second, offsetof<H>());
    move<H>(state, w, f32x4.div(first, f32x4.add(f32x4.sqrt(second), floor(state))));
  }
}

/**
 * Dozat 2016, with PyTorch's schedule of μ: w ← w − η(μₜ₊₁m/(1 − Πμ·μₜ₊₁) + (1 − μₜ)g/(1 − Πμ))/(√v̂ + ε); rate and
 * gradientRate hold the two factors.
 */
@unmanaged @final
export class Nadam {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, m: usize, v: usize, u: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    const first = firstMoment<H>(state, m, gradient);
    const second = secondMoment<H>(state, v, gradient);
    const ahead = f32x4.mul(factor(state, offsetof<OptimizerState>("gradientRate")), gradient);
    const step = f32x4.div(madd(rate(state), first, ahead), f32x4.add(f32x4.sqrt(second), floor(state)));
    v128.store(w, f32x4.add(v128.load(w, offsetof<H>()), step), offsetof<H>());
  }
}

/** Kingma & Ba 2015, §7.1: u ← max(β₂u, |g| + ε); w ← w − η/(1 − β₁ᵗ)·m/u (PyTorch's place of ε) */
@unmanaged @final
export class Adamax {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, m: usize, most: usize, u: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    const first = firstMoment<H>(state, m, gradient);
    const keep = factor(state, offsetof<OptimizerState>("keepSecond"));
    const kept = f32x4.mul(keep, v128.load(most, offsetof<H>()));
    const norm = f32x4.max(kept, f32x4.add(f32x4.abs(gradient), floor(state)));
    v128.store(most, norm, offsetof<H>());
    v128.store(w, madd(rate(state), f32x4.div(first, norm), v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/**
 * Tieleman & Hinton 2012: v ← ρv + (1 − ρ)g²; w ← w − ηg/(√v + ε). Centered (Graves 2013), the mean gradient's square is
 * taken from v; with momentum, b ← μb + g/(√v + ε) and w ← w − ηb. PyTorch's forms.
 */
@unmanaged @final
export class RmsProp {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, v: usize, mean: usize, buffer: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    let second = secondMoment<H>(state, v, gradient);
    if (state.centered) {
      const keep = factor(state, offsetof<OptimizerState>("keepSecond"));
      const add = factor(state, offsetof<OptimizerState>("addSecond"));
      const centre = flushed(state, madd(keep, v128.load(mean, offsetof<H>()), f32x4.mul(add, gradient)));
      v128.store(mean, centre, offsetof<H>());
      // rounding must not make the variance negative
      second = atLeast(f32x4.sub(second, f32x4.mul(centre, centre)), splat(0));
    }
    let step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(second), floor(state)));
    if (state.momentum != 0) {
      const keep = factor(state, offsetof<OptimizerState>("momentum"));
      step = flushed(state, madd(keep, v128.load(buffer, offsetof<H>()), step));
      v128.store(buffer, step, offsetof<H>());
    }
    v128.store(w, madd(rate(state), step, v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/** Duchi et al. 2011: s ← s + g²; w ← w − ηg/(√s + ε) */
@unmanaged @final
export class Adagrad {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, s: usize, t: usize, u: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    const sum = madd(gradient, gradient, v128.load(s, offsetof<H>()));
    v128.store(s, sum, offsetof<H>());
    const step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(sum), floor(state)));
    v128.store(w, madd(rate(state), step, v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/** Zeiler 2012: v ← ρv + (1 − ρ)g²; Δ = g·√(d + ε)/√(v + ε); d ← ρd + (1 − ρ)Δ²; w ← w − ηΔ */
@unmanaged @final
export class Adadelta {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, v: usize, d: usize, u: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    const second = secondMoment<H>(state, v, gradient);
    const moved = f32x4.sqrt(f32x4.add(v128.load(d, offsetof<H>()), floor(state)));
    const step = f32x4.mul(gradient, f32x4.div(moved, f32x4.sqrt(f32x4.add(second, floor(state)))));
    secondMoment<H>(state, d, step);
    v128.store(w, madd(rate(state), step, v128.load(w, offsetof<H>())), offsetof<H>());
  }
}

/** Chen et al. 2023: w ← (1 − ηλ)w − η·sign(β₁m + (1 − β₁)g); m ← β₂m + (1 − β₂)g */
@unmanaged @final
export class Lion {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, m: usize, t: usize, u: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    const momentum = v128.load(m, offsetof<H>());
    const keep = factor(state, offsetof<OptimizerState>("keepFirst"));
    const add = factor(state, offsetof<OptimizerState>("addFirst"));
    move<H>(state, w, sign(madd(keep, momentum, f32x4.mul(add, gradient))));
    const keepSecond = factor(state, offsetof<OptimizerState>("keepSecond"));
    const addSecond = factor(state, offsetof<OptimizerState>("addSecond"));
    const next = flushed(state, madd(keepSecond, momentum, f32x4.mul(addSecond, gradient)));
    v128.store(m, next, offsetof<H>());
  }
}

/**
 * Riedmiller & Braun 1993, PyTorch's form (iRprop−): a parameter's step grows by η⁺ while its gradient keeps its sign, and
 * shrinks by η⁻ when that turns, where it rests for once; w ← w − step·sign(g).
 */
@unmanaged @final
export class RProp {
  @inline follow<H>(state: OptimizerState, w: usize, g: usize, last: usize, size: usize, u: usize): void {
    const gradient = v128.load(g, offsetof<H>());
    // signs, as a product of small gradients may be 0
    const product = f32x4.mul(sign(gradient), sign(v128.load(last, offsetof<H>())));
    const turned = f32x4.lt(product, splat(0));
    const grown = factor(state, offsetof<OptimizerState>("etaPlus"));
    const shrunk = factor(state, offsetof<OptimizerState>("etaMinus"));
    const change = select(turned, shrunk, select(f32x4.gt(product, splat(0)), grown, splat(1)));
    const least = factor(state, offsetof<OptimizerState>("minStep"));
    const most = factor(state, offsetof<OptimizerState>("maxStep"));
    const step = atLeast(atMost(f32x4.mul(v128.load(size, offsetof<H>()), change), most), least);
    v128.store(size, step, offsetof<H>());
    const followed = v128.andnot(gradient, turned);
    v128.store(last, followed, offsetof<H>());
    v128.store(w, f32x4.sub(v128.load(w, offsetof<H>()), f32x4.mul(step, sign(followed))), offsetof<H>());
  }
}

/** −1, 0 or 1 */
// @ts-ignore: decorator
@inline
function sign(x: v128): v128 {
  const one = v128.or(v128.and(x, splat(-0.0)), splat(1));
  return v128.andnot(one, f32x4.eq(x, splat(0)));
}
