// A feed-forward network as an ONNX model: the few messages that it takes of onnx.proto
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), and their encoding.

import protobuf from "protobufjs";

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Model { int64 ir_version = 1; Graph graph = 7; repeated OperatorSet opset_import = 8; }
  message OperatorSet { string domain = 1; int64 version = 2; }
  message Graph {
    repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
    repeated Value input = 11; repeated Value output = 12;
  }
  message Node {
    repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5;
  }
  message Attribute { string name = 1; int64 i = 3; int32 type = 20; }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message Value { string name = 1; Type type = 2; }
  message Type { TensorType tensor_type = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Shape { repeated Dimension dim = 1; }
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
`);
const Model = root.lookupType("Model");

const FLOAT = 1;
const INTEGER_ATTRIBUTE = 2;
/** Opset 13 is the first whose Softmax runs along one axis. */
const OPSET = 13;
const operators = { relu: "Relu", sigmoid: "Sigmoid", tanh: "Tanh", softmax: "Softmax" };

/** From layersOf(task); input "x" and output "y", any number of rows each. */
export function onnxModel(layers) {
  const nodes = [];
  const initializers = [];
  let a = "x";
  const append = (node) => {
    a = `a${nodes.length}`;
    nodes.push({ ...node, output: [a] });
  };
  layers.forEach(({ inputs, units, activation, weights, biases }, i) => {
    initializers.push(tensor(`w${i}`, [units, inputs], weights), tensor(`b${i}`, [units], biases));
    append({ opType: "Gemm", input: [a, `w${i}`, `b${i}`], attribute: [attribute("transB", 1)] });
    if (activation in operators) append({ opType: operators[activation], input: [a] });
  });
  nodes.at(-1).output = ["y"];
  const graph = {
    name: "network",
    node: nodes,
    initializer: initializers,
    input: [value("x", layers[0].inputs)],
    output: [value("y", layers.at(-1).units)],
  };
  return Model.encode(Model.create({ irVersion: 8, opsetImport: [{ domain: "", version: OPSET }], graph })).finish();
}

function attribute(name, i) {
  return { name, i, type: INTEGER_ATTRIBUTE };
}

function tensor(name, dims, numbers) {
  const rawData = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { name, dims, dataType: FLOAT, rawData };
}

function value(name, width) {
  const shape = { dim: [{ dimParam: "rows" }, { dimValue: width }] };
  return { name, type: { tensorType: { elemType: FLOAT, shape } } };
}
