// Numbers, vectors and sections as WebAssembly's binary format has them. Read is what our own compiler wrote.
// https://webassembly.github.io/spec/core/binary/values.html

const HEADER = 8;

export class Reader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    this.at += 1;
    return this.bytes[this.at - 1] as number;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** LEB128, as every length and index is. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
}

export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}

/** A constant of 32 bits, as which addresses are signed. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value | 0; ; left >>= 7) {
    // the last byte's second highest bit is the sign
    if (left >= -64 && left < 64) return [...bytes, left & 127];
    bytes.push((left & 127) | 128);
  }
}

/** A module's sections by their numbers, custom ones left out. */
export function sectionsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>();
  const reader = new Reader(bytes);
  for (reader.skip(HEADER); !reader.done; ) {
    const id = reader.byte();
    const length = reader.unsigned();
    if (id !== 0) sections.set(id, bytes.subarray(reader.at, reader.at + length));
    reader.skip(length);
  }
  return sections;
}

/** A vector with one entry more, and how many it has then. */
export function encodeVector(vector: Uint8Array | undefined, entry: Uint8Array): { bytes: Uint8Array; count: number } {
  const reader = new Reader(vector ?? Uint8Array.of(0));
  const count = reader.unsigned() + 1;
  const before = reader.bytes.subarray(reader.at);
  const head = unsigned(count);
  const bytes = new Uint8Array(head.length + before.length + entry.length);
  bytes.set(head);
  bytes.set(before, head.length);
  bytes.set(entry, head.length + before.length);
  return { bytes, count };
}
