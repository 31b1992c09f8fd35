export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface Saved {
  files: Files;
  inputs: number[][];
  outputs: number[][];
}

export function answers(files: Files, inputs: readonly (readonly number[])[]): Promise<number[][]>;
export function trainedFurther(
  files: Files,
  inputs: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
): Promise<{ files: Files; outputs: number[][] }>;
export const names: readonly string[];
export function saved(name: string): Promise<Saved>;
export function convolutional(): Promise<Files>;
