// What nablanet search says of its trials, and what it has them trained on.

import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { bestSoFar } from "../src/cli/best-so-far.js";
import { searchData } from "../src/cli/search-backend.js";
import { Terminal } from "../src/cli/terminal.js";
import { type SearchTrial, TrialTable, trialJson, trialsCsv } from "../src/cli/trial-table.js";

afterEach(() => vi.restoreAllMocks());

const parameters = { layers: "32,16", learningRate: 0.003, dropout: 0.2, batchSize: 32 };
const trialOf = (number: number, loss: number, more: Partial<SearchTrial> = {}): SearchTrial => {
  const status = Number.isFinite(loss) ? "completed" : "diverged";
  return { number, parameters, status, loss, value: loss, seed: 7, seconds: 0.5, ...more };
};

describe("the table of trials", () => {
  it("has a line for each, with the best of them so far", () => {
    const lines: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((text) => lines.push(String(text)) > 0);
    const table = new TrialTable(4, true, new Terminal({}));
    for (const [number, loss] of [
      [2, Infinity],
      [0, 0.5],
      [3, 0.25],
      [1, 0.75],
    ] as const) {
      table.add(trialOf(number, loss, number === 3 ? { accuracy: 0.9, epochs: 6 } : {}));
    }
    expect(table.count).toBe(4);
    const cells = lines.map((line) => line.trim().split(/ {2,}/));
    const rest = ["0.003", "0.20", "32", "32,16"];
    expect(cells).toEqual([
      [..."trial epochs loss accuracy".split(" "), "learning rate", "dropout", "batch", "layers", "best so far"],
      ["3/4", "–", "diverged", "–", ...rest, "–"],
      ["1/4", "–", "0.5", "–", ...rest, "▸ 0.5, trial 1"],
      ["4/4", "6", "0.25", "90.0 %", ...rest, "▸ 0.25, trial 4"],
      ["2/4", "–", "0.75", "–", ...rest, "0.25, trial 4"],
    ]);
  });

  it("is drawn by the trials' numbers, without losses that have no logarithm", () => {
    const trials = [0.5, Infinity, 0.75, 0, 0.25, Number.NaN, 0.5].map((loss, number) => ({ number, loss }));
    const { losses, best } = bestSoFar(trials);
    expect(losses).toEqual([
      [1, 0.5],
      [3, 0.75],
      [5, 0.25],
      [7, 0.5],
    ]);
    expect(best.map(([, loss]) => loss)).toEqual([0.5, 0.5, 0.25, 0.25]);
  });

  it("is JSON and CSV that say nothing of what there isn't", () => {
    const { number: _, parameters: __, ...outcome } = trialOf(0, 0.5);
    const folds = [0, 1].map((fold) => ({ ...outcome, fold, loss: fold === 0 ? 0.5 : Infinity }));
    const failed = trialOf(1, Infinity, { status: "failed", error: new Error('no "room", at all'), folds });
    expect(trialJson(failed)).toEqual({
      trial: 2,
      parameters: { ...parameters, layers: [32, 16] },
      status: "failed",
      seed: 7,
      seconds: 0.5,
      error: 'no "room", at all',
      folds: [
        { fold: 1, status: "completed", loss: 0.5, seed: 7, seconds: 0.5 },
        { fold: 2, status: "completed", seed: 7, seconds: 0.5 },
      ],
    });
    expect(trialsCsv([trialOf(0, 0.5, { accuracy: 0.75, epochs: 6, key: "k" }), failed]).split("\n")).toEqual([
      "trial,status,loss,accuracy,epochs,seconds,seed,learningRate,dropout,batchSize,layers,key,parametersHash,error",
      '1,completed,0.5,0.75,6,0.5,7,0.003,0.2,32,"32,16",k,,',
      '2,failed,,,,0.5,7,0.003,0.2,32,"32,16",,,"no ""room"", at all"',
      "",
    ]);
  });
});

describe("the rows of a search", () => {
  const iris = fileURLToPath(new URL("fixtures/iris.csv", import.meta.url));
  const told = {
    target: ["species"],
    header: true,
    split: 0.4,
    seed: 7,
    epochs: 100,
    queue: "trials",
    method: "random",
  };
  const dataOf = (more: object) =>
    searchData(iris, { ...told, ...more } as unknown as Parameters<typeof searchData>[1]);

  it("are the same here and elsewhere, held out by share and seed", async () => {
    const here = await dataOf({});
    const there = await dataOf({ method: "asha" });
    expect(there.searched.data).toMatchObject({
      heldOut: { share: 0.4, seed: 7 },
      rows: { training: 90, heldOut: 60 },
    });
    for (const part of ["training", "heldOut"] as const) {
      expect([...(there.data[part] as Iterable<object>)]).toEqual([...(here.data[part] as Iterable<object>)]);
    }
    expect(here.searched).toEqual({ data: here.data.training, validation: here.data.heldOut });
    expect(there.searched).toMatchObject({ asha: { minEpochs: 4, maxEpochs: 100 } });
  });

  it("that are held out have no part in folds", async () => {
    const { searched, data } = await dataOf({ folds: 3 });
    expect(searched).toEqual({ data: data.training, folds: 3 });
  });

  it("must be where others can read them, both files", async () => {
    const refused = '--method asha needs a path or URL that every worker can read, got "-"';
    await expect(dataOf({ method: "asha", validation: "-" })).rejects.toThrow(refused);
    await expect(searchData("-", { ...told, method: "asha" } as never)).rejects.toThrow(refused);
  });
});
