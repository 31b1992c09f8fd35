// How far a fit had come, from a checkpoint's header, which may come from a stranger.

import { boolean, finite, wholeNumber, wrongKind } from "../checks.js";
import type { Stopping } from "../early-stopping.js";
import type { EpochRow, Progress } from "../fit-result.js";
import type { Plateau } from "../learning-rate.js";
import { type Fields, record, text } from "./json-fields.js";

/** @throws RangeError or TypeError for what no fit can be gone on with from */
export function readProgress(value: unknown): Progress {
  const fields = record(value, "progress");
  const rows = wholeNumber(fields.get("rows"), "progress.rows", 0);
  const history = fields.get("history");
  if (!Array.isArray(history)) wrongKind("progress.history", "an array", history);
  return {
    run: wholeNumber(fields.get("run"), "progress.run", 1),
    rows,
    shuffle: boolean(fields.get("shuffle"), "progress.shuffle"),
    epoch: wholeNumber(fields.get("epoch"), "progress.epoch", 0),
    // a stream doesn't know how many rows it has
    row: wholeNumber(fields.get("row"), "progress.row", 0, rows || undefined),
    seconds: finite(fields.get("seconds"), "progress.seconds", { least: 0 }),
    history: history.map((row, i) => readRow(row, `progress.history[${i}]`)),
    ...optional(fields, "stretch", (stretch) => ({ stretch: wholeNumber(stretch, "progress.stretch", 1) })),
    ...optional(fields, "measured", (measured) => ({ measured: readMeasured(measured) })),
    ...optional(fields, "stopping", (stopping) => ({ stopping: readStopping(stopping) })),
    ...optional(fields, "plateau", (plateau) => ({ plateau: readPlateau(plateau) })),
  };
}

function optional<T extends object>(fields: Fields, name: string, read: (value: unknown) => T): T | undefined {
  const value = fields.get(name);
  return value === undefined ? undefined : read(value);
}

/** Infinities and NaN are strings that spell them. */
function number(value: unknown, place: string): number {
  if (typeof value === "number") return value;
  if (value !== "NaN" && value !== "Infinity" && value !== "-Infinity") wrongKind(place, "a number", value);
  return Number(value);
}

function readRow(value: unknown, place: string): EpochRow {
  const columns = [...record(value, place)].map(([name, cell]) => [name, number(cell, `${place}.${name}`)] as const);
  const row = Object.fromEntries(columns);
  // what a fit that goes on reads of it
  for (const name of ["epoch", "loss"]) {
    if (typeof row[name] !== "number") wrongKind(`${place}.${name}`, "a number", row[name]);
  }
  return row as unknown as EpochRow;
}

function readMeasured(value: unknown): NonNullable<Progress["measured"]> {
  const fields = record(value, "progress.measured");
  return {
    lossSum: number(fields.get("lossSum"), "progress.measured.lossSum"),
    correct: finite(fields.get("correct"), "progress.measured.correct", { least: 0 }),
  };
}

/** Without the parameters that it keeps, which are no part of the header. */
function readStopping(value: unknown): Stopping {
  const fields = record(value, "progress.stopping");
  return {
    metric: text(fields.get("metric"), "progress.stopping.metric"),
    higherIsBetter: boolean(fields.get("higherIsBetter"), "progress.stopping.higherIsBetter"),
    restoreBest: boolean(fields.get("restoreBest"), "progress.stopping.restoreBest"),
    waited: wholeNumber(fields.get("waited"), "progress.stopping.waited", 0),
    restored: boolean(fields.get("restored"), "progress.stopping.restored"),
    ...optional(fields, "best", (best) => ({ best: readBest(best) })),
    ...optional(fields, "reference", (reference) => ({
      reference: finite(reference, "progress.stopping.reference"),
    })),
  };
}

function readBest(value: unknown): NonNullable<Stopping["best"]> {
  const fields = record(value, "progress.stopping.best");
  return {
    epoch: wholeNumber(fields.get("epoch"), "progress.stopping.best.epoch", 1),
    value: finite(fields.get("value"), "progress.stopping.best.value"),
  };
}

function readPlateau(value: unknown): Plateau {
  const fields = record(value, "progress.plateau");
  const best = fields.get("best");
  return {
    factor: finite(fields.get("factor"), "progress.plateau.factor", { least: 0 }),
    best: best === null ? null : finite(best, "progress.plateau.best"),
    badEpochs: wholeNumber(fields.get("badEpochs"), "progress.plateau.badEpochs", 0),
    cooldownLeft: wholeNumber(fields.get("cooldownLeft"), "progress.plateau.cooldownLeft", 0),
  };
}
