// Fits in a page and in its workers, in a real browser: the same bits whatever the page may do, and frames meanwhile.

import type { Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
import { CHROMIUM, flags, launchChromium } from "./chromium.js";
import { openWindow, type Window } from "./pipe.js";
import { serve } from "./server.js";
import { PAGE } from "./site.js";

let server: Server;
let browser: Browser;
let url: string;

beforeAll(async () => {
  const served = await serve({});
  server = served.server;
  url = served.url + PAGE;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function inPage<T>(query: string, run: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage();
  try {
    await page.goto(url + query);
    await page.waitForFunction("window.nablanet !== undefined");
    return await run(page);
  } finally {
    await page.close();
  }
}

/** Aborts a fit in its second epoch, and goes on with it: all parameters, and what is told. Runs in the page and in Node. */
async function train(
  { Dataset, datasets, metrics, Network, Trainer }: typeof nablanet,
  options: Pick<nablanet.FitOptions, "worker" | "threads">,
) {
  const data = datasets.spirals({ samples: 3000, classes: 3, seed: 1 });
  const stream = Dataset.stream({ inputSize: 2, classes: 3, chunks: () => [...data.take(200).batches(70)] });
  const network = await Network.create({
    inputs: 2,
    normalize: "standard",
    layers: [
      { units: 40, activation: "tanh", dropout: 0.1 },
      { units: 3, activation: "softmax" },
    ],
    seed: 42,
    math: "deterministic",
  });
  const trainer = new Trainer(network);
  const controller = new AbortController();
  const onBatch = ({ epoch }: nablanet.BatchRow) => {
    if (epoch === 2) controller.abort();
  };
  const aborted = await trainer.fit(data, { epochs: 3, ...options, onBatch, signal: controller.signal });
  const own = { mine: (predictions: Float32Array) => predictions.length, f1: metrics.f1 };
  const { history, threads } = await trainer.fit(data, {
    ...{ epochs: 3, ...options, resume: true, validation: stream, metrics: own },
  });
  return {
    aborted: [aborted.status, aborted.history.length],
    history: history.map((row) => ({ ...row, seconds: 0, samplesPerSecond: 0 })),
    parameters: [...network.parameters()],
    threads: `${threads.used} ${threads.reason}`,
  };
}

describe("a fit in a worker has the bits of one in Node, aborted and gone on with,", () => {
  const unshared = /^1 in a worker: the page isn't cross-origin isolated/;
  const forbidden = /on the calling thread, as no worker could be started \(.*content security policy.*\): /;
  const file = `nablanet.init({ workerUrl: "/dist/worker.js" });`;
  for (const [name, query, before, threads, told] of [
    ["in an isolated page, on threads of the worker's own", "?blobs", "", 2, /^2 in a worker: 2 were asked for$/],
    ["in one that isn't isolated, which has none", "?blobs&alone", "", 2, unshared],
    ["from a file of one's own, isolated", "", file, 2, /^2 in a worker: 2 were asked for$/],
    ["from a file of one's own, not isolated", "?alone", file, "auto", unshared],
    ["where the policy forbids workers: in the page", "?alone", "", 1, forbidden],
    ["where the file is missing: in the page", "", `nablanet.init({ workerUrl: "none.js" });`, 1, forbidden],
  ] as [string, string, string, nablanet.FitOptions["threads"], RegExp][]) {
    it(name, async () => {
      const options = JSON.stringify({ worker: true, threads });
      const trained = await inPage(query, (page) => page.evaluate(`${before} (${train})(window.nablanet, ${options})`));
      const { threads: _, ...here } = await train(nablanet, { threads: 1 });
      expect(here.aborted).toEqual(["aborted", 1]);
      expect(trained).toEqual({ ...here, threads: expect.stringMatching(told) });
    });
  }
});

/**
 * Runs a fit until `seconds` have passed, and looks how long the page was held meanwhile: between two frames, or two turns
 * of its event loop. Of the windows of `window` ms that this took, the longest hold in each. Others who take the processor
 * away hold a page, too, so it is the quietest window that tells what the fit does.
 */
async function holds(
  { Dataset, Network, Trainer }: typeof nablanet,
  { units, seconds, window, between, ...options }: Holds,
) {
  const rows = 2000;
  const inputs = Float32Array.from({ length: rows * 784 }, (_, i) => ((i * 7919) % 256) / 255);
  const targets = Uint8Array.from({ length: rows }, (_, i) => i % 10);
  const data = Dataset.from({ inputs, inputSize: 784, targets, classes: 10 });
  const layers = [...units.map((each) => ({ units: each, activation: "relu" as const })), { units: 10 }];
  const trainer = new Trainer(await Network.create({ inputs: 784, layers, seed: 1 }), { batchSize: 16 });
  const controller = new AbortController();
  const begin = performance.now();
  let last = begin;
  let epochs = 0;
  const longest: number[] = [];
  const next = (call: () => void) => {
    if (between === "frames") return requestAnimationFrame(call);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = call;
    port2.postMessage(undefined);
  };
  const look = () => {
    const now = performance.now();
    const i = Math.floor((now - begin) / window);
    longest[i] = Math.max(longest[i] ?? 0, now - last);
    last = now;
    if (now - begin > seconds * 1000) controller.abort();
    else next(look);
  };
  next(look);
  const onEpoch = () => {
    epochs += 1;
    // as a page would that draws what was learned
    trainer.network.predict(inputs.subarray(0, 784 * 10));
  };
  const { threads } = await trainer.fit(data, { epochs: 1e6, signal: controller.signal, onEpoch, ...options });
  return { longest: Object.values(longest), epochs, reason: threads.reason };
}

interface Holds extends Pick<nablanet.FitOptions, "worker" | "threads"> {
  units: number[];
  seconds: number;
  window: number;
  between: "frames" | "turns";
}

const hold = (query: string, options: Holds) =>
  inPage(query, (page) => page.evaluate(`(${holds})(window.nablanet, ${JSON.stringify(options)})`)) as ReturnType<
    typeof holds
  >;

describe("while a network trains,", () => {
  for (const [name, query] of [
    ["isolated", "?blobs"],
    ["not isolated", "?blobs&alone"],
  ]) {
    it(`in a worker, frames are drawn as if it didn't: a large one, ${name}`, async () => {
      const large: Holds = { units: [512, 512], seconds: 6, window: 1000, between: "frames", worker: true };
      const { longest, epochs, reason } = await hold(query, large);
      expect(reason).toMatch(/^in a worker: /);
      expect(epochs).toBeGreaterThan(2);
      expect(longest.length).toBeGreaterThan(3);
      expect(Math.min(...longest)).toBeLessThan(50);
    });
  }

  it("in the page, by slices, others have their turns within 10 ms", async () => {
    const small: Holds = { units: [30], seconds: 4, window: 50, between: "turns", threads: 1 };
    const { longest, epochs, reason } = await hold("?alone", small);
    expect(reason).toBe("one was asked for");
    expect(epochs).toBeGreaterThan(2);
    expect(Math.min(...longest)).toBeLessThan(10);
  });
});

describe("in a tab that is hidden by another,", () => {
  let tabs: Window;
  beforeAll(async () => {
    tabs = await openWindow(CHROMIUM, flags);
  });
  afterAll(() => tabs?.close());
  const soon = { timeout: 20_000 };

  for (const worker of [true, false]) {
    it(`training goes on ${worker ? "in its worker" : "by slices"}, and is aborted`, async () => {
      const tab = await tabs.open(`${url}?blobs&alone`);
      await expect.poll(() => tab.evaluate("typeof nablanet"), soon).toBe("object");
      await tab.evaluate(`(async () => {
        const layers = [{ units: 30, activation: "tanh" }, { units: 2, activation: "softmax" }];
        const trainer = new nablanet.Trainer(await nablanet.Network.create({ inputs: 2, layers }));
        window.controller = new AbortController();
        const onEpoch = ({ epoch }) => { window.epoch = epoch; };
        const data = nablanet.datasets.moons({ samples: 5000 });
        window.fitting = trainer.fit(data, { epochs: 1e6, worker: ${worker}, onEpoch, signal: controller.signal });
      })()`);
      await (await tabs.open("about:blank")).show();
      await expect.poll(() => tab.evaluate("document.visibilityState"), soon).toBe("hidden");
      const before = Number(await tab.evaluate("window.epoch ?? 0"));
      await expect.poll(() => tab.evaluate("window.epoch"), soon).toBeGreaterThan(before + 20);
      const ended = "controller.abort(), fitting.then(({ status, threads }) => [status, threads.reason])";
      const reason = worker ? /^in a worker: / : /^the page isn't cross-origin isolated/;
      expect(await tab.evaluate(ended)).toEqual(["aborted", expect.stringMatching(reason)]);
      expect(await tab.evaluate("document.visibilityState")).toBe("hidden");
    });
  }
});
