// Learns strokes from a few samples a label: from scratch after each new one, which takes a blink.

import { Dataset, Network, Trainer } from "../../dist/nablanet.min.js";
import { POINTS } from "./stroke.js";

/** Variants that are made of each sample: nobody draws the same thing twice. */
const VARIANTS = 24;
const LARGEST_TURN = 0.3;
const LARGEST_STRETCH = 0.2;
const EPOCHS = 30;

export class Recogniser {
  #network;
  #names = [];
  #controller = new AbortController();

  /**
   * @param samples strokes by label, as `normalized` makes them
   * @returns whether it knows at least two labels now; false, too, if it was told to learn others meanwhile
   */
  async learn(samples) {
    this.#controller.abort();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const known = [...samples].filter(([, strokes]) => strokes.length > 0);
    if (known.length < 2) {
      this.#forget();
      return false;
    }
    const network = await Network.create({
      inputs: 2 * POINTS,
      layers: [
        { units: 32, activation: "relu" },
        { units: known.length, activation: "softmax" },
      ],
      seed: 1,
    });
    const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.005 }, batchSize: 16 });
    await trainer.fit(variantsOf(known), { epochs: EPOCHS, signal });
    trainer.dispose();
    if (signal.aborted) {
      network.dispose();
      return false;
    }
    this.#forget();
    this.#network = network;
    this.#names = known.map(([name]) => name);
    return true;
  }

  /** The probability of each label by its name; undefined while there is nothing to choose from. */
  recognise(stroke) {
    if (this.#network === undefined) return undefined;
    const probabilities = this.#network.predict(stroke);
    return new Map(this.#names.map((name, i) => [name, probabilities[i]]));
  }

  #forget() {
    this.#network?.dispose();
    this.#network = undefined;
    this.#names = [];
  }
}

/** Every label as often as the others, however many samples it has. */
function variantsOf(known) {
  const inputs = [];
  const targets = [];
  const most = Math.max(...known.map(([, strokes]) => strokes.length));
  for (const [name, strokes] of known) {
    for (let i = 0; i < VARIANTS * most; i++) {
      inputs.push(i < strokes.length ? strokes[i] : variant(strokes[i % strokes.length]));
      targets.push(name);
    }
  }
  return Dataset.from({ inputs, targets, classes: known.map(([name]) => name) });
}

/** A stroke a little turned and stretched. */
function variant(stroke) {
  const turn = LARGEST_TURN * (2 * Math.random() - 1);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [wide, high] = [0, 0].map(() => 1 + LARGEST_STRETCH * (2 * Math.random() - 1));
  return stroke.map((_, i) => {
    const [x, y] = [wide * stroke[i & ~1], high * stroke[i | 1]];
    return i % 2 === 0 ? cos * x - sin * y : sin * x + cos * y;
  });
}
