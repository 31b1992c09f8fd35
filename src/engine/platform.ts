// The only differences between Node and browsers.

/** After everything else that waits for its turn on this thread. */
export function nextTurn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    // unlike a timer's, a message's turn is never held back for milliseconds
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Node, and what else has its modules. */
const isNode = typeof process !== "undefined" && process.versions?.node !== undefined;

/** One of Node's own modules; its name is put together here, so that no bundler follows it into the browser. */
function nodeModule<T>(name: string): Promise<T> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ ["node", name].join(":"));
}

/** The processors that there are. */
export async function countCores(): Promise<number> {
  const told = globalThis.navigator?.hardwareConcurrency;
  if (told !== undefined) return told;
  return isNode ? (await nodeModule<typeof import("node:os")>("os")).availableParallelism() : 1;
}

/** A file's bytes, where there is a file system. */
export async function readFile(path: string | URL): Promise<Uint8Array> {
  if (!isNode) {
    throw new TypeError(`there are no file paths here; fetch ${path} and pass the Response, a Blob or the bytes`);
  }
  const { readFile } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  return readFile(path);
}
