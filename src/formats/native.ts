// nablanet's own model file: small, exact, checked. A container (container.ts) of the magic "nablamdl" whose header is
// {"network": …}, what Network.create makes the network from, and whose one vector is network.parameters().

import { plainObject } from "../checks.js";
import { type OwnNetworkOptions, resolveNetwork } from "../network-options.js";
import { type ContainerKind, encodeContainer } from "./container.js";
import { decodeContainer, isContainer, refuse } from "./container-reader.js";
import { countParameters, type Model } from "./model.js";

const kind: ContainerKind = { magic: "nablamdl", version: 1, what: "model that can be loaded" };

export const isNative = (bytes: Uint8Array) => isContainer(kind, bytes);

export function encode({ network, parameters }: Model): Uint8Array<ArrayBuffer> {
  return encodeContainer(kind, JSON.stringify({ network }), [parameters]);
}

export function decode(bytes: Uint8Array): Model {
  const container = decodeContainer(kind, bytes);
  let network: OwnNetworkOptions;
  let count: number;
  try {
    network = plainObject(JSON.parse(container.header), "the header").network as OwnNetworkOptions;
    resolveNetwork(network);
    count = countParameters(network);
  } catch (error) {
    return refuse(kind, `its header can't be read (${(error as Error).message})`);
  }
  const [parameters] = container.vectors(1, count) as [Float32Array<ArrayBuffer>];
  return { network, parameters };
}
