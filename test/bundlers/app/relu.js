// The smallest app that trains, whose size the budget limits.

import { Dataset, Network, Trainer } from "nablanet";

const data = Dataset.from({ inputs: [[0], [1]], targets: [0, 1], classes: 2 });
const layers = [
  { units: 8, activation: "relu" },
  { units: 2, activation: "softmax" },
];
const network = await Network.create({ inputs: 1, layers, seed: 1 });
const { status } = await new Trainer(network, { optimizer: { kind: "adam" } }).fit(data, { epochs: 3, threads: 1 });
document.querySelector("output").textContent = status;
