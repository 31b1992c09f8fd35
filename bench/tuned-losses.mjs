// The baseline's losses: each sums the loss of `rows` rows of an output layer's a against the targets at y, and puts ∂C/∂a of
// the rows' mean into the layer's d; those of the cross-entropies, whose activation cancels, δ at once.

/** ln is taken of no less: a may be 0 or 1 in float32. */
const LEAST = 2 ** -126;
const LEAST_REST = 2 ** -25;

/** −Σ y ln a per row, with softmax: δ = a − y */
function crossEntropy({ a, d, units }, y, rows) {
  const scale = 1 / rows;
  let loss = 0;
  for (let i = 0; i < rows * units; i++) {
    const activation = tunedMemory[(a + i) | 0];
    const target = tunedMemory[(y + i) | 0];
    if (target !== 0) loss -= target * Math.log(Math.max(activation, LEAST));
    tunedMemory[(d + i) | 0] = (activation - target) * scale;
  }
  return loss;
}

/** −(y ln a + (1 − y) ln(1 − a)), the mean over a row, with sigmoid: δ = a − y */
function binaryCrossEntropy({ a, d, units }, y, rows) {
  const scale = 1 / (rows * units);
  let loss = 0;
  for (let i = 0; i < rows * units; i++) {
    const activation = tunedMemory[(a + i) | 0];
    const target = tunedMemory[(y + i) | 0];
    if (target !== 0) loss -= target * Math.log(Math.max(activation, LEAST));
    if (target !== 1) loss -= (1 - target) * Math.log(Math.max(1 - activation, LEAST_REST));
    tunedMemory[(d + i) | 0] = (activation - target) * scale;
  }
  return loss / units;
}

/** factor · Σ (a − y)² per row; ∂C/∂a = 2 factor (a − y) */
function squares({ a, d, units, activation }, y, rows, factor) {
  const scale = (2 * factor) / rows;
  let loss = 0;
  for (let i = 0; i < rows * units; i++) {
    const difference = tunedMemory[(a + i) | 0] - tunedMemory[(y + i) | 0];
    loss += difference * difference;
    tunedMemory[(d + i) | 0] = difference * scale;
  }
  activation.differentiate(d, a, rows * units);
  return factor * loss;
}

export const losses = {
  crossEntropy,
  binaryCrossEntropy,
  quadratic: (layer, y, rows) => squares(layer, y, rows, 0.5),
  meanSquaredError: (layer, y, rows) => squares(layer, y, rows, 1 / layer.units),
};
