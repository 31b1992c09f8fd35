export interface Saved {
  json: object;
  inputs: number[][];
  outputs: number[][];
}

export const names: readonly string[];
export function saved(name: string): Saved;
export function flat(): object;
export function steeper(): object;
export function trainedFurther(): Saved & { targets: number[][] };
export function recurrent(): object;
