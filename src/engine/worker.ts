// What a thread of a team runs: it calls a function of the kernels, on the memory of all, whenever it is told to.
// Compiled into a script of its own (build/worker.ts), and into that of workers that train (dist/worker.js); `port` is put before it, for Node or for browsers.

type Call = [name: string, ...numbers: number[]];
type Start = { module: WebAssembly.Module; memory: WebAssembly.Memory };

declare const port: {
  onmessage: (event: { data: Start | Call }) => void;
  /** An answer to each message, in their order: undefined, or what went wrong. */
  postMessage(error: string | undefined): void;
};

type Kernels = Record<string, (...numbers: number[]) => unknown>;
let kernels: Promise<Kernels>;

async function start({ module, memory }: Start): Promise<Kernels> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as Kernels;
}

export async function asThread({ data }: { data: Start | Call }): Promise<void> {
  try {
    if (!Array.isArray(data)) {
      kernels = start(data);
      await kernels;
    } else {
      const [name, ...numbers] = data;
      (await kernels)[name]?.(...numbers);
    }
    port.postMessage(undefined);
  } catch (error) {
    port.postMessage(String(error));
  }
}

port.onmessage = asThread;
