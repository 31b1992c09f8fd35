// Settings as the part of a URL behind "#", readable, with only what differs from the defaults:
// #data=spirals&layers=8,8-relu,4-tanh-0.2&rate=0.03. What can't be read keeps its default, and is told.

import { type Bounds, bounds, choices, defaults, type HiddenLayer, MOST_LAYERS, type Settings } from "./settings.js";

export interface Parsed {
  settings: Settings;
  /** What couldn't be used, a sentence each. */
  notices: readonly string[];
}

/** One setting in the URL; `read` throws a RangeError that says what was expected. */
interface Field {
  key: string;
  write(settings: Settings): string;
  read(text: string, settings: Settings): void;
}

type Group = "data" | "network" | "trainer";

function expected(what: string): never {
  throw new RangeError(what);
}

function readNumber(text: string, { least, most, whole = false }: Bounds): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  return expected(`${whole ? "an integer" : "a number"} from ${least} to ${most}`);
}

function readChoice<T extends string>(text: string, among: readonly T[]): T {
  const found = among.find((each) => each === text);
  return found ?? expected(`one of ${among.join(", ")}`);
}

/** A field that is a member of a group, as `parse` reads it. */
function field<G extends Group, K extends keyof Settings[G]>(
  key: string,
  group: G,
  name: K,
  parse: (text: string) => Settings[G][K],
): Field {
  return {
    key,
    write: (settings) => String(settings[group][name]),
    read: (text, settings) => {
      settings[group][name] = parse(text);
    },
  };
}

const NO_LAYERS = "none";

const writeLayer = ({ units, activation, dropout }: HiddenLayer) => {
  const { activation: usual } = defaults.network.layers[0];
  if (dropout > 0) return `${units}-${activation}-${dropout}`;
  return activation === usual ? String(units) : `${units}-${activation}`;
};

function readLayer(text: string): HiddenLayer {
  const [units, activation = defaults.network.layers[0].activation, ...dropout] = text.split("-");
  return {
    units: readNumber(units, bounds.layer.units),
    activation: readChoice(activation, choices.activation),
    // a number such as 1e-7 has a dash of its own
    dropout: dropout.length === 0 ? 0 : readNumber(dropout.join("-"), bounds.layer.dropout),
  };
}

const layers: Field = {
  key: "layers",
  write: ({ network }) => network.layers.map(writeLayer).join(",") || NO_LAYERS,
  read(text, settings) {
    const parts = text === NO_LAYERS ? [] : text.split(",");
    if (parts.length > MOST_LAYERS) expected(`at most ${MOST_LAYERS} layers`);
    settings.network.layers = parts.map(readLayer);
  },
};

const seed: Field = {
  key: "seed",
  write: (settings) => String(settings.seed),
  read(text, settings) {
    settings.seed = readNumber(text, bounds.seed);
  },
};

const numbersOf = (group: Bounds) => (text: string) => readNumber(text, group);

const fields: readonly Field[] = [
  field("data", "data", "kind", (text) => readChoice(text, choices.kind)),
  field("samples", "data", "samples", numbersOf(bounds.data.samples)),
  field("noise", "data", "noise", numbersOf(bounds.data.noise)),
  field("split", "data", "split", numbersOf(bounds.data.split)),
  field("normalise", "data", "normalise", (text) => readChoice(text, choices.normalise)),
  field("dataSeed", "data", "seed", numbersOf(bounds.data.seed)),
  layers,
  field("output", "network", "output", (text) => readChoice(text, choices.output)),
  field("initializer", "network", "initializer", (text) => readChoice(text, choices.initializer)),
  field("loss", "trainer", "loss", (text) => readChoice(text, choices.loss)),
  field("optimizer", "trainer", "optimizer", (text) => readChoice(text, choices.optimizer)),
  field("rate", "trainer", "learningRate", numbersOf(bounds.trainer.learningRate)),
  field("momentum", "trainer", "momentum", numbersOf(bounds.trainer.momentum)),
  field("batch", "trainer", "batchSize", numbersOf(bounds.trainer.batchSize)),
  field("l2", "trainer", "l2", numbersOf(bounds.trainer.l2)),
  seed,
];

const MOST_NOTICES = 3;

/** Without "#"; empty for the defaults. */
export function encodeSettings(settings: Settings): string {
  return fields
    .filter(({ write }) => write(settings) !== write(defaults))
    .map(({ key, write }) => `${key}=${write(settings)}`)
    .join("&");
}

/** Whatever the text is, settings that can be used. */
export function parseSettings(hash: string): Parsed {
  const settings = structuredClone(defaults);
  const notices: string[] = [];
  for (const pair of hash.replace(/^#/, "").split("&")) {
    if (pair === "") continue;
    const [key, ...rest] = pair.split("=");
    const text = decoded(rest.join("="));
    const known = fields.find((each) => each.key === key);
    if (known === undefined) {
      notices.push(`The link has a setting “${shortened(decoded(key))}”, which isn't known here.`);
      continue;
    }
    try {
      known.read(text, settings);
    } catch (error) {
      const { message } = error as RangeError;
      notices.push(`The link's ${key} should be ${message}, not “${shortened(text)}”; its usual value is taken.`);
    }
  }
  return { settings, notices: notices.slice(0, MOST_NOTICES) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
