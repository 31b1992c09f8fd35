// What `using` calls at the end of a block.

/**
 * Gives objects of an engine that doesn't know `Symbol.dispose` yet the symbol that transpilers agree on. Called by
 * constructors: a class whose own body computes a name can't be left out by bundlers where nobody uses it.
 */
export function disposable(prototype: { dispose(): void }): void {
  if ((Symbol.dispose as symbol | undefined) !== undefined) return;
  (prototype as unknown as Record<symbol, () => void>)[Symbol.for("Symbol.dispose")] = prototype.dispose;
}
