// A model as JSON, for people and other programs to read:
//
//   {
//     "format": "nablanet", "version": 1,
//     "network": what Network.create makes the network from,
//     "layers": [{ "weights": one row for each neuron [to][from], "biases": [] }, …]
//   }
//
// A normalised layer also has "gamma" and, with batch normalization, "runningMean" and "runningVariance". Numbers have as many
// digits as float32 needs to come back exactly.

import { plainObject } from "../checks.js";
import { joinedFloats } from "../data/joined.js";
import { type OwnNetworkOptions, resolveNetwork } from "../network-options.js";
import { perUnit } from "../normalization.js";
import { FormatError } from "./errors.js";
import { float32List, list } from "./json-fields.js";
import type { Model } from "./model.js";
import { shortest } from "./shortest.js";

const VERSION = 1;

export function encode({ network, parameters }: Model): Uint8Array<ArrayBuffer> {
  let at = 0;
  const row = (count: number) => {
    at += count;
    return `[${Array.from(parameters.subarray(at - count, at), shortest).join(", ")}]`;
  };
  const layers = resolveNetwork(network).layers.map(({ inputs, units, normalization }) => {
    const weights = Array.from({ length: units }, () => `        ${row(inputs)}`).join(",\n");
    const rest = perUnit(normalization).map((name) => `      "${name}": ${row(units)}`);
    return `    {\n${[`      "weights": [\n${weights}\n      ]`, ...rest].join(",\n")}\n    }`;
  });
  const fields = [
    `"format": "nablanet"`,
    `"version": ${VERSION}`,
    `"network": ${JSON.stringify(network, undefined, 2).replaceAll("\n", "\n  ")}`,
    `"layers": [\n${layers.join(",\n")}\n  ]`,
  ];
  return new TextEncoder().encode(`{\n  ${fields.join(",\n  ")}\n}\n`);
}

export function decode(bytes: Uint8Array): Model {
  try {
    const {
      format,
      version,
      network: options,
      layers,
    } = plainObject(JSON.parse(new TextDecoder().decode(bytes)), "it");
    if (format !== "nablanet") throw new RangeError(`"format" must be "nablanet", got ${JSON.stringify(format)}`);
    if (version !== VERSION) throw new RangeError(`"version" must be ${VERSION}, got ${JSON.stringify(version)}`);
    const network = options as OwnNetworkOptions;
    const resolved = resolveNetwork(network).layers;
    const given = list(layers, "layers");
    if (given.length !== resolved.length) {
      throw new RangeError(`layers must be ${resolved.length} as in network.layers, got ${given.length}`);
    }
    // found first, so that nothing is made as large as a stranger says
    const vectors = resolved.flatMap(({ inputs, units, normalization }, i) => {
      const layer = plainObject(given[i], `layers[${i}]`);
      const rows = list(layer.weights, `layers[${i}].weights`);
      if (rows.length !== units) {
        throw new RangeError(`layers[${i}].weights must have ${units} rows, got ${rows.length}`);
      }
      return [
        ...rows.map((row, j) => float32List(row, `layers[${i}].weights[${j}]`, inputs)),
        ...perUnit(normalization).map((name) => float32List(layer[name], `layers[${i}].${name}`, units)),
      ];
    });
    return { network, parameters: joinedFloats(vectors) };
  } catch (error) {
    throw new FormatError(`this is no JSON model that can be loaded: ${(error as Error).message}`, { cause: error });
  }
}
