// nablanet playground: the page in which networks are built, trained and looked into.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { integer } from "./arguments.js";
import { helpText } from "./help.js";
import { interruptible } from "./interrupt.js";
import type { ExitCode } from "./program.js";
import { serveFolder } from "./static-server.js";
import { Terminal } from "./terminal.js";

interface PlaygroundArguments {
  port: number;
  open?: boolean;
  json?: boolean;
}

const help = `
The page works offline, and nothing that is put into it leaves the browser.

Examples:
  nablanet playground --open
  nablanet playground --port 8080`;

export function addPlayground(program: Command, done: (code?: ExitCode) => void): Command {
  return program
    .command("playground")
    .summary("serve a page to play in")
    .description("Serves the playground to a browser on this machine, until Ctrl-C.")
    .option("--port <number>", "to listen on, of this machine only (default: a free one)", integer(0, 65535), 0)
    .option("--open", "open it in the browser")
    .option("--json", "write the address to stdout as JSON")
    .addHelpText("after", helpText(help))
    .action(async (told: PlaygroundArguments) => {
      await playground(told);
      done();
    });
}

async function playground(told: PlaygroundArguments): Promise<void> {
  const terminal = new Terminal(told);
  const folder = fileURLToPath(new URL("playground/", import.meta.url));
  if (!existsSync(folder)) throw new Error(`the playground must be in ${folder}, which isn't there`);
  await interruptible(async (signal) => {
    const { server, url } = await serveFolder(folder, told.port);
    terminal.show(url);
    terminal.result({ url });
    terminal.note("Ctrl-C ends it.");
    if (told.open) openBrowser(url, terminal);
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    server.close();
    server.closeAllConnections();
  });
}

/** Has the system open the address in the browser that it prefers. */
function openBrowser(url: string, terminal: Terminal): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  const child = spawn(command, args, { stdio: "ignore", detached: true });
  child.on("error", (error) => terminal.note(`The browser can't be opened: ${error.message}`));
  child.unref();
}
