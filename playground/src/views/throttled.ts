// A value that changes at most so often.

import { useEffect, useRef, useState } from "preact/hooks";

/** The latest value, at most one in so many milliseconds; the last one always comes. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [shown, show] = useState(value);
  const at = useRef(0);
  useEffect(() => {
    const take = () => {
      at.current = performance.now();
      show(value);
    };
    const wait = at.current + milliseconds - performance.now();
    if (wait <= 0) {
      take();
      return undefined;
    }
    const timer = setTimeout(take, wait);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return shown;
}
