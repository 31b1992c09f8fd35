/** A thread ended, or failed, in the middle of its work. */
export class ThreadError extends Error {
  override name = "ThreadError";
}
