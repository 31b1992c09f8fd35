// Why a fit diverged, or doesn't learn, in words: from what can be measured once it has ended.

import { Activation, Purpose } from "./abi.js";
import type { NetworkBlock } from "./engine/network-block.js";
import { Table } from "./engine/table.js";
import type { Stretch } from "./feed.js";
import type { EpochRow } from "./fit-result.js";
import { type LossName, takesNumbers } from "./losses.js";

/** A fit that has ended, its network with the parameters that were put back, if they were. */
export interface Ended {
  network: NetworkBlock;
  lossName: LossName;
  /** The rows that were trained on last. */
  stretch: Stretch;
  /** The epochs that were finished. */
  history: readonly EpochRow[];
  /** The one that wasn't. */
  epoch: number;
  learningRate: number;
}

export interface Diverged extends Ended {
  /** The mean of the epoch, as far as it came. */
  loss: number;
  /** The blocks of parameters before that epoch, and when it had diverged. */
  before: Float32Array;
  parameters: Float32Array;
}

/** Scaled numbers seldom go further; pixels, years, prices do. */
const MOST_SCALED = 100;
/** How many rows are looked at for columns that aren't scaled, and how many numbers in all, as rows may be wide. */
const MOST_ROWS = 4096;
const MOST_NUMBERS = 2 ** 22;
/** How many rows are taken through the layers. */
const TRACED_ROWS = 256;

const LOWEST_IS_ZERO: readonly number[] = [Activation.relu, Activation.relu6];

export function diagnoseDivergence(fit: Diverged): string {
  const { epoch, loss, history, network } = fit;
  const first = history[0]?.loss;
  const happened =
    Number.isFinite(loss) && first !== undefined
      ? `the loss rose to ${short(loss)}, from ${short(first)} in epoch 1`
      : Number.isFinite(loss)
        ? "a parameter was no longer finite"
        : "the loss was no longer finite";
  const dead = deadUnits(network, fit.stretch).filter(({ units, dead }) => dead >= units / 2);
  return [
    `In epoch ${epoch} ${happened}.`,
    unscaled(fit) ?? fromItself(fit) ?? tooLargeSteps(fit),
    ...dead.map((layer) => `${deadInWords(layer)}.`),
  ].join(" ");
}

/** A layer that passes nothing on, so that the loss can't fall by more than the biases behind it give; else undefined. */
export function diagnoseStandstill({ network, stretch }: Ended): string | undefined {
  const layer = deadUnits(network, stretch).find(({ units, dead }) => dead === units);
  if (layer === undefined) return undefined;
  const silent = layer.index === 0 ? "its weights don't" : "neither its weights nor those before it";
  return (
    `${deadInWords(layer)}: ${silent} learn any more. ` +
    "Make the network anew, with another initializer or leakyRelu, and train it with a smaller learning rate."
  );
}

/** Columns of the inputs, else targets, that lie far from −1..1 and that the network doesn't scale. */
function unscaled({ network, lossName, stretch: { table, rows } }: Ended): string | undefined {
  const { inputSize, targetSize } = table.layout;
  const picked = spread(rows, Math.min(MOST_ROWS, Math.ceil(MOST_NUMBERS / (inputSize + targetSize))));
  const inputs = network.scaling === undefined ? unscaledColumns(picked.map((row) => inputsOf(table, row))) : [];
  if (inputs.length > 0) {
    const [{ column, least, most }] = inputs;
    const others = inputs.length === 1 ? "; scale it" : `, and ${inputs.length - 1} more are beyond ±100; scale them`;
    return (
      `Probably as inputs weren't scaled: column ${column} (from 0) of the inputs ranges from ${short(least)} to ` +
      `${short(most)}${others} to about -1 to 1, by the network's normalize or the dataset's scale.`
    );
  }
  if (table.layout.classes || table.targetScaling !== undefined) return undefined;
  const [worst] = unscaledColumns(picked.map((row) => floats(table, table.targets, row, targetSize)));
  if (worst === undefined) return undefined;
  const how = takesNumbers(lossName) ? ", by the network's normalizeTargets" : "";
  return (
    `Probably as targets weren't scaled: column ${worst.column} (from 0) of the targets ranges from ` +
    `${short(worst.least)} to ${short(worst.most)}; scale it to about -1 to 1${how}.`
  );
}

