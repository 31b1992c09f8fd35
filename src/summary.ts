// A network as a table that people read.

import { Purpose } from "./abi.js";
import { options, wholeNumber, wrongKind } from "./checks.js";
import { Network } from "./network.js";
import { countOf } from "./normalization.js";

export interface SummaryOptions {
  /** Adds what a trainer with mini-batches of so many samples takes. Default: left out. */
  batchSize?: number;
}

const FLOAT32_BYTES = 4;

/**
 * The layers of a network as text, at most 80 characters wide, without colours:
 *
 *     layer    activation  outputs  parameters
 *     ────────────────────────────────────────
 *     input    –               784           0
 *     dense 1  relu            128     100,480
 *     dense 2  softmax          10       1,290
 *     ────────────────────────────────────────
 *     101,770 parameters in 397.5 KiB
 *
 * With a `batchSize`, another line says what a trainer adds: z, a and δ of every layer for a mini-batch, and the optimizer's
 * memory. Data, the copy of the parameters that a fit keeps, and what threads keep for themselves come on top.
 *
 * @throws TypeError or RangeError for what isn't a network, or for options that can't be used; Error where `batchSize` is
 *   given and the network was disposed.
 */
export function summary(network: Network, summaryOptions?: SummaryOptions): string {
  if (!(network instanceof Network)) wrongKind("network", "a Network", network);
  const { batchSize } = options(summaryOptions, "summary", ["batchSize"]);
  const table = aligned([
    ["layer", "activation", "outputs", "parameters"],
    ["input", "–", whole(network.inputs), "0"],
    ...network.layers.map((layer, i) => {
      return [`dense ${i + 1}`, layer.activation, whole(layer.units), whole(countOf(layer))];
    }),
  ]);
  const [head = "", ...body] = table;
  const rule = "─".repeat(head.length);
  const { parameterCount } = network;
  return [
    head,
    rule,
    ...body,
    rule,
    `${whole(parameterCount)} parameters in ${size(parameterCount * FLOAT32_BYTES)}`,
    ...(batchSize === undefined ? [] : [trainerLine(network, wholeNumber(batchSize, "batchSize", 1, 2 ** 24))]),
  ].join("\n");
}

function trainerLine(network: Network, batchSize: number): string {
  const { engine, pointer, blockBytes } = network.usable();
  const workspace = engine.exports.workspaceBytes(pointer, batchSize, Purpose.train);
  // adam keeps two moments of each parameter
  const [adam, sgd] = [2, 0].map((moments) => size(workspace + moments * blockBytes));
  return `a trainer adds, at ${whole(batchSize)} samples a batch, ${adam} with adam, ${sgd} with sgd`;
}

/** Lines of cells, words to the left and numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const NUMBERS_FROM = 2;
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < NUMBERS_FROM ? cell.padEnd(width) : cell.padStart(width);
    });
    return cells.join("  ");
  });
}

/** 123456 as "123,456". */
const whole = (number: number): string => number.toLocaleString("en-US");

/** 407080 as "397.5 KiB". */
function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${["", "KiB", "MiB", "GiB"][power]}`;
}
