// The churn in a page, for who looks on from outside.

import { Churn, wasmBytes } from "./churn.js";

const churn = new Churn();
const ended = churn.run();
Object.assign(globalThis, {
  look: () => ({ made: churn.made, wasm: wasmBytes() }),
  end: () => {
    churn.end();
    return ended;
  },
});
