// The pages that the documentation shows train in Chromium, under a content security policy, without a complaint.

import { readdirSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blocksOf, pages, root } from "../pages.js";
import { serve } from "./server.js";

const shown = pages.flatMap((page) =>
  blocksOf(page, ["html"]).map((html, i) => [`/${page}.${i + 1}.html`, html] as const),
);
let server: Server;
let browser: Browser;
let url: string;

beforeAll(async () => {
  const dist = readdirSync(`${root}dist`).filter((name) => name.endsWith(".js"));
  // where npm installs it
  const installed = dist.map((name) => [`/node_modules/nablanet/dist/${name}`, readFileSync(`${root}dist/${name}`)]);
  const at = (path: string) => path.split("/").slice(0, -1).join("/");
  const files = shown.flatMap(([path, html]) => [
    [path, new TextEncoder().encode(html)],
    ...installed.map(([file, bytes]) => [at(path) + file, bytes]),
  ]);
  ({ server, url } = await serve(Object.fromEntries(files)));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it("shows pages", () => expect(shown.length).toBeGreaterThan(0));

it.each(shown)("%s trains, and draws", async (path) => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${url}${path}?blobs`);
  await page.locator("output", { hasText: /./ }).waitFor();
  expect(complaints).toEqual([]);
  expect(await page.locator("output").textContent()).toMatch(/^completed, loss 0\.0\d\d$/);
  const drawn = await page.evaluate(`(() => {
    const { width, height } = document.querySelector("canvas");
    const { data } = document.querySelector("canvas").getContext("2d").getImageData(0, 0, width, height);
    return data.some((each) => each !== 0);
  })()`);
  expect(drawn).toBe(true);
  await page.close();
});
