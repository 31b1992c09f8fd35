import type { Run } from "./runs.mjs";

export const usage: string;
export function readCommandLine(
  args: string[],
  env: Record<string, string | undefined>,
): { chosen: Run[]; seeds: number[]; threads: number | "auto"; folder: string | undefined; render: boolean };
