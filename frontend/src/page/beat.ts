// Draws a part of the page again after each batch of changes of the city. Every component that reads the city's state
// calls it itself: with signals, a parent that is drawn again passes over a child whose properties are the same.
import { useEffect, useState } from "preact/hooks";
import { beat } from "../city/state";

/** `least_ms` is how long the part is left as it is at least: for what is long, in a city with many junctions. */
export function useBeat(least_ms = 0): void {
  const [, again] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawn = 0;
    const draw = (): void => {
      timer = undefined;
      // What nobody sees is not drawn; it is when the page is looked at again.
      if (document.hidden) return;
      drawn = performance.now();
      again((count) => count + 1);
    };
    const stop = beat.subscribe(() => {
      timer ??= setTimeout(draw, Math.max(0, drawn + least_ms - performance.now()));
    });
    document.addEventListener("visibilitychange", draw);
    return () => {
      stop();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", draw);
    };
  }, [least_ms]);
}