/** As many as `most` of 0..rows, spread over all, as rows may be sorted. */
function spread(rows: number, most: number): number[] {
  const count = Math.min(rows, most);
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

/** The columns beyond MOST_SCALED, the furthest first. */
function unscaledColumns(rows: readonly Float32Array[]): { column: number; least: number; most: number }[] {
  const least = rows[0].slice();
  const most = rows[0].slice();
  for (const row of rows) {
    for (let k = 0; k < row.length; k++) {
      if (row[k] < least[k]) least[k] = row[k];
      if (row[k] > most[k]) most[k] = row[k];
    }
  }
  const furthest = (k: number) => Math.max(-least[k], most[k]);
  return [...least.keys()]
    .filter((k) => furthest(k) > MOST_SCALED)
    .sort((a, b) => furthest(b) - furthest(a))
    .map((column) => ({ column, least: least[column], most: most[column] }));
}

/** A row of inputs as the network sees it. */
function inputsOf(table: Table, row: number): Float32Array {
  const { engine, inputs } = table;
  const { inputSize, bytes, scale } = table.layout;
  const values = bytes
    ? new Uint8Array(engine.buffer, inputs + row * inputSize, inputSize)
    : floats(table, inputs, row, inputSize);
  return Float32Array.from(values, (value) => value * Math.fround(scale));
}

function floats({ engine }: Table, from: number, row: number, width: number): Float32Array {
  return new Float32Array(engine.buffer, from + row * width * 4, width);
}

/** Where the loss was infinite before any step, steps aren't to blame. */
function fromItself({ before, parameters, loss }: Diverged): string | undefined {
  if (Number.isFinite(loss)) return undefined;
  let largest = 0;
  for (let i = 0; i < before.length; i++) {
    if (parameters[i] !== before[i]) return undefined;
    largest = Math.max(largest, Math.abs(before[i] as number));
  }
  return `It was so before any update: the parameters that it began with, up to ${short(largest)} in size, are too large.`;
}

function tooLargeSteps({ before, parameters, loss, history, learningRate }: Diverged): string {
  let [size, way] = [0, 0];
  // millions of them, so without a closure for each
  for (let i = 0; i < before.length; i++) {
    const w = before[i] as number;
    size += w * w;
    way += ((parameters[i] as number) - w) ** 2;
  }
  const moved = Math.sqrt(way / size);
  const losses = [...history.map((row) => row.loss), loss];
  let rises = 0;
  while (rises + 1 < losses.length && (losses.at(-1 - rises) as number) > (losses.at(-2 - rises) as number)) rises += 1;
  const signs = [
    rises > 1 ? `the loss rose in the last ${rises} epochs` : "",
    moved > 1 ? `the parameters moved by ${short(moved)} times their own size in that epoch` : "",
  ].filter((sign) => sign !== "");
  const because = signs.length === 0 ? "" : `: ${signs.join(", and ")}`;
  return `Probably the learning rate, ${short(learningRate)}, is too large${because}. Try a tenth of it, or clipNorm.`;
}

interface DeadUnits {
  index: number;
  units: number;
  activation: string;
  /** How many of them. */
  dead: number;
  /** That were looked at. */
  rows: number;
}

/** Of each layer whose units can be stuck at 0, how many are so for all of the rows looked at. */
function deadUnits(network: NetworkBlock, { table, rows }: Stretch): DeadUnits[] {
  const { engine, inputs, layers } = network;
  const picked = spread(rows, TRACED_ROWS);
  const count = picked.length;
  const sample = new Float32Array(count * inputs);
  picked.forEach((row, i) => {
    sample.set(inputsOf(table, row), i * inputs);
  });
  // targets are gathered beside the inputs, and not looked at
  const targets = new Float32Array(count * network.outputs);
  const staged = Table.ofFloats({ engine }, count, { inputs: sample, targets });
  try {
    return network.borrowWorkspace(count, Purpose.trace, (workspace) => {
      engine.exports.forwardRows(network.alone.leader, workspace, staged.pointer, count);
      return layers.flatMap(({ units, activation }, index) => {
        if (!LOWEST_IS_ZERO.includes(activation)) return [];
        const outputs = network.readUnits(count * units, (to) =>
          engine.exports.readActivations(workspace, index + 1, count, to),
        );
        const alive = new Set<number>();
        outputs.forEach((value, i) => {
          if (value !== 0) alive.add(i % units);
        });
        return [{ index, units, activation: Activation[activation], dead: units - alive.size, rows: count }];
      });
    });
  } finally {
    staged.free();
  }
}

const deadInWords = ({ index, units, activation, dead, rows }: DeadUnits): string =>
  `${dead === units ? "All" : `${dead} of`} ${units} units of layers[${index}] (${activation}) are 0 for all ${rows} rows looked at`;

/** Three digits, and no exponent where the number can be read without. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(1);
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
