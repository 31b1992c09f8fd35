// Chromium: where it is looked for, and how it is started so that it asks for nothing of the network.

import { type Browser, chromium } from "playwright-core";

export const CHROMIUM: string = process.env.CHROMIUM ?? "/usr/bin/chromium";

const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const flags: readonly string[] = ["--no-sandbox", "--disable-gpu", ...quiet];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...flags] });
}
