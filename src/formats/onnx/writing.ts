// The graph that computes a sequence of steps.

import { littleEndian } from "../floats.js";
import { inputScaling } from "../model-of-steps.js";
import type { Step } from "../sequence.js";
import { activations } from "./activations.js";
import { float, int } from "./attributes.js";
import type { Term } from "./lanewise.js";
import * as schema from "./schema.js";

const INPUT = "input";
const OUTPUT = "output";

/** Input and output are batches of any number of rows. */
export function graphOf(steps: readonly Step[]): schema.Graph {
  const writer = new Writer();
  steps.forEach((step, i) => void writer.write(step, i === 0));
  const dense = steps.filter((step) => step.kind === "dense");
  const [first] = dense;
  const last = dense[dense.length - 1];
  return writer.graph(batchOf(INPUT, first.inputs), batchOf(OUTPUT, last.units));
}

class Writer {
  readonly #nodes: schema.Node[] = [];
  readonly #initializers: schema.Tensor[] = [];
  #value = INPUT;

  write(step: Step, isFirst: boolean): void {
    // identifiers as C has them
    const place = step.place.replace(/\W+/g, "_").replace(/_$/, "");
    const vector = (name: string, numbers: Float32Array) => this.#constant(`${place}_${name}`, numbers);
    const then = (operator: string, inputs: string[], ...attributes: schema.Attribute[]) => {
      this.#value = this.#node(place, operator, [this.#value, ...inputs], attributes);
    };
    if (step.kind === "dense") {
      const weights = this.#constant(`${place}_weights`, step.weights, [step.units, step.inputs]);
      const hasBiases = step.biases.some((bias) => !Object.is(bias, 0));
      then("Gemm", [weights, ...(hasBiases ? [vector("biases", step.biases)] : [])], int("transB", 1));
    } else if (step.kind === "batchNormalization") {
      const { gamma, beta, mean, variance, epsilon, momentum = 0.1 } = step;
      const numbers = [
        vector("gamma", gamma),
        vector("beta", beta),
        vector("mean", mean),
        vector("variance", variance),
      ];
      then("BatchNormalization", numbers, float("epsilon", epsilon), float("momentum", 1 - momentum));
    } else if (step.kind === "layerNormalization") {
      const numbers = [vector("gamma", step.gamma), vector("beta", step.beta)];
      then("LayerNormalization", numbers, int("axis", -1), float("epsilon", step.epsilon));
    } else if (step.kind === "affine" && isFirst) {
      // as the network computes it: large centers would cancel otherwise
      const { center, factor } = inputScaling(step);
      then("Sub", [vector("center", Float32Array.from(center))]);
      then("Mul", [vector("factor", Float32Array.from(factor))]);
    } else if (step.kind === "affine") {
      then("Mul", [vector("factor", Float32Array.from(step.factor))]);
      then("Add", [vector("offset", Float32Array.from(step.offset))]);
    } else if (step.kind === "activation") {
      this.#value = this.#term(place, activations[step.activation], new Map());
    }
  }

  graph(input: schema.Value, output: schema.Value): schema.Graph {
    const last = this.#nodes[this.#nodes.length - 1];
    last.outputs = [output.name];
    return schema.graph.of({
      name: "network",
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: [input],
      outputs: [output],
    });
  }

  /** The name of a term's value; what it has twice is computed once. */
  #term(place: string, term: Term, known: Map<Term, string>): string {
    if (term === "x") return this.#value;
    const name = known.get(term);
    if (name !== undefined) return name;
    const made =
      typeof term === "number"
        ? this.#constant(`${place}_constant_${this.#initializers.length}`, Float32Array.of(term), [])
        : this.#node(
            place,
            term.operator,
            term.inputs.map((input) => this.#term(place, input, known)),
            term.attributes,
          );
    known.set(term, made);
    return made;
  }

  #node(place: string, operator: string, inputs: string[], attributes: readonly schema.Attribute[]): string {
    const name = `${place}_${operator}_${this.#nodes.length}`;
    this.#nodes.push(schema.node.of({ name, operator, inputs, outputs: [name], attributes: [...attributes] }));
    return name;
  }

  #constant(name: string, numbers: Float32Array, dimensions = [numbers.length]): string {
    const dataType = schema.DataType.FLOAT;
    this.#initializers.push(schema.tensor.of({ name, dimensions, dataType, raw: littleEndian(numbers) }));
    return name;
  }
}

function batchOf(name: string, width: number): schema.Value {
  const dimensions = [schema.dimension.of({ parameter: "N" }), schema.dimension.of({ value: width })];
  const shape = schema.shape.of({ dimensions });
  const tensor = schema.tensorType.of({ elementType: schema.DataType.FLOAT, shape });
  return schema.value.of({ name, type: schema.type.of({ tensor }) });
}
