// What if: the third mode of the time bar. At the moment that is shown, what the service's own model expects of every
// lawful choice at the chosen junction, beside what happened.
import { signal } from "@preact/signals";
import { given, keep } from "./address";
import { iso } from "./past";
import { ask } from "./requests";
import { signalId } from "./state";
import { live, looking } from "./time";

const MODE = "what-if";
/** The accounts of what happened come every 10 s. */
const LATE_MS = 12_000;
/** `to` is without its own moment. */
const INCLUDED_MS = 1;

export const supposing = signal(given("mode") === MODE);
/** The choice that is compared: a stage's id, "fixed-plan", "without", or "" for the best other one. */
export const wanted = signal(given("choice"));

export function suppose(on: boolean): void {
  supposing.value = on;
  keep({ mode: on ? MODE : "", choice: on ? wanted.value : "" });
}

export function want(choice: string): void {
  wanted.value = choice;
  keep({ choice });
}

/** By approach (edge), vehicle-seconds. */
type Account = Record<string, number>;

interface Expectation {
  action: string;
  parameters: Record<string, unknown>;
  begins_s: number;
  waits_vehicle_s: number;
  least_vehicle_s: number;
  most_vehicle_s: number;
  approaches: Account;
}

/** As `GET /decisions/{id}/expected` answers. */
interface Expected {
  id: string;
  at: string;
  chosen: { action: string; parameters: Record<string, unknown> };
  horizon_s: number;
  shown: string;
  choices: Expectation[];
  streets: Record<string, string>;
  happened: { signals: Account | null; fixed: Account | null };
}

export interface Choice {
  key: string;
  stage: string;
  begins_s: number;
  waits: number;
  least: number;
  most: number;
  approaches: Account;
  chosen: boolean;
  /** Against what was done; undefined for that itself. */
  more: number | undefined;
}

export interface Supposition {
  id: string;
  at: string;
  horizon_s: number;
  shown: string;
  edges: string[];
  choices: Choice[];
  happened: Account | null;
  /** Wall milliseconds until what happens is over; 0 where it is. */
  over_ms: number;
}

/** What can be supposed at the junction at that moment (ms since 1970); undefined before its first decision. */
export async function supposed(name: string, at: number): Promise<Supposition | undefined> {
  const query = new URLSearchParams({ entity: signalId(name), limit: "1", ...(at ? { to: iso(at + INCLUDED_MS) } : {}) });
  const newest = (await ask<{ decisions: { id: string }[] }>(`/decisions?${query}`)).decisions[0];
  if (!newest) return undefined;
  const found = await ask<Expected>(`/decisions/${encodeURIComponent(newest.id)}/expected`, 60_000);
  const end = Date.parse(found.at) + 1000 * found.horizon_s + LATE_MS;
  return {
    id: found.id, at: found.at, horizon_s: found.horizon_s, shown: found.shown, edges: Object.keys(found.streets), choices: choices(found),
    happened: found.happened.signals, over_ms: looking.value ? 0 : Math.max(0, end - live()),
  };
}

function choices({ choices, chosen, happened }: Expected): Choice[] {
  const same = (one: Expectation): boolean => one.action === chosen.action && one.parameters["stage"] === chosen.parameters["stage"];
  const done_s = choices.find(same)?.waits_vehicle_s;
  const rows = choices.map((one): Choice => {
    const stage = String(one.parameters["stage"] ?? "");
    return {
      key: stage || "fixed-plan", stage, begins_s: one.begins_s, waits: one.waits_vehicle_s, least: one.least_vehicle_s, most: one.most_vehicle_s,
      approaches: one.approaches, chosen: same(one), more: same(one) || done_s === undefined ? undefined : one.waits_vehicle_s - done_s,
    };
  });
  rows.sort((a, b) => a.waits - b.waits);
  // The twin's account is counted, as what happened is: it is compared with that alone.
  if (happened.fixed && happened.signals) {
    const waits = total(happened.fixed);
    rows.push({ key: "without", stage: "", begins_s: 0, waits, least: waits, most: waits, approaches: happened.fixed, chosen: false, more: waits - total(happened.signals) });
  }
  return rows;
}

export const total = (account: Account): number => Object.values(account).reduce((sum, one) => sum + one, 0);
