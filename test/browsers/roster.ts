// The browsers that the built package is checked in: where each is looked for, how it is started, and how the tests talk to it.

import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { CHROMIUM, launchChromium } from "./chromium.js";
import { startWebKit } from "./webdriver.js";

export interface Page {
  /** What was said in its console, and the errors that nothing caught. */
  complaints(): Promise<string[]>;
  /** The value of an expression of JavaScript, awaited; it passes as JSON. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface Browser {
  readonly version: string;
  /** A page, loaded. The one that was opened before it must be closed. */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

export interface Engine {
  name: string;
  /** The programs that it needs. */
  files: string[];
  /** What to do where one isn't there. */
  remedy: string;
  /** Whether it has relaxed SIMD. */
  fused: boolean;
  start(): Promise<Browser>;
}

/** What playwright-core and puppeteer-core have in common. */
interface Tab {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

async function open(tab: Tab, complaints: string[], url: string): Promise<Page> {
  await tab.goto(url);
  return {
    complaints: async () => complaints,
    evaluate: (expression) => tab.evaluate(expression),
    close: () => tab.close(),
  };
}

async function startChromium(): Promise<Browser> {
  const browser = await launchChromium();
  return {
    version: browser.version(),
    async open(url) {
      const tab = await browser.newPage();
      const complaints: string[] = [];
      tab.on("console", (message) => complaints.push(message.text()));
      tab.on("pageerror", (error) => complaints.push(String(error)));
      return open(tab, complaints, url);
    },
    close: () => browser.close(),
  };
}

/** By the W3C's WebDriver BiDi, as playwright-core needs a Firefox of its own. */
async function startFirefox(executablePath: string): Promise<Browser> {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, protocolTimeout: 60_000 });
  return {
    version: (await browser.version()).replace("firefox/", ""),
    async open(url) {
      const tab = await browser.newPage();
      const complaints: string[] = [];
      tab.on("console", (message) => complaints.push(message.text()));
      tab.on("pageerror", (error) => complaints.push(String(error)));
      return open(tab, complaints, url);
    },
    close: () => browser.close(),
  };
}

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const WEBKIT_DRIVER = process.env.WEBKIT_DRIVER ?? "/usr/bin/WebKitWebDriver";
const XVFB = "/usr/bin/Xvfb";

export const engines: Engine[] = [
  {
    name: "Chromium",
    files: [CHROMIUM],
    remedy: "install it (Debian: apt-get install chromium), or set CHROMIUM to its path",
    fused: true,
    start: startChromium,
  },
  {
    name: "Firefox",
    files: [FIREFOX],
    remedy: "install it (Debian: apt-get install firefox-esr), or set FIREFOX to its path",
    fused: true,
    start: () => startFirefox(FIREFOX),
  },
  {
    name: "WebKit",
    files: [WEBKIT_DRIVER, XVFB],
    remedy: "install it (Debian: apt-get install webkit2gtk-driver xvfb), or set WEBKIT_DRIVER to its path",
    fused: false,
    start: () => startWebKit(WEBKIT_DRIVER, XVFB),
  },
];

/** Why an engine can't be started; undefined where it can. */
export function missing({ name, files, remedy }: Engine): string | undefined {
  const absent = files.filter((file) => !existsSync(file));
  return absent.length === 0 ? undefined : `${name} needs ${absent.join(" and ")}, which isn't here: ${remedy}`;
}
