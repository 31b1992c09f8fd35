// What a schema's columns are, found in one pass over the rows, in memory that doesn't depend on their number.

import { got } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { BOOLEANS, booleanOf, hasDecimalComma, isDate, isMissing, numberOf, textOf } from "./cells.js";
import {
  BooleanColumn,
  CategoricalColumn,
  type Column,
  type ColumnKind,
  IgnoredColumn,
  NumericColumn,
} from "./columns.js";
import type { MissingPolicy } from "./schema.js";
import { placeOf } from "./table-file.js";

/** How many different values of a column are counted: of numbers, of text, and where the user wants categories. */
const MOST_NUMBERS = 64;
const MOST_WORDS = 1024;
const MOST_CATEGORIES = 2 ** 16;
/** Text of up to so many different values is categories, even where most rows differ. */
const FEW_WORDS = 10;
/** The most classes that whole numbers are taken for. */
const MOST_NUMBERED = 20;

/** What can be done about a column that is neither numbers nor categories. */
const REMEDY = 'name it in ignore, or say columns: { …: "categorical" }';
const COMMA_REMEDY = 'say decimal: "," where their decimals follow it, or leave it out where it parts thousands';

/** What a column is to be. */
export interface ColumnRole {
  target: boolean;
  /** What the user said. */
  kind: ColumnKind | undefined;
}

/** What was seen of one column. */
export class ColumnProfile {
  readonly #place: string;
  readonly #name: string;
  readonly #role: ColumnRole;
  readonly #missing: MissingPolicy;
  #present = 0;
  #sum = 0;
  /** The first cell that is no number. */
  #text: { row: number; cell: unknown } | undefined;
  /** How often each value was seen; undefined once there were too many. */
  #counts: Map<string, number> | undefined = new Map();

  constructor(place: string, name: string, role: ColumnRole, missing: MissingPolicy) {
    this.#place = place;
    this.#name = name;
    this.#role = role;
    this.#missing = missing;
  }

  /** @throws FormatError for a cell that no column can have, and for a missing one that isn't imputed. */
  add(cell: unknown, row: number): void {
    if (this.#role.kind === "ignored") return;
    const number = numberOf(cell);
    if (Number.isNaN(number) && isMissing(cell)) {
      this.#miss(cell, row);
      return;
    }
    if (Number.isNaN(number)) this.#text ??= { row, cell };
    else if (Number.isFinite(Math.fround(number))) this.#sum += number;
    else this.#refuse(row, "a number that float32 holds", cell);
    this.#present += 1;
    if (this.#counts !== undefined) this.#count(cell, row);
    else if (Number.isNaN(number) && textOf(cell) === undefined) this.#refuseKind(cell, row);
  }

  #count(cell: unknown, row: number): void {
    const counts = this.#counts as Map<string, number>;
    const word = textOf(cell) ?? this.#refuseKind(cell, row);
    const count = counts.get(word);
    if (count !== undefined) counts.set(word, count + 1);
    else if (counts.size < this.#most) counts.set(copied(word), 1);
    else this.#counts = undefined;
  }

  get #most(): number {
    if (this.#role.kind === "categorical") return MOST_CATEGORIES;
    return this.#text === undefined ? MOST_NUMBERS : MOST_WORDS;
  }

  #miss(cell: unknown, row: number): void {
    if (this.#missing === "impute" && !this.#role.target) return;
    const hint = this.#role.target
      ? "targets aren't imputed"
      : 'with missing: "impute" the mean or the most frequent value is put there';
    throw new FormatError(`${this.#at(row)} must have a value, got none (${got(cell)}); ${hint}`);
  }

  #refuse(row: number, expected: string, cell: unknown): never {
    throw new FormatError(`${this.#at(row)} must be ${expected}, got ${got(cell)}`);
  }

  #refuseKind(cell: unknown, row: number): never {
    return this.#refuse(row, "a number, a string, true or false", cell);
  }

  #at(row: number): string {
    return placeOf(this.#place, row, this.#name);
  }

