// What a cell of a table says, whether it came as text from a file or as a value from JSON or a program.

/** How files write that a value isn't there. */
const MISSING = new Set(["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "?"]);

export function isMissing(cell: unknown): boolean {
  if (typeof cell === "string") return MISSING.has(cell.trim());
  return cell === undefined || cell === null || Number.isNaN(cell);
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a cell is or spells in decimal, with blanks around it or not; NaN for any other. */
export function numberOf(cell: unknown): number {
  if (typeof cell === "number") return cell;
  if (typeof cell === "bigint") return Number(cell);
  if (typeof cell !== "string") return Number.NaN;
  const number = Number(cell);
  // Number takes blanks for 0, and knows "0x10" and "Infinity", whose first two characters aren't both from "!" to "9"
  const isPlain = cell.charCodeAt(0) > 32 && cell.charCodeAt(0) <= 57 && !(cell.charCodeAt(1) > 57);
  if (isPlain || Number.isNaN(number) || DECIMAL.test(cell.trim())) return number;
  return Number.NaN;
}

const WITH_COMMA = /^\s*[+-]?(\d+,\d*|,\d+)(e[+-]?\d+)?\s*$/i;

/** Whether text spells a number whose decimals come after a comma. */
export const hasDecimalComma = (text: string): boolean => WITH_COMMA.test(text);

const DATE = /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([T ].*)?$/;

/** Whether text is a day by its numbers, with the time or without. */
export const isDate = (text: string): boolean => DATE.test(text);

/** A cell as text without blanks around it; undefined for what is no text, number or boolean. */
export function textOf(cell: unknown): string | undefined {
  switch (typeof cell) {
    case "string":
      return cell.trim();
    case "number":
      // −0 as 0
      return String(cell + 0);
    case "boolean":
    case "bigint":
      return String(cell);
    default:
      return undefined;
  }
}

/** The words for no and yes, in this order. */
export const BOOLEANS = [
  ["false", "true"],
  ["no", "yes"],
  ["0", "1"],
] as const;

/** 0 or 1 for a word or value that says false or true; −1 for any other. */
export function booleanOf(cell: unknown): number {
  const word = textOf(cell)?.toLowerCase();
  for (const [no, yes] of BOOLEANS) {
    if (word === no) return 0;
    if (word === yes) return 1;
  }
  return -1;
}
