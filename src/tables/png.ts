// PNG: Portable Network Graphics (Third Edition), https://www.w3.org/TR/png-3/; all but interlaced and transparent images.

import { unzlibSync } from "fflate";
import { joinedBytes } from "../data/joined.js";
import { crc32 } from "../formats/crc32.js";
import { FormatError } from "../formats/errors.js";
import { MOST_EXPANSION } from "./zip.js";

export interface Image {
  width: number;
  height: number;
  /** 1 for shades of grey, 3 for red, green and blue. */
  channels: 1 | 3;
  /** Row by row from the top, the channels of a pixel one behind the other. */
  data: Uint8Array<ArrayBuffer>;
}

/** § 11.2.1 */
enum ColorType {
  grey = 0,
  color = 2,
  palette = 3,
  greyAlpha = 4,
  colorAlpha = 6,
}

/** The samples of a pixel, and how many bits each may have. */
const layouts = new Map<number, { samples: number; depths: readonly number[] }>([
  [ColorType.grey, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [ColorType.color, { samples: 3, depths: [8, 16] }],
  [ColorType.palette, { samples: 1, depths: [1, 2, 4, 8] }],
  [ColorType.greyAlpha, { samples: 2, depths: [8, 16] }],
  [ColorType.colorAlpha, { samples: 4, depths: [8, 16] }],
]);

interface Header {
  width: number;
  height: number;
  depth: number;
  type: ColorType;
  samples: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The longest side of an image. */
const LONGEST_SIDE = 2 ** 15;

/** @throws FormatError naming `place` where the bytes aren't one whole image that can be read. */
export function decodePng(bytes: Uint8Array, place: string): Image {
  const chunks = chunksOf(bytes, place);
  const header = decodeHeader(chunks.get("IHDR")?.[0], place);
  const data = joinedBytes(chunks.get("IDAT") ?? []);
  const { width, height, depth, type, samples } = header;
  const values = samplesOf(unfiltered(data, header, place), header);
  if (type === ColorType.palette) {
    const [colors, alphas] = ["PLTE", "tRNS"].map((name) => chunks.get(name)?.[0] ?? new Uint8Array(0));
    return { width, height, channels: 3, data: paint(values, colors, alphas, place) };
  }
  if (chunks.has("tRNS")) refuse(place, "its pixels", "opaque", "a transparent colour");
  const channels = samples < 3 ? 1 : 3;
  const scaled = depth < 8 ? values.map((value) => (value * 255) / (2 ** depth - 1)) : values;
  return { width, height, channels, data: samples === channels ? scaled : opaque(scaled, samples, place) };
}

/** The chunks by their types (§ 5.3), as far as the pixels need them. */
function chunksOf(bytes: Uint8Array, place: string): Map<string, Uint8Array[]> {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) refuse(place, "its beginning", "\\x89PNG", "other bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array[]>();
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) refuse(place, `the chunk at byte ${at}`, "within the file", `${length} bytes`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      refuse(place, `the chunk at byte ${at}`, "what its checksum says", "other bytes: it is damaged");
    }
    if (type === "IEND") return chunks;
    const known = ["IHDR", "PLTE", "IDAT", "tRNS"].includes(type);
    // a capital letter says that the pixels can't be understood without it
    if (!known && /^[A-Z]/.test(type)) refuse(place, `the chunk at byte ${at}`, "one of PNG's", JSON.stringify(type));
    if (known) {
      const before = chunks.get(type) ?? [];
      before.push(bytes.subarray(at + 8, end));
      chunks.set(type, before);
    }
    at = end + 4;
  }
  return refuse(place, "its last chunk", "IEND", "the end of the file");
}

function decodeHeader(bytes: Uint8Array | undefined, place: string): Header {
  if (bytes?.length !== 13) return refuse(place, "its header", "13 bytes", bytes?.length ?? "none");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  for (const side of [width, height]) {
    if (side < 1 || side > LONGEST_SIDE) refuse(place, "its width and height", `from 1 to ${LONGEST_SIDE}`, side);
  }
  const [depth, type, compression, filter, interlace] = bytes.subarray(8);
  const layout = layouts.get(type);
  if (!layout?.depths.includes(depth)) {
    return refuse(place, "its colour type and bit depth", "those of PNG", `${type} and ${depth}`);
  }
  if (compression !== 0 || filter !== 0) refuse(place, "its compression and filter methods", "0", "others");
  if (interlace !== 0) refuse(place, "it", "stored row by row", "an interlaced image");
  return { width, height, depth, type, samples: layout.samples };
}

