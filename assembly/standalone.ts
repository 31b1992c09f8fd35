// The kernel of a stand-alone module, which predicts one sample with the network that lies in its memory.
// src/formats/standalone/memory-image.ts lays the network out there, by index.ts, and writes down where.

import { StandalonePlace } from "../src/abi";
import { Table } from "./data";
import { Workspace } from "./network";
import { predict as predictRows } from "./step";
import { Thread } from "./sync";

/** Below what the compiler places, see asconfig.standalone.json. */
const PLACES: usize = 16;

// @ts-ignore: decorator
@inline
function addressOf(part: StandalonePlace): usize {
  return load<usize>(PLACES + <usize>part * sizeof<usize>());
}

/** The answer to the sample that lies where the table says. */
export function predict(): void {
  const thread = changetype<Thread>(addressOf(StandalonePlace.thread));
  const workspace = changetype<Workspace>(addressOf(StandalonePlace.workspace));
  const table = changetype<Table>(addressOf(StandalonePlace.table));
  const output = addressOf(StandalonePlace.output);
  predictRows(thread, workspace, table, 0, 1, output);
  const unscaling = addressOf(StandalonePlace.unscaling);
  if (unscaling) unscale(output, unscaling, workspace.network.outputs);
}

/** factor·a + offset in float64, rounded once, of each output. */
function unscale(output: usize, unscaling: usize, outputs: i32): void {
  for (let j = 0; j < outputs; j++, output += 4, unscaling += 16) {
    store<f32>(output, <f32>(load<f64>(unscaling) * <f64>load<f32>(output) + load<f64>(unscaling, 8)));
  }
}
