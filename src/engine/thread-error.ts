/**
 * A thread ended, or failed, in the middle of its work. Fits, evaluations and predictions go on without it and don't throw this,
 * but for a fit in a worker that was lost just after a callback ended it or set the learning rate; and for calls that need the
 * parameters at once while the thread that changes them doesn't answer.
 */
export class ThreadError extends Error {
  override name = "ThreadError";
}
