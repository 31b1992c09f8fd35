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
export const isNode: boolean = typeof process !== "undefined" && process.versions?.node !== undefined;

/** One of Node's own modules; its name is put together here, so that no bundler follows it into the browser. */
export function nodeModule<T>(name: string): Promise<T> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ ["node", name].join(":"));
}

/** The processors that there are. */
export async function countCores(): Promise<number> {
  const told = globalThis.navigator?.hardwareConcurrency;
  if (told !== undefined) return told;
  return isNode ? (await nodeModule<typeof import("node:os")>("os")).availableParallelism() : 1;
}

/** A worker, in Node or in a browser. */
export interface Thread {
  /** The buffers in `moved` go over without a copy, and are gone here. */
  send(message: unknown, moved?: ArrayBuffer[]): void;
  /** Whether Node stays alive for it. */
  hold(on: boolean): void;
  /** Resolves once it does nothing any more, as far as that can be known. */
  end(): Promise<void>;
}

let workerUrl: string | URL | undefined;
/** The scripts', where there is no other. */
const blobUrls = new Map<string, string>();

/** Where browsers find the worker's script, instead of in a blob. */
export function setWorkerUrl(url: string | URL | undefined): void {
  workerUrl = url;
}

/** The same for other workers, whose addresses are relative to something else. */
export function absoluteWorkerUrl(): string | undefined {
  if (workerUrl === undefined || isNode) return undefined;
  return new URL(workerUrl, globalThis.document?.baseURI ?? location.href).href;
}

/** A worker that runs `script`, which speaks through `port`. Fails, or says later that it is lost, where it can't start. */
export async function startThread(
  script: string,
  heard: (message: unknown) => void,
  lost: (reason: string) => void,
): Promise<Thread> {
  return isNode ? startInNode(script, heard, lost) : startInBrowser(script, heard, lost);
}

async function startInNode(
  script: string,
  heard: (message: unknown) => void,
  lost: (reason: string) => void,
): Promise<Thread> {
  const { Worker } = await nodeModule<typeof import("node:worker_threads")>("worker_threads");
  const code = `import { parentPort as port } from "node:worker_threads";\n${script}`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { name: "nablanet" });
  worker.on("message", heard);
  worker.on("error", (error: Error) => lost(error.message));
  worker.on("exit", (code) => lost(`its worker exited with code ${code}`));
  return {
    send: (message, moved) => worker.postMessage(message, moved),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    end: () => worker.terminate().then(() => {}),
  };
}

function startInBrowser(script: string, heard: (message: unknown) => void, lost: (reason: string) => void): Thread {
  const worker = new Worker(workerUrl ?? blobUrlOf(script), { name: "nablanet" });
  worker.onmessage = ({ data }) => heard(data);
  worker.onerror = (event) => {
    event.preventDefault();
    lost(event.message || "its worker couldn't be started (does the content security policy let workers start?)");
  };
  return {
    send: (message, moved = []) => worker.postMessage(message, moved),
    hold: () => {},
    end: async () => worker.terminate(),
  };
}

function blobUrlOf(script: string): string {
  const blob = () => new Blob([`const port = self;\n${script}`], { type: "text/javascript" });
  const url = blobUrls.get(script) ?? URL.createObjectURL(blob());
  blobUrls.set(script, url);
  return url;
}

export function assertFiles(path: string | URL): void {
  if (isNode) return;
  throw new TypeError(`there are no file paths here; fetch ${path} and pass the Response, a Blob or the bytes`);
}

/** A file's bytes, where there is a file system. */
export async function readFile(path: string | URL): Promise<Uint8Array> {
  assertFiles(path);
  const { readFile } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  return readFile(path);
}

/** Bytes of a file that are read at a time: each takes a turn of the event loop, between two slices of training. */
const READ_BYTES = 2 ** 20;

/** A file's bytes one after the other, where there is a file system. */
export async function openFile(path: string | URL): Promise<ReadableStream<Uint8Array>> {
  assertFiles(path);
  const { open } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const file = await open(path);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { bytesRead, buffer } = await file.read(new Uint8Array(READ_BYTES), 0, READ_BYTES);
        if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
}

/** A file of which any part can be read. */
export interface FileParts {
  readonly byteLength: number;
  /** The bytes from..to, fewer where the file ends. */
  slice(from: number, to?: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** A file whose parts are read as they are asked for, where there is a file system. */
export async function openParts(path: string | URL): Promise<FileParts> {
  assertFiles(path);
  const { open } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const file = await open(path);
  const { size: byteLength } = await file.stat();
  return {
    byteLength,
    async slice(from, to = byteLength) {
      const bytes = new Uint8Array(Math.max(0, Math.min(to, byteLength) - from));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      return bytes.buffer.slice(0, bytesRead);
    },
    close: () => file.close(),
  };
}

/** What is in a folder, where there is a file system. */
export async function listFolder(path: string | URL): Promise<{ name: string; isFolder: boolean }[]> {
  assertFiles(path);
  const { readdir } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const entries = await readdir(path, { withFileTypes: true });
  return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
}
