// The package in one file, as a module and as a classic script, in pages without a bundler and with a strict policy.

import { expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
// @ts-expect-error plain JavaScript, as pages have it
import { train } from "../bundlers/app/train.js";
import { describeEach } from "./each.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const page = (scripts: string) =>
  bytes(`<!doctype html>
<meta charset="utf-8" />
<script src="/test/browsers/page/console.js"></script>
${scripts}
`);

const files = {
  "/module.js": bytes('import * as nablanet from "/dist/nablanet.min.js"; globalThis.nablanet = nablanet;'),
  "/module.html": page('<script type="module" src="/module.js"></script>'),
  "/classic.html": page('<script src="/dist/nablanet.global.js"></script>'),
};

describeEach(
  async () => files,
  (visit) => {
    it.each(["module", "classic"])("%s: trains to the same bits as Node, and saves and loads", async (kind) => {
      const [parameters, loaded] = (await visit(`/${kind}.html?alone`, (tab) =>
        tab.evaluate(`(async () => {
          const { train } = await import("/test/bundlers/app/train.js");
          const parameters = await train(nablanet);
          const network = await nablanet.Network.create({ inputs: 2, layers: [{ units: 3 }], seed: 1 });
          const loaded = await nablanet.Network.load(await network.encode("safetensors"));
          return [parameters, String(loaded.parameters()) === String(network.parameters())];
        })()`),
      )) as [number[], boolean];
      expect(parameters).toEqual(await train(nablanet));
      expect(loaded).toBe(true);
    });

    it.each(["module", "classic"])(
      "%s: trains on threads where the page is isolated, or says why not",
      async (kind) => {
        const { threads, able } = (await visit(`/${kind}.html?blobs`, (tab) =>
          tab.evaluate(`(async () => {
          const network = await nablanet.Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }] });
          const { threads } = await new nablanet.Trainer(network).fit(nablanet.datasets.moons(), { epochs: 2, threads: 2 });
          return { threads, able: (await nablanet.capabilities()).threads.available };
        })()`),
        )) as { threads: { used: number; reason: string }; able: boolean };
        expect(threads).toEqual(
          able ? { used: 2, reason: "2 were asked for" } : { used: 1, reason: expect.any(String) },
        );
      },
    );
  },
);
