// Who waits longer than under the fixed plan, and who less: each approach in this city against the same in the twin.
import { past, type Past } from "./past";
import type { Waits } from "./replay";

export const WINDOW_MS = 900_000;
/** The accounts come every 10 s; a twin may lag a little. */
const FRESH_MS = 60_000;

export interface Row {
  junction: string;
  edge: string;
  /** Mean seconds that a vehicle stood on its way to the stop line, here and in the twin. */
  ours_s: number;
  fixed_s: number;
  vehicles: number;
}

/** Mean wait and vehicles of an approach. */
interface Account {
  stood_s: number;
  vehicles: number;
}

export const loss_s = (row: Row): number => (row.ours_s - row.fixed_s) * row.vehicles;

/** All approaches on which somebody drove in both worlds in the quarter of an hour before that time, worst first. */
export async function compare(at: number): Promise<Row[]> {
  const [start, end] = await Promise.all([
    past("ApproachWaits", "waits", at - WINDOW_MS - FRESH_MS, at - WINDOW_MS, { last: 1 }),
    past("ApproachWaits", "waits", at - FRESH_MS, at, { last: 1 }),
  ]);
  const ours = accounts("signals", start, end);
  const fixed = accounts("fixed", start, end);
  const rows: Row[] = [];
  for (const [key, here] of ours) {
    const twin = fixed.get(key);
    if (!twin?.vehicles || !here.vehicles) continue;
    const [junction, edge] = key.split("\n") as [string, string];
    rows.push({ junction, edge, ours_s: here.stood_s / here.vehicles, fixed_s: twin.stood_s / twin.vehicles, vehicles: here.vehicles });
  }
  return rows.sort((a, b) => loss_s(b) - loss_s(a));
}

function accounts(world: string, start: Past, end: Past): Map<string, Account> {
  const found = new Map<string, Account>();
  for (const [id, told] of end) {
    const [, , , of, ...rest] = id.split(":");
    const now = told["waits"]?.at(-1)?.[1] as Waits | undefined;
    if (of !== world || !now) continue;
    const then = start.get(id)?.["waits"]?.at(-1)?.[1] as Waits | undefined;
    for (const [lane, [halted, stood_s, passed]] of Object.entries(now)) {
      const old = then?.[lane];
      // An account that is less than before was begun anew with another hour of traffic.
      const [, stoodThen_s, passedThen] = old && old[1] <= stood_s && old[2] <= passed ? old : [0, 0, 0];
      const key = `${rest.join(":")}\n${lane.replace(/_\d+$/, "")}`;
      const sum = found.get(key) ?? { stood_s: 0, vehicles: 0 };
      found.set(key, { stood_s: sum.stood_s + stood_s - stoodThen_s, vehicles: sum.vehicles + passed - passedThen + halted });
    }
  }
  return found;
}
