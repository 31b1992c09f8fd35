// The published runs as a table, which docs/determinism.md shows.

import { markdownTable } from "../../bench/markdown.mjs";

/** As 2-17-9-3: gelu, tanh, softmax. */
function layout({ inputs, layers }) {
  const activations = layers.map(({ activation = "identity" }) => activation);
  return `${[inputs, ...layers.map(({ units }) => units)].join("-")}: ${activations.join(", ")}`;
}

export function table(runs, hashes) {
  const rows = runs.map(({ name, network, trainer: { optimizer, batchSize } }) => {
    return [name, layout(network), `${optimizer.kind}, batch ${batchSize}`, `\`${hashes[name]}\``];
  });
  return markdownTable(["run", "network", "training", "SHA-256"], rows);
}
