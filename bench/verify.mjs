// Whether nablanet and a baseline compute the same, before either is timed.

import { shapes } from "./works.mjs";

const STEPS = 5;
/** Half of float32's last bit, relative. */
const ROUNDING = 2 ** -24;

/**
 * Has both do a few steps on the same mini-batches, from the same parameters. Throws where losses or parameters differ by
 * more than rounding explains:
 *
 * A sum of n products in float32 is off by at most n·u·Σ|products|, u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical
 * Algorithms, §3.1); as rounding errors have either sign, by about √n·u. A component of the gradient comes out of L
 * terms, summed one sum after the other: each layer's inputs (forward), each layer's outputs but the first's (backward),
 * and the mini-batch. So it may be off by δ = 2·√L·u·G: two standard deviations of the largest component, G, and more of
 * the others. A loss may be off by 2·√L·u, relative.
 *
 * SGD moves a parameter by ηg: each step adds ηδ to what it is off by.
 * Adam moves it by η·m̂/(√v̂ + ε). m̂ and √v̂ are weighted means of g, so either is off by at most δ, and |m̂| ≤ 1.1 √v̂ over
 * so few steps: a step adds at most 3ηδ/√v̂, v̂ as it was then. Where g is nothing but rounding, so is its sign, and a step
 * adds 2.2η.
 * Rounding w itself adds u·|w| a step on either side.
 *
 * Returns the largest difference between parameters as a share of what is allowed; and the median of what is allowed as a
 * share of how far the steps moved a parameter: how sharp the comparison was.
 */
export async function verify(work, ours, plain) {
  const mine = await ours.steps(STEPS);
  const theirs = await plain.steps(STEPS);
  const error = 2 * Math.sqrt(sumLengths(work)) * ROUNDING;
  theirs.losses.forEach((loss, step) => {
    if (!(Math.abs(mine.losses[step] - loss) <= error * loss)) {
      throw new Error(`work ${work.name}: loss of step ${step + 1} is ${mine.losses[step]}, ${plain.name}'s ${loss}`);
    }
  });
  return compareParameters(work, mine.parameters, theirs, ours.start, error * theirs.largestGradient);
}

/** L: the terms behind a component of the gradient. */
function sumLengths(work) {
  return shapes(work).reduce((sum, { inputs, units }, i) => sum + inputs + (i === 0 ? 0 : units), work.batchSize);
}

function compareParameters(work, mine, { parameters: theirs, secondMoments }, start, gradientError) {
  const shares = [];
  let worst = 0;
  for (let i = 0; i < mine.length; i++) {
    const steps =
      work.optimizer.kind === "adam"
        ? secondMoments.reduce((sum, v) => sum + Math.min(2.2, (3 * gradientError) / Math.sqrt(v[i])), 0)
        : STEPS * gradientError;
    const allowed = work.optimizer.learningRate * steps + 2 * STEPS * ROUNDING * Math.abs(theirs[i]);
    const difference = Math.abs(mine[i] - theirs[i]);
    if (!(difference <= allowed)) {
      throw new Error(`work ${work.name}: parameter ${i} is ${mine[i]}, the baseline's ${theirs[i]} (± ${allowed})`);
    }
    if (theirs[i] === start[i]) continue;
    worst = Math.max(worst, difference / allowed);
    shares.push(allowed / Math.abs(theirs[i] - start[i]));
  }
  return { worst, sharpness: Float64Array.from(shares).sort()[shares.length >> 1] };
}

/** Throws unless the second epoch's loss is below the first's; returns both. */
export async function assertLearns(work, contender) {
  const { losses } = await contender.train(2);
  if (!(losses[1] < losses[0])) {
    throw new Error(`work ${work.name}: ${contender.name}'s loss must fall in an epoch, got ${losses.join(", then ")}`);
  }
  return losses;
}
