// One epoch in one line of text.

import type { EpochRow } from "./fit-result.js";

export interface Told {
  row: EpochRow;
  epochs: number;
  /** Whether the line will stay. */
  isLast: boolean;
  /** Since the fit began. */
  seconds: number;
  secondsAnEpoch: number;
  /** Of the terminal; Infinity where lines may have any length, and no bar is drawn. */
  columns: number;
}

const WIDEST_BAR = 40;
const NARROWEST_BAR = 5;

export function progressLine({ row, epochs, isLast, seconds, secondsAnEpoch, columns }: Told): string {
  const { epoch, loss, accuracy, validationLoss, validationAccuracy, samplesPerSecond } = row;
  const count = `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
  // the most important first: a narrow terminal loses the last ones
  const parts = [
    `loss ${short(loss)}`,
    accuracy === undefined ? "" : `accuracy ${percent(accuracy)}`,
    validationLoss === undefined ? "" : `validation ${short(validationLoss)}`,
    validationAccuracy === undefined ? "" : percent(validationAccuracy),
    isLast ? `in ${duration(seconds)}` : `${duration(secondsAnEpoch * (epochs - epoch))} left`,
    Number.isFinite(samplesPerSecond) ? `${whole(samplesPerSecond)} samples/s` : "",
  ].filter((part) => part !== "");
  // a full line would wrap in some terminals
  const most = columns - 1;
  while (parts.length > 0 && [count, ...parts].join("  ").length > most) parts.pop();
  if (columns === Number.POSITIVE_INFINITY) return [count, ...parts].join("  ");
  const room = most - [count, "", ...parts].join("  ").length;
  const bars = room < NARROWEST_BAR ? [] : [bar(epoch / epochs, Math.min(room, WIDEST_BAR))];
  return [count, ...bars, ...parts].join("  ").slice(0, Math.max(most, 1));
}

function bar(share: number, width: number): string {
  const done = Math.floor(width * Math.min(share, 1));
  return "█".repeat(done) + "░".repeat(width - done);
}

/** 4 digits, in 8 characters for most numbers, so that the bar keeps its place. */
function short(value: number): string {
  const size = Math.abs(value);
  const text = value === 0 || (size >= 1e-3 && size < 1e6) ? value.toPrecision(4) : value.toExponential(2);
  return text.padEnd(8);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(7);

const whole = (number: number): string => Math.round(number).toLocaleString("en-US");

/** 75 as "1:15", 3675 as "1:01:15". */
function duration(seconds: number): string {
  const all = Math.round(seconds);
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(all % 60)}`;
}
