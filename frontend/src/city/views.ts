// Which of the panels beside the map is open.
import { signal } from "@preact/signals";
import { given, keep } from "./address";

export const VIEWS = ["effect", "waits", "road", "desk"] as const;
export type View = (typeof VIEWS)[number];

const asked = given("view") as View;
export const view = signal<View>(VIEWS.includes(asked) ? asked : "effect");

export function open(name: View): void {
  view.value = name;
  keep({ view: name === "effect" ? "" : name });
}