/** The rows, unpacked and with their filters undone (§ 9), one behind the other. */
function unfiltered(packed: Uint8Array, { width, height, depth, samples }: Header, place: string): Uint8Array {
  const rowBytes = Math.ceil((width * samples * depth) / 8);
  const size = height * (rowBytes + 1);
  // a forged size must not be believed, let alone allocated
  if (size > packed.length * MOST_EXPANSION)
    refuse(place, "its pixels", `as many as ${packed.length} bytes can hold`, size);
  const filtered = inflate(packed, size, place);
  const before = Math.max(1, (samples * depth) / 8);
  const rows = new Uint8Array(height * rowBytes);
  for (let row = 0; row < height; row++) {
    const filter = filtered[row * (rowBytes + 1)];
    if (filter > 4) refuse(place, `the filter of row ${row}`, "from 0 to 4", filter);
    const start = row * rowBytes;
    for (let i = 0; i < rowBytes; i++) {
      const left = i < before ? 0 : rows[start + i - before];
      const above = row === 0 ? 0 : rows[start + i - rowBytes];
      const corner = row === 0 || i < before ? 0 : rows[start + i - rowBytes - before];
      rows[start + i] = filtered[row * (rowBytes + 1) + 1 + i] + predicted(filter, left, above, corner);
    }
  }
  return rows;
}

function inflate(packed: Uint8Array, size: number, place: string): Uint8Array {
  try {
    const bytes = unzlibSync(packed, { out: new Uint8Array(size) });
    if (bytes.length === size) return bytes;
  } catch (error) {
    throw new FormatError(`${place} can't be unpacked: ${(error as Error).message}`, { cause: error });
  }
  return refuse(place, "its pixels", `${size} bytes`, "fewer");
}

/** What a filter takes off a byte, of its neighbours (§ 9.2, § 9.4). */
function predicted(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const sum = left + above - corner;
      const [toLeft, toAbove, toCorner] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - corner)];
      if (toLeft <= toAbove && toLeft <= toCorner) return left;
      return toAbove <= toCorner ? above : corner;
    }
    default:
      return 0;
  }
}

/** A byte for each sample: of 16 bits the nearest of 8, of fewer the number itself. */
function samplesOf(rows: Uint8Array, { width, height, depth, samples }: Header): Uint8Array<ArrayBuffer> {
  if (depth === 8) return new Uint8Array(rows);
  const count = width * samples;
  const rowBytes = rows.length / height;
  return Uint8Array.from({ length: height * count }, (_, i) => {
    const [row, k] = [Math.floor(i / count), i % count];
    if (depth === 16) {
      const at = row * rowBytes + 2 * k;
      return Math.round((256 * rows[at] + rows[at + 1]) / 257);
    }
    const bit = k * depth;
    return (rows[row * rowBytes + (bit >> 3)] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
}

/** Colours for places in a palette (§ 11.2.2). */
function paint(places: Uint8Array, colors: Uint8Array, alphas: Uint8Array, place: string): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(places.length * 3);
  for (let i = 0; i < places.length; i++) {
    const color = places[i];
    if (3 * color + 3 > colors.length) refuse(place, `the colour of pixel ${i}`, "in its palette", color);
    if ((alphas[color] ?? 255) < 255) refuse(place, `pixel ${i}`, "opaque", `an alpha of ${alphas[color]}`);
    data.set(colors.subarray(3 * color, 3 * color + 3), 3 * i);
  }
  return data;
}

/** The pixels without their last sample, alpha. */
function opaque(values: Uint8Array, samples: number, place: string): Uint8Array<ArrayBuffer> {
  const pixels = values.length / samples;
  const data = new Uint8Array(pixels * (samples - 1));
  for (let i = 0; i < pixels; i++) {
    const alpha = values[i * samples + samples - 1];
    if (alpha < 255) refuse(place, `pixel ${i}`, "opaque", `an alpha of ${alpha}`);
    data.set(values.subarray(i * samples, i * samples + samples - 1), i * (samples - 1));
  }
  return data;
}

function refuse(place: string, where: string, expected: string, got: string | number): never {
  throw new FormatError(`${place} is no PNG image that can be read: ${where} must be ${expected}, got ${got}`);
}
