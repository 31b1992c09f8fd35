// The samples of each label, kept in the browser from one visit to the next.

const KEY = "nablanet gestures";
const FIRST_LABELS = ["circle", "line", "zigzag"];

/** Strokes by label; three labels without any in a first visit. */
export function loadSamples() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    if (Array.isArray(kept)) return new Map(kept);
  } catch {
    // no storage is allowed here, or it was damaged
  }
  return firstSamples();
}

export function firstSamples() {
  return new Map(FIRST_LABELS.map((name) => [name, []]));
}

export function saveSamples(samples) {
  try {
    localStorage.setItem(
      KEY,
      JSON.stringify([...samples], (_, value) => rounded(value)),
    );
  } catch {
    // no storage is allowed here: they last as long as the page
  }
}

function rounded(value) {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}
