// The line that tells how training goes: written over in a terminal, one every few epochs elsewhere.

import logUpdate from "log-update";
import { percent, whole } from "./numbers.mjs";
import { colours, columns, isLive } from "./terminal.mjs";

const WIDEST_BAR = 40;

/** @param every of how many epochs one is told where lines can't be written over */
export function showProgress(row, epochs, every) {
  const { epoch } = row;
  if (isLive) logUpdate(line(row, epochs));
  else if (epoch === 1 || epoch === epochs || epoch % every === 0) console.log(`epoch ${told(row, epochs)}`);
  if (isLive && epoch === epochs) logUpdate.done();
}

function line(row, epochs) {
  const text = told(row, epochs);
  // a full line would wrap in some terminals
  const width = Math.min(WIDEST_BAR, columns() - text.length - 2);
  if (width < 5) return text;
  const done = Math.round((width * row.epoch) / epochs);
  return `${colours.cyan("█".repeat(done))}${colours.dim("░".repeat(width - done))} ${text}`;
}

/** Of the same length for every epoch, so that the bar keeps its place. */
function told({ epoch, loss, validationAccuracy, samplesPerSecond }, epochs) {
  return [
    `${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `loss ${loss.toFixed(4)}`,
    `held-out ${percent(validationAccuracy).padStart(7)}`,
    `${whole(samplesPerSecond).padStart(9)} samples/s`,
  ].join("  ");
}
