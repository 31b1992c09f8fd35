import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/interop/*.test.ts"], globalSetup: "test/interop/install.mjs", testTimeout: 60_000 },
});
