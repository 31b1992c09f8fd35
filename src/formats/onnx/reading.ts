// The steps that a graph computes, one after the other from its input to its output.
//
// What takes each number by itself (lanewise.ts) is gathered until something else comes, and then split into activations and
// straight lines by what it computes, the longest first: x·sigmoid(x) is swish, and relu6(x + 3)/6 is one activation, not three.

import { FormatError } from "../errors.js";
import { composed } from "../model-of-steps.js";
import type { AffineStep, Step } from "../sequence.js";
import { Probe } from "./activations.js";
import { Budget } from "./budget.js";
import { type Constant, constantOfIntegers, derived, floatsIn, integersIn, keepsFloats } from "./constants.js";
import { constantIn, type Operation, type Operations } from "./graph.js";
import { isLanewise } from "./lanewise.js";
import { readers } from "./layers.js";
import type { Value } from "./schema.js";
import { isReshaping, reshaped, sizeOf } from "./shapes.js";

/** Stands for the size of a batch that may be any: a prime, so that no other size is taken for it. */
const ANY_BATCH = 1_000_003;

/** The most operators that one activation is made of. */
const LONGEST = 24;

/** @throws FormatError for a graph that isn't a sequence of steps that are known here. */
export function stepsIn({ input, output, operations, constants }: Operations): Step[] {
  const walk = new Walk(input, constants);
  for (const operation of operations) walk.take(operation);
  return walk.end(output);
}

class Walk {
  readonly #steps: Step[] = [];
  readonly #constants: Map<string, Constant>;
  readonly #budget: Budget;
  readonly #batch: number;
  /** Dimensions of the input and of what was computed of it, where they are known. */
  readonly #dimensions = new Map<string, number[] | undefined>();
  /** Other names of values. */
  readonly #same = new Map<string, string>();
  /** The value that all steps so far give. */
  #value: string;
  /** What was done to its numbers since, by the names of the results. */
  #run = new Map<string, Operation>();

  constructor(input: Value, constants: Map<string, Constant>) {
    this.#constants = constants;
    this.#budget = new Budget(constants.values());
    this.#value = input.name;
    const dimensions = input.type?.tensor?.shape?.dimensions.map(({ value }) => value);
    if (dimensions !== undefined && dimensions.length < 2) {
      throw new FormatError(
        `the input "${input.name}" must have a batch of samples, got ${dimensions.length} dimensions`,
      );
    }
    const [batch = -1, ...sample] = dimensions ?? [];
    this.#batch = batch > 0 ? batch : ANY_BATCH;
    const isKnown = dimensions !== undefined && sample.every((size) => size >= 0);
    this.#dimensions.set(input.name, isKnown ? [this.#batch, ...sample] : undefined);
  }

  take(operation: Operation): void {
    const { place, operator, output } = operation;
    const inputs = operation.inputs.map((name) => this.#same.get(name) ?? name);
    const given = inputs.map((name) => this.#constants.get(name));
    const own = constantIn(operation);
    if (own !== undefined) this.#budget.add(own);
    const constant = own ?? this.#folded(operation, inputs, given);
    if (constant !== undefined) {
      this.#constants.set(output, constant);
      return;
    }
    const variables = inputs.filter((name, i) => name !== "" && given[i] === undefined);
    const [variable = ""] = variables;
    for (const name of variables) this.#assertThere(place, name);
    const dimensions = this.#dimensions.get(variable);
    if (isPassing(operation, given)) {
      this.#same.set(output, variable);
    } else if (isLanewise(operator) && given.every((each) => each === undefined || isScalar(each, dimensions))) {
      this.#run.set(output, { ...operation, inputs });
      this.#dimensions.set(output, dimensions);
    } else {
      this.#endRun(place, variable);
      this.#value = output;
      if (isReshaping(operator)) this.#dimensions.set(output, this.#reshaped(operation, dimensions, given[1]));
      else this.#layer({ ...operation, inputs }, dimensions, given);
    }
  }

  end(output: string): Step[] {
    const last = this.#same.get(output) ?? output;
    if (this.#constants.has(last)) throw new FormatError(`the output "${output}" must depend on the input`);
    this.#endRun(`the output "${output}"`, last);
    return this.#steps;
  }

  #folded(operation: Operation, inputs: string[], given: (Constant | undefined)[]): Constant | undefined {
    const [name] = inputs;
    const dimensions = this.#dimensions.get(name);
    if (operation.operator === "Shape" && dimensions !== undefined) {
      return constantOfIntegers(operation.place, [...dimensions]);
    }
    if (given.length === 0 || given.includes(undefined)) return undefined;
    return derived(operation, given as Constant[]);
  }

  /** A value that was left behind is used again: the graph branches. */
  #assertThere(place: string, name: string): void {
    if (name === this.#value || this.#run.has(name)) return;
    throw new FormatError(`${place} takes "${name}" from further up; branches can't be read`);
  }

  #reshaped(operation: Operation, dimensions: number[] | undefined, told: Constant | undefined): number[] | undefined {
    const { place, operator, attributes, inputs } = operation;
    if (dimensions === undefined) {
      if (operator === "Flatten" && attributes.int("axis", 1) === 1) return undefined;
      throw new FormatError(`${place} can't be read, as the model doesn't tell its input's shape`);
    }
    if (inputs.length > 1 && told === undefined)
      throw new FormatError(`${place} must be told sizes that don't depend on the input`);
    const shape = reshaped(operation, dimensions, told && integersIn(told));
    if (shape[0] !== this.#batch || shape.length < 1) {
      throw new FormatError(
        `${place} must keep each sample by itself, got the shape [${shape.map((size) => (size === ANY_BATCH ? "batch" : size)).join(", ")}]`,
      );
    }
    return shape;
  }

  #layer(operation: Operation, dimensions: number[] | undefined, given: (Constant | undefined)[]): void {
    const { place, operator, output } = operation;
    const read = readers.get(operator);
    if (read === undefined) throw new FormatError(`${place} can't be read`);
    const sample = dimensions?.slice(1);
    const step = read(operation, given, sample, this.#budget);
    this.#push(step);
    const isDense = step.kind === "dense";
    if (isDense && sample !== undefined && sizeOf(sample) !== step.inputs) {
      throw new FormatError(`${place} must take ${sizeOf(sample)} numbers, got ${step.inputs}`);
    }
    this.#dimensions.set(output, isDense ? [this.#batch, step.units] : dimensions);
  }

  #push(step: Step): void {
    const last = this.#steps.at(-1);
    if (step.kind === "affine" && last?.kind === "affine") {
      this.#steps[this.#steps.length - 1] = { kind: "affine", ...composed(last, step) };
    } else if (step.kind === "affine" && last?.kind === "dense" && isBias(step, last.biases)) {
      // a matrix product's, exactly
      last.biases.set(step.offset);
    } else this.#steps.push(step);
  }

