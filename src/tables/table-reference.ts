// Tables by reference: where each is, the hash of its bytes, and how its rows become numbers, so that other processes and
// machines train on the very same.

import { finite, options, outOfRange, wholeNumber, wrongKind } from "../checks.js";
import { isFile, isWeb, readRaw } from "../data/source.js";
import type { Dataset } from "../dataset.js";
import { type HeldOutShare, holdOut } from "./held-out.js";
import { readTable } from "./read-table.js";
import { Schema, type SchemaJson } from "./schema.js";
import type { TableOptions } from "./table-options.js";

/** One file of a table. */
export interface FileReference {
  /** A path, absolute or from the folder that a process works in, or a URL. */
  readonly source: string;
  /** Of its bytes as they are, in hexadecimal digits. */
  readonly sha256: string;
}

/** Plain data, which JSON can hold; made by `tableReference`. */
export interface TableReference extends FileReference {
  readonly kind: "table";
  /** For `network: { schema }`, too. */
  readonly schema: SchemaJson;
  /** How the file is cut into cells, as far as it was told. */
  readonly reading: Pick<TableOptions, "format" | "header" | "delimiter" | "decimal" | "inputs"> & {
    readonly targets?: string;
  };
  /** The rows that trials are measured on: a share of them all, or a file of their own. */
  readonly heldOut: Readonly<HeldOutShare> | FileReference;
  /** Where the target is one of classes. */
  readonly classNames?: readonly string[];
  readonly rows: { readonly training: number; readonly heldOut: number };
}

export interface TableReferenceOptions extends TableOptions {
  /**
   * The rows that are held out: a share of all, of each class alike, 0 for none, as folds need none; or another file's path or
   * URL. Default 0.2.
   */
  validation?: number | string | URL;
  /** Decides which rows are held out. Default 1. */
  seed?: number;
}

/** What a reference stands for. */
export interface ReferencedTable {
  training: Dataset;
  /** Without rows where none are held out. */
  heldOut: Dataset;
  schema: Schema;
}

/** A file that isn't the one that was referred to. */
export class HashMismatchError extends Error {
  override readonly name = "HashMismatchError";

  constructor(
    readonly source: string,
    /** SHA-256, as the reference has it. */
    readonly expected: string,
    /** That of the bytes that were read. */
    readonly actual: string,
  ) {
    super(`${source} must have the SHA-256 ${expected}, as where it was referred to, got ${actual}`);
  }
}

/**
 * Reads a table once and says what others need to read the same: `search({ data: await tableReference(…), backend })`. The
 * schema is inferred here, and applied there.
 *
 * @param source a path or URL, as those who train can reach it
 * @throws as `readTable`; TypeError for a source that isn't a path or URL
 */
export async function tableReference(
  source: string | URL,
  referenceOptions?: TableReferenceOptions,
): Promise<TableReference> {
  if (typeof source !== "string" && !(source instanceof URL)) wrongKind("source", "a path or URL", source);
  // what is read is checked by readTable
  const { validation = 0.2, seed = 1, ...reading } = options(referenceOptions, "tableReference", KEYS);
  const split = typeof validation === "number" ? checkedShare(validation, seed) : undefined;
  const file = await readFileOf(source);
  const { dataset, schema } = await readTable(file.content, reading as TableOptions);
  const cutting = cuttingOf(reading);
  const referred = { source: String(source), sha256: file.sha256, schema: schema.toJSON(), reading: cutting };
  const classes = schema.classes && { classNames: schema.classes };
  if (split !== undefined) {
    const { training, heldOut } = holdOut(dataset, schema, split);
    const rows = { training: training.length, heldOut: heldOut.length };
    return { kind: "table", ...referred, heldOut: split, ...classes, rows };
  }
  if (typeof validation !== "string" && !(validation instanceof URL)) {
    wrongKind("validation", "a share of the rows, a path or a URL", validation);
  }
  const other = await readFileOf(validation);
  const { dataset: heldOut } = await readTable(other.content, { ...cutting, schema });
  const rows = { training: dataset.length, heldOut: heldOut.length };
  return {
    kind: "table",
    ...referred,
    heldOut: { source: String(validation), sha256: other.sha256 },
    ...classes,
    rows,
  };
}

/**
 * The rows that a reference stands for, the same everywhere.
 *
 * @throws HashMismatchError where a file isn't the one that was referred to; Error where it can't be read.
 */
export async function readReference(reference: TableReference): Promise<ReferencedTable> {
  const schema = Schema.fromJSON(reference.schema);
  const read = async (file: FileReference): Promise<Dataset> => {
    const { sha256, content } = await readFileOf(file.source);
    if (sha256 !== file.sha256) throw new HashMismatchError(file.source, file.sha256, sha256);
    return (await readTable(content, { ...reference.reading, schema })).dataset;
  };
  const { heldOut } = reference;
  const dataset = await read(reference);
  if ("share" in heldOut) return { ...holdOut(dataset, schema, heldOut), schema };
  return { training: dataset, heldOut: await read(heldOut), schema };
}

/** What those that read a table without inferring it must be told. */
const CUTTING = ["format", "header", "delimiter", "decimal", "inputs"];
const KEYS = [...CUTTING, "target", "targets", "ignore", "columns", "missing", "schema", "validation", "seed"];

function cuttingOf(reading: Record<string, unknown>): TableReference["reading"] {
  // the name of an archive's array, whereas an array has columns' names
  const told = typeof reading.targets === "string" ? [...CUTTING, "targets"] : CUTTING;
  return Object.fromEntries(told.flatMap((key) => (reading[key] === undefined ? [] : [[key, reading[key]]])));
}

function checkedShare(share: number, seed: unknown): HeldOutShare {
  return { share: finite(share, "validation", { least: 0, below: 1 }), seed: wholeNumber(seed, "seed", 0) };
}

/** A file's bytes under its name, by whose ending its format is known. */
async function readFileOf(source: string | URL): Promise<{ content: File; sha256: string }> {
  const name = String(source);
  if (/^(blob|data):/.test(name)) outOfRange("source", "a path or URL that other processes can read", name);
  const bytes = await readRaw(isWeb(name) || isFile(name) ? new URL(name) : name, name);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { content: new File([bytes as Uint8Array<ArrayBuffer>], name), sha256 };
}
