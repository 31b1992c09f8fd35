// Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding/), as much of it as messages take whose fields are
// told by a schema. A length is checked against the bytes that are there before anything is made of it.

import { joinedBytes } from "../../data/joined.js";
import { FormatError } from "../errors.js";

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;
/** The bytes of the others. */
const fixedBytes = new Map([
  [1, 8],
  [FIXED32, 4],
]);

/** Bytes that follow each other. */
type Parts = readonly Uint8Array[];

/** A kind of value. */
export interface Kind<T> {
  wire: number;
  read(from: Reader): T;
  write(value: T): Parts;
}

/** A field of a message, `absent` where it isn't there. */
export interface Field<T> {
  number: number;
  absent(): T;
  /** The value together with another field of this number. */
  read(from: Reader, wire: number, before: T): T;
  write(value: T): Parts;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

export interface MessageKind<T> extends Kind<T> {
  /** A message with these fields, the others absent. */
  of(fields: Partial<T>): T;
  /** @throws FormatError for bytes that are no such message. */
  decode(bytes: Uint8Array): T;
  encode(value: T): Uint8Array<ArrayBuffer>;
}

export type MessageOf<K> = K extends MessageKind<infer T> ? T : never;

/** Fields are written in the order of the schema. */
export function message<F extends Fields>(fields: F): MessageKind<ValueOf<F>> {
  const entries = Object.entries(fields);
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  const absent = () => Object.fromEntries(entries.map(([name, field]) => [name, field.absent()]));
  const parts = (value: Record<string, unknown>) => entries.flatMap(([name, field]) => field.write(value[name]));
  const decode = (from: Reader) => {
    const value = absent();
    while (!from.isAtEnd) {
      const tag = from.length();
      const wire = tag & 7;
      const known = byNumber.get(Math.floor(tag / 8));
      if (known === undefined) from.skip(wire);
      else value[known.name] = known.field.read(from, wire, value[known.name]);
    }
    return value as ValueOf<F>;
  };
  return {
    of: (some) => ({ ...absent(), ...some }) as ValueOf<F>,
    decode: (all) => decode(new Reader(all)),
    encode: (value) => joinedBytes(parts(value)),
    wire: BYTES,
    read: (from) => decode(new Reader(from.bytes())),
    write: (value) => withLength(parts(value)),
  };
}

export function one<T>(number: number, kind: Kind<T>, absent: T): Field<T> {
  return {
    number,
    absent: () => absent,
    read: (from, wire) => (wire === kind.wire ? kind.read(from) : refuse(`field ${number} has another type`)),
    write: (value) => (value === absent ? [] : [varint(number * 8 + kind.wire), ...kind.write(value)]),
  };
}

export const optional = <T>(number: number, kind: Kind<T>): Field<T | undefined> =>
  one<T | undefined>(number, kind as Kind<T | undefined>, undefined);

export function many<T>(number: number, kind: Kind<T>): Field<T[]> {
  const each = one<T | undefined>(number, kind as Kind<T | undefined>, undefined);
  return {
    number,
    absent: () => [],
    read(from, wire, before) {
      if (wire === BYTES && kind.wire !== BYTES) {
        // numbers without tags between them
        const packed = new Reader(from.bytes());
        while (!packed.isAtEnd) before.push(kind.read(packed));
      } else before.push(each.read(from, wire, undefined) as T);
      return before;
    },
    write: (values) => values.flatMap((value) => each.write(value)),
  };
}

/** int32, int64 and enums. */
export const int: Kind<number> = {
  wire: VARINT,
  read: (from) => from.integer(),
  write: (value) => [varint(value)],
};

export const float: Kind<number> = {
  wire: FIXED32,
  read: (from) => view(from.take(4)).getFloat32(0, true),
  write(value) {
    const part = new Uint8Array(4);
    view(part).setFloat32(0, value, true);
    return [part];
  },
};

export const double: Kind<number> = {
  wire: 1,
  read: (from) => view(from.take(8)).getFloat64(0, true),
  write: () => refuse("doubles aren't written"),
};

export const bytes: Kind<Uint8Array> = {
  wire: BYTES,
  read: (from) => from.bytes(),
  write: (value) => withLength([value]),
};

export const text: Kind<string> = {
  wire: BYTES,
  read: (from) => new TextDecoder().decode(from.bytes()),
  write: (value) => withLength([new TextEncoder().encode(value)]),
};

class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(count: number): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (count > left) refuse(`${count} bytes are announced where ${left} are left`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  bytes(): Uint8Array {
    return this.take(this.length());
  }

  /** A varint of at least 0. */
  length(): number {
    const value = this.integer();
    return value < 0 ? refuse(`a length or tag is ${value}`) : value;
  }

  /** A varint: 7 bits a byte, the least first; two's complement in 64 bits. */
  integer(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = this.take(1);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    return refuse("a number has more than 64 bits");
  }

  skip(wire: number): void {
    if (wire === VARINT) this.integer();
    else if (wire === BYTES) this.bytes();
    else this.take(fixedBytes.get(wire) ?? refuse(`there is no wire type ${wire}`));
  }
}

function refuse(why: string): never {
  throw new FormatError(`this is no ONNX model that can be read: ${why}`);
}

const view = (part: Uint8Array) => new DataView(part.buffer, part.byteOffset, part.byteLength);

function varint(value: number): Uint8Array {
  const part: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) part.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...part, Number(rest)]);
}

const sizeOf = (parts: Parts) => parts.reduce((sum, { length }) => sum + length, 0);

const withLength = (parts: Parts): Parts => [varint(sizeOf(parts)), ...parts];
