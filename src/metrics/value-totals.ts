// What is summed over numbers and their targets, one after the other.

export class ValueTotals {
  count = 0;
  #absolute = 0;
  #squared = 0;
  #first = 0;
  #areEqual = true;
  /** Of the targets: the mean, and Σ(y − ȳ)² (Welford, Note on a method for calculating corrected sums of squares, 1962). */
  #mean = 0;
  #spread = 0;

  add(predicted: number, actual: number): void {
    const difference = predicted - actual;
    this.#absolute += Math.abs(difference);
    this.#squared += difference * difference;
    if (this.count === 0) this.#first = actual;
    else if (actual !== this.#first) this.#areEqual = false;
    this.count += 1;
    const before = actual - this.#mean;
    this.#mean += before / this.count;
    this.#spread += before * (actual - this.#mean);
  }

  get meanAbsoluteError(): number {
    return this.#absolute / this.count;
  }

  get meanSquaredError(): number {
    return this.#squared / this.count;
  }

  /** 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; where all targets are equal 1 for exact predictions, else 0. */
  get determination(): number {
    if (this.#squared === 0) return 1;
    // asked of the targets, as the mean of equal numbers may be rounded, and leave a spread that isn't there
    return this.#areEqual ? 0 : 1 - this.#squared / this.#spread;
  }
}
