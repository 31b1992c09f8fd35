// A WebAssembly module to which constants and data are added, section by section.
// https://webassembly.github.io/spec/core/binary/modules.html

import { joinedBytes } from "../../data/joined.js";
import { encodeVector, Reader, sectionsOf, signed, unsigned } from "./wasm-binary.js";

/** The numbers of the sections that are touched. */
const MEMORY = 5;
const GLOBAL = 6;
const EXPORT = 7;
const DATA = 11;
const DATA_COUNT = 12;
/** The order in which sections must stand. */
const order = [1, 2, 3, 4, MEMORY, GLOBAL, EXPORT, 8, 9, DATA_COUNT, 10, DATA];

const I32 = 0x7f;
const I32_CONST = 0x41;
const END = 0x0b;
const GLOBAL_EXPORT = 3;

export class WasmModule {
  readonly #sections: Map<number, Uint8Array>;

  /** @param bytes a module without imports, of which custom sections are left out */
  constructor(bytes: Uint8Array) {
    this.#sections = sectionsOf(bytes);
  }

  /** Where the module's own data ends in its memory. */
  get dataEnd(): number {
    let end = 0;
    const reader = new Reader(this.#sections.get(DATA) ?? Uint8Array.of(0));
    for (let left = reader.unsigned(); left > 0; left--) {
      // an active segment of memory 0: i32.const, its address below 2³¹, end
      reader.skip(2);
      const at = reader.unsigned();
      reader.skip(1);
      const length = reader.unsigned();
      reader.skip(length);
      end = Math.max(end, at + length);
    }
    return end;
  }

  /** The module's one memory, which doesn't grow by itself. */
  setMemory(pages: number): void {
    this.#sections.set(MEMORY, Uint8Array.of(1, 0, ...unsigned(pages)));
  }

  exportConstant(name: string, value: number): void {
    const index = this.#append(GLOBAL, Uint8Array.of(I32, 0, I32_CONST, ...signed(value), END));
    const letters = new TextEncoder().encode(name);
    const entry = [...unsigned(letters.length), ...letters, GLOBAL_EXPORT, ...unsigned(index)];
    this.#append(EXPORT, Uint8Array.from(entry));
  }

  addData(at: number, bytes: Uint8Array): void {
    const head = [0, I32_CONST, ...signed(at), END, ...unsigned(bytes.length)];
    const entry = new Uint8Array(head.length + bytes.length);
    entry.set(head);
    entry.set(bytes, head.length);
    const index = this.#append(DATA, entry);
    if (this.#sections.has(DATA_COUNT)) this.#sections.set(DATA_COUNT, Uint8Array.from(unsigned(index + 1)));
  }

  /** One entry more in a section that is a vector; returns its index. */
  #append(section: number, entry: Uint8Array): number {
    const { bytes, count } = encodeVector(this.#sections.get(section), entry);
    this.#sections.set(section, bytes);
    return count - 1;
  }

  encode(): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array[] = [Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)];
    for (const id of order) {
      const section = this.#sections.get(id);
      if (section !== undefined) parts.push(Uint8Array.of(id, ...unsigned(section.length)), section);
    }
    return joinedBytes(parts);
  }
}
