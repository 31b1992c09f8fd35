// Seeded data: images like MNIST's, and two interleaved half-circles.

/** mulberry32 (Tommy Ettinger, public domain): numbers in [0, 1). */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 0..order.length − 1 in a random order (Durstenfeld). */
export function shuffle(order, random) {
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const chosen = order[j];
    order[j] = order[i];
    order[i] = chosen;
  }
}

const SIDE = 28;
const CLASSES = 10;
/** Rows whose label is drawn at random, so that a long fit keeps a gradient to follow. */
const MISLABELLED = 0.05;

/**
 * 28x28 images of ten classes: a class is a stroke through four points, an image that stroke moved by up to 2 pixels,
 * lighter or darker, and noisy where it is drawn. About a fifth of the pixels isn't 0, as in MNIST.
 */
export function images(rows, seed) {
  const random = randomFrom(seed);
  const strokes = Array.from({ length: CLASSES }, () => drawStroke(random));
  const inputs = new Float32Array(rows * SIDE * SIDE);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = row % CLASSES;
    labels[row] = random() < MISLABELLED ? Math.floor(random() * CLASSES) : label;
    const stroke = strokes[label];
    const [right, down] = [Math.floor(random() * 5) - 2, Math.floor(random() * 5) - 2];
    const strength = 0.6 + 0.4 * random();
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const ink = stroke[(y - down) * SIDE + x - right] ?? 0;
        if (ink > 0) inputs[(row * SIDE + y) * SIDE + x] = Math.min(1, ink * strength * (0.7 + 0.6 * random()));
      }
    }
  }
  return { inputs, labels, classes: CLASSES };
}

/** The ink of a line through four random points, dark within 1 pixel and gone at 2.5. */
function drawStroke(random) {
  const points = Array.from({ length: 4 }, () => [5 + 18 * random(), 5 + 18 * random()]);
  const ink = new Float32Array(SIDE * SIDE);
  for (let i = 0; i < ink.length; i++) {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const distances = points.slice(1).map((to, j) => distanceToLine(x, y, points[j], to));
    ink[i] = Math.max(0, Math.min(1, (2.5 - Math.min(...distances)) / 1.5));
  }
  return ink;
}

function distanceToLine(x, y, [fromX, fromY], [toX, toY]) {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const share = ((x - fromX) * alongX + (y - fromY) * alongY) / (alongX ** 2 + alongY ** 2);
  const t = Math.max(0, Math.min(1, share));
  return Math.hypot(x - fromX - t * alongX, y - fromY - t * alongY);
}

/** Points on two interleaved half-circles, scattered by up to 0.3, so that they touch; targets 0 and 1. */
export function moons(rows, seed) {
  const random = randomFrom(seed);
  const inputs = new Float32Array(rows * 2);
  const targets = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const target = row % 2;
    const angle = Math.PI * random();
    const [x, y] = target === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    inputs[2 * row] = x - 0.5 + 0.6 * (random() - 0.5);
    inputs[2 * row + 1] = y - 0.25 + 0.6 * (random() - 0.5);
    targets[row] = target;
  }
  return { inputs, targets };
}
