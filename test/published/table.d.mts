import type { Run } from "./runs.mjs";

export declare function table(runs: readonly Run[], hashes: Record<string, string>): string;
