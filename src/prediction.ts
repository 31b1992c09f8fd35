// Answers to many samples, without holding the calling thread.

import { InputKind, Purpose, TargetKind } from "./abi.js";
import type { Freeable } from "./engine/engine.js";
import type { Pointer } from "./engine/exports.js";
import { type NetworkBlock, ROWS } from "./engine/network-block.js";
import type { Pool, Work } from "./engine/pool.js";
import { Team } from "./engine/team.js";
import { Pacer } from "./pacer.js";
import type { ResolvedPredict } from "./predict-options.js";
import type { TypedNumbers } from "./samples.js";
import { unscaleOutputs } from "./target-scaling.js";
import { Threads } from "./threads.js";

/** The answers to `rows` rows of numbers that have been checked. */
export async function predictRows(
  network: NetworkBlock,
  samples: TypedNumbers,
  rows: number,
  { threads: wanted, signal }: ResolvedPredict,
): Promise<Float32Array<ArrayBuffer>> {
  const { inputs, outputs } = network;
  const answers = new Float32Array(rows * outputs);
  const threads = await Threads.start(network, ROWS, wanted);
  let several: Predictors | undefined;
  try {
    const work = (from: number, to: number): boolean | Promise<boolean> => {
      const { team } = threads;
      const begin = performance.now();
      const done = () => {
        threads.took(team, to - from, performance.now() - begin, rows - to);
        return !signal?.aborted;
      };
      const numbers = samples.subarray(from * inputs, to * inputs);
      const out = answers.subarray(from * outputs, to * outputs);
      const here = () => {
        if (!network.predictInto(numbers, to - from, out)) throw new RangeError("samples must not change meanwhile");
        return done();
      };
      if (team.pool === undefined) return here();
      several ??= new Predictors(network, team.size, team.pool);
      return several.predict(numbers, to - from, out).then(done, (error: Error) => {
        threads.lose(error);
        return here();
      });
    };
    await network.hold(() => new Pacer().over(0, rows, ROWS, work, () => threads.pace));
    signal?.throwIfAborted();
    return answers;
  } finally {
    several?.free();
    threads.free();
  }
}

/** Numbers that each thread is given at a time, in rows of which there are whole stretches. */
const SHARE = 2 ** 20;
const shareOf = ({ inputs, outputs }: NetworkBlock) =>
  ROWS * Math.max(1, Math.floor(SHARE / ROWS / (inputs + outputs)));

/** None waits for another, so there is nobody to stop; and a share takes no time to speak of. */
const unwatched: Work = { pulse: () => 0, stop() {}, lose() {} };

/** Several threads, each with rows of its own. */
class Predictors {
  readonly #network: NetworkBlock;
  readonly #blocks: Freeable[] = [];
  readonly #table: Pointer;
  readonly #in: Pointer;
  readonly #out: Pointer;
  /** Each thread's part in a team of one, and its workspace. */
  readonly #members: { thread: Pointer; workspace: Pointer }[];

  constructor(
    network: NetworkBlock,
    size: number,
    readonly pool: Pool,
  ) {
    this.#network = network;
    const { engine, pointer } = network;
    const { exports } = engine;
    const own = <T extends Freeable>(thing: T): T => {
      this.#blocks.push(thing);
      return thing;
    };
    try {
      this.#in = own(engine.allocate(size * shareOf(network) * network.inputs * 4)).pointer;
      this.#out = own(engine.allocate(size * shareOf(network) * network.outputs * 4)).pointer;
      this.#table = own(engine.allocate(exports.tableBytes())).pointer;
      exports.buildTable(this.#table, this.#in, InputKind.float32, 1, 0, TargetKind.values, 0);
      this.#members = Array.from({ length: size }, () => {
        const workspace = own(engine.allocate(exports.workspaceBytes(pointer, ROWS, Purpose.predict))).pointer;
        exports.buildWorkspace(workspace, pointer, ROWS, Purpose.predict);
        return { thread: own(new Team(engine, pointer, 1)).leader, workspace };
      });
    } catch (error) {
      this.free();
      throw error;
    }
  }

  async predict(samples: TypedNumbers, rows: number, out: Float32Array): Promise<void> {
    const { engine, inputs, outputs, targetScaling } = this.#network;
    const most = this.#members.length * shareOf(this.#network);
    for (let from = 0; from < rows; from += most) {
      const count = Math.min(most, rows - from);
      engine.floats.set(samples.subarray(from * inputs, (from + count) * inputs), this.#in / 4);
      const share = Math.ceil(count / this.#members.length);
      const calls = this.#members.map(({ thread, workspace }, rank) => {
        const [first, last] = [rank * share, Math.min(count, (rank + 1) * share)];
        return [thread, workspace, this.#table, first, last, this.#out];
      });
      await this.pool.run("predict", calls, unwatched);
      out.set(engine.floats.subarray(this.#out / 4, this.#out / 4 + count * outputs), from * outputs);
    }
    if (targetScaling !== undefined) unscaleOutputs(out, targetScaling);
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}
