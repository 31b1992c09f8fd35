// What hostile files are answered with.

import { expect } from "vitest";
import { FormatError } from "../src/index.js";

/** The message of the FormatError that a promise must be rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(FormatError);
  return (error as Error).message;
}
