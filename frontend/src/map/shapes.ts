// What the map shows of the city's state, as shapes: stop lines with their lamps, queues, vehicles, junctions.
import type { Feature, FeatureCollection, LineString, Point, Position } from "geojson";
import { city } from "../city/facts";
import { numbered } from "../city/names";
import type { Report } from "../city/reports";
import { heard, of } from "../city/state";
import type { Approach, Entity, Streets } from "../city/types";
import type { Lanes } from "./lanes";
import type { Points } from "./points";
import type { Colour, Strokes } from "./strokes";

/** Metres that a halted vehicle takes in a queue, its gap included. */
const HALTED_M = 7.5;
const BEYOND_M = 1.6;
/** Of its lane's width. */
const QUEUE_WIDTH = 0.82;
/** So many vehicles are a long queue. */
const LONG = 12;
/** A lamp of which nobody has told. */
const UNSEEN: Colour = [0, 0, 0, 0];

const collection = <G extends LineString | Point>(features: Feature<G>[]): FeatureCollection<G> => ({ type: "FeatureCollection", features });

/** One stroke across its lane for each signal link, side by side where a lane has several. Gives the numbers of the
 * strokes by signal, by the link's index. */
export function stopLines(streets: Streets, lanes: Lanes, lamps: Strokes): Map<string, number[][]> {
  const byLane = new Map<string, { tls: string; index: number }[]>();
  for (const { geometry, properties } of streets.features) {
    if (geometry.type !== "Point" || properties?.["index"] === undefined) continue;
    const { tls, index, lane } = properties as { tls: string; index: number; lane: string };
    const heads = byLane.get(lane) ?? [];
    if (!heads.some((head) => head.index === index)) byLane.set(lane, [...heads, { tls, index }]);
  }
  const numbers = new Map<string, number[][]>();
  for (const [lane, heads] of byLane) {
    const stop = lanes.at(lane, 0);
    const heading = lanes.heading(lane);
    if (!stop || !heading) continue;
    // A little beyond the stop line, so that the first vehicle does not stand on its lamp.
    const end = lanes.shift(stop, heading[0] * BEYOND_M, heading[1] * BEYOND_M);
    const width = lanes.width_m(lane);
    heads.sort((a, b) => a.index - b.index);
    heads.forEach((head, place) => {
      const across = (share: number): Position => {
        // To the right of the travelling direction first: links are numbered from the right.
        const metres = (0.5 - share) * width * 0.94;
        return lanes.shift(end, heading[1] * metres, -heading[0] * metres);
      };
      const ofSignal = numbers.get(head.tls) ?? [];
      numbers.set(head.tls, ofSignal);
      (ofSignal[head.index] ??= []).push(lamps.add(across(place / heads.length), across((place + 1) / heads.length), 1, UNSEEN));
    });
  }
  return numbers;
}

/** The halted vehicles of each lane as strokes from the stop line back. Gives how many lanes have some. */
export function queues(lanes: Lanes, strokes: Strokes, [few, many]: readonly [Colour, Colour]): number {
  let count = 0;
  strokes.clear();
  for (const approach of of<Approach>("ApproachObserved")) {
    for (const lane in approach.queues) {
      const halted = approach.queues[lane]!;
      const line = halted > 0 ? lanes.tail(lane, halted * HALTED_M) : undefined;
      if (!line || line.length < 2) continue;
      const share = Math.min(1, (halted - 1) / (LONG - 1));
      const paint = few.map((from, index) => Math.round(from + (many[index]! - from) * share)) as unknown as Colour;
      const width_m = QUEUE_WIDTH * lanes.width_m(lane);
      for (let index = 1; index < line.length; index++) strokes.add(line[index - 1]!, line[index]!, width_m, paint);
      count += 1;
    }
  }
  return count;
}

/** The lanes of the roads that are closed. */
export function closed(streets: Streets): FeatureCollection<LineString> {
  const edges = new Set(of("RoadSegment").filter((one) => one["status"] === "closed").map((one) => one["edge"]));
  return collection(streets.features.filter((one): one is Feature<LineString> => one.geometry.type === "LineString" && edges.has(one.properties?.["edge"])));
}

/** Vehicles as the cameras last saw them, each on its way at its speed for the next second of the city. */
export function seen(lanes: Lanes, points: Points): void {
  const second = 1 / Math.max(city.value?.speed ?? 1, 0.1);
  for (const approach of of<Approach>("ApproachObserved")) {
    // Each camera's vehicles go on from when it was heard, not from when another one is.
    const now_s = (heard.get(approach.id) ?? 0) / 1000;
    for (const lane in approach.vehicles) {
      for (const [distance_m, speed_mps, , kind] of approach.vehicles[lane]!) {
        // A bus tells its own position; the camera's sight of it would be a second dot.
        const from = kind === "bus" ? undefined : lanes.at(lane, distance_m);
        const to = from && speed_mps > 0 ? lanes.at(lane, Math.max(0, distance_m - speed_mps)) : from;
        if (from && to) points.move(from, to, now_s, now_s + second, false);
      }
    }
  }
}

/** Each junction as a point with its number on the page. */
export function junctions(): FeatureCollection<Point> {
  return collection(
    numbered().map(({ name, number, place }) => ({ type: "Feature", id: number, properties: { name, number }, geometry: { type: "Point", coordinates: place } })),
  );
}

/** Reports that have a place, as points. */
export function reported(reports: readonly Report[]): FeatureCollection<Point> {
  const placed = reports.filter((one) => one.lat !== null && one.long !== null);
  return collection(placed.map((one) => ({ type: "Feature", properties: { report: one.service_request_id }, geometry: { type: "Point", coordinates: [one.long!, one.lat!] } })));
}

/** A ring of `radius_m` around a place: what the card beside the map is about. */
export function ring(lanes: Lanes, place: Position | undefined, radius_m = 24): FeatureCollection<LineString> {
  if (!place) return collection([]);
  const coordinates = Array.from({ length: 49 }, (_, step) => {
    const angle = (step / 48) * 2 * Math.PI;
    return lanes.shift(place, radius_m * Math.sin(angle), radius_m * Math.cos(angle));
  });
  return collection([{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } }]);
}

export const placeOf = (entity: Entity): Position | undefined => (entity["location"] as Point | undefined)?.coordinates;
