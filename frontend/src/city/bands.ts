// The space-time diagram's content: when each signal of a road was green, and where the buses were on it.
import type { Point, Position } from "geojson";
import type { Lanes } from "../map/lanes";
import type { Chain, Stop } from "./chains";
import { past, type Series } from "./past";
import { signalId } from "./state";

export const WINDOW_MS = 600_000;
const LEAD_MS = 30_000;
/** Farther from the straight line between two stop lines a bus is on another road. */
const OFF_M = 70;
/** A bus that was not heard of for so long has gone another way meanwhile. */
const GAP_MS = 15_000;
const LEAST_M = 60;

export interface Greens {
  spans: [number, number][];
  /** From when on the lamps are known; the end of the window where they are not known at all. */
  known: number;
}

export interface Band {
  stop: Stop;
  ours: Greens;
  twin: Greens;
}

/** The share of the known time that is green; undefined where nothing is known. */
export function share({ spans, known }: Greens, to: number): number | undefined {
  return known < to ? spans.reduce((sum, [start, end]) => sum + end - start, 0) / (to - known) : undefined;
}

/** The way of one bus: [milliseconds since 1970, metres from the first stop line]. */
export type Track = [number, number][];

export interface Diagram {
  from: number;
  to: number;
  bands: Band[];
  tracks: Track[];
}

export async function diagram(chain: Chain, to: number, lanes: Lanes | undefined): Promise<Diagram> {
  const from = to - WINDOW_MS;
  const ids = chain.map((stop) => signalId(stop.junction));
  const twins = chain.map((stop) => `urn:ngsi-ld:SignalTwin:${stop.junction}`);
  const [lamps, before, buses] = await Promise.all([
    past("TrafficSignal", "lamps", from - LEAD_MS, to, { ids }),
    past("SignalTwin", "lamps", from - LEAD_MS, to, { ids: twins }),
    past("Vehicle", "location", from, to),
  ]);
  const bands = chain.map((stop, index) => ({
    stop,
    ours: greens(stop, lamps.get(ids[index]!)?.["lamps"] ?? [], from, to),
    twin: greens(stop, before.get(twins[index]!)?.["lamps"] ?? [], from, to),
  }));
  const tracks = lanes ? [...buses.values()].flatMap((told) => track(told["location"] ?? [], chain, lanes)) : [];
  return { from, to, bands, tracks };
}

function greens(stop: Stop, series: Series, from: number, to: number): Greens {
  const found: [number, number][] = [];
  let since = 0;
  for (const [at, lamps] of series) {
    const green = stop.links.some((link) => "gG".includes(String(lamps)[link] || "r"));
    if (green && !since) since = at;
    if (!green && since) {
      found.push([since, at]);
      since = 0;
    }
  }
  if (since) found.push([since, to]);
  const spans = found.filter(([, end]) => end > from).map(([start, end]): [number, number] => [Math.max(start, from), end]);
  return { spans, known: Math.max(from, series[0]?.[0] ?? to) };
}

function track(series: Series, chain: Chain, lanes: Lanes): Track[] {
  const line = chain.map((stop) => ({ at_m: stop.at_m, place: lanes.at(stop.lane, 0) }));
  const tracks: Track[] = [];
  let current: Track = [];
  for (const [at, value] of series) {
    const metres = along((value as Point).coordinates, line, lanes);
    if (metres === undefined || (current.length && at - current.at(-1)![0] > GAP_MS)) {
      tracks.push(current);
      current = [];
    }
    if (metres !== undefined) current.push([at, metres]);
  }
  return [...tracks, current].filter((one) => one.length > 2 && Math.abs(one.at(-1)![1] - one[0]![1]) > LEAST_M);
}

function along(place: Position, line: { at_m: number; place: Position | undefined }[], lanes: Lanes): number | undefined {
  let best: [number, number] = [OFF_M, -1];
  for (let index = 1; index < line.length; index++) {
    const [a, b] = [line[index - 1]!, line[index]!];
    if (!a.place || !b.place) continue;
    const [bx, by] = lanes.metres(a.place, b.place);
    const [px, py] = lanes.metres(a.place, place);
    const share = Math.min(1, Math.max(0, (px * bx + py * by) / (bx * bx + by * by || 1)));
    const off = Math.hypot(px - share * bx, py - share * by);
    if (off < best[0]) best = [off, a.at_m + share * (b.at_m - a.at_m)];
  }
  return best[1] < 0 ? undefined : best[1];
}
