// What the hub remembers: samples of attributes between two times, oldest first.
import { ask } from "./requests";

/** The samples of one attribute: [milliseconds since 1970, value], oldest first. */
export type Series = [number, unknown][];
/** By entity id, then by attribute. */
export type Past = Map<string, Record<string, Series>>;

interface Told {
  values?: [unknown, string][];
  jsons?: [{ json: unknown }, string][];
}

const MOST = 10_000;

export const iso = (at: number): string => new Date(at).toISOString();

/** The history of the attributes of all entities of the type; `last` samples of each at most, the newest. */
export async function past(type: string, attrs: string, from: number, to: number, { last = MOST, like = "", ids = [] as string[] } = {}): Promise<Past> {
  const query = new URLSearchParams({
    type, attrs, timerel: "between", timeAt: iso(from), endTimeAt: iso(to), lastN: String(last), options: "temporalValues", limit: "1000",
    ...(like ? { idPattern: like } : {}), ...(ids.length ? { id: ids.join(",") } : {}),
  });
  const found = await ask<Record<string, unknown>[]>(`/ngsi-ld/v1/temporal/entities?${query}`, 20_000);
  const names = attrs.split(",");
  return new Map(found.map((entity) => [String(entity["id"]), Object.fromEntries(names.map((name) => [name, samples(entity[name] as Told | undefined)]))]));
}

function samples(told: Told | undefined): Series {
  const values: [unknown, string][] = told?.values ?? told?.jsons?.map(([value, at]) => [value.json, at]) ?? [];
  return values.map(([value, at]): [number, unknown] => [Date.parse(at), value]).sort((a, b) => a[0] - b[0]);
}

/** The index of the last sample at or before that time; -1 where there is none. */
export function before(series: Series, at: number): number {
  let [low, high] = [0, series.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (series[middle]![0] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const valueAt = (series: Series | undefined, at: number): unknown => (series ? series[before(series, at)]?.[1] : undefined);
