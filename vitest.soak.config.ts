import { defineConfig } from "vitest/config";
import reliability from "./vitest.reliability.config.js";

/** The long runs of test/reliability/soak.test.ts, as long as SOAK_STEPS, SOAK_MINUTES and SOAK_TAB_SECONDS say. */
export default defineConfig({
  test: {
    ...reliability.test,
    include: ["test/reliability/soak.test.ts"],
    testTimeout: 24 * 3_600_000,
    env: {
      SOAK_STEPS: process.env.SOAK_STEPS ?? "10000000",
      SOAK_MINUTES: process.env.SOAK_MINUTES ?? "1",
      SOAK_TAB_SECONDS: process.env.SOAK_TAB_SECONDS ?? "20",
    },
  },
});
