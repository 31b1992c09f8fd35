// A PyTorch state dict as a model: its tensors are called module.weight, module.bias, …, whatever the modules are called.
//
//   weight [to, from], and perhaps bias [to]                      nn.Linear
//   running_mean, running_var, and perhaps weight and bias        nn.BatchNorm1d
//   weight and bias of one dimension                              nn.LayerNorm
//
// It has no activations. Those come from the reader's hints, one for each nn.Linear.

import { Activation } from "../../abi.js";
import { namesOf, oneOf, wrongKind } from "../../checks.js";
import type { ActivationName } from "../../network-options.js";
import { FormatError } from "../errors.js";
import type { LoadHints } from "../format.js";
import type { Model } from "../model.js";
import { modelOf } from "../model-of-steps.js";
import type { Step } from "../sequence.js";
import { inOrder } from "./module-order.js";
import type { Tensor } from "./tensor-file.js";

/** A module's tensors by their last names. */
export interface Module {
  name: string;
  tensors: Map<string, Tensor>;
  /** Whether it is an nn.Linear. */
  isDense: boolean;
  inputs: number;
  units: number;
}

/** What nn.BatchNorm1d and nn.LayerNorm have when nothing is said; a state dict doesn't tell. */
const EPSILON = 1e-5;

const known = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];

/** @throws FormatError for tensors that aren't those of a feed-forward network; RangeError or TypeError for wrong hints. */
export function modelOfStateDict(tensors: readonly Tensor[], { activations, modules: told }: LoadHints): Model {
  const modules = inOrder(modulesOf(tensors), told);
  const dense = modules.filter(({ isDense }) => isDense).length;
  if (dense === 0) throw new FormatError("there must be a dense layer, got none");
  if (activations === undefined) {
    throw new FormatError(
      `the file doesn't tell the activations; give the option activations with a name for each of its ${dense} layers, ["relu", …, "identity"] say`,
    );
  }
  if (!Array.isArray(activations)) wrongKind("activations", "an array of names", activations);
  if (activations.length !== dense) {
    throw new RangeError(`activations must have ${dense} names, one for each layer, got ${activations.length}`);
  }
  const names = namesOf<ActivationName>(Activation);
  return modelOf(
    stepsIn(
      modules,
      activations.map((each, i) => oneOf(each, `activations[${i}]`, names)),
    ),
  );
}

function stepsIn(modules: readonly Module[], activations: readonly ActivationName[]): Step[] {
  const steps: Step[] = [];
  let layer = -1;
  let isActivated = true;
  modules.forEach((module, i) => {
    if (module.isDense) {
      layer += 1;
      isActivated = false;
    }
    steps.push(module.isDense ? dense(module) : normalization(module));
    const next = modules[i + 1];
    if (isActivated || !(next === undefined || next.isDense || isApart(module, next))) return;
    isActivated = true;
    steps.push({ place: `activations[${layer}]`, kind: "activation", activation: activations[layer] });
  });
  return steps;
}

/** Whether an nn.Sequential has something without parameters between two modules: 0.weight, 2.weight. */
function isApart(module: Module, next: Module): boolean {
  const [before, at] = splitNumber(module.name);
  const [sameBefore, nextAt] = splitNumber(next.name);
  return before === sameBefore && nextAt > at + 1;
}

function splitNumber(name: string): [string, number] {
  const [, before = "", digits = ""] = /^((?:.*\.)?)(\d+)$/.exec(name) ?? [];
  return digits === "" ? [name, 0] : [before, Number(digits)];
}

function modulesOf(tensors: readonly Tensor[]): Module[] {
  const modules = new Map<string, Module>();
  for (const tensor of tensors) {
    const [, name = "", last = ""] = /^(?:(.*)\.)?([^.]*)$/s.exec(tensor.name) ?? [];
    if (!known.includes(last)) {
      throw new FormatError(`tensor '${tensor.name}' must be called one of ${known.join(", ")} of its module`);
    }
    const module: Module = modules.get(name) ?? { name, tensors: new Map(), isDense: false, inputs: 0, units: 0 };
    modules.set(name, module);
    module.tensors.set(last, tensor);
    if (last === "num_batches_tracked") continue;
    const { length } = tensor.shape;
    if (length !== 1 && !(length === 2 && last === "weight")) {
      throw new FormatError(
        `tensor '${tensor.name}' must be [to, from] of a dense layer, or numbers in a row, got the shape [${tensor.shape.join(", ")}]`,
      );
    }
    module.isDense ||= length === 2;
    if (module.isDense && length === 1) continue;
    const [units, inputs = units] = tensor.shape as [number, number?];
    Object.assign(module, { inputs, units });
  }
  return [...modules.values()];
}

/** A module's vector, of a number for each unit. */
function vector({ name, tensors }: Module, last: string, length: number): Float32Array {
  const tensor = tensors.get(last);
  const full = name === "" ? last : `${name}.${last}`;
  if (tensor === undefined) throw new FormatError(`tensor '${full}' must be there, got none`);
  if (tensor.shape[0] !== length) {
    throw new FormatError(`tensor '${full}' must have ${length} numbers, got ${tensor.shape[0]}`);
  }
  return tensor.numbers();
}

function dense(module: Module): Step {
  const weight = module.tensors.get("weight") as Tensor;
  const [units, inputs] = weight.shape as [number, number];
  const biases = module.tensors.has("bias") ? vector(module, "bias", units) : new Float32Array(units);
  return { place: `tensor '${weight.name}'`, kind: "dense", units, inputs, weights: weight.numbers(), biases };
}

function normalization(module: Module): Step {
  const { name, tensors } = module;
  const first = tensors.get("running_mean") ?? tensors.get("weight");
  if (first === undefined) throw new FormatError(`module '${name}' must have a weight, got ${[...tensors.keys()]}`);
  const [units] = first.shape as [number];
  const place = `tensor '${first.name}'`;
  const isBatch = tensors.has("running_mean");
  const isAffine = !isBatch || tensors.has("weight");
  const scale = {
    gamma: isAffine ? vector(module, "weight", units) : new Float32Array(units).fill(1),
    beta: isAffine ? vector(module, "bias", units) : new Float32Array(units),
    epsilon: EPSILON,
  };
  if (!isBatch) return { place, kind: "layerNormalization", ...scale };
  const mean = vector(module, "running_mean", units);
  return { place, kind: "batchNormalization", ...scale, mean, variance: vector(module, "running_var", units) };
}
