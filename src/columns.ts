// What a column of the history says by its name.

const LOWER = /(loss|error)$/i;
const HIGHER = /(accuracy|precision|recall|f1|auc|correlation|r2)$/i;

/** Whether more is better; undefined where the name doesn't tell. */
export function isHigherBetter(column: string): boolean | undefined {
  return HIGHER.test(column) || (LOWER.test(column) ? false : undefined);
}
