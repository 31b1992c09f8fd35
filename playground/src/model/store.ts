// What the page shows and changes: the settings, the session made of them, and what is chosen in it.

import { batch, computed, signal } from "@preact/signals";
import { digits, SIDE } from "../data/digits.js";
import type { Problem } from "../data/problem.js";
import { problems } from "../data/problems.js";
import type { TableProblem } from "../data/table.js";
import { Session } from "./session.js";
import { defaults, type Settings } from "./settings.js";
import { encodeSettings, parseSettings } from "./url.js";

export const settings = signal<Settings>(defaults);
export const session = signal<Session | undefined>(undefined);
/** Counts whatever changes in the session, at most once a frame while it plays: views of it read this first. */
export const frame = signal(0);
/** What the user is to know, until it is dismissed. */
export const notices = signal<readonly string[]>([]);
/** The user's own data, once there are some. */
export const table = signal<TableProblem | undefined>(undefined);

/** A neuron, and if `from` is given, a weight to it: `layer` counts from 1, neurons from 0. */
export interface Choice {
  layer: number;
  to: number;
  from?: number;
}
export const chosen = signal<Choice>({ layer: 1, to: 0, from: 0 });

export const problem = computed(() => problemOf(settings.value));

export function notify(notice: string): void {
  if (!notices.value.includes(notice)) notices.value = [...notices.value.slice(-2), notice];
}

function problemOf({ data }: Settings): Problem {
  const own = data.kind === "table" ? table.value : problems.find(({ name }) => name === data.kind);
  return own ?? problems[0];
}

/** Settings that are asked for while others are still being applied; the last ones count. */
let wanted: Settings | undefined;
let applying: Promise<void> | undefined;

/** Resolves once the session is as the settings say. */
export function change(to: Settings): Promise<void> {
  settings.value = to;
  wanted = to;
  history.replaceState(null, "", `#${encodeSettings(to)}`);
  applying ??= applyWanted().finally(() => {
    applying = undefined;
  });
  return applying;
}

async function applyWanted(): Promise<void> {
  while (wanted !== undefined) {
    const next: Settings = wanted;
    wanted = undefined;
    try {
      await apply(next);
    } catch (error) {
      notify(`That can't be done: ${(error as Error).message}.`);
    }
  }
}

async function apply(next: Settings): Promise<void> {
  const current = session.value;
  const before = current?.run.problem;
  if (current === undefined) {
    session.value = await Session.create(next, problemOf(next), () => {
      frame.value += 1;
    });
  } else await current.change(next, problemOf(next));
  batch(() => {
    chosen.value = session.value?.run.problem === before ? within(chosen.value) : firstChoice();
    frame.value += 1;
  });
}

/** The first neuron, and its first weight; of an image's, the one to the middle, as corners are empty. */
function firstChoice(): Choice {
  return { layer: 1, to: 0, from: session.value?.run.problem === digits ? (SIDE / 2 - 1) * (SIDE + 1) : 0 };
}

/** The same choice, if the network still has it. */
function within({ layer, to, from }: Choice): Choice {
  const layers = session.value?.run.network.layers ?? [];
  const { units, inputs } = layers[layer - 1] ?? {};
  if (units === undefined || inputs === undefined || to >= units) return firstChoice();
  return from === undefined ? { layer, to } : { layer, to, from: Math.min(from, inputs - 1) };
}

/** Changes a group of the settings. */
export function update<G extends "data" | "network" | "trainer">(group: G, some: Partial<Settings[G]>): Promise<void> {
  return change({ ...settings.value, [group]: { ...settings.value[group], ...some } });
}

/** The user's own data instead of the problem's. */
export function takeTable(own: TableProblem): Promise<void> {
  table.value = own;
  const { data } = settings.value;
  return change({ ...settings.value, data: { ...data, kind: "table", normalise: "standard", noise: 0 } });
}

/** Settings as a URL has them behind "#". */
export function openHash(hash: string): Promise<void> {
  const { settings: read, notices: told } = parseSettings(hash);
  for (const notice of told) notify(notice);
  if (read.data.kind === "table" && table.value === undefined) {
    notify("The link's data were somebody's own table, which no link holds: drop it on the page.");
    read.data.kind = defaults.data.kind;
  }
  return change(read);
}
