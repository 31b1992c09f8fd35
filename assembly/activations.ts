// a = σ(z) and σ'(z): a class per activation and the one dispatch. Constants are PyTorch's defaults.
//
// `f` gives a from z, `df` gives σ'. Where `readsZ` is false, σ' is had from a alone, and z need not be kept: the layer
// then computes in place. Softmax, whose outputs depend on the whole row, is in softmax.ts.

import { Activation } from "../src/abi";
import { FULL } from "./extent";
import { exp, expm1OfNegative, sigmoid, softplus, tanh } from "./math";
import { softmax, softmaxGradient } from "./softmax";
import { PANEL_BYTES, panelsOf } from "./panels";
import { atLeast, atMost, flushed, madd, select, splat, VECTOR_BYTES } from "./vec";

// @ts-ignore: decorator
@inline
function clamp(x: v128, low: f32, high: f32): v128 {
  return atLeast(atMost(x, splat(high)), splat(low));
}

/** z as a factor of something that vanishes below: sigmoid's least value, 1e-38, times a huge z would not. */
// @ts-ignore: decorator
@inline
function boundedBelow(z: v128): v128 {
  return atLeast(z, splat(-104));
}

/** Lanewise 1 where the mask is set, else 0. */
// @ts-ignore: decorator
@inline
function oneWhere(mask: v128): v128 {
  return v128.and(mask, splat(1));
}

/** a = z */
@unmanaged @final
class Identity {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return z; }
  @inline df(z: v128, a: v128): v128 { return splat(1); }
}

/** a = 1/(1 + e⁻ᶻ); σ' = a(1 − a) */
@unmanaged @final
class Sigmoid {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return sigmoid(z); }
  @inline df(z: v128, a: v128): v128 { return f32x4.mul(a, f32x4.sub(splat(1), a)); }
}

/** a = tanh z; σ' = 1 − a² */
@unmanaged @final
class Tanh {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return tanh(z); }
  @inline df(z: v128, a: v128): v128 { return f32x4.sub(splat(1), f32x4.mul(a, a)); }
}

/** a = max(z, 0); σ' = 1 for z > 0, else 0 */
@unmanaged @final
class Relu {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return atLeast(z, splat(0)); }
  @inline df(z: v128, a: v128): v128 { return oneWhere(f32x4.gt(a, splat(0))); }
}

/** a = z for z > 0, else 0.01·z */
@unmanaged @final
class LeakyRelu {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return select(f32x4.gt(z, splat(0)), z, f32x4.mul(z, splat(0.01))); }
  @inline df(z: v128, a: v128): v128 { return select(f32x4.gt(a, splat(0)), splat(1), splat(0.01)); }
}

/** a = z for z > 0, else eᶻ − 1; σ' = 1, else a + 1 */
@unmanaged @final
class Elu {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return select(f32x4.gt(z, splat(0)), z, expm1OfNegative(atMost(z, splat(0)))); }
  @inline df(z: v128, a: v128): v128 { return select(f32x4.gt(a, splat(0)), splat(1), f32x4.add(a, splat(1))); }
}

/** Klambauer et al. 2017, "Self-Normalizing Neural Networks": a = λz for z > 0, else λα(eᶻ − 1) */
const SELU_LAMBDA: f32 = 1.0507009873554804934193349852946;
const SELU_ALPHA: f32 = 1.6732632423543772848170429916717;

@unmanaged @final
class Selu {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 {
    const negative = f32x4.mul(splat(SELU_LAMBDA * SELU_ALPHA), expm1OfNegative(atMost(z, splat(0))));
    return select(f32x4.gt(z, splat(0)), f32x4.mul(z, splat(SELU_LAMBDA)), negative);
  }
  @inline df(z: v128, a: v128): v128 {
    return select(f32x4.gt(a, splat(0)), splat(SELU_LAMBDA), f32x4.add(a, splat(SELU_LAMBDA * SELU_ALPHA)));
  }
}

/**
 * Hendrycks & Gimpel 2016, tanh form: a = ½z(1 + tanh u), u = √(2/π)(z + 0.044715z³). As ½(1 + tanh u) = sigmoid 2u = s,
 * a = z·s, which keeps its relative accuracy where tanh u is near −1; σ' = s + z·s(1 − s)·2u'.
 */
const GELU_SCALE: f32 = 2 * 0.7978845608028654;
const GELU_CUBIC: f32 = 0.044715;

