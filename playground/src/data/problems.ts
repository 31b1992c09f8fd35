// The problems to choose from, in the order in which they are shown.

import { digits } from "./digits.js";
import { circles, gaussians, moons, spirals, xor } from "./plane.js";
import type { Problem } from "./problem.js";
import { hills, plane, ripple, wave } from "./surfaces.js";

export const problems: readonly Problem[] = [
  circles,
  xor,
  gaussians,
  moons,
  spirals,
  wave,
  plane,
  ripple,
  hills,
  digits,
];
