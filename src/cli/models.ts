// Models as commands take them.

import { Network } from "../network.js";
import { Schema } from "../tables/schema.js";
import { pathOf } from "./input.js";

/** The network in a model file, and the schema of its table, if it came of one. */
export async function loadNetwork(file: string): Promise<{ network: Network; schema: Schema | undefined }> {
  const network = await Network.load(await pathOf(file));
  const { schema } = network;
  return { network, schema: schema instanceof Schema ? schema : undefined };
}
