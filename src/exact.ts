// Functions that give the same bits in every engine, which Math.log, Math.exp, Math.pow, Math.sin and Math.cos don't promise:
// only the operations that IEEE 754 rounds correctly (+ − × ÷ √) are used.

const view = new DataView(new ArrayBuffer(8));

/**
 * ln x for x a positive normal number. x = m·2ⁿ with m in [√½, √2); ln m = 2 artanh s, s = (m − 1)/(m + 1), by its
 * series to s²³ (|s| ≤ 0.172, so what is left off is below 2e-19). Error ≤ 2 ulp, or 1e-16 near 1.
 */
export function log(x: number): number {
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  view.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let m = view.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent += 1;
  }
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let series = 0;
  for (let k = 23; k >= 3; k -= 2) series = (series + 1 / k) * s2;
  return exponent * Math.LN2 + 2 * s * (1 + series);
}

/**
 * eˣ for x from −708 to 709.7, where it is a normal number. x = n ln 2 + r with |r| ≤ ½ ln 2, and eʳ by Taylor's series to
 * r¹⁴, which leaves off less than 1e-19; n ln 2 is taken off in two parts, the first of 32 bits so that n times it is exact
 * (the parts are fdlibm's). Error ≤ 2 ulp.
 */
export function exp(x: number): number {
  const n = Math.round(x / Math.LN2);
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  let series = 1;
  for (let k = 14; k >= 1; k--) series = 1 + (series * r) / k;
  // in two steps, as 2ⁿ may be infinite where eˣ isn't
  const half = n >> 1;
  return series * powerOfTwo(half) * powerOfTwo(n - half);
}

/** 2ⁿ for n from −1022 to 1023. */
function powerOfTwo(n: number): number {
  view.setUint32(0, (n + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/**
 * Cosine and sine of an angle told in whole turns. The angle is brought within an eighth of a turn, where Taylor's
 * series to x¹⁷ leaves off less than 1e-16.
 */
export function cosSin(turns: number): [cos: number, sin: number] {
  const quarters = Math.round(turns * 4);
  const x = (turns - quarters / 4) * 2 * Math.PI;
  const x2 = x * x;
  let cos = 1;
  let sin = 1;
  for (let k = 16; k >= 2; k -= 2) {
    cos = 1 - (cos * x2) / (k * (k - 1));
    sin = 1 - (sin * x2) / (k * (k + 1));
  }
  sin *= x;
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return [cos, sin];
    case 1:
      return [-sin, cos];
    case 2:
      return [-cos, -sin];
    default:
      return [sin, -cos];
  }
}

/**
 * xʸ for x in (0, 1], at least 1e-300, and y finite, 0 or more: the whole part of y by squaring, the rest as e^(y ln x). Error
 * ≤ (y + 1) ulp for the whole part, and for the rest that of y·ln x, below 1e-15·|ln x|.
 */
export function power(x: number, y: number): number {
  const whole = Math.floor(y);
  return exp((y - whole) * log(x)) * wholePower(x, whole);
}

function wholePower(x: number, n: number): number {
  let [result, square, left] = [1, x, n];
  while (left > 0) {
    if (left % 2 === 1) result *= square;
    square *= square;
    left = Math.floor(left / 2);
  }
  return result;
}
