// The city as this page knows it now. Entities change many times a second; `beat` tells the page once for all of them.
import { signal } from "@preact/signals";
import type { Approach, Entity, Kpi, Layout, Signal } from "./types";

export const entities = new Map<string, Entity>();
/** When each entity was heard of last (performance.now()). */
export const heard = new Map<string, number>();
const byType = new Map<string, Map<string, Entity>>();

/** Counts the batches of changes: whoever reads it is drawn again after each. */
export const beat = signal(0);

/** The junction that the visitor looks at (the last part of its id), or "". */
export const chosen = signal(fromAddress());

const listeners = new Set<(changed: ReadonlySet<string>) => void>();
let changed = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;
const GATHER_MS = 80;

/** The last part of an entity's id. */
export const short = (id: string): string => id.slice(id.lastIndexOf(":") + 1);
export const signalId = (name: string): string => `urn:ngsi-ld:TrafficSignal:${name}`;

export function put(entity: Entity): void {
  entities.set(entity.id, bare(entity));
  heard.set(entity.id, performance.now());
  const kin = byType.get(entity.type) ?? new Map<string, Entity>();
  byType.set(entity.type, kin.set(entity.id, entity));
  touch(entity.id);
}

export function remove(id: string): void {
  const old = entities.get(id);
  if (!old) return;
  entities.delete(id);
  heard.delete(id);
  byType.get(old.type)?.delete(id);
  touch(id);
}

/** Forget all entities of these types. */
export function clear(types: readonly string[]): void {
  for (const type of types) for (const id of [...(byType.get(type)?.keys() ?? [])]) remove(id);
}

export function of<T extends Entity>(type: string): T[] {
  return [...(byType.get(type)?.values() ?? [])] as T[];
}

export const howMany = (type: string): number => byType.get(type)?.size ?? 0;

export const signalOf = (name: string): Signal | undefined => entities.get(signalId(name)) as Signal | undefined;
export const approachOf = (name: string): Approach | undefined => entities.get(`urn:ngsi-ld:ApproachObserved:${name}`) as Approach | undefined;
export const layoutOf = (name: string): Layout | undefined => entities.get(`urn:ngsi-ld:SignalLayout:${name}`)?.["layout"] as Layout | undefined;
export const kpiOf = (name: string): Kpi | undefined => entities.get(`urn:ngsi-ld:TrafficKpi:${name}`) as Kpi | undefined;

/** Vehicles that stand before the junction's stop lines. */
export function waiting(name: string): number {
  return Object.values(approachOf(name)?.queues ?? {}).reduce((sum, count) => sum + count, 0);
}

/** Be told the ids that have changed, after each batch. */
export function listen(listener: (changed: ReadonlySet<string>) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function choose(name: string): void {
  if (chosen.value === name) return;
  chosen.value = name;
  history.replaceState(null, "", name ? `#${encodeURIComponent(name)}` : location.pathname + location.search);
}

function fromAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function touch(id: string): void {
  changed.add(id);
  timer ??= setTimeout(flush, GATHER_MS);
}

function flush(): void {
  timer = undefined;
  const batch = changed;
  changed = new Set();
  for (const listener of listeners) listener(batch);
  beat.value += 1;
}

/** The entity with its JSON values bare: the simplified form wraps them as {"json": value} (ETSI GS CIM 009, 4.5.24). */
function bare(entity: Entity): Entity {
  for (const [name, value] of Object.entries(entity)) {
    if (value && typeof value === "object" && "json" in value && Object.keys(value).length === 1) entity[name] = value.json;
  }
  return entity;
}
