// The report of a training: one HTML page that needs no network and no script.

import { version } from "../../../package.json";
import type { EpochRow } from "../../fit-result.js";
import type { ColumnJson } from "../../tables/columns.js";
import type { Trained } from "../conclusion.js";
import type { ClassMeasures, Measures, ValueMeasures } from "../measures.js";
import { percent, short, whole } from "../numbers.js";
import { lengthOf } from "../training-data.js";
import { escaped, htmlTable, section } from "./html.js";
import { type Curve, curvePlot, type Points, scatterPlot } from "./plots.js";
import { style } from "./style.js";
import { trialsSection } from "./trials.js";

/** Categories of a column that are named. */
const MOST_NAMED = 12;

export function reportPage(trained: Trained, measures: Measures): string {
  const { file, output, data, result, trials = [] } = trained;
  const targets = data.schema.targetColumns.map(({ name }) => name).join(", ");
  const title = `${targets} from ${file === "-" ? "standard input" : file}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="faint">The model is in ${escaped(output)}, trained by nablanet ${escaped(version)}. All figures but the curves of training are of
${whole(measures.rows)} held-out rows, which also decided when to stop.</p>
${headline(measures, trained)}
${measures.kind === "classes" ? classSections(measures) : valueSections(measures)}
${trials.length === 0 ? "" : section("Trials", trialsSection(trials))}
${section("Training", curves(result.history))}
${section("Settings", settings(trained))}
${section("Columns", columns(data.schema.toJSON().columns, new Set(data.schema.targetColumns.map(({ name }) => name))))}
</body>
</html>
`;
}

function headline(measures: Measures, { data, result }: Trained): string {
  const rows = lengthOf(data.training);
  const figures: (readonly [string, string])[] =
    measures.kind === "classes"
      ? [
          ["accuracy", percent(measures.accuracy)],
          ...(measures.logLoss === undefined ? [] : [["log loss", short(measures.logLoss)] as const]),
          ...(measures.macro === undefined ? [] : [["mean F1", percent(measures.macro.f1)] as const]),
        ]
      : measures.targets
          .slice(0, 1)
          .flatMap(({ r2, meanAbsoluteError, rootMeanSquaredError }) => [
            ...(r2 === undefined ? [] : [["R²", r2.toFixed(4)] as const]),
            ["mean absolute error", short(meanAbsoluteError)],
            ["RMSE", short(rootMeanSquaredError)],
          ]);
  const others = [
    ...(rows === undefined ? [] : [["training rows", whole(rows)] as const]),
    ["epochs", whole(result.history.length)] as const,
  ];
  const boxes = [...figures, ...others].map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return `<dl class="figures">${boxes.join("\n")}</dl>`;
}

function classSections({ classes, macro, weighted, confusionMatrix, classNames }: ClassMeasures): string {
  if (classes === undefined || macro === undefined || weighted === undefined || confusionMatrix === undefined)
    return "";
  const all = [...classes, { name: "mean", ...macro }, { name: "mean weighted by rows", ...weighted }];
  const scores = all.map(({ name, precision, recall, f1, support }) => {
    return [name, ...[precision, recall, f1].map(percent), whole(support)];
  });
  return [
    section("Confusion matrix", matrix(confusionMatrix, classNames)),
    section("Classes", htmlTable(["class", "precision", "recall", "F1", "rows"], scores)),
  ].join("\n");
}

function matrix(counts: readonly (readonly number[])[], names: readonly string[]): string {
  const head = names.map((name) => `<th scope="col" title="${escaped(name)}">${escaped(name)}</th>`).join("");
  const rows = counts.map((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, predicted) => {
      const share = count === 0 ? 0 : 0.12 + (0.6 * count) / total;
      return `<td class="${actual === predicted ? "right" : "wrong"}" style="--share:${share.toFixed(2)}">${count === 0 ? "·" : whole(count)}</td>`;
    });
    return `<tr><th scope="row" title="${escaped(names[actual])}">${escaped(names[actual])}</th>${cells.join("")}</tr>`;
  });
  return `<div class="wide"><table class="matrix"><thead><tr><th></th>${head}</tr></thead><tbody>
${rows.join("\n")}
</tbody></table></div>
<p class="faint">Rows are what is, columns what the network says.</p>`;
}

