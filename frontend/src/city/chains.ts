// Roads with several signals one after another: from which stop line the straight way leads to which next one.
import { of, short } from "./state";
import type { Layout } from "./types";

export interface Stop {
  junction: string;
  edge: string;
  /** A lane at the stop line, and the links that go straight on. */
  lane: string;
  links: number[];
  /** Metres from the first stop line. */
  at_m: number;
}

export type Chain = Stop[];

interface Onward {
  junction: string;
  edge: string;
  distance_m: number;
  share: number;
}

/** A turn that so few take is not the road. */
const LEAST_SHARE = 0.05;
const MOST = 8;

const edgeOf = (lane: string): string => lane.replace(/_\d+$/, "");

/** The longest roads with at least two signals, those with most signals first. */
export function chains(): Chain[] {
  const layouts = new Map(of("SignalLayout").map((entity) => [short(entity.id), entity["layout"] as Layout]));
  const onward = next(layouts);
  const starts = new Map<string, Stop>();
  for (const [junction, layout] of layouts) for (const stop of stops(junction, layout)) starts.set(`${junction} ${stop.edge}`, stop);
  const followed = new Set<string>();
  const found = [...starts.values()].map((start) => follow(start, starts, onward, followed));
  return found
    .filter((chain) => chain.length > 1 && !followed.has(`${chain[0]!.junction} ${chain[0]!.edge}`))
    .sort((a, b) => b.length - a.length || b.at(-1)!.at_m - a.at(-1)!.at_m)
    .slice(0, MOST);
}

function follow(start: Stop, starts: Map<string, Stop>, onward: Map<string, Onward[]>, followed: Set<string>): Chain {
  const chain: Chain = [{ ...start, at_m: 0 }];
  for (;;) {
    const last = chain.at(-1)!;
    const [best] = last.links.flatMap((link) => onward.get(`${last.junction} ${link}`) ?? [])
      .filter((one) => !chain.some((stop) => stop.junction === one.junction) && starts.has(`${one.junction} ${one.edge}`))
      .sort((a, b) => b.share - a.share || a.distance_m - b.distance_m);
    if (!best) return chain;
    followed.add(`${best.junction} ${best.edge}`);
    chain.push({ ...starts.get(`${best.junction} ${best.edge}`)!, at_m: last.at_m + best.distance_m });
  }
}

/** Where the links of each junction lead. */
function next(layouts: Map<string, Layout>): Map<string, Onward[]> {
  const found = new Map<string, Onward[]>();
  for (const [junction, layout] of layouts) {
    for (const [edge, feeders] of Object.entries(layout?.feeders ?? {})) {
      for (const { signal, link, distance_m, share } of feeders) {
        if (share < LEAST_SHARE) continue;
        const key = `${signal} ${link}`;
        found.set(key, [...(found.get(key) ?? []), { junction, edge, distance_m, share }]);
      }
    }
  }
  return found;
}

/** The approaches of a junction from which one can go straight on. */
function stops(junction: string, layout: Layout): Stop[] {
  const byEdge = new Map<string, Stop>();
  const ways = (layout?.links ?? []).filter((link) => link.kind === "car" && link.direction === "s");
  for (const link of ways) {
    const edge = edgeOf(link.from_lane);
    const stop = byEdge.get(edge) ?? { junction, edge, lane: link.from_lane, links: [], at_m: 0 };
    if (!stop.links.includes(link.index)) stop.links.push(link.index);
    byEdge.set(edge, stop);
  }
  return [...byEdge.values()];
}
