// Numbers as the lesson writes them.

/** Three or four digits, with a minus that is as wide as a plus. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 0.0005 || size >= 1e5)
      ? value.toExponential(1)
      : value.toFixed(size >= 1000 ? 0 : size >= 10 ? 2 : 3);
  return text.replaceAll("-", "−");
}

/** In brackets where it stands behind an operator. */
export const factor = (value: number, write = digits) => (value < 0 ? `(${write(value)})` : write(value));

/** With so many places that a single step shows. */
export const fine = (value: number) =>
  Number.isFinite(value) && Math.abs(value) < 1000 ? value.toFixed(5).replace("-", "−") : digits(value);
