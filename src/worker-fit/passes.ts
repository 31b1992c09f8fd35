// The passes over streams that a worker has begun, and not ended.

import { Dataset } from "../dataset.js";
import type { Data } from "../feed.js";
import type { Asked, Part } from "./messages.js";
import { type PackedChunk, pack, shapeOfRows } from "./packed-rows.js";

type Pass = Asked<"chunk">;
type Chunks = ReturnType<Exclude<Data, Dataset>["pass"]>;

export class Passes {
  readonly #parts: Record<Part, Data | undefined>;
  readonly #open = new Map<string, Chunks>();

  constructor(parts: Record<Part, Data | undefined>) {
    this.#parts = parts;
  }

  /** The pass's next chunk, undefined at its end. */
  async next({ part, pass }: Pass): Promise<PackedChunk | undefined> {
    const { value, done } = await this.#chunks(part, pass).next();
    if (done) return undefined;
    return { ...pack(value, undefined, 0, value.inputs.rows), shape: shapeOfRows(value), place: value.place };
  }

  #chunks(part: Part, pass: number): Chunks {
    const stream = this.#parts[part];
    if (stream === undefined || stream instanceof Dataset) throw new TypeError(`${part} is no stream`);
    const key = `${part} ${pass}`;
    const chunks = this.#open.get(key) ?? stream.pass();
    this.#open.set(key, chunks);
    return chunks;
  }

  end({ part, pass }: Pass): void {
    const key = `${part} ${pass}`;
    // what still comes from a slow source finds nobody
    this.#open
      .get(key)
      ?.return(undefined)
      .catch(() => {});
    this.#open.delete(key);
  }

  endAll(): void {
    for (const chunks of this.#open.values()) chunks.return(undefined).catch(() => {});
    this.#open.clear();
  }
}
