import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/browsers/*.test.ts"],
    globalSetup: "test/bundlers/install.mjs",
    // a browser that trains on several threads needs the processors to itself
    fileParallelism: false,
    testTimeout: 120_000,
  },
});
