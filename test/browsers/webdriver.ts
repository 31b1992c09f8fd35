// WebKitGTK by its own driver: the few commands of the W3C's WebDriver that the tests need, on a display of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import type { Browser, Page } from "./roster.js";

const SECOND = 1000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Starts an X server without a screen. It chooses its number, and tells it. */
async function startDisplay(command: string): Promise<{ display: ChildProcess; number: string }> {
  const display = spawn(command, ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const number = await new Promise<string>((resolve, reject) => {
    createInterface(display.stdout).once("line", resolve);
    display.once("error", reject);
    display.once("exit", (code) => reject(new Error(`${command} ended with code ${code}`)));
  });
  return { display, number };
}

/** A command of WebDriver, and its value. */
async function command(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, { method, body: body === undefined ? null : JSON.stringify(body) });
  const { value } = (await response.json()) as { value: { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${method} ${url}: ${value.error}, ${value.message}`);
  return value;
}

/** Asks again and again until the answer is yes. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20 * SECOND;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts the driver and its browser. */
export async function startWebKit(driverPath: string, displayPath: string): Promise<Browser> {
  const { display, number } = await startDisplay(displayPath);
  const port = await freePort();
  const driver = spawn(driverPath, [`--port=${port}`], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      DISPLAY: `:${number}`,
      GDK_BACKEND: "x11",
      // shared memory is compiled in, but left to this switch in WebKitGTK; Safari has it in isolated pages
      JSC_useSharedArrayBuffer: "1",
      // a server's language is often "C", which pages would be told, and Intl refuses
      LC_ALL: "en_US.UTF-8",
    },
  });
  const end = () => {
    driver.kill();
    display.kill();
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await until("the driver", () =>
      command(`${url}/status`, "GET").then(
        () => true,
        () => false,
      ),
    );
    return await openSession(url, end);
  } catch (error) {
    end();
    throw error;
  }
}

async function openSession(url: string, end: () => void): Promise<Browser> {
  const { sessionId, capabilities } = (await command(`${url}/session`, "POST", {
    capabilities: { alwaysMatch: { timeouts: { script: 100 * SECOND } } },
  })) as { sessionId: string; capabilities: { browserVersion: string } };
  const session = `${url}/session/${sessionId}`;
  return {
    version: capabilities.browserVersion,
    async open(address) {
      await command(`${session}/url`, "POST", { url: address });
      const page = pageOf(session);
      // an isolated page moves into another process, and the driver doesn't wait for it
      const isLoaded = `location.href === ${JSON.stringify(address)} && document.readyState === "complete"`;
      await until(address, async () => (await page.evaluate(isLoaded)) === true);
      return page;
    },
    async close() {
      await command(session, "DELETE").finally(end);
    },
  };
}

/** The one page of a session. */
function pageOf(session: string): Page {
  const evaluate = async (expression: string) => {
    const script = `const told = arguments[0];
      (async () => ${expression})().then((value) => told({ value }), (error) => told({ error: String(error) }));`;
    const { value, error } = (await command(`${session}/execute/async`, "POST", { script, args: [] })) as {
      value?: unknown;
      error?: string;
    };
    if (error) throw new Error(error);
    return value;
  };
  return {
    evaluate,
    // WebKitGTK's driver doesn't tell what is said in the console; the page itself keeps it
    complaints: async () => (await evaluate("window.complaints")) as string[],
    async close() {
      await command(`${session}/url`, "POST", { url: "about:blank" });
    },
  };
}
