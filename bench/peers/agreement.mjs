// Whether a contestant does what it should, before it is timed. All by the outputs of its network.

/** Rows whose outputs are looked at. */
const ROWS = 256;
const STEPS = 5;
/** Of how far the steps moved the outputs. Rounding explains a hundredth of that; scikit-learn's other ε in Adam, half. */
const ALLOWED = 0.02;

const losses = {
  crossEntropy: (a, y) => (y === 0 ? 0 : -y * Math.log(Math.max(a, 1e-30))),
  quadratic: (a, y) => (a - y) ** 2 / 2,
  meanSquaredError: (a, y) => (a - y) ** 2,
};

/** Mean over rows. */
function lossOf(loss, outputs, targets, rows) {
  return outputs.reduce((sum, a, i) => sum + losses[loss](a, targets[i]), 0) / rows;
}

/** Trains from the first parameters; throws unless the loss fell. Returns [before, after]. */
export async function assertLearns(contender, targets, { epochs, rows }) {
  const seen = Math.min(ROWS, rows);
  const loss = async () => lossOf(contender.loss, await contender.outputs({ rows: seen }), targets, seen);
  await contender.reset();
  const before = await loss();
  await contender.train({ epochs: Math.max(2, epochs), rows });
  const after = await loss();
  if (!(after < before)) throw new Error(`its loss must fall, but went from ${before} to ${after}`);
  return [before, after];
}

/** Outputs before, and after a few steps on the first mini-batches in order. */
export async function firstSteps(contender, { batchSize }, allRows) {
  const rows = Math.min(allRows, ROWS);
  await contender.reset();
  const before = await contender.outputs({ rows });
  await contender.train({ epochs: 1, rows: Math.min(allRows, STEPS * batchSize), shuffled: false });
  return { before, after: await contender.outputs({ rows }) };
}

/** Throws unless outputs before and after the first steps are as nablanet's. Returns the difference as a share of the way. */
export function assertAgrees(theirs, ours) {
  assertEqual(theirs.before, ours.before, 1e-4);
  const way = greatest(ours.after, ours.before);
  const share = greatest(theirs.after, ours.after) / way;
  if (!(share <= ALLOWED)) throw new Error(`after ${STEPS} steps its outputs are ${percent(share)} off nablanet's way`);
  return share;
}

/** Throws where outputs differ by more than `allowed`. */
export function assertEqual(theirs, ours, allowed) {
  const difference = theirs.length === ours.length ? greatest(theirs, ours) : Number.NaN;
  if (!(difference <= allowed)) throw new Error(`its outputs must be as nablanet's, but differ by ${difference}`);
}

function greatest(a, b) {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

export function percent(share) {
  return `${(100 * share).toPrecision(2)} %`;
}
