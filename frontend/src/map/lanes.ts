// The lanes as lines that can be measured: where on the map something is that stands so many metres before a stop line.
import type { Position } from "geojson";
import type { Streets } from "../city/types";

const METRES_PER_DEGREE = 111_320;

interface Lane {
  points: Position[];
  /** Metres along the line from its start to each point. */
  along: number[];
  width_m: number;
}

export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly shrink: number;

  /** `centre` (longitude, latitude) is where a plane is laid to measure in metres. */
  constructor(streets: Streets, readonly centre: [number, number]) {
    this.shrink = Math.cos((centre[1] * Math.PI) / 180);
    for (const { geometry, properties } of streets.features) {
      if (geometry.type !== "LineString" || typeof properties?.["id"] !== "string") continue;
      const points = geometry.coordinates;
      this.lanes.set(properties["id"], { points, along: this.measure(points), width_m: Number(properties["width_m"] ?? 3.2) });
    }
  }

  width_m(lane: string): number {
    return this.lanes.get(lane)?.width_m ?? 3.2;
  }

  /** The place `before_m` metres before the lane's end; undefined for a lane that the map does not know. */
  at(id: string, before_m: number): Position | undefined {
    const lane = this.lanes.get(id);
    if (!lane) return undefined;
    const length = lane.along.at(-1) ?? 0;
    return this.point(lane, Math.min(length, Math.max(0, length - before_m)));
  }

  /** The last `metres` of the lane as a line. */
  tail(id: string, metres: number): Position[] | undefined {
    const lane = this.lanes.get(id);
    if (!lane) return undefined;
    const start = Math.max(0, (lane.along.at(-1) ?? 0) - metres);
    return [this.point(lane, start), ...lane.points.filter((_, index) => (lane.along[index] ?? 0) > start)];
  }

  /** The direction in which the lane reaches its end, as a unit vector (east, north). */
  heading(id: string): [number, number] | undefined {
    const end = this.at(id, 0);
    const before = this.at(id, 12);
    if (!end || !before) return undefined;
    const [east, north] = this.metres(before, end);
    const length = Math.hypot(east, north) || 1;
    return [east / length, north / length];
  }

  /** The place that lies so many metres east and north of another. */
  shift(from: Position, east_m: number, north_m: number): Position {
    return [(from[0] ?? 0) + east_m / (METRES_PER_DEGREE * this.shrink), (from[1] ?? 0) + north_m / METRES_PER_DEGREE];
  }

  metres(from: Position, to: Position): [number, number] {
    return [((to[0] ?? 0) - (from[0] ?? 0)) * METRES_PER_DEGREE * this.shrink, ((to[1] ?? 0) - (from[1] ?? 0)) * METRES_PER_DEGREE];
  }

  private measure(points: Position[]): number[] {
    let total = 0;
    return points.map((point, index) => {
      if (index > 0) total += Math.hypot(...this.metres(points[index - 1] as Position, point));
      return total;
    });
  }

  private point(lane: Lane, along_m: number): Position {
    let index = lane.along.findIndex((metres) => metres >= along_m);
    if (index < 0) index = lane.points.length - 1;
    const to = lane.points[index] as Position;
    const from = lane.points[Math.max(0, index - 1)] as Position;
    const start = lane.along[Math.max(0, index - 1)] ?? 0;
    const share = (along_m - start) / ((lane.along[index] ?? 0) - start || 1);
    return [(from[0] ?? 0) + ((to[0] ?? 0) - (from[0] ?? 0)) * share, (from[1] ?? 0) + ((to[1] ?? 0) - (from[1] ?? 0)) * share];
  }
}

const COMPASS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

/** Where a lane with that heading comes from, as an English word of the compass. */
export function origin([east, north]: [number, number]): string {
  const degrees = (Math.atan2(-east, -north) * 180) / Math.PI;
  return COMPASS[Math.round((degrees + 360) / 45) % 8] as string;
}