@unmanaged @final
class Gelu {
  @inline get readsZ(): bool { return true; }
  @inline s(z: v128): v128 {
    const inner = madd(f32x4.mul(f32x4.mul(z, z), z), splat(GELU_CUBIC), z);
    return sigmoid(f32x4.mul(splat(GELU_SCALE), inner));
  }
  @inline f(z: v128): v128 { return f32x4.mul(boundedBelow(z), this.s(z)); }
  @inline df(z: v128, a: v128): v128 {
    // beyond ±30, s is 0 or 1 for float32, and z³ stays far from overflowing
    const x = clamp(z, -30, 30);
    const s = this.s(x);
    const du = madd(f32x4.mul(x, x), splat(3 * GELU_CUBIC * GELU_SCALE), splat(GELU_SCALE));
    return madd(f32x4.mul(f32x4.mul(x, s), f32x4.sub(splat(1), s)), du, s);
  }
}

/**
 * Swish (SiLU), Ramachandran et al. 2017: a = z·s, s = sigmoid z; σ' = s(1 + z(1 − s))
 */
@unmanaged @final
class Swish {
  @inline get readsZ(): bool { return true; }
  @inline f(z: v128): v128 { return f32x4.mul(boundedBelow(z), sigmoid(z)); }
  @inline df(z: v128, a: v128): v128 {
    const s = sigmoid(z);
    return f32x4.mul(s, madd(boundedBelow(z), f32x4.sub(splat(1), s), splat(1)));
  }
}

/** Misra 2019: a = z·t, t = tanh(softplus z) = n/(n + 2) with n = eᶻ(eᶻ + 2); σ' = t + z(1 − t²)·sigmoid z */
@unmanaged @final
class Mish {
  @inline get readsZ(): bool { return true; }
  @inline t(z: v128): v128 {
    // from 20 on, t is 1 in float32, and eᶻ squared stays finite below
    const e = exp(atMost(z, splat(20)));
    const n = f32x4.mul(e, f32x4.add(e, splat(2)));
    return f32x4.div(n, f32x4.add(n, splat(2)));
  }
  @inline f(z: v128): v128 {
    return f32x4.mul(boundedBelow(z), this.t(z));
  }
  @inline df(z: v128, a: v128): v128 {
    const t = this.t(z);
    const slope = f32x4.mul(f32x4.sub(splat(1), t), f32x4.add(splat(1), t));
    return madd(f32x4.mul(boundedBelow(z), slope), sigmoid(z), t);
  }
}

/** a = ln(1 + eᶻ); σ' = sigmoid z */
@unmanaged @final
class Softplus {
  @inline get readsZ(): bool { return true; }
  @inline f(z: v128): v128 { return softplus(z); }
  @inline df(z: v128, a: v128): v128 { return sigmoid(z); }
}

/** a = z/(1 + |z|); σ' = 1/(1 + |z|)² */
@unmanaged @final
class Softsign {
  @inline get readsZ(): bool { return true; }
  @inline f(z: v128): v128 { return f32x4.div(z, f32x4.add(splat(1), f32x4.abs(z))); }
  @inline df(z: v128, a: v128): v128 {
    const root = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.abs(z)));
    return f32x4.mul(root, root);
  }
}

/** a = min(max(z, 0), 6); σ' = 1 between, else 0 */
@unmanaged @final
class Relu6 {
  @inline get readsZ(): bool { return false; }
  @inline f(z: v128): v128 { return clamp(z, 0, 6); }
  @inline df(z: v128, a: v128): v128 {
    return oneWhere(v128.and(f32x4.gt(a, splat(0)), f32x4.lt(a, splat(6))));
  }
}

/** a = min(max(z + 3, 0), 6)/6; σ' = 1/6 between, else 0 */
@unmanaged @final
class HardSigmoid {
  @inline get readsZ(): bool { return true; }
  @inline f(z: v128): v128 { return f32x4.mul(clamp(f32x4.add(z, splat(3)), 0, 6), splat(1.0 / 6.0)); }
  @inline df(z: v128, a: v128): v128 {
    return v128.and(v128.and(f32x4.gt(z, splat(-3)), f32x4.lt(z, splat(3))), splat(1.0 / 6.0));
  }
}

/** a = z·min(max(z + 3, 0), 6)/6; σ' = 0 below −3, 1 above 3, z/3 + ½ between */
@unmanaged @final
class HardSwish {
  @inline get readsZ(): bool { return true; }
  @inline f(z: v128): v128 {
    return f32x4.mul(atLeast(z, splat(-3)), f32x4.mul(clamp(f32x4.add(z, splat(3)), 0, 6), splat(1.0 / 6.0)));
  }
  @inline df(z: v128, a: v128): v128 {
    const between = madd(z, splat(1.0 / 3.0), splat(0.5));
    const upper = select(f32x4.gt(z, splat(3)), splat(1), between);
    return select(f32x4.lt(z, splat(-3)), splat(0), upper);
  }
}

