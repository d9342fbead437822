// The last quarter of an hour of this page: delay of both worlds, queue of each junction. Filled as the page watches.
import { kpiOf, listen, of, short, waiting } from "./state";
import { now } from "./time";

const KEPT = 900;

/** Columns for a plot: seconds since 1970 of the city's time, then one array of values for each line. */
export type Columns = [number[], ...(number | null)[][]];

const effect: Columns = [[], [], []];
const queue = new Map<string, Columns>();
let last_s = 0;

export const effectSoFar = (): Columns => effect;
export const queueSoFar = (name: string): Columns => queue.get(name) ?? [[], []];

listen(() => {
  const at_s = Math.floor(now() / 1000);
  if (at_s <= last_s) return;
  last_s = at_s;
  append(effect, at_s, kpiOf("signals")?.meanDelay ?? null, kpiOf("fixed")?.meanDelay ?? null);
  for (const { id } of of("ApproachObserved")) {
    const name = short(id);
    const columns = queue.get(name) ?? [[], []];
    queue.set(name, columns);
    append(columns, at_s, waiting(name));
  }
});

function append(columns: Columns, at_s: number, ...values: (number | null)[]): void {
  [at_s, ...values].forEach((value, index) => {
    const column = columns[index] as (number | null)[];
    column.push(value);
    if (column.length > KEPT) column.splice(0, column.length - KEPT);
  });
}
