// What must not compile: `npm run types` fails if a line below an @ts-expect-error does. The function is never called.

import { expect, expectTypeOf, it } from "vitest";
import type { Dataset, FitStatus, Network, Numbers, Trainer } from "../src/index.js";
import { Dataset as DatasetClass, Network as NetworkClass, Trainer as TrainerClass } from "../src/index.js";

const refused = (network: Network, trainer: Trainer, dataset: Dataset) => {
  // @ts-expect-error: adam has no momentum
  new TrainerClass(network, { optimizer: { kind: "adam", momentum: 0.9 } });
  // @ts-expect-error: there is no such optimizer
  new TrainerClass(network, { optimizer: { kind: "adm" } });
  // @ts-expect-error: there is no such loss
  new TrainerClass(network, { loss: "mse" });
  // @ts-expect-error: misspelt
  NetworkClass.create({ inputs: 1, layers: [{ units: 1, activation: "sigmiod" }] });
  // @ts-expect-error: layers are needed
  NetworkClass.create({ inputs: 1 });
  // @ts-expect-error: heNormal has no deviation
  NetworkClass.create({ inputs: 1, layers: [{ units: 1, initializer: { kind: "heNormal", deviation: 1 } }] });
  // @ts-expect-error: constant needs its value
  NetworkClass.create({ inputs: 1, layers: [{ units: 1, initializer: "constant" }] });
  // @ts-expect-error: made by create only
  new NetworkClass();
  // @ts-expect-error: made by from only
  new DatasetClass();
  // @ts-expect-error: epochs are needed
  trainer.fit(dataset, {});
  // @ts-expect-error: not a dataset
  trainer.fit([[1]], { epochs: 1 });
  // @ts-expect-error: strings are no numbers
  network.predict("abc" as string);
  // @ts-expect-error: several files are no bytes
  network.encode("tfjs").then((files) => files.byteLength);
  // @ts-expect-error: read-only
  network.seed = 1;
};

it("refusals are checked by the compiler", () => expect(refused).toBeTypeOf("function"));

it("answers have the types that the documentation says", () => {
  expectTypeOf<Network["predict"]>().toBeCallableWith([1, 2]);
  expectTypeOf((network: Network) => network.predict([1, 2])).returns.toEqualTypeOf<Float32Array<ArrayBuffer>>();
  expectTypeOf((network: Network) => network.predict([[1, 2]])).returns.toEqualTypeOf<Float32Array<ArrayBuffer>[]>();
  expectTypeOf((network: Network, rows: Numbers[]) => network.predict(rows)).returns.toEqualTypeOf<
    Float32Array<ArrayBuffer>[]
  >();
  expectTypeOf((network: Network) => network.encode()).returns.resolves.toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  expectTypeOf<Awaited<ReturnType<Trainer["fit"]>>["status"]>().toEqualTypeOf<FitStatus>();
  expectTypeOf<Network["trace"]>().returns.toExtend<{ layers: { z: Float32Array; a: Float32Array }[] }>();
});
