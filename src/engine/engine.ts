// One engine (kernels and their memory) serves every network of a realm that asks for the same mathematics.

import type { MathMode } from "../network-options.js";
import type { Exports, Pointer } from "./exports.js";
import { type Extent, firstExtent } from "./extent.js";
import { compile, createInstance } from "./instance.js";
import { Memory } from "./memory.js";
import type { Pool } from "./pool.js";
import { chooseVariant, type Variant } from "./variants.js";

export class Engine {
  static readonly #engines = new Map<Variant, Promise<Engine>>();

  /** The realm's engine for networks of this `math`; made when first asked for. */
  static shared(math: MathMode): Promise<Engine> {
    const variant = chooseVariant(math);
    let engine = Engine.#engines.get(variant);
    if (engine === undefined) {
      engine = Engine.#create(variant);
      Engine.#engines.set(variant, engine);
      // a start that failed may be tried again
      engine.catch(() => Engine.#engines.delete(variant));
    }
    return engine;
  }

  static async #create(variant: Variant): Promise<Engine> {
    const extent = firstExtent();
    return Engine.of(variant, await compile(variant, extent), extent);
  }

  /** An engine of its own, of kernels that may come from another thread, which are all that is needed. */
  static async of(variant: Variant, module: WebAssembly.Module, extent: Extent = "full"): Promise<Engine> {
    const memory = new Memory(variant.endsWith("Shared"));
    const exports = await createInstance(module, memory.memory);
    // the core's data lie behind those of all kernels, which may join it
    memory.open(exports.heapBase());
    return new Engine(variant, extent, module, exports, memory);
  }

  readonly #memory: Memory;
  readonly #forgotten = new FinalizationRegistry<Freeable[]>((blocks) => {
    for (const block of blocks) block.free();
  });
  #floats: Float32Array;
  #module: WebAssembly.Module;
  #exports: Exports;
  #isFull: boolean;
  #becomingFull: Promise<void> | undefined;
  #pool: Promise<Pool> | undefined;

  private constructor(
    readonly variant: Variant,
    extent: Extent,
    module: WebAssembly.Module,
    exports: Exports,
    memory: Memory,
  ) {
    this.#memory = memory;
    this.#module = module;
    this.#exports = exports;
    this.#isFull = extent === "full";
    this.#floats = new Float32Array(memory.memory.buffer);
  }

  /** The kernels, for other threads. */
  get kernels(): WebAssembly.Module {
    return this.#module;
  }

  /** The kernels. */
  get exports(): Exports {
    return this.#exports;
  }

  /** Whether they are all there, and not only the core. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Loads all kernels, which take the core's place. Begun work goes on with them: they compute the same. */
  fill(): Promise<void> {
    this.#becomingFull ??= this.#fill().catch((error) => {
      // it may be tried again
      this.#becomingFull = undefined;
      throw error;
    });
    return this.#becomingFull;
  }

  async #fill(): Promise<void> {
    if (this.#isFull) return;
    const module = await compile(this.variant, "full");
    const exports = await createInstance(module, this.#memory.memory);
    const pool = await this.#pool;
    await pool?.replace(module);
    this.#module = module;
    this.#exports = exports;
    this.#isFull = true;
  }

  /** Workers on the same memory, where it is shared. */
  workers(): Promise<Pool> {
    this.#pool ??= import("./pool.js").then(({ Pool }) => new Pool(this.#module, this.#memory.memory));
    return this.#pool;
  }

  /** Before this thread itself ends: Node keeps some kilobytes of a worker for ever whose parent ended first. */
  async endWorkers(): Promise<void> {
    await (await this.#pool)?.end();
  }

  /** Bytes of linear memory that blocks take, and that the engine holds in all. */
  get memoryUsage(): { used: number; total: number } {
    return { used: this.#memory.used, total: this.buffer.byteLength };
  }

  /** The memory as it is now; growing replaces it. */
  get buffer(): ArrayBufferLike {
    return this.#memory.memory.buffer;
  }

  /** All of the memory as float32; element i lies at address 4i. */
  get floats(): Float32Array {
    if (this.#floats.buffer !== this.buffer) this.#floats = new Float32Array(this.buffer);
    return this.#floats;
  }

  allocate(bytes: number): Block {
    return new Block(this.#memory, this.#memory.allocate(bytes));
  }

  /** Frees `blocks` once `owner` is forgotten. They must not hold on to the owner. */
  freeWith(owner: object, blocks: Freeable[]): void {
    this.#forgotten.register(owner, blocks, owner);
  }

  /** Frees them now. */
  freeNow(owner: object, blocks: Freeable[]): void {
    this.#forgotten.unregister(owner);
    for (const block of blocks) block.free();
  }

  /** What `use` returns, with a block that lives no longer than the call. */
  borrow<T>(bytes: number, use: (pointer: Pointer) => T): T {
    const block = this.allocate(bytes);
    try {
      return use(block.pointer);
    } finally {
      block.free();
    }
  }

  /** A copy of `length` float32 at `pointer`. */
  copyFloats(pointer: Pointer, length: number): Float32Array<ArrayBuffer> {
    return this.floats.slice(pointer / 4, pointer / 4 + length);
  }
}

/** What holds memory until it is freed. */
export interface Freeable {
  free(): void;
}

/** A stretch of linear memory that belongs to somebody. */
export class Block {
  readonly #memory: Memory;
  #free = false;

  constructor(
    memory: Memory,
    readonly pointer: Pointer,
  ) {
    this.#memory = memory;
  }

  /** Gives the memory back; a second time does nothing. */
  free(): void {
    if (this.#free) return;
    this.#free = true;
    this.#memory.free(this.pointer);
  }
}
