// What the map shows besides the streets themselves: each can be taken away. The address says what is not shown.
import { signal } from "@preact/signals";
import { given, keep } from "./address";

export const LAYERS = ["streets", "buses", "air", "reports"] as const;
export type Layer = (typeof LAYERS)[number];

const asked = given("without").split(",");

export const hidden = signal<ReadonlySet<Layer>>(new Set(LAYERS.filter((name) => asked.includes(name))));

export const shows = (layer: Layer): boolean => !hidden.value.has(layer);

export function show(layer: Layer, on: boolean): void {
  const rest = new Set(hidden.value);
  if (on) rest.delete(layer);
  else rest.add(layer);
  hidden.value = rest;
  keep({ without: [...rest].join(",") });
}
