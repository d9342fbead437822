// What junctions are called: by their streets where the city names them, else by a number that rises from west to east.
import type { Point, Position } from "geojson";
import { say, text } from "../text/words";
import { entities, of, short } from "./state";

export interface Numbered {
  name: string;
  number: number;
  place: Position;
}

let known: Numbered[] = [];

/** All junctions with a place, numbered from west to east. */
export function numbered(): Numbered[] {
  const layouts = of("SignalLayout");
  if (layouts.length === known.length) return known;
  known = layouts
    .map((layout) => ({ name: short(layout.id), number: 0, place: (layout["location"] as Point | undefined)?.coordinates ?? [0, 0] }))
    .sort((a, b) => (a.place[0] ?? 0) - (b.place[0] ?? 0) || (a.name < b.name ? -1 : 1))
    .map((junction, index) => ({ ...junction, number: index + 1 }));
  return known;
}

export const numberOf = (name: string): number | undefined => numbered().find((junction) => junction.name === name)?.number;

/** The junction's title for people. */
export function title(name: string): string {
  const given = text(entities.get(`urn:ngsi-ld:SignalLayout:${name}`)?.["name"]);
  if (given && given !== name) return given;
  const number = numberOf(name);
  return number ? say("Junction {number}", { number }) : name;
}
