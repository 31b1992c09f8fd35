// The optimizers in float64, parameter by parameter, each from its paper in PyTorch's form.

import type { OptimizerOptions } from "../src/index.js";

/** Those that treat each parameter by itself; lbfgs has tests of its own. */
type Kind = Exclude<OptimizerOptions["kind"], "lbfgs">;

/** What is kept for one parameter, by name. */
type State = Record<string, number>;

/** One parameter's update in step t (from 1). */
type Rule = (w: number, g: number, state: State, t: number) => number;

/** All parameters' update; `state` is what the next one needs. */
export type Update = (w: number[], g: number[], state: OptimizerMemory) => number[];

export interface OptimizerMemory {
  t: number;
  each: State[];
}

type Options = Record<string, number | boolean>;
type Numbers = Record<string, number>;

const coupled =
  (rule: Rule, weightDecay = 0): Rule =>
  (w, g, state, t) =>
    rule(w, g + weightDecay * w, state, t);

/** `keep`·old + (1 − keep)·x, kept under `name`. */
function mean(state: State, name: string, keep: number, x: number): number {
  state[name] = keep * (state[name] ?? 0) + (1 - keep) * x;
  return state[name];
}

const adam = ({ learningRate: η, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = 0 }: Numbers): Rule =>
  function follow(w, g, state, t) {
    const m = mean(state, "m", beta1, g);
    const v = mean(state, "v", beta2, g * g);
    state.most = Math.max(state.most ?? 0, v);
    const vHat = (amsgrad ? state.most : v) / (1 - beta2 ** t);
    return w - ((η as number) * m) / (1 - beta1 ** t) / (Math.sqrt(vHat) + epsilon);
  };

const rules: Record<Kind, (options: Numbers) => Rule> = {
  sgd: ({ learningRate: η, momentum = 0, nesterov = 0, weightDecay }) =>
    coupled((w, g, state) => {
      const v = momentum * (state.v ?? 0) + g;
      state.v = v;
      return w - (η as number) * (nesterov ? g + momentum * v : v);
    }, weightDecay),
  adam: (options) => coupled(adam(options), options.weightDecay),
  adamW: (options) => {
    const { learningRate: η, weightDecay = 0.01 } = options;
    const rule = adam(options);
    return (w, g, state, t) => rule(w * (1 - (η as number) * weightDecay), g, state, t);
  },
  nadam: ({ learningRate: η, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentumDecay = 0.004, weightDecay }) =>
    coupled((w, g, state, t) => {
      const momentum = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
      const product = (state.product ?? 1) * momentum(t);
      state.product = product;
      const m = mean(state, "m", beta1, g);
      const root = Math.sqrt(mean(state, "v", beta2, g * g) / (1 - beta2 ** t)) + epsilon;
      const byGradient = ((1 - momentum(t)) / (1 - product)) * g;
      const byMoment = (momentum(t + 1) / (1 - product * momentum(t + 1))) * m;
      return w - ((η as number) * (byGradient + byMoment)) / root;
    }, weightDecay),
  adamax: ({ learningRate: η, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay }) =>
    coupled((w, g, state, t) => {
      const m = mean(state, "m", beta1, g);
      state.u = Math.max(beta2 * (state.u ?? 0), Math.abs(g) + epsilon);
      return w - ((η as number) / (1 - beta1 ** t)) * (m / state.u);
    }, weightDecay),
  rmsProp: ({ learningRate: η, rho = 0.99, epsilon = 1e-8, momentum = 0, centered = 0, weightDecay }) =>
    coupled((w, g, state) => {
      const v = mean(state, "v", rho, g * g);
      const centre = mean(state, "mean", rho, g);
      const step = g / (Math.sqrt(centered ? v - centre * centre : v) + epsilon);
      state.buffer = momentum * (state.buffer ?? 0) + step;
      return w - (η as number) * state.buffer;
    }, weightDecay),
  adagrad: ({ learningRate: η, epsilon = 1e-10, initialAccumulatorValue = 0, weightDecay }) =>
    coupled((w, g, state) => {
      state.sum = (state.sum ?? initialAccumulatorValue) + g * g;
      return w - ((η as number) * g) / (Math.sqrt(state.sum) + epsilon);
    }, weightDecay),
  adadelta: ({ learningRate: η, rho = 0.9, epsilon = 1e-6, weightDecay }) =>
    coupled((w, g, state) => {
      const v = mean(state, "v", rho, g * g);
      const step = (g * Math.sqrt((state.moved ?? 0) + epsilon)) / Math.sqrt(v + epsilon);
      mean(state, "moved", rho, step * step);
      return w - (η as number) * step;
    }, weightDecay),
  lion:
    ({ learningRate: η, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 }) =>
    (w, g, state) => {
      const direction = Math.sign(beta1 * (state.m ?? 0) + (1 - beta1) * g);
      mean(state, "m", beta2, g);
      return w * (1 - (η as number) * weightDecay) - (η as number) * direction;
    },
  rProp:
    ({ learningRate: η, etaMinus = 0.5, etaPlus = 1.2, minStep = 1e-6, maxStep = 50 }) =>
    (w, g, state) => {
      const product = g * (state.last ?? 0);
      const change = product > 0 ? etaPlus : product < 0 ? etaMinus : 1;
      const step = Math.min(maxStep, Math.max(minStep, (state.step ?? (η as number)) * change));
      const followed = product < 0 ? 0 : g;
      Object.assign(state, { step, last: followed });
      return w - step * Math.sign(followed);
    },
};

/** The update of an optimizer with these options. */
export function reference({ kind, ...options }: OptimizerOptions): Update {
  const numbers = Object.fromEntries(Object.entries(options as Options).map(([name, value]) => [name, Number(value)]));
  const { clipNorm = Number.POSITIVE_INFINITY, clipValue = Number.POSITIVE_INFINITY } = numbers;
  const rule = rules[kind as Kind](numbers);
  return (w, g, state) => {
    state.t += 1;
    const scale = Math.min(1, clipNorm / Math.hypot(...g));
    return w.map((weight, i) => {
      state.each[i] ??= {};
      const gradient = Math.min(clipValue, Math.max(-clipValue, (g[i] as number) * scale));
      return rule(weight, gradient, state.each[i], state.t);
    });
  };
}

export const fresh = (): OptimizerMemory => ({ t: 0, each: [] });