  /** Makes steps of what was gathered, which must lead to the value that is taken at `place`. */
  #endRun(place: string, name: string): void {
    const run = [...this.#run.values()];
    this.#run.clear();
    const last = run.at(-1)?.output ?? this.#value;
    if (last !== name) throw new FormatError(`${place} takes "${name}" beside "${last}"; branches can't be read`);
    const dimensions = this.#dimensions.get(name);
    for (let at = 0; at < run.length; ) at = this.#stepFrom(run, at, dimensions);
    this.#value = last;
  }

  /** A step of as many operations from `at` on as make one; where the next begins. */
  #stepFrom(run: readonly Operation[], at: number, dimensions: number[] | undefined): number {
    const start = at === 0 ? this.#value : run[at - 1].output;
    const ends = endsFrom(run, at, start);
    const stretch = run.slice(at, (ends.at(-1) ?? at) + 1).map((operation) => {
      return { operation, inputs: operation.inputs.map((name) => this.#scalar(name)) };
    });
    const constants = stretch.flatMap(({ operation: { attributes }, inputs }) => [
      ...inputs.filter((input) => typeof input === "number"),
      ...attributes.floats().map(({ float }) => float),
    ]);
    const probe = new Probe(start, constants);
    for (const { operation, inputs } of stretch) probe.apply(operation, inputs);
    for (const end of ends.reverse()) {
      const { place, output } = run[end];
      const activation = probe.activation(output);
      const line = activation === undefined ? probe.line(output) : undefined;
      if (activation !== undefined) this.#push({ place, kind: "activation", activation });
      else if (line === undefined) continue;
      else if (line.factor !== 1 || line.offset !== 0) this.#push(this.#straight(place, line, dimensions));
      return end + 1;
    }
    const { place, attributes } = run[at];
    const name = ends.map((end) => probe.foreign(run[end].output)).find((each) => each !== undefined);
    throw new FormatError(`${place}${attributes} computes ${name ?? "no activation that is known here"}`);
  }

  #scalar(name: string): string | number | undefined {
    const constant = this.#constants.get(name);
    if (constant !== undefined) return floatsIn(constant)[0];
    return name === "" ? undefined : name;
  }

  #straight(
    place: string,
    { factor, offset }: { factor: number; offset: number },
    dimensions: number[] | undefined,
  ): Step {
    if (dimensions === undefined)
      throw new FormatError(`${place} can't be read, as the model doesn't tell its input's shape`);
    const width = this.#budget.take(place, sizeOf(dimensions.slice(1)));
    const filled = (value: number) => new Float64Array(width).fill(value);
    return { place, kind: "affine", factor: filled(factor), offset: filled(offset) };
  }
}

/** Where nothing but the last value is needed any more: the places that a step can end at. */
function endsFrom(run: readonly Operation[], at: number, start: string): number[] {
  const lastUse = new Map<string, number>();
  for (let i = at; i < run.length && i < at + 2 * LONGEST; i++) for (const name of run[i].inputs) lastUse.set(name, i);
  const ends: number[] = [];
  let busyUntil = lastUse.get(start) ?? at;
  for (let i = at; i < run.length && i < at + LONGEST; i++) {
    if (busyUntil <= i) ends.push(i);
    busyUntil = Math.max(busyUntil, lastUse.get(run[i].output) ?? i);
  }
  return ends;
}

/** What gives its input back. */
function isPassing({ operator, place, attributes }: Operation, given: readonly (Constant | undefined)[]): boolean {
  if (operator === "Identity") return true;
  if (operator === "Cast") return keepsFloats(place, attributes.int("to", 0));
  // since opset 12 a third input may say that it drops something even here
  return operator === "Dropout" && (given[2] === undefined || isFalse(given[2]));
}

const isFalse = ({ tensor: { raw, int32s } }: Constant) => [...raw, ...int32s].every((each) => each === 0);

function isScalar({ dimensions }: Constant, of: number[] | undefined): boolean {
  return sizeOf(dimensions) === 1 && dimensions.length <= (of?.length ?? 2);
}

function isBias({ factor }: AffineStep, biases: Float32Array): boolean {
  return biases.length === factor.length && factor.every((each) => each === 1) && biases.every((each) => each === 0);
}
