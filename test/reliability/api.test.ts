// The public calls in random order, with arguments that can be used and others, against a small model of what must happen: what
// is refused changes nothing and says why, what isn't gives finite numbers, fits end as they are told to, and nothing is lost.
//
//   API_CALLS=100000 npm run test:reliability -- api     that many calls; where one fails, API_SEED is printed, with which the
//                                                        same calls are made again and, of those that fail, the fewest are found

import fc from "fast-check";
import { expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { Network, Trainer } from "../../src/index.js";
import { INPUTS, OUTPUTS } from "./api/arguments.js";
import type { Call } from "./api/call.js";
import { fitCalls } from "./api/fit-calls.js";
import { networkCalls } from "./api/network-calls.js";
import { trainerCalls } from "./api/trainer-calls.js";
import { tally, World } from "./api/world.js";

const CALLS = Number(process.env.API_CALLS ?? 5000);
const FIRST_SEED = Number(process.env.API_SEED ?? Date.now() % 2 ** 31);
/** In a world at most. */
const MOST = 100;

const call = fc.oneof(...networkCalls, ...trainerCalls, ...fitCalls);

async function usedMemory(): Promise<number> {
  const engines = await Promise.all([Engine.shared("fast"), Engine.shared("deterministic")]);
  return engines.reduce((sum, { memoryUsage }) => sum + memoryUsage.used, 0);
}

it(`${CALLS} calls in random order keep what the model says`, async () => {
  const property = fc.asyncProperty(
    fc.array(call, { minLength: 1, maxLength: MOST, size: "max" }),
    async (calls: Call[]) => {
      const before = await usedMemory();
      const world = new World();
      for (const seed of [1, 2]) {
        const network = await Network.create({ inputs: INPUTS, layers: [{ units: 3 }, { units: OUTPUTS }], seed });
        world.addTrainer(new Trainer(network), world.addNetwork(network));
      }
      for (const one of calls) await one.run(world);
      await world.end();
      expect(await usedMemory()).toBe(before);
    },
  );
  for (let seed = FIRST_SEED; tally.answered + tally.refused < CALLS; seed++) {
    await fc
      .assert(property, { seed, numRuns: 20, endOnFailure: process.env.API_SEED === undefined })
      .catch((error) => {
        console.error(`API_SEED=${seed} makes the same calls, and finds the fewest that fail`);
        throw error;
      });
  }
  console.log(`from seed ${FIRST_SEED}: ${JSON.stringify(tally)}`);
});
