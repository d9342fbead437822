// Air stations as small labels on the map: the value is text, so that it can be read and not only seen.
import { type Map as MapView, Marker } from "maplibre-gl";
import type { Entity } from "../city/types";
import { number, say } from "../text/words";
import { placeOf } from "./shapes";

export class Stations {
  private readonly markers = new Map<string, { marker: Marker; value: HTMLElement }>();

  constructor(private readonly map: MapView) {}

  /** A station has reported, or is gone (undefined). */
  show(id: string, entity: Entity | undefined): void {
    const place = entity && placeOf(entity);
    if (!place) {
      this.markers.get(id)?.marker.remove();
      this.markers.delete(id);
      return;
    }
    const label = this.markers.get(id) ?? this.make(id, place as [number, number]);
    const text = `NO₂ ${number(entity["no2"] as number | undefined)}`;
    if (label.value.textContent !== text) label.value.textContent = text;
  }

  private make(id: string, place: [number, number]): { marker: Marker; value: HTMLElement } {
    const element = document.createElement("div");
    element.className = "station";
    element.title = say("Air near the road (modelled)");
    const value = document.createElement("span");
    element.append(value);
    const marker = new Marker({ element, anchor: "bottom", offset: [0, -20] }).setLngLat(place).addTo(this.map);
    const made = { marker, value };
    this.markers.set(id, made);
    return made;
  }
}