  /** What the column is. @throws FormatError for what is none of them, or not what the user said. */
  resolve(): Column {
    const { kind } = this.#role;
    if (kind === "ignored") return new IgnoredColumn(this.#name);
    if (this.#present === 0) this.#fail("has no values", "ignore it");
    if (kind === "numeric") return this.#numeric();
    if (kind === "boolean")
      return this.#boolean() ?? this.#fail("has other values than true and false, yes and no, 1 and 0");
    if (kind === "categorical") return this.#categorical() ?? this.#fail(`has more than ${MOST_CATEGORIES} categories`);
    if (this.#text === undefined) return this.#role.target && this.#isNumbered() ? this.#required() : this.#numeric();
    const boolean = this.#counts !== undefined && !this.#counts.has("0") && !this.#counts.has("1") && this.#boolean();
    if (boolean) return boolean;
    this.#refuseLookalikes(this.#text);
    const { size } = this.#counts ?? { size: Number.POSITIVE_INFINITY };
    if (size <= FEW_WORDS || size <= this.#present / 2) return this.#required();
    const { row, cell } = this.#text;
    const many = this.#counts === undefined ? "too many" : size;
    this.#fail(
      `is neither numeric (row ${row} has ${got(cell)}) nor categorical (${many} different values in ${this.#present} rows)`,
      REMEDY,
    );
  }

  /** Refuses text that can be taken for categories, but is seldom meant so. */
  #refuseLookalikes({ row, cell }: { row: number; cell: unknown }): void {
    const words = [...(this.#counts?.keys() ?? [textOf(cell) ?? ""])];
    const isNumber = (word: string) => hasDecimalComma(word) || !Number.isNaN(numberOf(word));
    if (words.every(isNumber)) this.#fail(`has numbers with a comma (row ${row} has ${got(cell)})`, COMMA_REMEDY);
    if (!words.every(isDate)) return;
    this.#fail(`has dates (row ${row} has ${got(cell)})`, `make numbers of them, or ${REMEDY}`);
  }

  #fail(what: string, remedy?: string): never {
    const rest = remedy === undefined ? "" : `: ${remedy}`;
    throw new FormatError(`${this.#place}: column ${JSON.stringify(this.#name)} ${what}${rest}`);
  }

  #numeric(): NumericColumn {
    if (this.#text !== undefined) {
      this.#refuseLookalikes(this.#text);
      this.#refuse(this.#text.row, "a number", this.#text.cell);
    }
    return new NumericColumn(this.#name, this.#sum / this.#present);
  }

  /** Whether a target's numbers are written as classes are: 0, 1, … k−1 or 1, 2, … k, each there, in 2k rows at least. */
  #isNumbered(): boolean {
    const counts = this.#counts;
    if (counts === undefined || counts.size < 2 || counts.size > MOST_NUMBERED) return false;
    const first = counts.has("0") ? 0 : 1;
    const isWhole = Array.from(counts, (_, i) => counts.has(String(first + i))).every(Boolean);
    return isWhole && this.#present >= 2 * counts.size;
  }

  #boolean(): BooleanColumn | undefined {
    const counts = this.#counts;
    if (counts === undefined || ![...counts.keys()].every((word) => booleanOf(word) >= 0)) return undefined;
    const written = new Set([...counts.keys()].map((word) => word.toLowerCase()));
    const labels = BOOLEANS.find((pair) => pair.some((label) => written.has(label))) ?? BOOLEANS[0];
    if (this.#role.target && [0, 1].some((side) => ![...counts.keys()].some((word) => booleanOf(word) === side))) {
      this.#fail(`must have two values, as it is a target, got only ${got([...counts.keys()][0])}`);
    }
    let balance = 0;
    for (const [word, count] of counts) balance += booleanOf(word) === 1 ? count : -count;
    return new BooleanColumn(this.#name, labels, labels[balance > 0 ? 1 : 0]);
  }

  #required(): CategoricalColumn {
    return this.#categorical() ?? this.#fail("has too many categories");
  }

  #categorical(): CategoricalColumn | undefined {
    if (this.#counts === undefined) return undefined;
    const categories = sorted([...this.#counts.keys()]);
    const count = (word: string) => this.#counts?.get(word) ?? 0;
    const mostFrequent = categories.reduce((best, word) => (count(word) > count(best) ? word : best));
    return new CategoricalColumn(this.#name, Object.freeze(categories), mostFrequent);
  }
}

/** By size where all are numbers, else by UTF-16 code unit. */
function sorted(words: string[]): string[] {
  const numeric = words.every((word) => !Number.isNaN(numberOf(word)));
  return words.sort((a, b) => (numeric && numberOf(a) - numberOf(b)) || (a < b ? -1 : 1));
}

/** A string of its own, as one that was cut out of a file's text may keep all of it in memory. */
function copied(word: string): string {
  return JSON.parse(JSON.stringify(word));
}
