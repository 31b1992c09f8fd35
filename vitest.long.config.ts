import { defineConfig } from "vitest/config";
import unit from "./vitest.config.js";

export default defineConfig({ test: { ...unit.test, include: ["test/long/*.test.ts"] } });
