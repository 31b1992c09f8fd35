import type { Result } from "./results.mjs";

export function readPage(): string;
export function renderedPage(page: string, results: readonly Result[]): string;
export function writePage(): void;
