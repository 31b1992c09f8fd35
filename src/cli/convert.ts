// nablanet convert: a model file in another format.

import { type Command, Option } from "commander";
import { Activation } from "../abi.js";
import { namesOf } from "../checks.js";
import { type FormatName, formatNames, formatOf } from "../formats/formats.js";
import { formatByEnding, writable } from "../formats/saving.js";
import { Network } from "../network.js";
import type { ActivationName } from "../network-options.js";
import { names } from "./arguments.js";
import { helpText } from "./help.js";
import { pathOf } from "./input.js";
import { assertWritable } from "./output.js";
import type { ExitCode } from "./program.js";
import { Terminal } from "./terminal.js";

interface ConvertArguments {
  format?: FormatName;
  from?: FormatName;
  activations?: ActivationName[];
  modules?: string[];
  json?: boolean;
}

/** A line for each format: its endings, and whether it can only be read or written. */
function formatList(): string {
  const lines = formatNames.map((name) => {
    const { endings, reader, writer } = formatOf(name);
    const limit = reader === undefined ? ", written only" : writer === undefined ? ", read only" : "";
    return `  ${name.padEnd(12)} ${endings.join(", ")}${limit}`;
  });
  return `\nFormats:\n${lines.join("\n")}`;
}

const help = `${formatList()}

Examples:
  nablanet convert iris.nabla iris.json
  nablanet convert weights.bin model.nabla --activations relu,softmax`;

export function addConvert(program: Command, done: (code?: ExitCode) => void): Command {
  const readable = formatNames.filter((name) => formatOf(name).reader !== undefined);
  return program
    .command("convert")
    .summary("write a model in another format")
    .description("Reads a model file of any format and writes it in another one.")
    .argument("<in>", 'the model file, or "-" for standard input')
    .argument("<out>", "the file to write")
    .addOption(new Option("--format <name>", "of the file to write (default: by its ending)").choices(writable))
    .addOption(new Option("--from <name>", "of the file to read (default: what it looks like)").choices(readable))
    .option("--activations <names>", "of the layers, for formats that hold weights only", activations)
    .option("--modules <names>", "of a state dict in order, where they don't tell it themselves", names)
    .option("--json", "write what was done to stdout as JSON")
    .addHelpText("after", helpText(help))
    .action(async (from: string, to: string, told: ConvertArguments) => {
      await convert(from, to, told);
      done();
    });
}

async function convert(from: string, to: string, told: ConvertArguments): Promise<void> {
  const format = told.format ?? formatByEnding(to);
  await assertWritable(to);
  const { from: source, activations, modules } = told;
  const network = await Network.load(await pathOf(from), {
    ...(source && { format: source }),
    ...(activations && { activations }),
    ...(modules && { modules }),
  });
  await network.save(to, { format });
  const terminal = new Terminal(told);
  const { parameterCount: parameters } = network;
  terminal.show(`${to}: ${format}, ${network.layers.length} layers, ${parameters.toLocaleString("en-US")} parameters`);
  terminal.result({ model: to, format, parameters });
}

function activations(text: string, before?: readonly string[]): ActivationName[] {
  const known = namesOf<ActivationName>(Activation);
  return names(text, before).map((name) => {
    const found = known.find((each) => each === name);
    if (found === undefined) throw new RangeError(`--activations must be some of ${known.join(", ")}, got "${name}"`);
    return found;
  });
}
