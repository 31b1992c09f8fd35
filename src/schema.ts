// What a network needs to know of rows with names: how they become its inputs, and its outputs an answer.

import { wrongKind } from "./checks.js";
import type { Numbers } from "./samples.js";

/** A row by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** The answer of a network that was trained on classes. */
export interface ClassAnswer {
  /** The likeliest class. */
  label: string;
  /** What the network gives each class, by its name. */
  probabilities: Record<string, number>;
}

/** A class and what each has for itself; or a number for each target, by its name. */
export type Answer = ClassAnswer | Record<string, number>;

/** Made by `readTable`, a `Schema`; whatever else does the same can stand in for it. */
export interface RowCodec {
  /** The numbers that a row becomes. */
  readonly inputs: number;
  /** The numbers that an answer is made of. */
  readonly outputs: number;
  encode(row: Row): Float32Array<ArrayBuffer>;
  decode(outputs: Numbers): Answer;
  /** Plain JSON of which the same codec can be made. */
  toJSON(): unknown;
}

function isCodec(value: unknown): value is RowCodec {
  const { encode, decode } = value as Partial<RowCodec>;
  return typeof encode === "function" && typeof decode === "function";
}

/** Options whose schema, where it is JSON, is the codec that this describes. @throws FormatError for JSON of another kind. */
export async function withSchema<T>(options: T): Promise<T> {
  const schema = (options as { schema?: unknown } | undefined)?.schema;
  if (typeof schema !== "object" || schema === null || isCodec(schema)) return options;
  const { Schema } = await import("./tables/schema.js");
  return { ...options, schema: Schema.fromJSON(schema) };
}

/** A schema in a network's options. JSON is taken as it is: `withSchema` reads it. */
export function resolveSchema(value: unknown): RowCodec | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) wrongKind("schema", "a Schema or its JSON", value);
  return isCodec(value) ? value : undefined;
}
