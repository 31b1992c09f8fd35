// nablanet against plain JavaScript on the same network, data and batch size: one thread each, in turns.

import {
  type Dataset,
  Network,
  type NetworkOptions,
  type NormalizeOptions,
  Trainer,
  type TrainerOptions,
} from "nablanet";
import { type PlainStart, plainWork, type Turn } from "./plain.js";
import PlainWorker from "./plain-worker.js?worker&inline";

export interface RaceOptions {
  network: NetworkOptions;
  trainer: TrainerOptions;
  data: Dataset;
  signal: AbortSignal;
  /** Called after each turn with what both have come to. */
  onTurn(soFar: Standing): void;
}

export interface Standing {
  nablanet: Turn;
  plain: Turn;
  /** 0 to 1. */
  done: number;
}

const TURNS = 4;
const WARM_UP = 150;
const TURN = 250;
/** Between two turns, so that the page can draw. */
const PAUSE = 40;

/**
 * About a second of training each.
 *
 * @throws RangeError for a network that the plain JavaScript can't train; the signal's reason.
 */
export async function race({ network: options, trainer: trainerOptions, data, signal, onTurn }: RaceOptions) {
  using network = await Network.create(options);
  const start = network.parameters();
  const trainer = new Trainer(network, trainerOptions);
  const answer = plainWork(network, trainerOptions);
  if ("lacks" in answer) throw new RangeError(`the plain JavaScript has no ${answer.lacks}`);
  const ours = (milliseconds: number) => turnOf(trainer, data, milliseconds, signal);
  // the first fit learns the scaling of the inputs, too
  await ours(WARM_UP);
  const opponent = new Opponent({
    ...rowsOf(data, network),
    work: answer.work,
    parameters: start,
    seed: network.seed,
  });
  try {
    await opponent.train(WARM_UP, signal);
    await takeTurns(ours, (milliseconds) => opponent.train(milliseconds, signal), signal, onTurn);
  } finally {
    opponent.dispose();
    trainer.dispose();
  }
}

async function takeTurns(
  ours: (milliseconds: number) => Promise<Turn>,
  theirs: (milliseconds: number) => Promise<Turn>,
  signal: AbortSignal,
  onTurn: RaceOptions["onTurn"],
): Promise<void> {
  let nablanet: Turn = { samples: 0, seconds: 0, loss: Number.NaN };
  let plain = nablanet;
  for (let turn = 1; turn <= TURNS; turn++) {
    nablanet = sum(nablanet, await ours(TURN));
    await pause(signal);
    plain = sum(plain, await theirs(TURN));
    onTurn({ nablanet, plain, done: turn / TURNS });
    await pause(signal);
  }
}

/** Whole epochs until the time is over, at least one. */
async function turnOf(trainer: Trainer, data: Dataset, milliseconds: number, signal: AbortSignal): Promise<Turn> {
  const begin = performance.now();
  let [samples, loss, now] = [0, Number.NaN, begin];
  await trainer.fit(data, {
    epochs: Number.MAX_SAFE_INTEGER,
    threads: 1,
    signal,
    onEpoch: (row) => {
      samples += data.length;
      loss = row.loss;
      now = performance.now();
      return now - begin < milliseconds;
    },
  });
  signal.throwIfAborted();
  return { samples, seconds: (now - begin) / 1000, loss };
}

function sum(before: Turn, turn: Turn): Turn {
  return { samples: before.samples + turn.samples, seconds: before.seconds + turn.seconds, loss: turn.loss };
}

/** All rows, scaled as the network scales them. */
function rowsOf(data: Dataset, { normalize, normalizeTargets }: Network): Pick<PlainStart, "inputs" | "targets"> {
  const inputs = new Float32Array(data.length * data.inputSize);
  const targets = new Float32Array(data.length * data.outputSize);
  let row = 0;
  for (const { input, target } of data) {
    inputs.set(input, row * data.inputSize);
    targets.set(target, row * data.outputSize);
    row += 1;
  }
  return { inputs: scaled(inputs, normalize), targets: scaled(targets, normalizeTargets) };
}

function scaled(numbers: Float32Array<ArrayBuffer>, scaling: NormalizeOptions | undefined): Float32Array<ArrayBuffer> {
  if (typeof scaling !== "object") return numbers;
  const { center, factor } = scaling;
  return numbers.map((value, i) => (value - center[i % center.length]) * factor[i % center.length]);
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  signal.throwIfAborted();
}

/** The plain JavaScript, in its worker. */
class Opponent {
  readonly #worker = new PlainWorker();
  readonly #ready: Promise<unknown>;

  constructor(start: PlainStart) {
    this.#ready = this.#ask(start);
  }

  async train(milliseconds: number, signal: AbortSignal): Promise<Turn> {
    await this.#ready;
    signal.throwIfAborted();
    return (await this.#ask(milliseconds)) as Turn;
  }

  #ask(message: PlainStart | number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
      this.#worker.postMessage(message);
    });
  }

  dispose(): void {
    this.#worker.terminate();
  }
}
