// Networks that are made, trained and forgotten, one after the other, for as long as one likes: in Node and in a page.

import { Engine } from "../../src/engine/engine.js";
import { datasets, Network, type NetworkOptions, Trainer } from "../../src/index.js";

const memories: WebAssembly.Memory[] = [];
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor: WebAssembly.MemoryDescriptor) {
    super(descriptor);
    memories.push(this);
  }
};

/** All linear memory of this thread. */
export const wasmBytes = (): number => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

const data = datasets.moons({ samples: 200 });
const shapes: NetworkOptions["layers"][] = [
  [{ units: 8, activation: "tanh" }],
  [{ units: 64, activation: "relu" }],
  [{ units: 33, activation: "gelu", dropout: 0.1 }],
  [
    { units: 100, activation: "relu" },
    { units: 40, activation: "sigmoid", normalization: "batch" },
  ],
];
/** Every so many fits have two threads, and every so many a worker. */
const [THREADED, WORKER] = [16, 64];
/** And one of so many networks is disposed of, where the others are only forgotten. */
const DISPOSED = 3;
/**
 * After so many, forgotten ones are looked for: the collector comes when there is much JavaScript to collect, which says little
 * of how much linear memory waits for it.
 */
const COLLECTED = 64;

/** Looks so often until nothing is left: a busy machine tells late of what was collected. */
const LOOKS = 200;

/** Collects what is forgotten. @throws Error where that leaves a byte of linear memory in use */
async function collect(): Promise<void> {
  const engine = await Engine.shared("fast");
  for (let look = 0; look < LOOKS; look++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (engine.memoryUsage.used === 0) return;
  }
  throw new Error(`${engine.memoryUsage.used} bytes are in use of which nobody knows`);
}

export class Churn {
  made = 0;
  #goesOn = true;

  async run(): Promise<void> {
    for (let i = 0; this.#goesOn; i++) {
      await this.#one(i);
      this.made = i + 1;
      // what gives their memory back, and whoever looks on, have their turn
      if (i % COLLECTED === 0) await collect();
      else if (i % 8 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  }

  end(): void {
    this.#goesOn = false;
  }

  async #one(i: number): Promise<void> {
    const hidden = shapes[i % shapes.length] as NetworkOptions["layers"];
    const layers = [...hidden, { units: 2, activation: "softmax" as const }];
    const network = await Network.create({ inputs: 2, layers, seed: i });
    const trainer = new Trainer(network, { optimizer: { kind: i % 2 === 0 ? "adam" : "sgd" } });
    const threads = i % THREADED === THREADED - 1 ? 2 : 1;
    const { status } = await trainer.fit(data, { epochs: 2, threads, worker: i % WORKER === WORKER - 1 });
    if (status !== "completed") throw new Error(`network ${i} ended as ${status}`);
    await trainer.evaluate(data);
    network.predict([[0, 1]]);
    if (i % DISPOSED !== 0) return;
    trainer.dispose();
    network.dispose();
  }
}
