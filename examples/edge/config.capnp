# How workerd runs worker.mjs as start.mjs bundles it: `workerd serve config.capnp`.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "iris", worker = .iris)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "iris")],
);

const iris :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "build/worker.mjs"),
    (name = "nablanet/simd.wasm", wasm = embed "build/simd.wasm"),
  ],
  # the first that has FinalizationRegistry
  compatibilityDate = "2025-05-05",
);
