// The published runs in each browser: their hashes on any number of threads, and on one where there can't be more.

import { expect, it } from "vitest";
import published from "../published/hashes.json" with { type: "json" };
import type { Hashes } from "../published/runs.mjs";
import { describeEach, type Visit } from "./each.js";
import { PAGE } from "./site.js";

interface Trained extends Hashes {
  kernels: string;
}

describeEach(
  async () => ({}),
  (visit) => {
    it.each([1, 2, 3, 4])("train an isolated page to the published bits, from a blob: %i", async (count) => {
      const threads = [count === 1 ? "1: one was asked for" : `${count}: ${count} were asked for`];
      const kernels = "simdShared";
      expect(await trainIn(visit, "?blobs", count)).toEqual({ hashes: published, threads, kernels });
    });

    it("train it from a file of one's own", async () => {
      const used = await visit(PAGE, (page) =>
        page.evaluate(`(async () => {
          nablanet.init({ workerUrl: "/dist/worker.js" });
          const { runs, train, hash } = await import("/test/published/runs.mjs");
          const { threads, parameters } = await train(nablanet, runs[0], { math: "deterministic", threads: 2 });
          return [threads.used, runs[0].name, await hash(parameters)];
        })()`),
      );
      expect(used).toEqual([2, ...(Object.entries(published)[0] as string[])]);
    });

    it("are one where workers are forbidden, and the reason is said", async () => {
      const forbidden = await trainIn(visit, "", 2, true);
      expect(forbidden.threads).toEqual([expect.stringMatching(/^1: workers can't be started: /)]);
      expect(forbidden.hashes).toEqual(published);
    });

    it("are one where the page isn't isolated, and the reason is said", async () => {
      const alone = await trainIn(visit, "?alone", 2);
      expect(alone.kernels).toBe("simd");
      expect(alone.threads).toEqual([expect.stringMatching(/^1: .*cross-origin isolated/)]);
      expect(alone.hashes).toEqual(published);
    });
  },
);

/** Opens a page, and trains all published runs in it. */
async function trainIn(visit: Visit, query: string, threads: number, complains = false): Promise<Trained> {
  const expression = `(async () => {
    const { hashAll } = await import("/test/published/runs.mjs");
    const { kernels } = await nablanet.capabilities();
    const trained = await hashAll(nablanet, { math: "deterministic", threads: ${threads} });
    return { ...trained, kernels: kernels.deterministic };
  })()`;
  return (await visit(PAGE + query, (page) => page.evaluate(expression), complains)) as Trained;
}
