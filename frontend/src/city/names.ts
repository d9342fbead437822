// What junctions are called: by their streets where the city names them, else by a number that rises from west to east.
import type { Point, Position } from "geojson";
import { say, text } from "../text/words";
import { entities, howMany, of, short } from "./state";

export interface Numbered {
  name: string;
  number: number;
  place: Position;
}

let known: Numbered[] = [];
let byName = new Map<string, Numbered>();

/** All junctions with a place, numbered from west to east. */
export function numbered(): Numbered[] {
  if (howMany("SignalLayout") === known.length) return known;
  known = of("SignalLayout")
    .map((layout) => ({ name: short(layout.id), number: 0, place: (layout["location"] as Point | undefined)?.coordinates ?? [0, 0] }))
    .sort((a, b) => (a.place[0] ?? 0) - (b.place[0] ?? 0) || (a.name < b.name ? -1 : 1))
    .map((junction, index) => ({ ...junction, number: index + 1 }));
  byName = new Map(known.map((junction) => [junction.name, junction]));
  return known;
}

export function numberOf(name: string): number | undefined {
  numbered();
  return byName.get(name)?.number;
}

/** The junction's title for people. */
export function title(name: string): string {
  const given = text(entities.get(`urn:ngsi-ld:SignalLayout:${name}`)?.["name"]);
  if (given && given !== name) return given;
  const number = numberOf(name);
  return number ? say("Junction {number}", { number }) : name;
}
