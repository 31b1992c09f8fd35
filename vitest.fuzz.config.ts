import { defineConfig } from "vitest/config";
import unit from "./vitest.config.js";

/** The unit tests that damage files, on so many as FUZZ_CASES says. */
export default defineConfig({
  test: {
    ...unit.test,
    testNamePattern: /fuzzed/,
    testTimeout: 3_600_000,
    env: { FUZZ_CASES: process.env.FUZZ_CASES ?? "10000" },
  },
});
