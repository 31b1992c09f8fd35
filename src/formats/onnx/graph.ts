// A model's graph, with what every reader of it relies on checked: names are different, each node comes after what it takes, and
// there is one input and one output.

import { FormatError } from "../errors.js";
import type { OpenSibling } from "../format.js";
import { Attributes } from "./attributes.js";
import { type Constant, constantOf, isFloat, withExternal } from "./constants.js";
import { AttributeType, type Graph, type Node, type OnnxModel, type Value } from "./schema.js";

export interface Operation {
  /** What errors call it: "Gemm at node 3 (name)". */
  place: string;
  operator: string;
  /** Names of values, "" where an input is left out. */
  inputs: readonly string[];
  output: string;
  attributes: Attributes;
}

export interface Operations {
  input: Value;
  output: string;
  /** Those that the output depends on. */
  operations: Operation[];
  constants: Map<string, Constant>;
}

const OLDEST = 7;
const NEWEST = 21;

export async function operationsOf(model: OnnxModel, open: OpenSibling): Promise<Operations> {
  const { graph, functions, operatorSets } = model;
  if (graph === undefined) throw new FormatError("the model must have a graph, got none");
  if (functions.length > 0) throw new FormatError("functions of the model's own can't be read");
  if (graph.sparseInitializers.length > 0) throw new FormatError("sparse initializers can't be read");
  const version = operatorSets.find(({ domain }) => isStandard(domain))?.version ?? 0;
  if (version < OLDEST || version > NEWEST) {
    throw new FormatError(`the model's opset must be from ${OLDEST} to ${NEWEST}, got ${version}`);
  }
  const constants = await initializersOf(graph, open);
  const input = only(
    "input",
    graph.inputs.filter(({ name }) => !constants.has(name)),
  );
  const output = only("output", graph.outputs).name;
  const operations = graph.nodes.map((node, i) => operationOf(node, i));
  assertInOrder(operations, graph.nodes, new Set([input.name, ...constants.keys()]));
  return { input, output, operations: needed(operations, output), constants };
}

const isStandard = (domain: string) => domain === "" || domain === "ai.onnx";

async function initializersOf(graph: Graph, open: OpenSibling): Promise<Map<string, Constant>> {
  const opened = new Map<string, Promise<Uint8Array>>();
  const openOnce: OpenSibling = (name) => {
    const file = opened.get(name) ?? open(name);
    opened.set(name, file);
    return file;
  };
  const constants = new Map<string, Constant>();
  for (const tensor of graph.initializers) {
    const place = `initializer "${tensor.name}"`;
    if (constants.has(tensor.name)) throw new FormatError(`${place} must be there once`);
    constants.set(tensor.name, constantOf(place, await withExternal(place, tensor, openOnce)));
  }
  return constants;
}

function only(what: string, values: readonly Value[]): Value {
  const [first] = values;
  if (values.length !== 1) {
    const names = values.map(({ name }) => name).slice(0, 8);
    throw new FormatError(`the model must have one ${what}, got ${values.length} (${names.join(", ")})`);
  }
  const { elementType = 0 } = first.type?.tensor ?? {};
  if (!isFloat(elementType)) {
    throw new FormatError(
      `the ${what} "${first.name}" must be a tensor of floating-point numbers, got type ${elementType}`,
    );
  }
  return first;
}

function operationOf({ operator, name, inputs, outputs, attributes, domain }: Node, i: number): Operation {
  const place = `${operator} at node ${i}${name === "" ? "" : ` (${name})`}`;
  // other operators may be called the same
  const known = isStandard(domain) ? operator : `${domain}.${operator}`;
  const [output = ""] = outputs;
  return { place, operator: known, inputs, output, attributes: new Attributes(place, attributes) };
}

function assertInOrder(operations: readonly Operation[], nodes: readonly Node[], known: Set<string>): void {
  operations.forEach(({ place, inputs }, i) => {
    const missing = inputs.find((name) => name !== "" && !known.has(name));
    if (missing !== undefined) {
      throw new FormatError(`${place} takes "${missing}", which nothing before it gives`);
    }
    for (const name of nodes[i].outputs) {
      if (name === "") continue;
      if (known.has(name)) throw new FormatError(`${place} gives "${name}", which is there already`);
      known.add(name);
    }
  });
}

/** The operations whose first output is used, on the way to `output`; others compute what nobody asked for. */
function needed(operations: readonly Operation[], output: string): Operation[] {
  const wanted = new Set([output]);
  return [...operations]
    .reverse()
    .filter(({ output, inputs }) => {
      if (!wanted.has(output)) return false;
      for (const name of inputs) wanted.add(name);
      return true;
    })
    .reverse();
}

/** What a Constant node holds; undefined for another node. */
export function constantIn({ operator, place, attributes }: Operation): Constant | undefined {
  if (operator !== "Constant") return undefined;
  const tensor = attributes.get("value", AttributeType.TENSOR)?.tensor;
  if (tensor === undefined) throw new FormatError(`${place} must have a tensor`);
  return constantOf(place, tensor);
}
