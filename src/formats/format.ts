// What a model format is to the rest of the package. formats.ts lists them.

import type { ActivationName } from "../network-options.js";
import type { Model } from "./model.js";

/** What a reader can't find in the file. */
export interface LoadHints {
  /**
   * The activation of each layer, for formats that hold weights only (a PyTorch state dict in safetensors). Ignored where the
   * file knows better.
   */
  activations?: readonly ActivationName[];
  /**
   * The names of all modules of a state dict in the order of computing, normalizations too, for those whose names and sizes
   * don't tell it: ["up", "norm", "down"].
   */
  modules?: readonly string[];
}

/** Gives another file of the same model, by the name that the first one calls it. */
export type OpenSibling = (name: string) => Promise<Uint8Array>;

export interface ModelReader {
  /**
   * @throws FormatError that says where, what was expected and what came, "Conv at node 3" say; whatever the bytes.
   */
  decode(bytes: Uint8Array, hints: LoadHints, open: OpenSibling): Model | Promise<Model>;
}

/** A file; or files by name, the one that is opened first before the others. */
export type EncodedModel = Uint8Array<ArrayBuffer> | ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface ModelWriter {
  /**
   * @param name what the file will be called
   * @throws RangeError for a model that the format can't hold, by the place of what it can't.
   */
  encode(model: Model, name: string): EncodedModel | Promise<EncodedModel>;
}
