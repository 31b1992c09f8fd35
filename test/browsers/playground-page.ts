// The playground as a user has it: served by the built command line, in a real browser.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { launchChromium } from "./chromium.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The browsers that the page is tested in. */
export const browsers = [
  {
    name: "Chromium",
    launch: launchChromium,
  },
];

/** The command and a browser; opens pages, each in a profile of its own. */
export class Playground {
  static async start(launch: () => Promise<Browser>): Promise<Playground> {
    const command = spawn(process.execPath, [`${root}dist/cli.js`, "playground"]);
    const url = new Promise<string>((resolve, reject) => {
      command.stdout.once("data", (text) => resolve(String(text).trim()));
      command.once("close", (code) => reject(new Error(`the command ended with ${code}`)));
    });
    return new Playground(command, await url, await launch());
  }

  readonly #command: ChildProcess;
  readonly #browser: Browser;
  readonly url: string;
  /** What consoles and pages complained of. */
  readonly complaints: string[] = [];

  private constructor(command: ChildProcess, url: string, browser: Browser) {
    this.#command = command;
    this.url = url;
    this.#browser = browser;
  }

  async open(hash = "", options: BrowserContextOptions = {}): Promise<OpenPage> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.on("console", (message) => this.complaints.push(message.text()));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    await page.goto(`${this.url}#${hash}`);
    const opened = new OpenPage(page);
    await opened.at("play").waitFor();
    return opened;
  }

  async end(): Promise<void> {
    await this.#browser.close();
    this.#command.kill("SIGINT");
  }
}

/** A page of the playground, and what tests do on it. */
export class OpenPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  at(testId: string): Locator {
    return this.page.locator(`[data-testid="${testId}"]`);
  }

  async text(on: string | Locator): Promise<string> {
    return (await (typeof on === "string" ? this.at(on) : on).textContent()) ?? "";
  }

  /** A reading, without its unit. */
  async number(testId: string): Promise<number> {
    const [first = Number.NaN] = numbersIn(await this.text(testId));
    return first;
  }

  /** What the page says its network is. */
  async summary(): Promise<string> {
    return (await this.page.locator(".diagram canvas").getAttribute("aria-label")) ?? "";
  }

  /** Behind "#". */
  hash(): string {
    return new URL(this.page.url()).hash.slice(1);
  }

  /** Plays until a reading is at least so much. */
  async playUntil(testId: string, least: number, milliseconds = 45_000): Promise<void> {
    await this.at("play").click();
    await expect
      .poll(() => this.number(testId), { timeout: milliseconds, interval: 200 })
      .toBeGreaterThanOrEqual(least);
    await this.at("play").click();
  }

  /** The bytes of the file that a button saves. */
  async saved(testId: string): Promise<Uint8Array<ArrayBuffer>> {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.at(testId).click()]);
    return new Uint8Array(readFileSync(await download.path()));
  }

  /** Of the network as it is saved: its layers and parameters. */
  async modelHash(): Promise<string> {
    return createHash("sha256")
      .update(await this.saved("save-nablanet"))
      .digest("hex");
  }

  /** What axe finds that is serious or worse: the rule, and where. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(axe);
    return (await this.page.evaluate(`axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ": " + target + ": " + failureSummary)))`)) as string[];
  }

  /** Draws with the mouse, in shares of the element. */
  async draw(on: Locator, strokes: readonly (readonly number[])[]): Promise<void> {
    await on.scrollIntoViewIfNeeded();
    const box = await on.boundingBox();
    if (box === null) throw new Error("there is nothing to draw on");
    for (const stroke of strokes) {
      for (let i = 0; i < stroke.length; i += 2) {
        await this.page.mouse.move(box.x + stroke[i] * box.width, box.y + stroke[i + 1] * box.height);
        if (i === 0) await this.page.mouse.down();
      }
      await this.page.mouse.up();
    }
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

/** The numbers in a text, as the page writes them: −1.2, 1,234, 3.1e−4. */
export function numbersIn(text: string): number[] {
  const plain = text.replaceAll("−", "-").replace(/(\d),(?=\d{3}\b)/g, "$1");
  return (plain.match(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g) ?? []).map(Number);
}
