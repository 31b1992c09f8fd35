// The model and the data to and from files.

import { type FormatName, Network } from "nablanet";
import type { Run } from "./run.js";
import { bounds, choices, type HiddenLayer, MOST_LAYERS } from "./settings.js";
import { change, session, settings } from "./store.js";

const endings = { nablanet: "nabla", json: "json", onnx: "onnx", javascript: "mjs" } as const;

function download(name: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content]));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // the download has begun by then
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function saveModel(
  { network, problem }: Run,
  format: Extract<FormatName, keyof typeof endings>,
): Promise<void> {
  download(`${problem.name}.${endings[format]}`, await network.encode(format));
}

/** A field with what would part it, in quotes. */
const field = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** All rows, training before test; "part" says which. */
export function dataAsCsv({ problem, data }: Run): string {
  const { inputNames, classNames, targetNames = ["y"] } = problem;
  const head = [...inputNames, ...(classNames ? ["class"] : targetNames), "part"];
  const lines = (["train", "test"] as const).flatMap((part) => {
    const { rows, inputs, targets, labels } = data[part];
    return Array.from({ length: rows }, (_, row) => {
      const [width, outputs] = [inputs.length / rows, targets.length / rows];
      const target = labels
        ? [classNames?.[labels[row]] ?? ""]
        : [...targets.subarray(row * outputs, (row + 1) * outputs)];
      return [...inputs.subarray(row * width, (row + 1) * width), ...target, part].map((cell) => field(String(cell)));
    });
  });
  return `${[head.map(field), ...lines].map((cells) => cells.join(",")).join("\n")}\n`;
}

export function saveData(run: Run): void {
  download(`${run.problem.name}.csv`, dataAsCsv(run));
}

/**
 * Takes layers and parameters of a model file; the data stay.
 *
 * @throws RangeError for a network that doesn't suit the problem, or is more than the page shows; FormatError.
 */
export async function loadModel(file: File): Promise<void> {
  const network = await Network.load(file);
  try {
    const run = session.value?.run;
    if (run === undefined) return;
    const { inputs, outputs } = run.network;
    if (network.inputs !== inputs || network.outputs !== outputs) {
      throw new RangeError(
        `${file.name} must have ${inputs} inputs and ${outputs} outputs, as the data have, got ${network.inputs} and ${network.outputs}`,
      );
    }
    const layers = hiddenOf(network);
    const last = network.layers[network.layers.length - 1].activation;
    const output = choices.output.find((each) => each === last);
    if (output === undefined)
      throw new RangeError(`${file.name} has an output activation that isn't offered here, ${last}`);
    await change({ ...settings.value, network: { ...settings.value.network, layers, output } });
    session.value?.setParameters(network.parameters());
  } finally {
    network.dispose();
  }
}

function hiddenOf({ layers }: Network): HiddenLayer[] {
  const hidden = layers.slice(0, -1);
  if (hidden.length > MOST_LAYERS) throw new RangeError(`the network must have at most ${MOST_LAYERS} hidden layers`);
  return hidden.map(({ units, activation, dropout, normalization }, i) => {
    if (units > bounds.layer.units.most) {
      throw new RangeError(`layer ${i + 1} must have at most ${bounds.layer.units.most} neurons, got ${units}`);
    }
    if (normalization !== undefined)
      throw new RangeError(`layer ${i + 1} has ${normalization.kind} normalization, which isn't shown here`);
    if (!choices.activation.includes(activation))
      throw new RangeError(`layer ${i + 1} has ${activation}, which isn't offered here`);
    return { units, activation, dropout: Math.min(dropout, bounds.layer.dropout.most) };
  });
}
