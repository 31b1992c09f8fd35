// The package in one file, as a module and as a classic script, in pages without a bundler and with a strict policy.

import type { Server } from "node:http";
import { afterAll, expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
// @ts-expect-error plain JavaScript, as pages have it
import { train } from "../bundlers/app/train.js";
import { describeEach, type Visit } from "./each.js";
import { serve } from "./server.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const page = (scripts: string) =>
  bytes(`<!doctype html>
<meta charset="utf-8" />
<script src="/test/browsers/page/console.js"></script>
${scripts}
`);

/** What serves the package to pages of the other server. */
let cdn: { url: string; server: Server };
afterAll(() => cdn.server.close());

/** A page that takes the module from an origin, and one that takes the classic script. */
const pages = (origin: string, name: string, crossorigin = "") => ({
  [`/${name}module.js`]: bytes(
    `import * as nablanet from "${origin}/dist/nablanet.min.js"; globalThis.nablanet = nablanet;`,
  ),
  [`/${name}module.html`]: page(`<script type="module" src="/${name}module.js"></script>`),
  [`/${name}classic.html`]: page(`<script src="${origin}/dist/nablanet.global.js" ${crossorigin}></script>`),
});

describeEach(
  async () => {
    cdn = await serve({});
    return { ...pages("", ""), ...pages(cdn.url, "cdn-", "crossorigin") };
  },
  (visit) => {
    it.each(["module", "classic"])("%s: trains to the same bits as Node, and saves and loads", async (kind) => {
      expect(await trainAndLoad(visit, `/${kind}.html?alone`)).toEqual([await train(nablanet), true]);
    });

    it.each(["module", "classic"])("%s: does so from another origin", async (kind) => {
      const path = `/cdn-${kind}.html?alone&from=${cdn.url}`;
      expect(await trainAndLoad(visit, path)).toEqual([await train(nablanet), true]);
    });

    it.each(["module", "classic"])("%s: has threads from another origin, too", async (kind) => {
      const { threads, able } = await trainOnTwo(visit, `/cdn-${kind}.html?blobs&from=${cdn.url}`);
      expect(threads.used).toBe(able ? 2 : 1);
    });

    it.each(["module", "classic"])(
      "%s: trains on threads where the page is isolated, or says why not",
      async (kind) => {
        const { threads, able } = await trainOnTwo(visit, `/${kind}.html?blobs`);
        expect(threads).toEqual(
          able ? { used: 2, reason: "2 were asked for" } : { used: 1, reason: expect.any(String) },
        );
      },
    );
  },
);

/** The parameters that the bundlers' app trains to, and whether a model that was written is the same when read. */
const trainAndLoad = (visit: Visit, path: string) =>
  visit(path, (tab) =>
    tab.evaluate(`(async () => {
      const { train } = await import("/test/bundlers/app/train.js");
      const parameters = await train(nablanet);
      const network = await nablanet.Network.create({ inputs: 2, layers: [{ units: 3 }], seed: 1 });
      const loaded = await nablanet.Network.load(await network.encode("safetensors"));
      return [parameters, String(loaded.parameters()) === String(network.parameters())];
    })()`),
  );

const trainOnTwo = async (visit: Visit, path: string) =>
  (await visit(path, (tab) =>
    tab.evaluate(`(async () => {
      const network = await nablanet.Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }] });
      const { threads } = await new nablanet.Trainer(network).fit(nablanet.datasets.moons(), { epochs: 2, threads: 2 });
      return { threads, able: (await nablanet.capabilities()).threads.available };
    })()`),
  )) as { threads: { used: number; reason: string }; able: boolean };
