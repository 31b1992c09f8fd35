// All contenders timed, one after the other, again and again.

export const REPETITIONS = 11;
/** So long lasts a measurement at least, in seconds. */
const TRAINING = 0.16;
const PREDICTING = 0.02;

/** Turns of { epochs, seconds, samplesPerSecond }, one for each contender. */
export async function timeTraining(contenders, rows, progress) {
  const epochs = [];
  for (const contender of contenders) {
    epochs.push(await enough(TRAINING, async (count) => (await contender.train(count)).seconds));
  }
  return inTurns(contenders, progress, async (contender, i) => {
    const { seconds } = await contender.train(epochs[i]);
    return { epochs: epochs[i], seconds, samplesPerSecond: (epochs[i] * rows) / seconds };
  });
}

/** Turns of { calls, seconds, secondsPerCall }, one for each contender, for one sample at a time. */
export async function timePredicting(contenders, progress) {
  const calls = [];
  for (const contender of contenders) calls.push(await enough(PREDICTING, (count) => contender.predict(count)));
  return inTurns(contenders, progress, async (contender, i) => {
    const seconds = await contender.predict(calls[i]);
    return { calls: calls[i], seconds, secondsPerCall: seconds / calls[i] };
  });
}

/** How many times are enough for a measurement; warms up meanwhile. */
async function enough(least, measure) {
  let count = 1;
  for (;;) {
    const seconds = await measure(count);
    if (seconds >= least) return count;
    count = Math.ceil(count * Math.min(4, (1.2 * least) / seconds));
  }
}

/** Contenders take turns, and turns at going first, so that what else the machine does meets all alike. */
async function inTurns(contenders, progress, measure) {
  const repetitions = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const results = [];
    for (let turn = 0; turn < contenders.length; turn++) {
      const i = (repetition + turn) % contenders.length;
      results[i] = await measure(contenders[i], i);
    }
    repetitions.push(results);
    progress();
  }
  return repetitions;
}
