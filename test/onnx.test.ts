// ONNX models of other libraries: those in fixtures/onnx-models.json answer as PyTorch does, or are refused by name.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as schema from "../src/formats/onnx/schema.js";
import { FormatError, Network } from "../src/index.js";
import { U } from "./tolerance.js";

interface Case {
  name: string;
  /** Base64. */
  model: string;
  inputs: number[][];
  outputs: number[][];
}

const { torch, cases, refused }: { torch: string; cases: Case[]; refused: (Case & { reason: string })[] } = JSON.parse(
  readFileSync(new URL("fixtures/onnx-models.json", import.meta.url), "utf8"),
);

const bytesOf = ({ model }: Case) => new Uint8Array(Buffer.from(model, "base64"));

/**
 * Roundings of two or three layers: sums of at most 7 terms and a bias, a normalization (three such sums) or a folded straight
 * line, an activation (about 16); magnitudes stay below 8 within, and are passed on by weights of norms up to 4.
 */
const ROUNDINGS = 4 * 8 * 3 * (8 + 3 * 8 + 16);

describe(`models of other libraries, PyTorch ${torch}`, () => {
  it.each(cases)("$name", async (each) => {
    const network = await Network.load(bytesOf(each));
    const exact = each.outputs.flat();
    const answers = network.predict(each.inputs.flat());
    expect(answers.length).toBe(exact.length);
    const size = Math.max(1, ...exact.map(Math.abs));
    const worst = Math.max(...exact.map((value, i) => Math.abs(value - answers[i])));
    expect(worst).toBeLessThan(ROUNDINGS * U * size);
    // and it's kept by a second round
    const again = await Network.load((await network.encode("onnx")) as Uint8Array);
    expect(again.predict(each.inputs.flat())).toEqual(answers);
  });

  it.each(refused)("$name is refused by name", async (each) => {
    const outcome = Network.load(bytesOf(each));
    await expect(outcome).rejects.toThrow(new RegExp(each.reason, "u"));
    await expect(outcome).rejects.toThrow(FormatError);
  });
});
