// A training history as text and bytes that other programs read.

import { finite, options, wholeNumber, wrongKind } from "./checks.js";
import type { EpochRow } from "./fit-result.js";
import { FormatError } from "./formats/errors.js";
import { encodeEvents } from "./formats/tensorboard.js";

/** The columns in the order they are written in, and whether every row has them; columns not named here come last. */
const COLUMNS: {
  [Name in keyof EpochRow as `validation${string}` extends Name ? never : Name]-?: object extends Pick<EpochRow, Name>
    ? "sometimes"
    : "always";
} = {
  epoch: "always",
  loss: "always",
  accuracy: "sometimes",
  validationLoss: "sometimes",
  validationAccuracy: "sometimes",
  learningRate: "always",
  seconds: "always",
  samplesPerSecond: "always",
};

/** What JSON has no numbers for, as the strings that stand for them. */
const UNWRITABLE = ["NaN", "Infinity", "-Infinity", "-0"];

/**
 * A history as CSV (RFC 4180): a header with the columns that any row has, then a row an epoch, lines ended by CR LF.
 * A cell is empty where its row lacks the column. Numbers are the shortest that read back as the same ones, or
 * `Infinity`, `-Infinity`, `NaN`.
 *
 * @throws TypeError or RangeError for what isn't a history.
 */
export function historyToCsv(history: readonly EpochRow[]): string {
  const rows = checkedRows(history, "history");
  const names = columnsOf(rows);
  const lines = rows.map((row) => names.map((name) => (Object.hasOwn(row, name) ? textOf(row[name]) : "")));
  return [names.map(quoted), ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/**
 * A history as JSON: an array of objects, one a line. Infinities, NaN and −0, which JSON has no numbers for, are the
 * strings "Infinity", "-Infinity", "NaN" and "-0". `historyFromJson` reads it.
 *
 * @throws TypeError or RangeError for what isn't a history.
 */
export function historyToJson(history: readonly EpochRow[]): string {
  const rows = checkedRows(history, "history");
  const lines = rows.map((row) =>
    JSON.stringify(row, (_, value: unknown) => {
      const text = typeof value === "number" ? textOf(value) : "";
      return UNWRITABLE.includes(text) ? text : value;
    }),
  );
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`;
}

/**
 * The history that `historyToJson` wrote, every number as it was.
 *
 * @throws FormatError for text that isn't JSON, or JSON that isn't a history; TypeError for what isn't text.
 */
export function historyFromJson(json: string): EpochRow[] {
  if (typeof json !== "string") wrongKind("json", "a string that historyToJson gave", json);
  try {
    const parsed: unknown = JSON.parse(json, (_, value: unknown) =>
      typeof value === "string" && UNWRITABLE.includes(value) ? Number(value) : value,
    );
    return checkedRows(parsed, "history") as unknown as EpochRow[];
  } catch (error) {
    throw new FormatError(`this JSON is no training history: ${(error as Error).message}`, { cause: error });
  }
}

export interface TensorBoardOptions {
  /** What the tags begin with: "train" gives "train/loss", "train/accuracy", …, which are shown as a group. Default: none. */
  tag?: string;
  /** When the fit began, in seconds since 1970. Default: now. */
  wallTime?: number;
}

/**
 * A history as an event file, whose scalars TensorBoard draws: a tag for each column but `epoch`, which is the step. The
 * columns' `seconds`, added up, give each row's time. Values are rounded to float32.
 *
 * TensorBoard looks for files named `events.out.tfevents.<seconds since 1970>.<host>`, each run in a folder of its own:
 * written as `logs/run1/events.out.tfevents.1700000000.home`, it is shown by `tensorboard --logdir logs`.
 *
 * @throws TypeError or RangeError for what isn't a history, or for options that can't be used.
 */
export function historyToTensorBoard(
  history: readonly EpochRow[],
  tensorBoardOptions?: TensorBoardOptions,
): Uint8Array<ArrayBuffer> {
  const rows = checkedRows(history, "history");
  const given = options(tensorBoardOptions, "historyToTensorBoard", ["tag", "wallTime"]);
  const { tag = "" } = given;
  if (typeof tag !== "string") wrongKind("tag", "a string", tag);
  const start = given.wallTime === undefined ? Date.now() / 1000 : finite(given.wallTime, "wallTime", { least: 0 });
  const names = columnsOf(rows).filter((name) => name !== "epoch");
  let wallTime = start;
  const events = rows.map((row) => {
    wallTime += row.seconds;
    const present = names.filter((name) => Object.hasOwn(row, name));
    const scalars = present.map((name) => [tag === "" ? name : `${tag}/${name}`, row[name]] as const);
    return { wallTime, step: row.epoch, scalars };
  });
  return encodeEvents(start, events);
}

type Row = Record<string, number>;

function checkedRows(history: unknown, place: string): Row[] {
  if (!Array.isArray(history)) wrongKind(place, "an array of rows, one an epoch", history);
  return Array.from(history, (row: unknown, i) => checkedRow(row, `${place}[${i}]`));
}

function checkedRow(value: unknown, place: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) wrongKind(place, "an object", value);
  // undefined is how an optional column is left out
  const cells = Object.entries(value).filter(([, cell]) => cell !== undefined);
  const row = Object.fromEntries(
    cells.map(([name, cell]: [string, unknown]) => {
      if (typeof cell !== "number") wrongKind(`${place}.${name}`, "a number", cell);
      return [name, cell];
    }),
  );
  for (const name of required()) {
    if (!Object.hasOwn(row, name)) wrongKind(`${place}.${name}`, "a number", undefined);
  }
  wholeNumber(row.epoch, `${place}.epoch`, 1);
  finite(row.seconds, `${place}.seconds`, { least: 0 });
  return row;
}

const required = (): string[] => Object.entries(COLUMNS).flatMap(([name, when]) => (when === "always" ? [name] : []));

/** The columns that any row has. */
function columnsOf(rows: readonly Row[]): string[] {
  const present = new Set([...required(), ...rows.flatMap((row) => Object.keys(row))]);
  return [...new Set([...Object.keys(COLUMNS), ...present])].filter((name) => present.has(name));
}

/** The shortest text that reads back as the same number. */
const textOf = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** A cell of CSV, in quotes where it needs them. */
export const quoted = (name: string): string => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
