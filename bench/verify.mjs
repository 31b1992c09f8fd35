// Whether nablanet and the baseline compute the same: before anything is timed.

import { Trainer } from "nablanet";
import { shapes } from "./works.mjs";

const STEPS = 5;
/** Half of float32's last bit, relative. */
const ROUNDING = 2 ** -24;

/**
 * A few steps of both on the same mini-batches, from the same parameters. Throws where losses or parameters differ by more
 * than rounding explains:
 *
 * A sum of n products in float32 is off by at most n·u·Σ|products|, u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical
 * Algorithms, §3.1); rounding errors being of either sign, by about √n·u. A component of the gradient comes out of L
 * such terms one after the other: each layer's inputs (forward), each layer's outputs but the first's (backward), and
 * the batch. So it is taken to be off by δ = L·u·G, where G is the largest component; that n rather than √n is counted
 * leaves room for Σ|products| being larger than G. A loss is off by L·u, relative.
 *
 * SGD moves a parameter by ηg, so each step adds ηδ to what it is off by.
 * Adam moves it by η·m̂/(√v̂ + ε). m̂ and √v̂ are weighted means of g, so both are off by at most δ, and |m̂| ≤ 1.1 √v̂ over so
 * few steps: a step adds at most 3ηδ/√v̂ — but where g is nothing but rounding, its sign is too, and the step adds 2.2η.
 * Rounding w itself adds u·|w| a step on either side.
 */
export function verify(work, network, plain, { inputs, targets }) {
  const trainer = new Trainer(network, { loss: work.loss, optimizer: work.optimizer, batchSize: work.batchSize });
  const start = plain.parameters();
  const { inputs: width } = work;
  const { outputs, batchSize } = plain;
  const length = sumLengths(work);
  let largest = 0;
  for (let step = 0; step < STEPS; step++) {
    const from = step * batchSize;
    const batch = inputs.subarray(from * width, (from + batchSize) * width);
    const batchTargets = targets.subarray(from * outputs, (from + batchSize) * outputs);
    const losses = [trainer.step(batch, batchTargets), plain.step(batch, batchTargets)];
    if (!(Math.abs(losses[0] - losses[1]) <= length * ROUNDING * losses[1])) {
      throw new Error(`work ${work.name}: loss of step ${step + 1} is ${losses[0]}, the baseline's ${losses[1]}`);
    }
    for (const component of plain.gradients()) largest = Math.max(largest, Math.abs(component));
  }
  trainer.dispose();
  return compareParameters(work, network.parameters(), plain, start, length * ROUNDING * largest);
}

/** The terms that a component of the gradient is summed from, one sum after the other. */
function sumLengths(work) {
  return shapes(work).reduce((sum, { inputs, units }, i) => sum + inputs + (i === 0 ? 0 : units), work.batchSize);
}

/** The largest difference, as a share of what is allowed; and what is allowed as a share of how far training moved. */
function compareParameters(work, ours, plain, start, gradientError) {
  const theirs = plain.parameters();
  const { learningRate } = work.optimizer;
  const moments = plain.optimizer.secondMoments?.();
  let worst = 0;
  let movement = 0;
  let room = 0;
  for (let i = 0; i < ours.length; i++) {
    const perStep = moments === undefined ? gradientError : Math.min(2.2, (3 * gradientError) / Math.sqrt(moments[i]));
    const allowed = STEPS * (learningRate * perStep + 2 * ROUNDING * Math.abs(theirs[i]));
    const share = ours[i] === theirs[i] ? 0 : Math.abs(ours[i] - theirs[i]) / allowed;
    if (!(share <= 1)) {
      throw new Error(`work ${work.name}: parameter ${i} is ${ours[i]}, the baseline's ${theirs[i]}, allowed ${allowed}`);
    }
    worst = Math.max(worst, share);
    movement += Math.abs(theirs[i] - start[i]);
    if (theirs[i] !== start[i]) room += allowed;
  }
  return { worst, looseness: room / movement };
}
