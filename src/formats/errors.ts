/** Bytes or JSON that aren't what they should be: says where, what was expected, what came. */
export class FormatError extends Error {
  override name = "FormatError";
}
