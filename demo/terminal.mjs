// What the terminal at hand can do. In a pipe or a CI log nothing moves, and only FORCE_COLOR brings colours.

import pc from "picocolors";

const { env, stdout } = process;

// a CI runner's terminal may say that it has no rows, and log-update then writes nothing
const hasRows = stdout.rows > 1;

/** Whether lines may be written over. */
export const isLive = Boolean(stdout.isTTY) && hasRows && env.TERM !== "dumb";

// picocolors also colours where CI is set, terminal or not
export const colours = pc.createColors(pc.isColorSupported && (isLive || Boolean(env.FORCE_COLOR)));

/** Characters in a line; 80 where nobody knows. */
export const columns = () => stdout.columns || 80;
