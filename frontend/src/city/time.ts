// The city's time: the latest that any of its devices has said, carried on at the city's speed until the next word.
import { city } from "./facts";

const AHEAD_S = 5;
let told = 0;
let toldAt = 0;

export function tell(at: unknown): void {
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  if (!(time > told)) return;
  told = time;
  toldAt = performance.now();
}

/** Milliseconds since 1970 of the city's time; 0 while nobody has told it. */
export function now(): number {
  if (!told) return 0;
  const wall_s = Math.min(AHEAD_S, (performance.now() - toldAt) / 1000);
  return told + wall_s * 1000 * (city.value?.speed ?? 1);
}

/** The seconds of the city's time since then; undefined where either is not known. */
export function since_s(at: string | undefined): number | undefined {
  const time = at ? Date.parse(at) : Number.NaN;
  return told && !Number.isNaN(time) ? Math.max(0, (now() - time) / 1000) : undefined;
}
