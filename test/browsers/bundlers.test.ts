// The app of test/bundlers/ as each bundler builds it, in each browser: it trains to the bits that Node trains to.

import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
// @ts-expect-error plain JavaScript, as the bundlers build it
import { train } from "../bundlers/app/train.js";
import { build, buildNext, names } from "../bundlers/build.js";
import { describeEach } from "./each.js";
import { keepingConsole } from "./site.js";

const BUILDING = 300_000;

/** Bytes, gzipped and not minified, that an app may have that uses one of the package's plain functions. */
const LEFT = 6 * 1024;

const files: Record<string, Uint8Array> = {};
beforeAll(async () => {
  for (const name of names) Object.assign(files, await build(name));
  Object.assign(files, buildNext());
  files["/Next/index.html"] = keepingConsole(files["/Next/index.html"]);
}, BUILDING);

describeEach(
  async () => files,
  (visit) => {
    it.each([...names, "Next"])(
      "%s's trains to the same bits as Node, and loads all that it asks for",
      async (name) => {
        // whose pages have scripts in them
        const query = name === "Next" ? "?alone&inline" : "?alone";
        const [parameters, failed] = (await visit(`/${name}/index.html${query}`, (page) =>
          page.evaluate(`(async () => {
          const output = document.querySelector("output");
          while (output.textContent === "") await new Promise((resolve) => setTimeout(resolve, 20));
          const loaded = performance.getEntriesByType("resource");
          return [JSON.parse(output.textContent), loaded.filter(({ responseStatus }) => responseStatus >= 400).map(({ name }) => name)];
        })()`),
        )) as [number[], string[]];
        expect(parameters).toEqual(await train(nablanet));
        expect(failed).toEqual([]);
      },
    );
  },
);

describe("what an app doesn't use", () => {
  // metrics read predictions, and scalers are numbers: both know nothing of networks
  it.each([
    ["metrics", "Rollup"],
    ["MinMaxScaler", "Rollup"],
    ["metrics", "webpack"],
    ["MinMaxScaler", "webpack"],
  ])("is left out from one that uses %s by %s", async (name, bundler) => {
    const entry = `only-${name}.js`;
    const script = bundler === "webpack" ? "main.js" : entry;
    const text = loadedAtOnce(await build(bundler, entry), `/${bundler}/${script}`);
    expect(text).not.toMatch(/WebAssembly|inputDropout|AGFzbQ/);
    expect(gzipSync(text, { level: 9 }).length).toBeLessThan(LEFT);
  });
});

/** A script and all that it imports statically. */
function loadedAtOnce(files: Record<string, Uint8Array>, entry: string): string {
  const folder = entry.slice(0, entry.lastIndexOf("/"));
  const seen = new Map<string, string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    const text = new TextDecoder().decode(files[path]);
    seen.set(path, text);
    const imports = text.matchAll(/\b(?:from|import) ?["']\.\/([^"']+)["']/g);
    waiting.push(...[...imports].map(([, name]) => `${folder}/${name}`));
  }
  return [...seen.values()].join("");
}
