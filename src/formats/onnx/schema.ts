// The messages of ONNX that a feed-forward network takes, by their numbers in onnx.proto3
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).

import { bytes, double, float, int, type MessageOf, many, message, one, optional, text } from "./wire.js";

export const entry = message({ key: one(1, text, ""), value: one(2, text, "") });

export const dimension = message({ value: one(1, int, -1), parameter: one(2, text, "") });
export const shape = message({ dimensions: many(1, dimension) });
export const tensorType = message({ elementType: one(1, int, 0), shape: optional(2, shape) });
export const type = message({ tensor: optional(1, tensorType) });
export const value = message({ name: one(1, text, ""), type: optional(2, type) });

/** TensorProto.DataType */
export const DataType = { FLOAT: 1, INT32: 6, INT64: 7, FLOAT16: 10, DOUBLE: 11, BFLOAT16: 16 } as const;

const noBytes = new Uint8Array();

export const tensor = message({
  dimensions: many(1, int),
  dataType: one(2, int, 0),
  floats: many(4, float),
  int32s: many(5, int),
  int64s: many(7, int),
  name: one(8, text, ""),
  raw: one(9, bytes, noBytes),
  doubles: many(10, double),
  external: many(13, entry),
  /** 1 where the numbers lie in another file. */
  location: one(14, int, 0),
});

/** AttributeProto.AttributeType */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, INTS: 7 } as const;

export const attribute = message({
  name: one(1, text, ""),
  float: one(2, float, 0),
  int: one(3, int, 0),
  string: one(4, text, ""),
  tensor: optional(5, tensor),
  floats: many(7, float),
  ints: many(8, int),
  type: one(20, int, 0),
});

export const node = message({
  inputs: many(1, text),
  outputs: many(2, text),
  name: one(3, text, ""),
  operator: one(4, text, ""),
  attributes: many(5, attribute),
  domain: one(7, text, ""),
});

export const graph = message({
  nodes: many(1, node),
  name: one(2, text, ""),
  initializers: many(5, tensor),
  inputs: many(11, value),
  outputs: many(12, value),
  sparseInitializers: many(15, bytes),
});

export const operatorSet = message({ domain: one(1, text, ""), version: one(2, int, 0) });

/** The graph last, so that a file that is cut off is none. */
export const model = message({
  irVersion: one(1, int, 0),
  producer: one(2, text, ""),
  operatorSets: many(8, operatorSet),
  metadata: many(14, entry),
  functions: many(25, bytes),
  graph: optional(7, graph),
});

export type Attribute = MessageOf<typeof attribute>;
export type Graph = MessageOf<typeof graph>;
export type Node = MessageOf<typeof node>;
export type OnnxModel = MessageOf<typeof model>;
export type Tensor = MessageOf<typeof tensor>;
export type Value = MessageOf<typeof value>;
