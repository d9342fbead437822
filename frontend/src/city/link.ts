// The line to the hub: live changes as server-sent events, and the hub's health; it connects again by itself.
import { signal } from "@preact/signals";
import { city } from "./facts";
import { ask, Refused } from "./requests";
import { kpiOf, put, remove } from "./state";
import { looking, tell } from "./time";
import type { Entity, Health, Part } from "./types";

const TYPES = "SignalLayout,TrafficSignal,ApproachObserved,Vehicle,AirQualityObserved,TrafficKpi,CityService,BusProposal,RoadSegment";
const HEALTH_MS = 4_000;
const AGAIN_MS = 2_000;

/** Wall time (ms) since when nothing could be had from the hub; 0 while the line is up. */
export const lostSince = signal(0);
/** Wall time (ms) of the last change that came. */
export const heardAt = signal(0);
/** Wall time (ms) when a service's status came last. */
export const statusAt = signal(0);
export const health = signal<Health | null>(null);

/** Wall seconds by which the live changes may lag behind the hub, on a slow line or machine, before they begin anew. */
const BEHIND_S = 30;

/** So long a page that nobody looks at goes on hearing; then it hangs up until somebody does. */
const UNSEEN_MS = 60_000;

let unseen: ReturnType<typeof setTimeout> | undefined;
let source: EventSource | undefined;
let connectedAt = 0;
let heardOf = 0;
let askedOf = "";

export function follow(): void {
  if (!looking.value) connect();
  document.addEventListener("visibilitychange", attend);
  void watch();
}

function attend(): void {
  clearTimeout(unseen);
  if (document.hidden) unseen = setTimeout(hangUp, UNSEEN_MS);
  else if (!source && !looking.value) {
    // Nothing was missed: the page did not listen.
    heardAt.value = Date.now();
    connect();
  }
}

/** A part of the system as /health says it is, or undefined. */
export function part(name: string): Part | undefined {
  const found = health.value?.parts?.[name];
  return typeof found === "string" ? { status: found } : found;
}

/** Hear no live changes until `connect`: the visitor looks back. */
export function hangUp(): void {
  source?.close();
  source = undefined;
}

export function connect(): void {
  source?.close();
  connectedAt = performance.now();
  source = new EventSource(`/events?type=${TYPES}&format=keyValues&snapshot=true`);
  source.addEventListener("open", up);
  source.addEventListener("entity", (event) => {
    up();
    heardAt.value = Date.now();
    const { changed: _, ...entity } = JSON.parse(event.data as string) as Entity & { changed?: string[] };
    if (entity.type === "TrafficSignal") hear(entity["since"]);
    if (entity.type === "CityService") {
      statusAt.value = Date.now();
      void look();
    }
    put(entity as Entity);
  });
  source.addEventListener("gone", (event) => remove((JSON.parse(event.data as string) as { id: string }).id));
  source.addEventListener("error", () => {
    down();
    // A browser gives up for good after an answer that is no stream (503 while the hub starts): ask again.
    if (source?.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN_MS);
  });
}

async function watch(): Promise<void> {
  await look();
  setTimeout(() => void watch(), HEALTH_MS);
}

async function look(): Promise<void> {
  try {
    health.value = await ask<Health>("/health", HEALTH_MS);
    if (kpiOf("signals")) await askTime();
  } catch (error) {
    // A refusal is an answer: the line is up.
    if (!(error instanceof Refused)) down();
  }
}

/** The live changes come without their times: one figure's is asked for, in full, so that the city's clock is right. */
async function askTime(): Promise<void> {
  const kpi = await ask<{ meanDelay?: { observedAt?: string } }>("/ngsi-ld/v1/entities/urn:ngsi-ld:TrafficKpi:signals", HEALTH_MS);
  const at = kpi.meanDelay?.observedAt ?? "";
  // Written between two looks: so it is the time now, also where it is earlier than what an earlier run has said.
  tell(at, askedOf !== "" && at !== askedOf);
  askedOf = at;
  const behind_s = (Date.parse(at) - heardOf) / 1000 / (city.value?.speed || 1);
  if (source && heardOf && behind_s > BEHIND_S && performance.now() - connectedAt > 1000 * BEHIND_S) connect();
}

/** The newest time that the live changes have told of. */
function hear(since: unknown): void {
  tell(since);
  heardOf = Math.max(heardOf, Date.parse(String(since)) || 0);
}

function up(): void {
  if (lostSince.value) lostSince.value = 0;
}

function down(): void {
  if (!lostSince.value) lostSince.value = Date.now();
}
