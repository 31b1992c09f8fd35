// Where a search's trials are trained: here, or by workers that have the table by reference.

import { type Command, Option } from "commander";
import type { AshaOptions, SearchBackend } from "../selection/backend.js";
import { readReference, type TableReference, tableReference } from "../tables/table-reference.js";
import { integer } from "./arguments.js";
import { Complaints } from "./complaints.js";
import { STDIN } from "./input.js";
import { tableOptions } from "./table-arguments.js";
import type { TrainingArguments } from "./training-arguments.js";
import { readTrainingData, type TrainingData } from "./training-data.js";
import type { Method } from "./trial-space.js";

export interface QueueArguments {
  redis?: string;
  queue: string;
}

export interface BackendArguments extends QueueArguments {
  method: Method;
  folds?: number;
}

/** What the search is told besides its space. */
export interface SearchData {
  /** For the training that writes the model. */
  data: TrainingData;
  searched: { folds?: number } & (SearchedElsewhere | SearchedHere);
}

type SearchedElsewhere = { data: TableReference; backend: SearchBackend; asha?: AshaOptions };
type SearchedHere = { data: TrainingData["training"]; validation?: TrainingData["heldOut"] };

/** Successive halving ends the first trials after so many times fewer epochs, at three decisions of one in three. */
const HALVING = 27;

/** Those that say which Redis coordinator and workers meet at. */
export function addQueueOptions(command: Command): Command {
  const redis = new Option("--redis <url>", "the Redis where searches and workers meet, redis://host:port");
  return command
    .addOption(redis.env("NABLANET_REDIS"))
    .option("--queue <name>", "of the searches and workers that meet there", "trials");
}

export function addBackendOptions(command: Command): Command {
  const what =
    "random, grid, which takes every combination of a few, or asha, which trains the better trials for longer";
  const method = new Option("--method <name>", what).choices(["random", "grid", "asha"]).default("random");
  return addQueueOptions(
    command
      .addOption(method)
      .option(
        "--folds <number>",
        "measure each trial by cross-validation on so many folds of the training rows, not on the held-out ones",
        integer(2),
      ),
  );
}

/** @throws RangeError for options that can't be used together; as `readTrainingData`. */
export async function searchData(file: string, told: TrainingArguments & BackendArguments): Promise<SearchData> {
  const { redis, queue, method, epochs, folds } = told;
  if (folds !== undefined && told.stream)
    throw new RangeError("--stream can't be used with --folds, which are made of rows in memory");
  if (folds !== undefined && method === "asha")
    throw new RangeError("--folds can't be used with --method asha, which trains each trial on the same rows");
  const folded = folds !== undefined && { folds };
  if (redis === undefined && method !== "asha") {
    const data = await readTrainingData(file, told);
    return { data, searched: { data: data.training, ...(folded || { validation: data.heldOut }) } };
  }
  const asked = redis === undefined ? "--method asha" : "--redis";
  if (told.stream)
    throw new RangeError(`--stream can't be used with ${asked}, as every worker has the table in memory`);
  if (file === STDIN || told.validation === STDIN) {
    throw new RangeError(`${asked} needs a path or URL that every worker can read, got "${STDIN}"`);
  }
  const { validation = told.split, seed } = told;
  const reference = await tableReference(file, { ...tableOptions(told), validation, seed });
  const { bullmq, local } = await import("../backends.js");
  const complaints = new Complaints();
  const onError = ({ message }: Error) => complaints.tell(`${message}: waits for Redis`);
  const backend = redis === undefined ? local() : bullmq({ connection: redis, queue, onError });
  const asha = { minEpochs: Math.ceil(epochs / HALVING), maxEpochs: epochs };
  const searched = { data: reference, backend, ...folded, ...(method === "asha" && { asha }) };
  return { data: { ...(await readReference(reference)), rowNumbers: [] }, searched };
}
