// Chromium by its own protocol over a pipe: playwright keeps every page visible, and here tabs hide each other, as users' do.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

interface Tab {
  evaluate(expression: string): Promise<unknown>;
  /** In front of the others of its window. */
  show(): Promise<void>;
}

export interface Window {
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

type Message = { id: number; result: Record<string, unknown>; error?: { message: string } };

export async function openWindow(executablePath: string, args: readonly string[]): Promise<Window> {
  const profile = mkdtempSync(join(tmpdir(), "nablanet-chromium-"));
  const flags = [...args, "--headless", "--no-first-run", "--remote-debugging-pipe", `--user-data-dir=${profile}`];
  const chromium = spawn(executablePath, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => chromium.once("exit", resolve));
  const [, , , to, from] = chromium.stdio as unknown as [never, never, never, Writable, Readable];
  const answers = new Map<number, (message: Message) => void>();
  let text = "";
  from.on("data", (data: Buffer) => {
    const messages = (text + data).split("\0");
    text = messages.pop() as string;
    for (const message of messages.map((each) => JSON.parse(each) as Message)) answers.get(message.id)?.(message);
  });
  const send = (method: string, params: object = {}, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const id = answers.size + 1;
      answers.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)));
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  return {
    async open(url) {
      const { targetId } = await send("Target.createTarget", { url });
      const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
      return {
        async evaluate(expression) {
          const params = { expression, awaitPromise: true, returnByValue: true };
          const { result, exceptionDetails } = await send("Runtime.evaluate", params, sessionId as string);
          if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
          return (result as { value: unknown }).value;
        },
        show: async () => void (await send("Target.activateTarget", { targetId })),
      };
    },
    async close() {
      await send("Browser.close");
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
