// Tables in a terminal.

import Table from "cli-table3";
import { shortList } from "../dataset-options.js";
import type { ClassMeasures, Measures, ValueMeasures } from "./measures.js";
import { percent, short, whole } from "./numbers.js";
import type { Colours, Terminal } from "./terminal.js";

/** Columns of a confusion matrix that a terminal has room for. */
const MOST_CLASSES = 20;

/** Words to the left in the first column, numbers to the right in the others. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], colours: Colours): string {
  const drawn = new Table({
    head: head.map((text) => colours.bold(text)),
    colAligns: head.map((_, i) => (i === 0 ? "left" : "right")),
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

export function showMeasures(measures: Measures, terminal: Terminal): void {
  if (measures.kind === "classes") showClasses(measures, terminal);
  else showValues(measures, terminal);
}

function showClasses(measures: ClassMeasures, terminal: Terminal): void {
  const { accuracy, loss, logLoss, rows, classes, macro, confusionMatrix, classNames } = measures;
  const { colours } = terminal;
  const probable = logLoss === undefined ? "" : `, log loss ${short(logLoss)}`;
  terminal.show(`accuracy ${colours.bold(percent(accuracy))} of ${whole(rows)} rows, loss ${short(loss)}${probable}`);
  if (classes === undefined || macro === undefined) return;
  const scores = [...classes, { name: "mean", ...macro }];
  const lines = scores.map(({ name, precision, recall, f1, support }) => [
    printable(name),
    ...[precision, recall, f1].map(percent),
    whole(support),
  ]);
  terminal.show(table(["class", "precision", "recall", "F1", "rows"], lines, colours));
  if (confusionMatrix === undefined) return;
  if (classNames.length > MOST_CLASSES) {
    terminal.note(`The confusion matrix of ${classNames.length} classes is too wide for a terminal; --json has it.`);
    return;
  }
  terminal.heading("Confusion matrix: what is, line by line, and what the network says");
  terminal.show(confusionTable(confusionMatrix, classNames, colours));
}

function confusionTable(matrix: readonly number[][], classNames: readonly string[], colours: Colours): string {
  const cell = (count: number, isRight: boolean) => {
    if (isRight) return colours.green(count);
    return count === 0 ? colours.dim("·") : colours.red(colours.bold(count));
  };
  const lines = matrix.map((counts, actual) => [
    colours.bold(printable(classNames[actual])),
    ...counts.map((count, predicted) => cell(count, actual === predicted)),
  ]);
  return table(["is ╲ says", ...classNames.map(printable)], lines, colours);
}

function showValues({ targets, rows, loss }: ValueMeasures, terminal: Terminal): void {
  const lines = targets.map((each) => [
    printable(each.name),
    short(each.meanAbsoluteError),
    short(each.rootMeanSquaredError),
    each.r2 === undefined ? "–" : each.r2.toFixed(4),
  ]);
  terminal.show(table(["target", "mean absolute error", "RMSE", "R²"], lines, terminal.colours));
  terminal.show(`loss ${short(loss)} over ${whole(rows)} rows`);
}

/** A name from a file without the characters that terminals obey, and not too long. */
export function printable(name: string): string {
  const clean = name.replace(/\p{Cc}/gu, "�");
  return clean.length > 24 ? `${clean.slice(0, 23)}…` : clean;
}

/** Some names in a line. */
export const printableList = (names: readonly string[]): string => shortList(names.map(printable));
