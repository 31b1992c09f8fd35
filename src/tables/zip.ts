// Zip archives as numpy.savez writes them: stored or deflated, of less than 4 GiB, not encrypted.
// PKWARE APPNOTE.TXT 6.3.10: 4.3.7 local file header, 4.3.12 central directory, 4.3.16 its end.

import { inflateSync } from "fflate";
import { MOST_UNZIPPED } from "../data/gzip.js";
import { crc32 } from "../formats/crc32.js";
import { FormatError } from "../formats/errors.js";

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
/** The longest comment at the archive's end. */
const LONGEST_COMMENT = 0xffff;
/** What deflate can make of a byte: 258 bytes of two bits. https://zlib.net/zlib_tech.html */
export const MOST_EXPANSION = 1032;

/** The files of an archive by their names, unpacked and checked. @throws FormatError naming `place` for anything else. */
export function unzip(bytes: Uint8Array, place: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, place);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const files = new Map<string, Uint8Array>();
  let packed = 0;
  let unpacked = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) {
      refuse(place, `entry ${i} of its directory`, "there", "other bytes");
    }
    const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true);
    if (nameEnd > end) refuse(place, `the name of entry ${i}`, "within its directory", "a longer one");
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, nameEnd));
    if (files.has(name)) refuse(place, `the name of entry ${i}`, "another than those before", JSON.stringify(name));
    // files that lie on each other could be unpacked to any size
    packed += view.getUint32(at + 20, true);
    if (packed > bytes.length) refuse(place, "its files", `of at most ${bytes.length} packed bytes`, packed);
    unpacked += view.getUint32(at + 24, true);
    // what is stored as it is takes no more than the archive
    if (unpacked > Math.max(bytes.length, MOST_UNZIPPED)) {
      refuse(place, "its unpacked files", `at most ${MOST_UNZIPPED} bytes (larger ones can be stored)`, unpacked);
    }
    files.set(name, unpack(view, at, `${place}/${name}`));
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

function findEnd(view: DataView, place: string): number {
  const least = Math.max(0, view.byteLength - END_BYTES - LONGEST_COMMENT);
  for (let at = view.byteLength - END_BYTES; at >= least; at--) {
    if (view.getUint32(at, true) === END) return at;
  }
  return refuse(place, "its end", "that of an archive", "other bytes");
}

/** The bytes of the file whose entry of the directory is at `entry`. */
function unpack(view: DataView, entry: number, place: string): Uint8Array {
  const [flags, method] = [view.getUint16(entry + 8, true), view.getUint16(entry + 10, true)];
  const [checksum, packedBytes, size, local] = [16, 20, 24, 42].map((at) => view.getUint32(entry + at, true));
  if (flags & 1) refuse(place, "it", "readable without a password", "an encrypted file");
  if (method !== 0 && method !== 8) refuse(place, "its compression", "0 (stored) or 8 (deflated)", method);
  if (local + LOCAL_BYTES > view.byteLength || view.getUint32(local, true) !== LOCAL) {
    refuse(place, `byte ${local}`, "where it begins", "other bytes");
  }
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedBytes > view.byteLength) {
    refuse(place, "its length", `at most the ${Math.max(0, view.byteLength - start)} bytes that follow`, packedBytes);
  }
  // a forged size must not be believed, let alone allocated
  if (method === 0 ? size !== packedBytes : size > packedBytes * MOST_EXPANSION) {
    refuse(place, "its unpacked length", `possible for ${packedBytes} packed bytes`, size);
  }
  const packed = new Uint8Array(view.buffer, view.byteOffset + start, packedBytes);
  const file = method === 0 ? packed : inflate(packed, size, place);
  if (file.length !== size || crc32(file) !== checksum) {
    refuse(place, "its bytes", "those that were packed", "others: it is damaged");
  }
  return file;
}

function inflate(packed: Uint8Array, size: number, place: string): Uint8Array {
  try {
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch (error) {
    throw new FormatError(`${place} can't be unzipped: ${(error as Error).message}`, { cause: error });
  }
}

function refuse(place: string, where: string, expected: string, got: string | number): never {
  throw new FormatError(`${place} is no zip archive that can be read: ${where} must be ${expected}, got ${got}`);
}
