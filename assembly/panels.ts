// How matrices lie in memory: panels of 8 columns, [columns/8][rows][8], the last padded to 8. A panel is two registers
// wide, and its rows follow each other, so whoever walks along rows of one panel reads memory front to back.

export const PANEL: i32 = 8;
/** Bytes from one row of a panel to the next. */
export const PANEL_BYTES: usize = 32;

/** The panels that so many columns take. */
// @ts-ignore: decorator
@inline
export function panelsOf(columns: i32): i32 {
  return (columns + PANEL - 1) / PANEL;
}

/** The address of a column in the row whose first column lies at `row`; from panel to panel it is `panelBytes`. */
// @ts-ignore: decorator
@inline
export function cell(row: usize, panelBytes: usize, column: i32): usize {
  return row + <usize>(column / PANEL) * panelBytes + <usize>(column % PANEL) * 4;
}

/** The place of a panel row's left and right half; as types, because an address's constant part must be known to the compiler. */
@unmanaged @final
export class Left {}
@unmanaged @final
export class Right {
  left0: u64;
  left1: u64;
}
