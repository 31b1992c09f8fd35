// The end of a training: what the network is worth, where it went, the report.

import { writeFile } from "../engine/whole-file.js";
import type { FitResult } from "../fit-result.js";
import type { OptimizerKind } from "../optimizers.js";
import type { Trainer } from "../trainer.js";
import { showCurves } from "./curves-text.js";
import { measure, measuresJson } from "./measures.js";
import { epochsText, short } from "./numbers.js";
import { saveTrained } from "./output.js";
import { showMeasures } from "./tables-text.js";
import type { Terminal } from "./terminal.js";
import type { OutputArguments } from "./training-arguments.js";
import { lengthOf, type TrainingData } from "./training-data.js";
import type { SearchTrial } from "./trial-table.js";

export interface Trained {
  /** The data's. */
  file: string;
  /** The model's. */
  output: string;
  trainer: Trainer;
  data: TrainingData;
  result: FitResult;
  optimizer: OptimizerKind;
  /** Of the search that this is the best of. */
  trials?: readonly SearchTrial[];
  told: OutputArguments & { threads: "auto" | "worker" | number };
}

/** @throws Error where training diverged: there is no model then. */
export async function conclude(trained: Trained, terminal: Terminal, more: object = {}): Promise<void> {
  const { output, trainer, data, result, told } = trained;
  const { network } = trainer;
  if (result.status === "diverged") {
    throw new Error(
      `training diverged, and no model was written: ${result.diagnosis ?? "try a smaller --learning-rate"}`,
    );
  }
  await saveTrained(network, output);
  const targets = data.schema.targetColumns.map(({ name }) => name);
  const measures = await measure(trainer, data.heldOut, targets, told.threads);
  showCurves(result.history, terminal);
  terminal.heading("The held-out rows");
  showMeasures(measures, terminal);
  terminal.show(`\n${ending(result)}; seed ${network.seed}`);
  if (result.diagnosis !== undefined) terminal.note(result.diagnosis);
  if (told.report !== undefined) {
    const { reportPage } = await import("./report/page.js");
    await writeFile(told.report, new TextEncoder().encode(reportPage(trained, measures)));
    terminal.show(`report in ${told.report}`);
  }
  terminal.show(`model in ${output}`);
  const { status, best, history, threads } = result;
  const { layers, inputs, parameterCount: parameters, seed } = network;
  terminal.result({
    model: output,
    ...(told.report !== undefined && { report: told.report }),
    status,
    epochs: history.length,
    ...(best && { best }),
    seed,
    rows: { training: lengthOf(data.training), heldOut: measures.rows },
    network: {
      inputs,
      layers: layers.map(({ units, activation, dropout }) => ({ units, activation, dropout })),
      parameters,
    },
    loss: trainer.loss,
    ...more,
    heldOut: measuresJson(measures),
    threads,
    history,
  });
}

function ending({ status, history, best }: FitResult): string {
  const seconds = history.reduce((sum, row) => sum + row.seconds, 0);
  const chosen = best === undefined ? "" : `, the best of them ${best.epoch} with a loss of ${short(best.value)}`;
  const why = status === "converged" ? "stopped, as the held-out loss fell no more, after" : "trained for";
  return `${why} ${epochsText(history.length)} in ${seconds.toFixed(1)} s${chosen}`;
}
