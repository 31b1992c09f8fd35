// A clock by which every slice took far too long, so that each has one mini-batch, and callbacks come between all of them.

export async function withSlowClock<T>(task: () => Promise<T>): Promise<T> {
  const clock = performance.now;
  let time = clock.call(performance);
  performance.now = () => (time += 100);
  try {
    return await task();
  } finally {
    performance.now = clock;
  }
}
