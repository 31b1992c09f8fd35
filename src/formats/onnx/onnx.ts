// A network as an ONNX graph (https://github.com/onnx/onnx/blob/main/docs/IR.md) that answers as it does. What only training needs
// is JSON under "nablanet" in the metadata.

import { FormatError } from "../errors.js";
import type { LoadHints, OpenSibling } from "../format.js";
import type { Model } from "../model.js";
import { modelOf } from "../model-of-steps.js";
import { modelWithOptions } from "../own-options.js";
import { stepsOf } from "../steps-of-model.js";
import { operationsOf } from "./graph.js";
import { stepsIn } from "./reading.js";
import * as schema from "./schema.js";
import { graphOf } from "./writing.js";

/** The version of the file's format, and of the operators: the first that has LayerNormalization. */
const IR_VERSION = 8;
const OPSET = 17;

export function encode(model: Model): Uint8Array<ArrayBuffer> {
  const entry = schema.entry.of({ key: "nablanet", value: JSON.stringify(model.network) });
  return schema.model.encode(
    schema.model.of({
      irVersion: IR_VERSION,
      producer: "nablanet",
      operatorSets: [schema.operatorSet.of({ version: OPSET })],
      metadata: [entry],
      graph: graphOf(stepsOf(model)),
    }),
  );
}

export async function decode(bytes: Uint8Array, _: LoadHints, open: OpenSibling): Promise<Model> {
  const model = schema.model.decode(bytes);
  const steps = stepsIn(await operationsOf(model, open));
  if (steps.length === 0) throw new FormatError("the model must have a dense layer, got none");
  const own = model.metadata.find(({ key }) => key === "nablanet");
  return (own && modelWithOptions(own.value, steps)) ?? modelOf(steps);
}
