// Describes tests for each browser of the roster, and visits pages in it.

import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, type Engine, engines, missing, type Page } from "./roster.js";
import { serve } from "./server.js";
import { PAGE } from "./site.js";

/** Where browsers must not be skipped, as in CI. */
const required = process.env.NABLANET_ENGINES === "required";

const PATIENCE = 60_000;

/** Opens a page, works in it, and closes it: one that says nothing in its console, unless `complains`. */
export type Visit = <T>(query: string, work: (page: Page) => Promise<T>, complains?: boolean) => Promise<T>;

/**
 * @param files what is served beside the package
 * @param tests are given the engine, and a way to visit pages in it
 */
export function describeEach(
  files: () => Promise<Record<string, Uint8Array>>,
  tests: (visit: Visit, engine: Engine) => void,
): void {
  for (const engine of engines) {
    const reason = missing(engine);
    // the reporter only counts what is skipped
    if (reason !== undefined) process.stderr.write(`${reason}\n`);
    describe.skipIf(reason !== undefined && !required)(engine.name, () => {
      let server: Server | undefined;
      let browser: Browser | undefined;
      let url: string;

      beforeAll(async () => {
        if (reason !== undefined) throw new Error(reason);
        ({ server, url } = await serve(await files()));
        browser = await engine.start();
      }, PATIENCE);

      afterAll(async () => {
        await browser?.close();
        server?.close();
      });

      it("starts", ({ annotate }) => {
        annotate(`${engine.name} ${browser?.version}`);
        expect(browser?.version).toMatch(/^\d+\./);
      });

      it("hears what pages say, and what nothing catches", async () => {
        const page = await (browser as Browser).open(`${url}${PAGE}`);
        await page.evaluate(`console.warn("a warning")`);
        await page.evaluate(`(async () => {
          setTimeout(() => { throw new Error("an error"); });
          Promise.reject(new Error("a refusal"));
          await new Promise((resolve) => setTimeout(resolve, 100));
        })()`);
        const complaints = (await page.complaints()).join();
        for (const each of ["a warning", "an error", "a refusal"]) expect(complaints).toContain(each);
        await page.close();
      });

      tests(async (path, work, complains = false) => {
        const page = await (browser as Browser).open(`${url}${path}`);
        try {
          const result = await work(page);
          if (!complains) expect(await page.complaints()).toEqual([]);
          return result;
        } finally {
          await page.close();
        }
      }, engine);
    });
  }
}
