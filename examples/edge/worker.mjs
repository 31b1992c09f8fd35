// An edge function in the style of Workers. Such platforms compile no WebAssembly from bytes, so the kernels are imported as a
// module that the platform has compiled.

import { init, Network } from "nablanet";
import simd from "nablanet/simd.wasm";
import model from "./model.json" with { type: "json" };

init({ wasm: simd });

// a network is loaded with the first request, as some platforms allow no work before it, and kept for the next ones
let loading;
function load() {
  loading ??= Network.load(new TextEncoder().encode(JSON.stringify(model)));
  return loading;
}

export default {
  async fetch(request) {
    const network = await load();
    if (request.method === "GET") {
      const { columns, targets } = model.network.schema;
      return Response.json({
        post: columns.map(({ name }) => name).filter((name) => !targets.includes(name)),
        get: targets,
      });
    }
    if (request.method !== "POST") return Response.json({ error: "GET or POST" }, { status: 405 });
    try {
      return Response.json(network.predictRow(await request.json()));
    } catch (error) {
      // the row that came is no JSON, or not one that the model knows
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
};
