// Where along a line to step: φ(t) is the cost at w + t·d. A step is good enough by Wolfe's strong conditions
//
//   φ(t) ≤ φ(0) + c₁·t·φ′(0)   and   |φ′(t)| ≤ c₂·|φ′(0)|
//
// (Nocedal & Wright 2006, (3.7)). Where φ(t) is less than rounding from φ(0), the first holds (Hager & Zhang 2005, §2).
// Steps are tried in an interval that has a good one, and that grows, then shrinks, by cubic interpolation.

const SUFFICIENT: f64 = 1e-4;
const CURVATURE: f64 = 0.9;

/** What rounding in float32 may make of a cost, as a share of it. */
const ROUNDING: f64 = 1e-6;

/** Tries before a search is given up. */
const MOST_TRIES: i32 = 25;

/** The cost at a step, and its slope along the line. */
@unmanaged @final
class Point {
  step: f64;
  cost: f64;
  slope: f64;

  @inline set(step: f64, cost: f64, slope: f64): void {
    this.step = step;
    this.cost = cost;
    this.slope = slope;
  }
}

export enum Verdict {
  /** The step at hand is taken. */
  accepted,
  /** `step` is to be tried next. */
  again,
  failed,
}

/**
 *   LineSearch ┐ the step at hand
 *              ├ start, low, high   Points: step 0; the best that was too short; the shortest that was too long, or infinity
 *              └ direction          a block
 */
@unmanaged @final
export class LineSearch {
  /** Whether a step is to be tried. */
  isOpen: bool;
  /** Whether it is taken whatever comes: it was the best before. */
  private isLast: bool;
  private tries: i32;
  step: f64;

  @inline private point(i: usize): Point {
    return changetype<Point>(changetype<usize>(this) + POINTS + i * offsetof<Point>());
  }
  @inline private get start(): Point { return this.point(0); }
  @inline private get low(): Point { return this.point(1); }
  @inline private get high(): Point { return this.point(2); }
  @inline get direction(): usize {
    return changetype<usize>(this) + DIRECTION;
  }

  begin(cost: f64, slope: f64, step: f64): void {
    this.isOpen = true;
    this.isLast = false;
    this.tries = 0;
    this.step = step;
    this.start.set(0, cost, slope);
    this.low.set(0, cost, slope);
    this.high.set(Infinity, Infinity, 0);
  }

  /** What follows from cost and slope at the step at hand. */
  judge(cost: f64, slope: f64): Verdict {
    if (this.isLast) return Verdict.accepted;
    const start = this.start;
    const low = this.low;
    const high = this.high;
    const step = this.step;
    const bound = start.cost + SUFFICIENT * step * start.slope + ROUNDING * abs(start.cost);
    // what isn't finite isn't below
    const descends = cost <= bound && isFinite<f64>(slope);
    if (descends && abs(slope) <= CURVATURE * abs(start.slope)) return Verdict.accepted;
    this.tries += 1;
    if (descends && slope < 0) {
      const beyond = cubicMinimum(low.step, low.cost, low.slope, step, cost, slope);
      low.set(step, cost, slope);
      if (high.step == Infinity) this.step = within(beyond, 2 * step, 10 * step);
    } else high.set(step, cost, slope);
    if (this.tries >= MOST_TRIES) {
      if (low.step == 0) return Verdict.failed;
      this.step = low.step;
      this.isLast = true;
    } else if (high.step != Infinity) this.step = between(low, high);
    return Verdict.again;
  }
}

const POINTS: usize = (offsetof<LineSearch>() + 7) & ~7;
const DIRECTION: usize = (POINTS + 3 * offsetof<Point>() + 63) & ~63;

export function lineSearchBytes(blockBytes: usize): usize {
  return DIRECTION + blockBytes;
}

/** Where the cost may be least between two points, off both. */
function between(low: Point, high: Point): f64 {
  const margin = 0.1 * (high.step - low.step);
  // of a cost that isn't finite nothing can be concluded but that it is far too long
  if (!isFinite<f64>(high.cost) || !isFinite<f64>(high.slope)) return low.step + margin;
  const least = cubicMinimum(low.step, low.cost, low.slope, high.step, high.cost, high.slope);
  return within(least, low.step + margin, high.step - margin);
}

/** x kept between two bounds; the middle where it is no number. */
function within(x: f64, least: f64, most: f64): f64 {
  return isNaN<f64>(x) ? 0.5 * (least + most) : min(max(x, least), most);
}

/** Where the cubic through two points with their slopes has its minimum (Nocedal & Wright 2006, (3.59)); NaN where none. */
function cubicMinimum(a: f64, costA: f64, slopeA: f64, b: f64, costB: f64, slopeB: f64): f64 {
  const d1 = slopeA + slopeB - (3 * (costA - costB)) / (a - b);
  const d2 = sqrt(d1 * d1 - slopeA * slopeB);
  return b - ((b - a) * (slopeB + d2 - d1)) / (slopeB - slopeA + 2 * d2);
}
