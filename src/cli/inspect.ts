// nablanet inspect: what is in a model file.

import type { Command } from "commander";
import { type Spread, spread } from "../layer-statistics.js";
import type { Network } from "../network.js";
import { summary } from "../summary.js";
import type { ColumnJson } from "../tables/columns.js";
import type { Schema } from "../tables/schema.js";
import { helpText } from "./help.js";
import { type Histogram, histogram, sparkline } from "./histogram.js";
import { loadNetwork } from "./models.js";
import { short } from "./numbers.js";
import type { ExitCode } from "./program.js";
import { printable, printableList, table } from "./tables-text.js";
import { Terminal } from "./terminal.js";

/** Numbers of a layer, measured. */
interface Measured extends Spread {
  histogram: Histogram;
}

interface LayerContent {
  units: number;
  activation: string;
  weights: Measured;
  biases: Measured;
}

const help = `
Examples:
  nablanet inspect iris.nabla
  nablanet inspect iris.nabla --json | jq .layers[0].weights.deviation`;

export function addInspect(program: Command, done: (code?: ExitCode) => void): Command {
  return program
    .command("inspect")
    .summary("show what is in a model")
    .description("Shows a model's layers, the columns it knows, and how its weights are distributed.")
    .argument("<model>", 'the model file, or "-" for standard input')
    .option("--json", "write it to stdout as JSON")
    .addHelpText("after", helpText(help))
    .action(async (model: string, told: { json?: boolean }) => {
      const terminal = new Terminal(told);
      const { network, schema } = await loadNetwork(model);
      const layers = contentOf(network);
      show(network, schema, layers, terminal);
      const { inputs, outputs, seed, math, parameterCount: parameters, normalize, normalizeTargets } = network;
      const scaling = { ...(normalize && { normalize }), ...(normalizeTargets && { normalizeTargets }) };
      terminal.result({ inputs, outputs, parameters, seed, math, ...scaling, layers, ...(schema && { schema }) });
      done();
    });
}

function contentOf(network: Network): LayerContent[] {
  return network.layers.map(({ units, activation }, i) => {
    const { weights, biases } = network.weightsOf(i);
    const measured = (numbers: Float32Array): Measured => {
      const found = spread([numbers]);
      return { ...found, histogram: histogram(numbers, found.least, found.most) };
    };
    return { units, activation, weights: measured(weights), biases: measured(biases) };
  });
}

function show(network: Network, schema: Schema | undefined, layers: readonly LayerContent[], terminal: Terminal): void {
  const { colours } = terminal;
  terminal.show(summary(network));
  const { normalize, normalizeTargets } = network;
  const scaled = [
    normalize && `inputs (${kindOf(normalize)})`,
    normalizeTargets && `targets (${kindOf(normalizeTargets)})`,
  ];
  const names = scaled.filter((each) => each !== undefined);
  if (names.length > 0) terminal.show(`scales ${names.join(" and ")} by itself`);
  if (schema !== undefined) {
    terminal.heading("Columns");
    const targets = new Set(schema.targetColumns.map(({ name }) => name));
    const rows = schema.toJSON().columns.map((column) => columnLine(column, targets.has(column.name)));
    terminal.show(table(["column", "kind", "role", "values"], rows, colours));
  }
  terminal.heading("Weights and biases, and how many there are of each size from the least to the most");
  const rows = layers.flatMap(({ weights, biases }, i) => [
    measuredLine(`weights ${i + 1}`, weights),
    measuredLine(`biases ${i + 1}`, biases),
  ]);
  terminal.show(table(["", "mean", "deviation", "least", "histogram", "most"], rows, colours));
}

function measuredLine(name: string, { mean, deviation, least, most, histogram }: Measured): string[] {
  return [name, short(mean), short(deviation), short(least), sparkline(histogram), short(most)];
}

function columnLine(column: ColumnJson, isTarget: boolean): string[] {
  const role = column.kind === "ignored" ? "–" : isTarget ? "target" : "input";
  const values =
    column.kind === "numeric"
      ? `mean ${short(column.mean)}`
      : column.kind === "categorical"
        ? printableList(column.categories.slice(0, 4)) + (column.categories.length > 4 ? ", …" : "")
        : column.kind === "boolean"
          ? column.labels.join(", ")
          : "–";
  return [printable(column.name), column.kind, role, values];
}

function kindOf(normalize: NonNullable<Network["normalize"]>): string {
  return typeof normalize === "string" ? normalize : normalize.kind;
}
