// Scalers to be used by hand; names and behaviour are scikit-learn's.

import { finite, outOfRange, wholeNumber, wrongKind } from "../checks.js";
import { list, numberList, readFields } from "../formats/json-fields.js";
import type { Numbers } from "../samples.js";
import {
  type Affine,
  AffineScaler,
  centred,
  type ScalerOptions,
  scalerOptions,
  withoutZeros,
} from "./affine-scaler.js";
import { type Extrema, extrema, type Moments, mergeMoments, moments, quantiles } from "./column-statistics.js";
import type { Table } from "./table.js";

/** No smaller than any number that was learned from numbers that float32 holds. */
const LARGEST = 2 ** 129;
const location = { least: -LARGEST, most: LARGEST };

export interface MinMaxScalerOptions extends ScalerOptions {
  /** What the smallest and the largest number of each column become. Default [0, 1]. */
  featureRange?: readonly [least: number, most: number];
}

/**
 * Maps each column's smallest and largest number to the ends of `featureRange`, [a, b]:
 * y = a + (b − a)·(x − min) / (max − min). Where max − min is below 10·2⁻⁵² it is taken as 1. Numbers beyond those of the fit
 * go beyond the range. As sklearn.preprocessing.MinMaxScaler.
 */
export class MinMaxScaler extends AffineScaler<Extrema & { count: number; affine: Affine }> {
  readonly #range: readonly [number, number];

  get [Symbol.toStringTag](): string {
    return "MinMaxScaler";
  }

  /** @throws RangeError or TypeError for options that can't be used. */
  constructor(minMaxOptions?: MinMaxScalerOptions) {
    const { columns, featureRange } = scalerOptions(minMaxOptions, "MinMaxScaler", ["featureRange"]);
    super(columns);
    this.#range = resolveRange(featureRange);
  }

  /** What `toJSON` gave, as a scaler. @throws FormatError for anything else. */
  static fromJSON(value: unknown): MinMaxScaler {
    return readFields(value, "MinMaxScaler", ["featureRange", "count", "min", "max"], (fields) => {
      const scaler = new MinMaxScaler({
        featureRange: list(fields.get("featureRange"), "featureRange") as [number, number],
      });
      const count = wholeNumber(fields.get("count"), "count", 1);
      const min = numberList(fields.get("min"), "min", location);
      const max = numberList(fields.get("max"), "max", location, min.length);
      max.forEach((most, k) => {
        finite(most, `max[${k}]`, { least: min[k] });
      });
      return scaler.restore(scaler.#complete(min, max, count));
    });
  }

  /**
   * As `fit`, to rows that follow those of the calls before: data larger than memory are learned part by part, and give
   * what one `fit` gives. Errors are those of `fit`.
   */
  partialFit(rows: Numbers | readonly Numbers[]): this {
    return this.learnMore(rows);
  }

  /** @internal */
  protected learn(rows: Table, before?: Extrema & { count: number }): Extrema & { count: number; affine: Affine } {
    const { min, max } = extrema(rows);
    if (before === undefined) return this.#complete(min, max, rows.rows);
    return this.#complete(
      min.map((value, k) => Math.min(value, before.min[k])),
      max.map((value, k) => Math.max(value, before.max[k])),
      before.count + rows.rows,
    );
  }

