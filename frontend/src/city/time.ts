// The city's time: the latest that any of its devices has said, carried on at the city's speed until the next word. While
// the visitor looks back it is the time that is looked at.
import { computed, signal } from "@preact/signals";
import { city } from "./facts";

const AHEAD_S = 5;
const EARLIER_MS = 60_000;
let told = 0;
let toldAt = 0;

/** Milliseconds since 1970 of the time that the visitor looks back at; 0: the page is live. */
export const looking = signal(0);
/** Whether the visitor looks back. */
export const past = computed(() => looking.value > 0);

/** A device has said the time; `sure`: it has said it just now, so that a city that began anew may be earlier. */
export function tell(at: unknown, sure = false): void {
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (!(time > told) && !(sure && told - time > EARLIER_MS)) return;
  told = time;
  toldAt = performance.now();
}

/** Milliseconds since 1970 of the city's time; 0 while nobody has told it. */
export function live(): number {
  if (!told) return 0;
  const wall_s = Math.min(AHEAD_S, (performance.now() - toldAt) / 1000);
  return told + wall_s * 1000 * (city.value?.speed ?? 1);
}

/** The time that the page shows. */
export const now = (): number => looking.value || live();

/** The seconds of the shown time since then; undefined where either is not known. */
export function since_s(at: string | undefined): number | undefined {
  const time = at ? Date.parse(at) : Number.NaN;
  return now() && !Number.isNaN(time) ? Math.max(0, (now() - time) / 1000) : undefined;
}
