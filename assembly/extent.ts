// How much of the mathematics a binary has.

/**
 * Whether it has everything. The binaries that pages begin with have what most networks are made of (src/abi.ts says what is
 * basic), and are two fifths of the size.
 */
export const FULL: bool = !isDefined(CORE);
