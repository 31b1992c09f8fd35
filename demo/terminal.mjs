// What the terminal at hand can do. In a pipe or a CI log nothing moves, and nothing is coloured unless FORCE_COLOR is set.

import pc from "picocolors";

const { env, stdout } = process;

/** Whether lines may be written over. */
export const isLive = Boolean(stdout.isTTY) && env.TERM !== "dumb";

// picocolors also colours where CI is set, terminal or not
export const colours = pc.createColors(pc.isColorSupported && (isLive || Boolean(env.FORCE_COLOR)));

/** Characters in a line; 80 where nobody knows. */
export const columns = () => stdout.columns || 80;
