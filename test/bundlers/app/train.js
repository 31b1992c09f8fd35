// What the app's pages and Node train alike: the kernels that a page begins with, and those that it loads when they are needed.

/** Trains with the package's exports, and gives back all parameters. */
export async function train({ Dataset, Network, Trainer }) {
  const data = Dataset.from({
    inputs: [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    targets: [[0], [1], [1], [0]],
  });
  const parameters = [];
  for (const activation of ["relu", "gelu"]) {
    const layers = [
      { units: 8, activation },
      { units: 1, activation: "sigmoid" },
    ];
    const network = await Network.create({ inputs: 2, layers, seed: 1, math: "deterministic" });
    await new Trainer(network, { batchSize: 3 }).fit(data, { epochs: 20 });
    parameters.push(...network.parameters());
  }
  return parameters;
}
