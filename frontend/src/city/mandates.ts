// Who permits what now: each service's mandate, and the overrides of operators that run.
import { signal } from "@preact/signals";
import { ask, send } from "./requests";

export interface Mandate {
  allowed: boolean;
  why: string;
  permission?: { committee: string; resolution: string; until: string };
}

export interface Override {
  id: string;
  target: string;
  action: string;
  reason: string;
  by: string;
  until: string;
}

export const mandates = signal<Record<string, Mandate>>({});
export const overrides = signal<Override[]>([]);

export async function readMandates(): Promise<void> {
  const [permitted, running] = await Promise.all([
    ask<Record<string, Mandate>>("/mandates").catch(() => undefined),
    ask<{ overrides: Override[] }>("/overrides").catch(() => undefined),
  ]);
  if (permitted) mandates.value = permitted;
  if (running) overrides.value = running.overrides;
}

/** Give the target of a decision back to its own plan for so long. Raises Refused. */
export async function release(decision: string, reason: string, for_s: number): Promise<void> {
  await send("POST", `/decisions/${encodeURIComponent(decision)}/override`, { reason, for_s, action: "release" });
  await readMandates();
}