function valueSections({ targets, plotted }: ValueMeasures): string {
  const rows = targets.map(({ name, meanAbsoluteError, rootMeanSquaredError, r2 }) => {
    return [name, short(meanAbsoluteError), short(rootMeanSquaredError), r2 === undefined ? "–" : r2.toFixed(4)];
  });
  const plots = plotted.map((some, j) => scatterPlot(targets[j].name, some));
  return [
    section("Predictions and targets", plots.join("\n")),
    section("Errors", htmlTable(["target", "mean absolute error", "RMSE", "R²"], rows)),
  ].join("\n");
}

function curves(history: readonly EpochRow[]): string {
  const curve = (name: string, style: Curve["style"], column: keyof EpochRow, factor: number): Curve => ({
    name,
    style,
    points: history.flatMap((row): Points => {
      const value = row[column];
      return value === undefined || !Number.isFinite(value) ? [] : [[row.epoch, factor * value]];
    }),
  });
  const pair = (training: keyof EpochRow, heldOut: keyof EpochRow, factor = 1) => [
    curve("training", "training", training, factor),
    curve("held-out rows", "held-out", heldOut, factor),
  ];
  const loss = curvePlot("Loss by epoch", ["epoch", "loss"], pair("loss", "validationLoss"), true);
  if (history[0]?.accuracy === undefined) return loss;
  const accuracies = pair("accuracy", "validationAccuracy", 100);
  return `${loss}\n${curvePlot("Accuracy by epoch", ["epoch", "accuracy, %"], accuracies, false)}`;
}

function settings({ trainer, result, told, optimizer }: Trained): string {
  const { network } = trainer;
  const hidden = network.layers.slice(0, -1).map(({ units, activation, dropout }) => {
    return `${units} ${activation}${dropout > 0 ? ` with dropout ${short(dropout)}` : ""}`;
  });
  const output = network.layers.at(-1);
  const { best } = result;
  const rows: [string, string][] = [
    ["inputs", whole(network.inputs)],
    ["hidden layers", hidden.length === 0 ? "none" : hidden.join(", ")],
    ["output layer", `${output?.units} ${output?.activation}`],
    ["parameters", whole(network.parameterCount)],
    ["loss", trainer.loss],
    ["optimizer", `${optimizer}, learning rate ${short(result.history.at(-1)?.learningRate ?? trainer.learningRate)}`],
    ["mini-batch", `${whole(trainer.batchSize)} rows`],
    ["ended", result.status],
    ...(best
      ? [["best epoch", `${best.epoch}, with a held-out loss of ${short(best.value)}`] as [string, string]]
      : []),
    ["seed", String(network.seed)],
    ["threads", `${told.threads}: ${result.threads.used} used, ${result.threads.reason}`],
  ];
  return htmlTable(["setting", "value"], rows).replace("<table>", '<table class="words">');
}

function columns(all: readonly ColumnJson[], targets: ReadonlySet<string>): string {
  const rows = all.map((column) => {
    const role = column.kind === "ignored" ? "–" : targets.has(column.name) ? "target" : "input";
    return [column.name, column.kind, role, valuesOf(column)];
  });
  return htmlTable(["column", "kind", "role", "values"], rows).replace("<table>", '<table class="words">');
}

function valuesOf(column: ColumnJson): string {
  if (column.kind === "numeric") return `mean ${short(column.mean)}`;
  if (column.kind === "ignored") return "–";
  const names = column.kind === "boolean" ? column.labels : column.categories;
  return names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? `, … (${names.length})` : "");
}
