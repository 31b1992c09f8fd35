// A network's answers as lines of CSV or JSON.

import { quoted } from "../history.js";
import type { Schema } from "../tables/schema.js";
import type { Cells } from "../tables/table-file.js";
import { shortest } from "./numbers.js";

/** Writes answers to rows, one a line. */
export interface AnswerLines {
  /** What comes before the first answer. */
  head(): string;
  /** @param cells the row's own, in the order of `columns`, where they are kept */
  line(outputs: Float32Array, cells?: Cells): string;
}

/**
 * `label,probability_setosa,…` for classes, `predicted_price` for numbers, `output_1,output_2,…` without a schema; kept columns
 * come first, under their own names.
 */
export function csvLines(schema: Schema | undefined, outputs: number, columns: readonly string[] = []): AnswerLines {
  const row = (cells: readonly string[]) => `${cells.map(quoted).join(",")}\n`;
  return {
    head: () => row([...columns, ...answerColumns(schema, outputs)]),
    line(numbers, cells = []) {
      const answer = schema?.classes === undefined ? [] : [labelOf(schema, numbers)];
      const kept = columns.map((_, k) => textOf(cells[k]));
      return row([...kept, ...answer, ...shares(schema, numbers).map(String)]);
    },
  };
}

/** `{ label, probabilities }`, values by name, or `{ outputs }`; a kept row is its `input`. */
export function jsonLines(schema: Schema | undefined, columns?: readonly string[]): AnswerLines {
  return {
    head: () => "",
    line(numbers, cells = []) {
      const kept = columns && { input: Object.fromEntries(columns.map((name, k) => [name, cells[k]])) };
      return `${JSON.stringify({ ...kept, ...answerOf(schema, numbers) })}\n`;
    },
  };
}

/** An answer as JSON has it. */
function answerOf(schema: Schema | undefined, numbers: Float32Array): object {
  const values = shares(schema, numbers);
  if (schema === undefined) return { outputs: values };
  const { classes } = schema;
  const names = classes ?? schema.targetColumns.map(({ name }) => name);
  const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
  return classes === undefined ? named : { label: labelOf(schema, numbers), probabilities: named };
}

function answerColumns(schema: Schema | undefined, outputs: number): string[] {
  if (schema === undefined) return Array.from({ length: outputs }, (_, i) => `output_${i + 1}`);
  if (schema.classes !== undefined) return ["label", ...schema.classes.map((name) => `probability_${name}`)];
  return schema.targetColumns.map(({ name }) => `predicted_${name}`);
}

/** The numbers of an answer: one for each class, also where two of them share an output. */
function shares(schema: Schema | undefined, numbers: Float32Array): number[] {
  const [first] = numbers;
  const isShared = schema?.classes !== undefined && numbers.length === 1;
  return (isShared ? [Math.fround(1 - first), first] : [...numbers]).map(shortest);
}

function labelOf(schema: Schema, numbers: Float32Array): string {
  return (schema.decode(numbers) as { label: string }).label;
}

function textOf(cell: unknown): string {
  return cell === undefined || cell === null ? "" : String(cell);
}
