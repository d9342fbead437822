// Buses glide from where they were shown to where they last said they are.
import type { Position } from "geojson";
import type { Entity } from "../city/types";
import type { Points } from "./points";
import { placeOf } from "./shapes";

const LONGEST_S = 4;

interface Way {
  from: Position;
  to: Position;
  /** Wall seconds (performance.now() / 1000) at `from` and at `to`. */
  start_s: number;
  end_s: number;
}

export class Buses {
  private readonly ways = new Map<string, Way>();

  /** A bus has reported, or is gone (undefined). */
  report(id: string, entity: Entity | undefined): void {
    const place = entity && placeOf(entity);
    if (!place) {
      this.ways.delete(id);
      return;
    }
    const now_s = performance.now() / 1000;
    const before = this.ways.get(id);
    if (before && before.to[0] === place[0] && before.to[1] === place[1]) return;
    // It takes as long to get there as it took to report: then the next report is due.
    const gap_s = before ? Math.min(LONGEST_S, now_s - before.start_s) : 1;
    this.ways.set(id, { from: before ? along(before, now_s) : place, to: place, start_s: now_s, end_s: now_s + gap_s });
  }

  write(points: Points): void {
    for (const way of this.ways.values()) points.move(way.from, way.to, way.start_s, way.end_s, true);
  }
}

function along(way: Way, now_s: number): Position {
  const share = Math.min(1, Math.max(0, (now_s - way.start_s) / (way.end_s - way.start_s || 1)));
  const between = (axis: 0 | 1): number => (way.from[axis] ?? 0) + ((way.to[axis] ?? 0) - (way.from[axis] ?? 0)) * share;
  return [between(0), between(1)];
}
