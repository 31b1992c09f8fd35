// Which class was taken for which, as a table.

import Table from "cli-table3";
import { percent } from "./numbers.mjs";
import { colours } from "./terminal.mjs";

/** @param matrix matrix[actual][predicted], in samples */
export function confusionTable(matrix, classNames) {
  const table = new Table({
    head: ["is ╲ says", ...classNames, "right"].map((text) => colours.bold(text)),
    colAligns: ["left", ...classNames.map(() => "right"), "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const [actual, counts] of matrix.entries()) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    table.push([
      colours.bold(classNames[actual]),
      ...counts.map((count, predicted) => cell(count, actual === predicted)),
      percent(counts[actual] / total),
    ]);
  }
  return table.toString();
}

function cell(count, isRight) {
  if (isRight) return colours.green(count);
  return count === 0 ? colours.dim("·") : colours.red(colours.bold(count));
}
