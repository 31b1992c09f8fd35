// nablanet against plain JavaScript on the same network, data and batch size: one thread each, in turns.

import { type Dataset, Network, type NetworkOptions, type NormalizeOptions, type TrainerOptions } from "nablanet";
import { Contender, type Turn } from "./contender.js";
import NablanetWorker from "./nablanet-worker.js?worker&inline";
import { type PlainStart, plainWork } from "./plain.js";
import PlainWorker from "./plain-worker.js?worker&inline";

export interface RaceOptions {
  network: NetworkOptions;
  trainer: TrainerOptions;
  data: Dataset;
  signal: AbortSignal;
  /** Called after each pair of turns with what both have come to. */
  onTurn(soFar: Standing): void;
}

export interface Standing {
  nablanet: Turn;
  plain: Turn;
}

/** What nablanet's worker is sent first. */
export interface NablanetStart extends Rows {
  network: NetworkOptions;
  trainer: TrainerOptions;
}

/** Flat; classes one-hot. */
interface Rows {
  inputs: Float32Array<ArrayBuffer>;
  inputSize: number;
  targets: Float32Array<ArrayBuffer>;
  outputSize: number;
}

const TURNS = 4;
const WARM_UP = 150;
const TURN = 250;
/** Milliseconds between two turns, so that the page is first with the processor. */
const PAUSE = 40;

/**
 * About a second of training each.
 *
 * @throws RangeError for a network that the plain JavaScript can't train; the signal's reason.
 */
export async function race({ network: options, trainer, data, signal, onTurn }: RaceOptions): Promise<void> {
  using network = await Network.create(options);
  const answer = plainWork(network, trainer);
  if ("lacks" in answer) throw new RangeError(`the plain JavaScript has no ${answer.lacks}`);
  const rows = rowsOf(data);
  const plainStart: PlainStart = {
    work: answer.work,
    parameters: network.parameters(),
    inputs: scaled(rows.inputs, network.normalize),
    targets: scaled(rows.targets, network.normalizeTargets),
    seed: network.seed,
  };
  const nablanetStart: NablanetStart = { network: { ...options, seed: network.seed }, trainer, ...rows };
  const contenders = [
    new Contender(new NablanetWorker(), nablanetStart),
    new Contender(new PlainWorker(), plainStart),
  ] as const;
  try {
    await takeTurns(contenders, signal, onTurn);
  } finally {
    for (const contender of contenders) contender.dispose();
  }
}

async function takeTurns(
  [ours, theirs]: readonly [Contender, Contender],
  signal: AbortSignal,
  onTurn: RaceOptions["onTurn"],
): Promise<void> {
  await ours.train(WARM_UP, signal);
  await theirs.train(WARM_UP, signal);
  let nablanet: Turn = { samples: 0, seconds: 0, loss: Number.NaN };
  let plain = nablanet;
  for (let turn = 0; turn < TURNS; turn++) {
    await pause();
    nablanet = sum(nablanet, await ours.train(TURN, signal));
    await pause();
    plain = sum(plain, await theirs.train(TURN, signal));
    onTurn({ nablanet, plain });
  }
}

function sum(before: Turn, turn: Turn): Turn {
  return { samples: before.samples + turn.samples, seconds: before.seconds + turn.seconds, loss: turn.loss };
}

function rowsOf(data: Dataset): Rows {
  const [{ inputs, targets }] = data.batches(data.length);
  return { inputs, inputSize: data.inputSize, targets, outputSize: data.outputSize };
}

/** As a network scales them. */
function scaled(numbers: Float32Array<ArrayBuffer>, scaling: NormalizeOptions | undefined): Float32Array<ArrayBuffer> {
  if (typeof scaling !== "object") return numbers;
  const { center, factor } = scaling;
  return numbers.map((value, i) => (value - center[i % center.length]) * factor[i % center.length]);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE));
