// How numbers are written.

/** 0.9789 as "97.9 %"; with 2 digits as "97.89 %". */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** 123456.7 as "123,457". */
export const whole = (number) => Math.round(number).toLocaleString("en-US");
