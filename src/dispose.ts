/** What `using` calls at the end of a block; engines that don't know it yet get the symbol that transpilers agree on. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