  #complete(min: Extrema["min"], max: Extrema["max"], count: number) {
    const [least, most] = this.#range;
    const factor = withoutZeros(max.map((value, k) => value - min[k])).map((range) => (most - least) / range);
    return { min, max, count, affine: { factor, offset: factor.map((value, k) => least - min[k] * value) } };
  }

  get featureRange(): readonly [least: number, most: number] {
    return [...this.#range];
  }

  /** Each column's smallest number. scikit-learn calls it data_min_; what it calls min_ is `affine.offset`. */
  get min(): Float64Array<ArrayBuffer> {
    return this.learned.min.slice();
  }

  /** Each column's largest number; scikit-learn's data_max_. */
  get max(): Float64Array<ArrayBuffer> {
    return this.learned.max.slice();
  }

  /** What each column is multiplied by, (b − a) / (max − min). */
  get scale(): Float64Array<ArrayBuffer> {
    return this.affine.factor;
  }

  /** The rows that were learned from. */
  get nSamplesSeen(): number {
    return this.learned.count;
  }

  /** Everything `fromJSON` needs for the same scaler, to the bit. @throws Error before a fit. */
  toJSON() {
    const { min, max, count } = this.learned;
    return { kind: "MinMaxScaler", featureRange: [...this.#range], count, min: [...min], max: [...max] };
  }
}

function resolveRange(told: unknown): readonly [number, number] {
  if (told === undefined) return [0, 1];
  if (!Array.isArray(told)) wrongKind("featureRange", "an array of two numbers", told);
  if (told.length !== 2) throw new RangeError(`featureRange must have 2 numbers, got ${told.length}`);
  const [least, most] = told.map((value, i) => finite(value, `featureRange[${i}]`, location) + 0);
  // the answers are float32, in which both ends would be the same number
  if (!(Math.fround(least) < Math.fround(most) && Number.isFinite(Math.fround(least) + Math.fround(most)))) {
    outOfRange("featureRange", "two numbers that differ in float32, the smaller first", `${least}, ${most}`);
  }
  return [least, most];
}

/**
 * Gives each column mean 0 and deviation 1: y = (x − mean) / scale, with scale = √variance and variance = Σ(x − mean)²/n, the
 * population's (n, not n − 1). A column whose variance is no more than rounding could make of a constant has scale 1. As
 * sklearn.preprocessing.StandardScaler.
 */
export class StandardScaler extends AffineScaler<Moments & { scale: Float64Array<ArrayBuffer>; affine: Affine }> {
  get [Symbol.toStringTag](): string {
    return "StandardScaler";
  }

  /** @throws RangeError or TypeError for options that can't be used. */
  constructor(standardOptions?: ScalerOptions) {
    super(scalerOptions(standardOptions, "StandardScaler").columns);
  }

  /** What `toJSON` gave, as a scaler. @throws FormatError for anything else. */
  static fromJSON(value: unknown): StandardScaler {
    return readFields(value, "StandardScaler", ["count", "mean", "variance"], (fields) => {
      const count = wholeNumber(fields.get("count"), "count", 1);
      const mean = numberList(fields.get("mean"), "mean", location);
      const bounds = { least: 0, most: LARGEST ** 2 };
      const variance = numberList(fields.get("variance"), "variance", bounds, mean.length);
      return new StandardScaler().restore(standard({ count, mean, variance }));
    });
  }

  /**
   * As `fit`, to rows that follow those of the calls before: data larger than memory are learned part by part, and give
   * what one `fit` gives, up to rounding in float64. Errors are those of `fit`.
   */
  partialFit(rows: Numbers | readonly Numbers[]): this {
    return this.learnMore(rows);
  }

  /** @internal */
  protected learn(rows: Table, before?: Moments) {
    return standard(before === undefined ? moments(rows) : mergeMoments(before, moments(rows)));
  }

  get mean(): Float64Array<ArrayBuffer> {
    return this.learned.mean.slice();
  }

  get variance(): Float64Array<ArrayBuffer> {
    return this.learned.variance.slice();
  }

  /** What each column is divided by: √variance, or 1 for a constant column. */
  get scale(): Float64Array<ArrayBuffer> {
    return this.learned.scale.slice();
  }

  /** The rows that were learned from. */
  get nSamplesSeen(): number {
    return this.learned.count;
  }

  /** Everything `fromJSON` needs for the same scaler, to the bit. @throws Error before a fit. */
  toJSON() {
    const { count, mean, variance } = this.learned;
    return { kind: "StandardScaler", count, mean: [...mean], variance: [...variance] };
  }
}

function standard({ count, mean, variance }: Moments) {
  // the error bound of the two-pass variance (Chan, Golub, LeVeque 1983), which scikit-learn takes for constant too
  const rounding = (value: number, k: number) =>
    count * Number.EPSILON * value + (count * mean[k] * Number.EPSILON) ** 2;
  const scale = variance.map((value, k) => (value <= rounding(value, k) ? 1 : Math.sqrt(value)));
  return { count, mean, variance, scale, affine: centred(mean, scale) };
}

/**
 * Centres on the median and divides by the interquartile range, which a few wild numbers don't move:
 * y = (x − center) / scale. Quantiles are linear between the nearest numbers, as numpy's by default; a scale below 10·2⁻⁵² is
 * taken as 1. As sklearn.preprocessing.RobustScaler.
 *
 * There is no `partialFit`: quantiles need all numbers of a column at once, as those of the parts don't tell those of the whole.
 */
export class RobustScaler extends AffineScaler<
  Record<"center" | "scale", Float64Array<ArrayBuffer>> & { affine: Affine }
> {
  get [Symbol.toStringTag](): string {
    return "RobustScaler";
  }

  /** @throws RangeError or TypeError for options that can't be used. */
  constructor(robustOptions?: ScalerOptions) {
    super(scalerOptions(robustOptions, "RobustScaler").columns);
  }

  /** What `toJSON` gave, as a scaler. @throws FormatError for anything else. */
  static fromJSON(value: unknown): RobustScaler {
    return readFields(value, "RobustScaler", ["center", "scale"], (fields) => {
      const center = numberList(fields.get("center"), "center", location);
      const bounds = { least: 10 * Number.EPSILON, most: LARGEST };
      const scale = numberList(fields.get("scale"), "scale", bounds, center.length);
      return new RobustScaler().restore({ center, scale, affine: centred(center, scale) });
    });
  }

  /** @internal */
  protected learn(rows: Table) {
    const [lower, center, upper] = quantiles(rows, [0.25, 0.5, 0.75]);
    const scale = withoutZeros(upper.map((value, k) => value - lower[k]));
    return { center, scale, affine: centred(center, scale) };
  }

  /** The medians. */
  get center(): Float64Array<ArrayBuffer> {
    return this.learned.center.slice();
  }

  /** What each column is divided by: the interquartile range, or 1 where that is 0. */
  get scale(): Float64Array<ArrayBuffer> {
    return this.learned.scale.slice();
  }

  /** Everything `fromJSON` needs for the same scaler, to the bit. @throws Error before a fit. */
  toJSON() {
    const { center, scale } = this.learned;
    return { kind: "RobustScaler", center: [...center], scale: [...scale] };
  }
}
