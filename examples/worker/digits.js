// The data, for the worker that learns from one part and the page that shows the other.

import { datasets } from "../../dist/nablanet.min.js";

export async function split() {
  return (await datasets.digits()).split(0.8, { stratified: true, seed: 1 });
}
