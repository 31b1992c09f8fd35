// Model files that are damaged at random give a network or a FormatError.

import fc from "fast-check";
import { expect } from "vitest";
import { loadModel } from "../src/formats/loading.js";
import { FormatError, type FormatName } from "../src/index.js";
import { damaged, damagedJson, fuzzCases } from "./fuzz.js";

/** A model's file, and what else belongs to it. */
export interface ModelFiles {
  model: Uint8Array;
  files?: Record<string, Uint8Array>;
}

/** @param mend what is done to damaged bytes, so that they aren't refused at once */
export async function expectSafe(
  format: FormatName,
  models: readonly ModelFiles[],
  mend: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (bytes) => bytes,
): Promise<void> {
  const isJson = models.every(({ model }) => model[0] === 0x7b);
  const hostile = fc.constantFrom(...models).chain(({ model, files = {} }) => {
    const others = Object.fromEntries(
      Object.entries(files).map(([name, file]) => [name, fc.oneof(fc.constant(file), damaged(file))]),
    );
    return fc.record({
      model: isJson ? fc.oneof(damaged(model), damagedJson(model)) : damaged(model),
      files: fc.record(others),
    });
  });
  const property = fc.asyncProperty(hostile, async ({ model, files }) => {
    // else it is unzipped before any format sees it
    fc.pre(model[0] !== 0x1f);
    const options = { format, files, activations: ["tanh", "identity"] };
    const outcome = await loadModel(mend(model), options).catch((error) => error);
    if (!(outcome instanceof Error)) expect(outcome.parameters.every(Number.isFinite)).toBe(true);
    // hints for as many layers as there aren't
    else if (!outcome.message.startsWith("activations must have")) expect(outcome).toBeInstanceOf(FormatError);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
  await fc.assert(property, { numRuns: fuzzCases });
}
