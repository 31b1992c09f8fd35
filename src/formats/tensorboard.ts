// Scalars as TensorBoard reads them: an event file is a sequence of TFRecords, each an Event in protobuf's wire format.
//
//   TFRecord     uint64 length · uint32 masked CRC-32C of the length · data · uint32 masked CRC-32C of the data
//   Event        double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5
//   Summary      repeated Value value = 1
//   Value        string tag = 1; float simple_value = 2
//
// Little-endian throughout. Sources: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details,
// tensorboard/compat/proto/event.proto and summary.proto, https://protobuf.dev/programming-guides/encoding.

import { joinedBytes } from "../data/joined.js";

/** What is drawn at one step. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  wallTime: number;
  /** An integer of at least 0. */
  step: number;
  /** By tag, the name of a chart. */
  scalars: readonly (readonly [tag: string, value: number])[];
}

/** The bytes of an event file that was begun at `wallTime`. Values are rounded to float32. */
export function encodeEvents(wallTime: number, events: readonly ScalarEvent[]): Uint8Array<ArrayBuffer> {
  const records = [
    // every reader asks for this one first
    record([...double(1, wallTime), ...text(3, "brain.Event:2")]),
    ...events.map(({ wallTime, step, scalars }) => {
      const summary = scalars.flatMap(([tag, value]) => bytes(1, [...text(1, tag), ...float(2, value)]));
      return record([...double(1, wallTime), ...integer(2, step), ...bytes(5, summary)]);
    }),
  ];
  return joinedBytes(records);
}

function record(data: readonly number[]): Uint8Array {
  const framed = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(framed.subarray(12, 12 + data.length))), true);
  return framed;
}

/** Protobuf's wire types, the low 3 bits of a field's key. */
enum Wire {
  varint = 0,
  fixed64 = 1,
  bytes = 2,
  fixed32 = 5,
}

const key = (field: number, wire: Wire): number => (field << 3) | wire;

const integer = (field: number, value: number): number[] => [key(field, Wire.varint), ...varint(value)];

function double(field: number, value: number): number[] {
  const eight = new DataView(new ArrayBuffer(8));
  eight.setFloat64(0, value, true);
  return [key(field, Wire.fixed64), ...new Uint8Array(eight.buffer)];
}

function float(field: number, value: number): number[] {
  const four = new DataView(new ArrayBuffer(4));
  four.setFloat32(0, value, true);
  return [key(field, Wire.fixed32), ...new Uint8Array(four.buffer)];
}

const bytes = (field: number, content: readonly number[]): number[] => [
  key(field, Wire.bytes),
  ...varint(content.length),
  ...content,
];

const text = (field: number, content: string): number[] => bytes(field, [...new TextEncoder().encode(content)]);

/** 7 bits a byte, the lowest first; the high bit says that more follow. Without bitwise operators, which end at 32 bits. */
function varint(value: number): number[] {
  const groups: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) + 128);
  return [...groups, rest];
}

/** Checksums of data that hold checksums themselves would be weak; hence TFRecord's rotation and constant. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** CRC-32C, reflected, polynomial 0x1EDC6F41 (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}
