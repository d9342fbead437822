// Draws a part of the page again after each batch of changes of the city. Every component that reads the city's state
// calls it itself: with signals, a parent that is drawn again passes over a child whose properties are the same.
import { useEffect, useState } from "preact/hooks";
import { beat } from "../city/state";

export function useBeat(): void {
  const [, again] = useState(0);
  useEffect(() => beat.subscribe((count) => again(count)), []);
}
