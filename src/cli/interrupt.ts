// Ctrl-C: the first ends work that was begun in an orderly way, the second and all others the process at once.

import { EXIT } from "./failure.js";

/** Of the work that is under way. */
let working: AbortController | undefined;

/** To be called once. The process ends by itself, not by the signal, so that what was made for the time being goes with it. */
export function listenForInterrupt(): void {
  process.on("SIGINT", () => {
    if (working === undefined || working.signal.aborted) process.exit(EXIT.interrupted);
    working.abort();
  });
}

/** What `work` gives; its signal aborts at the first Ctrl-C. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  working = new AbortController();
  try {
    return await work(working.signal);
  } finally {
    working = undefined;
  }
}
