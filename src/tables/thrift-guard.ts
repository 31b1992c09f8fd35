// Thrift's compact protocol, in which Parquet's metadata are, walked through before hyparquet reads them: lists as long as they
// are forged would be allocated. https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** Structs and lists within each other; Parquet has fewer than ten. */
const DEEPEST = 32;

/** Where the struct at `start` ends. @throws Error where it doesn't, or has a list longer than the bytes that follow. */
export function guardStruct(bytes: Uint8Array, start: number): number {
  const walk = new Walk(bytes, start);
  walk.struct(0);
  return walk.at;
}

class Walk {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.at = start;
  }

  struct(depth: number): void {
    if (depth > DEEPEST) throw new Error(`its metadata must be at most ${DEEPEST} deep, got more`);
    for (let head = this.#byte(); (head & 0x0f) !== 0; head = this.#byte()) {
      if (head >> 4 === 0) this.#varint();
      this.#skip(head & 0x0f, depth);
    }
  }

  #skip(type: number, depth: number): void {
    switch (type) {
      case 1: // true
      case 2: // false
        return;
      case 3: // a byte
        this.#move(1);
        return;
      case 4: // integers of 16, 32 and 64 bits
      case 5:
      case 6:
        this.#varint();
        return;
      case 7: // a double
        this.#move(8);
        return;
      case 8: // bytes
        this.#move(this.#varint());
        return;
      case 9:
        this.#list(depth + 1);
        return;
      case 12:
        this.struct(depth + 1);
        return;
      default:
        throw new Error(`its metadata must be of Thrift's types that Parquet has, got ${type}`);
    }
  }

  #list(depth: number): void {
    if (depth > DEEPEST) throw new Error(`its metadata must be at most ${DEEPEST} deep, got more`);
    const head = this.#byte();
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    const left = this.#bytes.length - this.at;
    if (count > left) throw new Error(`a list of its metadata must fit into ${left} bytes, got ${count} entries`);
    // in a list, true and false are a byte each
    const type = (head & 0x0f) <= 2 ? 3 : head & 0x0f;
    for (let i = 0; i < count; i++) this.#skip(type, depth);
  }

  #byte(): number {
    this.#move(1);
    return this.#bytes[this.at - 1];
  }

  /** As far as it matters here: a 64-bit number may come out wrong. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  #move(count: number): void {
    this.at += count;
    if (!(this.at <= this.#bytes.length)) throw new Error("its metadata must end within their bytes, got too few");
  }
}