/** What is done with an activation, once the switch below has found its class. */
@unmanaged @final
class Activate {
  @inline run<T>(z: usize, a: usize, d: usize, bytes: usize): bool {
    const operation = changetype<T>(0);
    for (const end = z + bytes; z < end; z += VECTOR_BYTES, a += VECTOR_BYTES) {
      v128.store(a, operation.f(v128.load(z)));
    }
    return true;
  }
}

@unmanaged @final
class Differentiate {
  @inline run<T>(z: usize, a: usize, d: usize, bytes: usize): bool {
    const operation = changetype<T>(0);
    for (const end = a + bytes; a < end; z += VECTOR_BYTES, a += VECTOR_BYTES, d += VECTOR_BYTES) {
      v128.store(d, flushed(f32x4.mul(v128.load(d), operation.df(v128.load(z), v128.load(a)))));
    }
    return true;
  }
}

@unmanaged @final
class AskReadsZ {
  @inline run<T>(z: usize, a: usize, d: usize, bytes: usize): bool {
    return changetype<T>(0).readsZ;
  }
}

/** The one dispatch: of those that are basic, see src/abi.ts, here. */
// @ts-ignore: decorator
@inline
function dispatch<Task>(activation: Activation, z: usize, a: usize, d: usize, bytes: usize): bool {
  const task = changetype<Task>(0);
  switch (activation) {
    case Activation.sigmoid: return task.run<Sigmoid>(z, a, d, bytes);
    case Activation.tanh: return task.run<Tanh>(z, a, d, bytes);
    case Activation.relu: return task.run<Relu>(z, a, d, bytes);
    case Activation.identity:
    case Activation.softmax: return task.run<Identity>(z, a, d, bytes);
    default: return FULL ? dispatchOther<Task>(activation, z, a, d, bytes) : unreachable();
  }
}

/** Those that aren't basic. */
// @ts-ignore: decorator
@inline
function dispatchOther<Task>(activation: Activation, z: usize, a: usize, d: usize, bytes: usize): bool {
  const task = changetype<Task>(0);
  switch (activation) {
    case Activation.leakyRelu: return task.run<LeakyRelu>(z, a, d, bytes);
    case Activation.elu: return task.run<Elu>(z, a, d, bytes);
    case Activation.selu: return task.run<Selu>(z, a, d, bytes);
    case Activation.gelu: return task.run<Gelu>(z, a, d, bytes);
    case Activation.swish: return task.run<Swish>(z, a, d, bytes);
    case Activation.mish: return task.run<Mish>(z, a, d, bytes);
    case Activation.softplus: return task.run<Softplus>(z, a, d, bytes);
    case Activation.softsign: return task.run<Softsign>(z, a, d, bytes);
    case Activation.relu6: return task.run<Relu6>(z, a, d, bytes);
    case Activation.hardSigmoid: return task.run<HardSigmoid>(z, a, d, bytes);
    default: return task.run<HardSwish>(z, a, d, bytes);
  }
}

/** Whether σ' of this activation is computed from z, so that z must outlive a. */
export function readsZ(activation: Activation): bool {
  return dispatch<AskReadsZ>(activation, 0, 0, 0, 0);
}

/** Whether σ is taken of each number by itself; else it needs a whole row. */
// @ts-ignore: decorator
@inline
export function isLanewise(activation: Activation): bool {
  return activation != Activation.softmax;
}

/** a = σ(z) over a stretch of memory, for a lanewise σ; z and a may be the same place. */
export function activate(activation: Activation, z: usize, a: usize, bytes: usize): void {
  if (activation == Activation.identity && z == a) return;
  dispatch<Activate>(activation, z, a, 0, bytes);
}

/** δ = ∂C/∂a ⊙ σ'(z) over a stretch of memory, in place, for a lanewise σ: d holds ∂C/∂a and gets δ. */
export function differentiate(activation: Activation, z: usize, a: usize, d: usize, bytes: usize): void {
  dispatch<Differentiate>(activation, z, a, d, bytes);
}

/**
 * δ from ∂C/∂a for `rows` rows of a batch, panels [outputs/8][batch][8], whatever the activation. Softmax takes its whole
 * Jacobian.
 */
export function differentiateRows(
  activation: Activation,
  z: usize,
  a: usize,
  d: usize,
  rows: i32,
  batch: i32,
  outputs: i32,
): void {
  if (!isLanewise(activation)) return softmaxGradient(a, d, rows, batch, outputs);
  const panelBytes = <usize>batch * PANEL_BYTES;
  for (let p = 0, panels = panelsOf(outputs), at: usize = 0; p < panels; p++, at += panelBytes) {
    differentiate(activation, z + at, a + at, d + at, <usize>rows * PANEL_BYTES);
  }
}
