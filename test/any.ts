// Calls that don't compile, as JavaScript would make them.

/** Parameters of type `never` or `unknown` can't be handed on, so a test of what is refused at run time needs this one. */
// biome-ignore lint/suspicious/noExplicitAny: with any other type the compiler would refuse the calls whose refusal at run time is tested
export type Any = any;
