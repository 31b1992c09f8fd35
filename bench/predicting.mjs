// One sample's prediction, timed.

/** How many samples are gone round, so that no prediction is of the sample before. */
const SAMPLES = 64;

/** The first rows, each in an array of its own. */
export function samplesOf({ inputs }, width) {
  return Array.from({ length: SAMPLES }, (_, i) => inputs.slice(i * width, (i + 1) * width));
}

/** Seconds that `calls` predictions take. */
export function timePredictions(network, samples, calls) {
  const begin = performance.now();
  let sum = 0;
  for (let i = 0; i < calls; i++) sum += network.predict(samples[i % SAMPLES])[0];
  const seconds = (performance.now() - begin) / 1000;
  if (!Number.isFinite(sum)) throw new Error(`predictions must be finite, got ${sum}`);
  return seconds;
}
