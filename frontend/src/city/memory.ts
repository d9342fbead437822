// The last quarter of an hour: delay of both worlds, queue of each junction. Filled as the page watches; what the hub
// remembers of the delay is asked for once.
import { ask } from "./requests";
import { kpiOf, listen, of, short, waiting } from "./state";
import { city } from "./facts";
import { live, looking } from "./time";

const KEPT = 900;
/** The city's seconds without a word after which a line is broken: the city did not run, or nobody watched. */
const BREAK_S = 30;

/** Columns for a plot: seconds since 1970 of the city's time, then one array of values for each line. */
export type Columns = [number[], ...(number | null)[][]];

const effect: Columns = [[], [], []];
const queue = new Map<string, Columns>();
let last_s = 0;
let asked = false;

const PATIENCE_MS = 2_000;

interface Past {
  meanDelay?: { values?: [number, string][] };
}

/** Ask for the delay of both worlds before this page was opened; without it the plot begins now. */
async function remember(): Promise<void> {
  const [ours, fixed] = await Promise.all(["signals", "fixed"].map((name) => (kpiOf(name) ? past(name) : undefined)));
  const begin_s = effect[0][0] ?? Number.POSITIVE_INFINITY;
  const times = [...(ours?.keys() ?? [])].filter((at_s) => at_s < begin_s);
  effect[0].unshift(...times);
  effect[1]!.unshift(...times.map((at_s) => ours?.get(at_s) ?? null));
  effect[2]!.unshift(...times.map((at_s) => fixed?.get(at_s) ?? null));
  tear(effect);
}

/** Put a moment without a value into every gap in which the city did not run, so that no line is drawn across it. */
export function tear(columns: Columns): void {
  const [times, ...values] = columns;
  for (let index = times.length - 1; index > 0; index--) {
    if (times[index]! - times[index - 1]! <= gap_s()) continue;
    times.splice(index, 0, times[index - 1]! + 1);
    for (const column of values) column.splice(index, 0, null);
  }
}

const gap_s = (): number => BREAK_S + 5 * (city.value?.speed ?? 1);

async function past(name: string): Promise<Map<number, number> | undefined> {
  const query = `attrs=meanDelay&lastN=${KEPT}&options=temporalValues`;
  const found = await ask<Past>(`/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:TrafficKpi:${name}?${query}`).catch(() => undefined);
  const values = found?.meanDelay?.values ?? [];
  return new Map(values.map(([value, at]) => [Math.floor(Date.parse(at) / 1000), value] as const).sort((a, b) => a[0] - b[0]));
}

export const effectSoFar = (): Columns => effect;
export const queueSoFar = (name: string): Columns => queue.get(name) ?? [[], []];

listen(() => {
  if (!asked && kpiOf("signals")) {
    asked = true;
    setTimeout(() => void remember(), PATIENCE_MS);
  }
  const at_s = Math.floor(live() / 1000);
  if (looking.value || at_s <= last_s) return;
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
  const newest_s = columns[0].at(-1);
  if (newest_s !== undefined && at_s - newest_s > gap_s()) append(columns, newest_s + 1, ...values.map(() => null));
  [at_s, ...values].forEach((value, index) => {
    const column = columns[index] as (number | null)[];
    column.push(value);
    if (column.length > KEPT) column.splice(0, column.length - KEPT);
  });
}
