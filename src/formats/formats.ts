// The model formats: one line each. A module is loaded when its format is first read or written.

import type { ModelReader, ModelWriter } from "./format.js";
import { isNative } from "./native.js";
import { isOnnx } from "./onnx/recognise.js";
import { isSafetensors } from "./safetensors/recognise.js";

interface Format {
  /** How a file's name ends, the usual ending first. */
  endings: readonly string[];
  /** Whether this is how such a file begins; `json` is what it says, where that is JSON. */
  recognises?(bytes: Uint8Array, json: Readonly<Record<string, unknown>> | undefined): boolean;
  reader?: () => Promise<ModelReader>;
  writer?: () => Promise<ModelWriter>;
}

const native = () => import("./native.js");
const json = () => import("./json.js");
const safetensors = () => import("./safetensors/safetensors.js");
const onnx = () => import("./onnx/onnx.js");

/** As brain.js calls its kinds of networks. */
const brainKinds = /^(NeuralNetwork(GPU)?|FeedForward|Recurrent|(RNN|LSTM|GRU)(TimeStep)?)$/;

export const formats = {
  /** Small, exact, checked. */
  nablanet: { endings: [".nabla"], recognises: isNative, reader: native, writer: native },
  /** To be read. */
  json: { endings: [".json"], recognises: (_, json) => json?.format === "nablanet", reader: json, writer: json },
  /** PyTorch's parameters by their names. */
  safetensors: { endings: [".safetensors"], recognises: isSafetensors, reader: safetensors, writer: safetensors },
  /** A graph that most runtimes run. */
  onnx: { endings: [".onnx"], recognises: isOnnx, reader: onnx, writer: onnx },
  /** TensorFlow.js layers models: model.json, which must be named with its format to be written, and its weights beside it. */
  tfjs: {
    endings: [],
    recognises: (_, json) => json?.modelTopology !== undefined || json?.weightsManifest !== undefined,
    reader: () => import("./tfjs/reader.js"),
    writer: () => import("./tfjs/writer.js"),
  },
  /** What brain.js' toJSON() gives. */
  brainjs: {
    endings: [],
    recognises: (_, json) =>
      (typeof json?.type === "string" && brainKinds.test(json.type)) ||
      (Array.isArray(json?.sizes) && Array.isArray(json?.layers)),
    reader: () => import("./brainjs.js"),
  },
  /** A module that predicts without nablanet. */
  javascript: { endings: [".mjs", ".js"], writer: () => import("./standalone/javascript.js") },
  /** The same as WebAssembly. */
  wasm: { endings: [".wasm"], writer: () => import("./standalone/wasm.js") },
} satisfies Record<string, Format>;

/** The names of the formats; see docs/formats.md. @useDeclaredType */
export type FormatName = keyof typeof formats;

/** Those that are written as several files. */
export type SeveralFiles = "tfjs";

export const formatNames = Object.keys(formats) as FormatName[];

export const formatOf = (name: FormatName): Format => formats[name];
