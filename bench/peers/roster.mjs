// Who takes part in what. The file of each is contenders/<module>, .mjs or .py; what it does differently stands there.

const nablanet = { name: "nablanet", module: "nablanet" };
/** Longer fits, as a system takes its time to give each thread a core. */
const nablanetThreads = { name: "nablanet, 2 threads", module: "nablanet", threads: 2, least: 1 };
const pytorch = { name: "PyTorch", module: "pytorch", python: true };
const tfjsWasm = { name: "TensorFlow.js wasm", module: "tfjs-wasm" };
const jax = { name: "jax-js", module: "jax-js" };

/** Each begins with nablanet, which the others are checked against and divided by. */
export const rosters = {
  training: [
    nablanet,
    nablanetThreads,
    pytorch,
    { name: "scikit-learn", module: "scikit_learn", python: true },
    jax,
    tfjsWasm,
    { name: "TensorFlow.js cpu", module: "tfjs-cpu" },
    { name: "ConvNetJS", module: "convnet" },
    { name: "brain.js", module: "brain" },
    { name: "Synaptic", module: "synaptic" },
  ],
  inference: [nablanet, pytorch, { name: "onnxruntime-web", module: "onnxruntime" }, tfjsWasm],
  simpleChains: [nablanet, nablanetThreads, pytorch, jax, tfjsWasm],
  accuracy: [nablanet, nablanetThreads, pytorch, jax, tfjsWasm],
};

/** Those of a roster that `only` names, and nablanet; all where it names none. */
export function selected(roster, only) {
  return roster.filter(
    ({ name, module }, i) => i === 0 || only.length === 0 || only.includes(name) || only.includes(module),
  );
}

/** Throws unless each is somewhere in the rosters. */
export function checkNames(only) {
  const all = Object.values(rosters).flat();
  const known = [...new Set(all.map(({ module }) => module))];
  for (const wanted of only) {
    if (!all.some(({ name, module }) => wanted === name || wanted === module)) {
      throw new RangeError(`--only must name some of ${known.join(", ")}, got ${wanted}`);
    }
  }
}
