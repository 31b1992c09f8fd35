// A reader of TensorBoard's event files that shares no code with the writer.

import { expect } from "vitest";

/** The records of an event file, each checked. */
export function decode(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(unmasked(view.getUint32(at + 8, true))).toBe(remainder(file.subarray(at, at + 8)));
    expect(unmasked(view.getUint32(at + 12 + length, true))).toBe(remainder(data));
    events.push(decodeEvent(data));
    at += 16 + length;
  }
  return events;
}

function decodeEvent(data: Uint8Array) {
  const event = { wallTime: Number.NaN, step: 0, version: "", scalars: {} as Record<string, number> };
  for (const { field, value } of fields(data)) {
    if (field === 1) event.wallTime = new DataView(value.buffer).getFloat64(0, true);
    else if (field === 2) event.step = Number(new DataView(value.buffer).getBigUint64(0, true));
    else if (field === 3) event.version = new TextDecoder().decode(value);
    else if (field === 5) {
      for (const each of fields(value)) {
        expect(each.field).toBe(1);
        const [tag, simple] = fields(each.value) as [Field, Field];
        expect([tag.field, simple.field]).toEqual([1, 2]);
        event.scalars[new TextDecoder().decode(tag.value)] = new DataView(simple.value.buffer).getFloat32(0, true);
      }
    } else throw new Error(`an Event has no field ${field}`);
  }
  return event;
}

interface Field {
  field: number;
  value: Uint8Array<ArrayBuffer>;
}

/** The fields of a protobuf message, each value's bytes copied; a varint as 8 bytes. */
function fields(data: Uint8Array): Field[] {
  const found = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) {
      found.push({ field: key >> 3, value: new Uint8Array(new BigUint64Array([varint()]).buffer) });
      continue;
    }
    const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint());
    found.push({ field: key >> 3, value: data.slice(at, at + length) });
    at += length;
  }
  return found;
}

function unmasked(masked: number): number {
  const turned = (masked - 0xa282ead8) >>> 0;
  return ((turned << 15) | (turned >>> 17)) >>> 0;
}

/** CRC-32C the long way: the remainder of a division of polynomials, bits as BigInt. */
function remainder(data: Uint8Array): number {
  const reversed = (value: bigint, bits: number) =>
    BigInt(`0b${[...value.toString(2).padStart(bits, "0")].reverse().join("")}`);
  let message = 0n;
  for (const byte of data) message = (message << 8n) | reversed(BigInt(byte), 8);
  const bits = data.length * 8;
  message = (message << 32n) ^ (0xffffffffn << BigInt(bits));
  for (let bit = bits + 31; bit >= 32; bit--) {
    if ((message >> BigInt(bit)) & 1n) message ^= 0x11edc6f41n << BigInt(bit - 32);
  }
  return Number(reversed(message ^ 0xffffffffn, 32));
}
