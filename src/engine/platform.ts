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

/** A file's bytes, where there is a file system. */
export async function readFile(path: string | URL): Promise<Uint8Array> {
  if (typeof process === "undefined" || process.versions?.node === undefined) {
    throw new TypeError(`there are no file paths here; fetch ${path} and pass the Response, a Blob or the bytes`);
  }
  // put together here, so that no bundler follows it into the browser
  const module = ["node:fs", "promises"].join("/");
  const { readFile } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ module
  )) as typeof import("node:fs/promises");
  return readFile(path);
}
