// The pages that the documentation shows train in each browser, under a content security policy, without a complaint.

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { blocksOf, pages, root } from "../pages.js";
import { describeEach } from "./each.js";

const shown = pages.flatMap((page) =>
  blocksOf(page, ["html"]).map((html, i) => [`/${page}.${i + 1}.html`, html] as const),
);

/** The pages, with the package where npm installs it. */
async function site(): Promise<Record<string, Uint8Array>> {
  const dist = readdirSync(`${root}dist`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const installed = dist.map((name) => [`/node_modules/nablanet/dist/${name}`, readFileSync(`${root}dist/${name}`)]);
  const at = (path: string) => path.split("/").slice(0, -1).join("/");
  const listener = `<script src="/test/browsers/page/console.js"></script>\n`;
  const files = shown.flatMap(([path, html]) => [
    [path, new TextEncoder().encode(listener + html)],
    ...installed.map(([file, bytes]) => [at(path) + file, bytes]),
  ]);
  return Object.fromEntries(files);
}

it("shows pages", () => expect(shown.length).toBeGreaterThan(0));

describeEach(site, (visit) => {
  it.each(shown)("%s trains, and draws", async (path) => {
    const [told, isDrawn] = (await visit(`${path}?blobs&inline`, (page) =>
      page.evaluate(`(async () => {
        const output = document.querySelector("output");
        while (output.textContent === "") await new Promise((resolve) => setTimeout(resolve, 50));
        const { width, height } = document.querySelector("canvas");
        const { data } = document.querySelector("canvas").getContext("2d").getImageData(0, 0, width, height);
        return [output.textContent, data.some((each) => each !== 0)];
      })()`),
    )) as [string, boolean];
    expect(told).toMatch(/^completed, loss 0\.0\d\d$/);
    expect(isDrawn).toBe(true);
  });
});
