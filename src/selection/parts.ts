// What trials are trained and measured on: two datasets, or the folds of one; with a backend, what a table's reference says.

import { wrongKind } from "../checks.js";
import { Dataset } from "../dataset.js";
import { DatasetStream } from "../dataset-stream.js";
import type { Data } from "../feed.js";
import type { TableReference } from "../tables/table-reference.js";
import { type FoldChoice, type FoldOptions, kFold, resolveFolds, resolveStratified } from "./folds.js";
import type { Task } from "./trial.js";

export type Part = Pick<Task, "train" | "validation">;

export function resolveParts({ data, validation, folds, stratified }: Record<string, unknown>, seed: number): Part[] {
  if ((validation === undefined) === (folds === undefined)) {
    throw new RangeError(`search needs validation or folds, got ${validation === undefined ? "neither" : "both"}`);
  }
  if (folds !== undefined) {
    if (!(data instanceof Dataset)) wrongKind("data", "a Dataset, to be cut into folds", data);
    const foldOptions: FoldOptions = {
      folds: resolveFolds(folds, data.length),
      stratified: resolveStratified(stratified, data),
    };
    return kFold(data, { ...foldOptions, seed });
  }
  refuseStratified(stratified);
  return [{ train: checkedData(data, "data"), validation: checkedData(validation, "validation") }];
}

/** The folds of a reference's training rows; undefined where trials are measured on its held-out rows. */
export function resolveReferredFolds(
  data: TableReference,
  { folds, stratified }: Record<string, unknown>,
  seed: number,
): FoldChoice[] | undefined {
  if (folds !== undefined) return resolveChoices(data, { folds, stratified }, seed);
  refuseStratified(stratified);
  if (data.rows.heldOut > 0) return undefined;
  throw new RangeError("search needs data with held-out rows, or folds, got neither");
}

/** All folds that `kFold` makes of a reference's training rows. */
export function resolveChoices(
  { rows, classNames }: TableReference,
  given: { folds?: unknown; stratified?: unknown },
  seed: number,
): FoldChoice[] {
  const folds = resolveFolds(given.folds, rows.training);
  const stratified = resolveStratified(given.stratified, { classNames });
  return Array.from({ length: folds }, (_, number) => ({ number, folds, stratified, seed }));
}

export function resolveReference(data: unknown): TableReference {
  const { kind, sha256, rows } = (data ?? {}) as Partial<TableReference>;
  if (kind === "table" && typeof sha256 === "string" && typeof rows === "object") return data as TableReference;
  return wrongKind("data", "a reference made by tableReference, as there is a backend", data);
}

function refuseStratified(stratified: unknown): void {
  if (stratified !== undefined) throw new RangeError("stratified is for folds, of which there are none");
}

function checkedData(data: unknown, place: string): Data {
  if (data instanceof Dataset || data instanceof DatasetStream) return data;
  return wrongKind(place, "a Dataset", data);
}
