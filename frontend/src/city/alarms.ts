// What an operator has to look at: parts that do not run, devices that are silent, what was refused or given up.
import { health, lostSince } from "./link";
import { heard, of, short } from "./state";
import { past } from "./time";
import type { Decision, Part } from "./types";
import { signal } from "@preact/signals";
import { ask, Refused } from "./requests";
import { iso } from "./past";
import { live } from "./time";

export interface Alarm {
  kind: "part" | "camera" | "refused" | "dead";
  /** Of what it is: a part of the system, a junction, a subscription. */
  of: string;
  /** In the words of the part itself (English), or empty. */
  reason: string;
  since: string;
}

/** Wall milliseconds after which a camera that reports every second is silent. */
const SILENT_MS = 20_000;
const RECENT_MS = 900_000;
const MOST = 200;
/** How the runner's refusals begin that an operator wanted. */
const OVERRIDDEN = "overridden by";

const refused = signal<Alarm[]>([]);
const dead = signal<Alarm[]>([]);
/** Whether this browser may act: null while it is not known. */
export const operator = signal<boolean | null>(null);

/** All alarms that are known now. The page's own connection is not one of them: the banner says that. */
export function alarms(): Alarm[] {
  return [...parts(), ...cameras(), ...dead.value, ...refused.value];
}

function parts(): Alarm[] {
  const found = Object.entries(health.value?.parts ?? {}).map(([name, told]): [string, Part] => [name, typeof told === "string" ? { status: told } : told]);
  return found
    .filter(([name, told]) => told.status !== "running" && told.status !== "starting" && !(name === "act" && told.status === "dry run"))
    .map(([name, told]) => ({ kind: "part", of: name, reason: [told.status, told.reason].filter(Boolean).join(": "), since: told.since ?? "" }));
}

function cameras(): Alarm[] {
  // While the whole line is down, or one looks back, no single camera can be told to be silent.
  if (past.value || lostSince.value) return [];
  const seen = of("ApproachObserved").map(({ id }): [string, number] => [id, heard.get(id) ?? 0]);
  const newest = Math.max(0, ...seen.map(([, at]) => at));
  return seen.filter(([, at]) => newest - at > SILENT_MS).map(([id]) => ({ kind: "camera", of: short(id), reason: "", since: "" }));
}

/** Ask for what has to be asked for: refused commands of the last quarter of an hour, dead letters. */
export async function ring(): Promise<void> {
  const since = iso((live() || Date.now()) - RECENT_MS);
  const answer = await ask<{ decisions: Decision[] }>(`/decisions?limit=${MOST}&from=${since}`).catch(() => undefined);
  if (answer) {
    // What an operator overrides is refused on purpose: no alarm.
    refused.value = answer.decisions.filter((one) => one.refused && !one.refused.startsWith(OVERRIDDEN)).map((one) => ({ kind: "refused", of: short(one.target), reason: one.refused ?? "", since: one.at }));
  }
  try {
    operator.value = (await ask<{ operator: boolean }>("/session")).operator;
    // Only an operator may see the outbox.
    if (!operator.value) {
      dead.value = [];
      return;
    }
    const outbox = await ask<{ subscriptions: Record<string, { dead: number; error?: string }> }>("/outbox");
    dead.value = Object.entries(outbox.subscriptions)
      .filter(([, tally]) => tally.dead > 0)
      .map(([id, tally]) => ({ kind: "dead", of: id, reason: `${tally.dead}${tally.error ? `: ${tally.error}` : ""}`, since: "" }));
  } catch (error) {
    if (error instanceof Refused) operator.value = false;
  }
}
