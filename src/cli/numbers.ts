// How numbers are written for people.

/** 0.9789 as "97.9 %". */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** 123456.7 as "123,457". */
export const whole = (number: number): string => Math.round(number).toLocaleString("en-US");

/** "1 epoch", "1,200 epochs". */
export const epochsText = (number: number): string => `${whole(number)} ${number === 1 ? "epoch" : "epochs"}`;

/** Four digits, without an exponent where that takes no more room. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || !Number.isFinite(value)) return String(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** The shortest decimal that reads back as the same float32. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}
