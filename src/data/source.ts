// Bytes from wherever the user has them.

import { wrongKind } from "../checks.js";
import { readFile } from "../engine/platform.js";
import { gunzip, isGzip, MOST_UNZIPPED } from "./gzip.js";
import { joinedBytes } from "./joined.js";

/** A path or URL, a Blob or File, a Response, a stream of bytes, or the bytes themselves; gzipped or not. */
export type Source = string | URL | Blob | Response | ReadableStream<Uint8Array> | ArrayBuffer | Uint8Array;

/**
 * A source's bytes, unzipped if they were gzipped.
 *
 * @param most the most bytes that they may be unzipped to
 * @throws FormatError for gzip data that are damaged or more than that.
 */
export async function readSource(source: unknown, place: string, most = MOST_UNZIPPED): Promise<Uint8Array> {
  const bytes = await readRaw(source, place);
  if (!isGzip(bytes)) return bytes;
  const pieces: Uint8Array[] = [];
  const reader = gunzip(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(), place, most).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return joinedBytes(pieces);
    pieces.push(value);
  }
}

/** A source's bytes as they are. */
export async function readRaw(source: unknown, place: string): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (source instanceof ReadableStream) return new Uint8Array(await new Response(source).arrayBuffer());
  if (source instanceof Response) {
    assertOk(source, place);
    return new Uint8Array(await source.arrayBuffer());
  }
  if (source instanceof URL || typeof source === "string") return readNamed(source, place);
  wrongKind(place, "a path, URL, Blob, Response, stream, ArrayBuffer or Uint8Array", source);
}

async function readNamed(source: string | URL, place: string): Promise<Uint8Array> {
  if (isWeb(source)) return readRaw(await fetched(source, place), place);
  try {
    return await readFile(isFile(source) ? new URL(source) : (source as string));
  } catch (error) {
    throw new Error(`${place} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

/** What the web answers. @throws Error that says whose answer it isn't, and why. */
export async function fetched(source: string | URL, place: string): Promise<Response> {
  const response = await fetch(source).catch((error: Error) => {
    // Node has the reason there, of several addresses as a code only
    const { message, code } = (error.cause ?? error) as { message?: string; code?: string };
    throw new Error(`${named(place, source)} can't be fetched: ${message || code}`, { cause: error });
  });
  assertOk(response, place);
  return response;
}

function assertOk({ ok, url, status, statusText }: Response, place: string): void {
  if (!ok) throw new Error(`${named(place, url)} answered ${status} ${statusText}`.trim());
}

/** What is read and where from, unless that is the same or the very bytes. */
function named(place: string, source: string | URL): string {
  return place === String(source) || /^data:/.test(String(source)) ? place : `${place}: ${source}`;
}

/** Whether it is fetched, not opened. */
export function isWeb(source: string | URL): boolean {
  return /^(https?|blob|data):/.test(String(source)) || (typeof document !== "undefined" && !isFile(source));
}

export function isFile(source: string | URL): boolean {
  return String(source).startsWith("file:");
}

/** The path or URL of another file in the same folder. */
export function beside(source: string | URL, name: string): string | URL {
  if (isWeb(source)) return new URL(name, new URL(source, globalThis.location?.href));
  if (isFile(source)) return new URL(name, source);
  const path = String(source);
  return path.slice(0, path.search(/[^/\\]*$/)) + name;
}
