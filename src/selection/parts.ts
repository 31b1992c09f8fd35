// What the trials of a search are trained and measured on: two datasets, or the folds of one.

import { wrongKind } from "../checks.js";
import { Dataset } from "../dataset.js";
import { DatasetStream } from "../dataset-stream.js";
import type { Data } from "../feed.js";
import { type FoldOptions, kFold, resolveFolds, resolveStratified } from "./folds.js";
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
  if (stratified !== undefined) throw new RangeError("stratified is for folds, of which there are none");
  return [{ train: checkedData(data, "data"), validation: checkedData(validation, "validation") }];
}

function checkedData(data: unknown, place: string): Data {
  if (data instanceof Dataset || data instanceof DatasetStream) return data;
  return wrongKind(place, "a Dataset", data);
}
