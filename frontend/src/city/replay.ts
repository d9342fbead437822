// Looking back: what the hub remembers of signals, queues, buses, air and figures, played as if it were now. Cars are not
// in it: cameras' sightings are not kept.
import { signal } from "@preact/signals";
import { given, keep } from "./address";
import { hangUp, connect } from "./link";
import { before, iso, past, valueAt, type Past, type Series } from "./past";
import { clear, entities, of, put, remove } from "./state";
import { live, looking } from "./time";

export const RATES = [1, 2, 5, 10, 20];
/** How long the hub keeps what is replayed. */
export const KEPT_MS = 6 * 3_600_000;

const CHUNK_MS = 300_000;
/** Signals report at least every 10 s: so long before a chunk is what they showed when it begins. */
const LEAD_MS = 30_000;
const GONE_MS = 12_000;
const BEAT_MS = 100;
const DRAWN_MS = 1_000;

export const rate = signal(RATES.includes(Number(given("rate"))) ? Number(given("rate")) : 1);
export const playing = signal(false);
/** What is going on, for people: reading, or why it cannot be shown. */
export const reading = signal(false);
export const trouble = signal("");
/** Counts the moments that the visitor has chosen: what is announced and kept in the address. */
export const chosenMoment = signal(0);

interface Chunk {
  from: number;
  to: number;
  found: Promise<Past[]>;
}

const PARTS: [string, string, string][] = [
  ["TrafficSignal", "lamps,stage,control", ""],
  ["ApproachWaits", "waits", "urn:ngsi-ld:ApproachWaits:signals:.*"],
  ["Vehicle", "location,delay", ""],
  ["TrafficKpi", "meanDelay,waiting,co2,arrived", ""],
  ["AirQualityObserved", "no2,pm25", ""],
];

let chunks: Chunk[] = [];
let shown: { chunk: Chunk; parts: Past[] } | undefined;
let timer: ReturnType<typeof setInterval> | undefined;
let steppedAt = 0;
let drawnAt = 0;

/** Look at that moment (ms since 1970), and play on from it if it was playing. */
export async function look(at: number): Promise<void> {
  if (!looking.value) hangUp();
  const newest = live() || Date.now();
  looking.value = Math.min(newest, Math.max(at, newest - KEPT_MS));
  chosenMoment.value += 1;
  keep({ at: iso(looking.value).slice(0, 19) + "Z", rate: String(rate.value) });
  await draw(looking.value, true);
}

export async function play(): Promise<void> {
  if (!looking.value) await look((live() || Date.now()) - CHUNK_MS);
  playing.value = true;
  steppedAt = performance.now();
  clearInterval(timer);
  timer = setInterval(step, BEAT_MS);
}

export function pause(): void {
  playing.value = false;
  clearInterval(timer);
  if (looking.value) keep({ at: iso(looking.value).slice(0, 19) + "Z", rate: String(rate.value) });
}

export function setRate(value: number): void {
  rate.value = value;
  if (looking.value) keep({ rate: String(value) });
}

/** Back to what is now. */
export function backToLive(): void {
  playing.value = false;
  clearInterval(timer);
  looking.value = 0;
  shown = undefined;
  chunks = [];
  trouble.value = "";
  keep({ at: "", rate: "" });
  clear(["Vehicle", "ApproachObserved"]);
  connect();
}

/** What the address asks for, once the city is known. */
export function begin(): void {
  const at = Date.parse(given("at"));
  if (Number.isNaN(at)) return;
  const ready = (): boolean => live() > 0 && of("SignalLayout").length > 0 && of("TrafficSignal").length >= of("SignalLayout").length;
  const wait = setInterval(() => {
    if (!ready()) return;
    clearInterval(wait);
    void look(at);
  }, BEAT_MS);
}

/** The queue of the junction in the part of the past that is shown, as columns for a plot. */
export function queueThen(name: string): [number[], number[]] {
  const series = shown?.parts[1]?.get(`urn:ngsi-ld:ApproachWaits:signals:${name}`)?.["waits"] ?? [];
  const until = series.slice(0, before(series, looking.value) + 1);
  return [until.map(([at]) => at / 1000), until.map(([, value]) => sum(value as Waits, 0))];
}

/** The mean delay of both worlds in the part of the past that is shown. */
export function effectThen(): [number[], (number | null)[], (number | null)[]] {
  const [ours, fixed] = ["signals", "fixed"].map((name) => shown?.parts[3]?.get(`urn:ngsi-ld:TrafficKpi:${name}`)?.["meanDelay"] ?? []);
  const until = ours!.slice(0, before(ours!, looking.value) + 1);
  const value = (told: unknown): number | null => (typeof told === "number" ? told : null);
  return [until.map(([at]) => at / 1000), until.map(([, told]) => value(told)), until.map(([at]) => value(valueAt(fixed, at)))];
}

export type Waits = Record<string, [number, number, number]>;
export const sum = (waits: Waits, index: 0 | 1 | 2): number => Object.values(waits).reduce((total, lane) => total + lane[index], 0);

function step(): void {
  const wall = performance.now();
  const to = looking.value + (wall - steppedAt) * rate.value;
  steppedAt = wall;
  if (reading.value) return;
  if (to >= live()) return backToLive();
  looking.value = to;
  if (wall - drawnAt >= DRAWN_MS / Math.min(5, rate.value)) void draw(to, false);
}

async function draw(at: number, anew: boolean): Promise<void> {
  drawnAt = performance.now();
  const chunk = chunkOf(at);
  if (chunk !== shown?.chunk) {
    reading.value = true;
    try {
      const parts = await chunk.found;
      if (!looking.value || chunkOf(looking.value) !== chunk) return;
      shown = { chunk, parts };
      trouble.value = "";
      anew = true;
    } catch (error) {
      chunks = chunks.filter((one) => one !== chunk);
      trouble.value = (error as Error).message;
      pause();
      return;
    } finally {
      reading.value = false;
    }
  }
  // The next is asked for before it is needed.
  if (playing.value && at > chunk.to - CHUNK_MS / 2 && chunk.to < live()) chunkOf(chunk.to + 1);
  if (anew) clear(["Vehicle"]);
  show(shown!.parts, at);
}

function chunkOf(at: number): Chunk {
  const from = Math.floor(at / CHUNK_MS) * CHUNK_MS;
  const known = chunks.find((one) => one.from === from && (one.to <= live() || at < one.to - LEAD_MS));
  if (known) return known;
  const to = from + CHUNK_MS;
  const found = Promise.all(PARTS.map(([type, attrs, like]) => past(type, attrs, from - LEAD_MS, to, { like })));
  const chunk = { from, to, found };
  found.catch(() => undefined);
  chunks = [...chunks.filter((one) => one.from !== from), chunk].slice(-4);
  return chunk;
}

function show([signals, waits, buses, figures, air]: Past[], at: number): void {
  for (const [id, told] of signals ?? []) merge(id, "TrafficSignal", { ...values(told, at), since: since(told["stage"], at), controlReason: "" });
  for (const [id, told] of waits ?? []) queues(id, told["waits"] ?? [], at);
  for (const [id, told] of figures ?? []) only(id, "TrafficKpi", values(told, at));
  for (const [id, told] of air ?? []) merge(id, "AirQualityObserved", values(told, at));
  for (const [id, told] of buses ?? []) ride(id, told, at);
}

const values = (told: Record<string, Series>, at: number): Record<string, unknown> =>
  Object.fromEntries(Object.entries(told).map(([name, series]) => [name, valueAt(series, at)]).filter(([, value]) => value !== undefined));

/** When the stage began that shows then; undefined where that was before what is known. */
function since(series: Series | undefined, at: number): string | undefined {
  if (!series) return undefined;
  let index = before(series, at);
  while (index > 0 && series[index - 1]![1] === series[index]![1]) index--;
  return index > 0 ? iso(series[index]![0]) : undefined;
}

function queues(id: string, series: Series, at: number): void {
  const value = valueAt(series, at) as Waits | undefined;
  const name = id.slice(id.lastIndexOf(":") + 1);
  const halted = Object.fromEntries(Object.entries(value ?? {}).map(([lane, one]) => [lane, one[0]]));
  merge(`urn:ngsi-ld:ApproachObserved:${name}`, "ApproachObserved", { queues: halted, vehicles: undefined, exits: undefined });
}

function ride(id: string, told: Record<string, Series>, at: number): void {
  const series = told["location"] ?? [];
  const index = before(series, at);
  const stale = index < 0 || at - series[index]![0] > GONE_MS;
  if (stale && entities.has(id)) remove(id);
  if (!stale) only(id, "Vehicle", { location: series[index]![1], delay: valueAt(told["delay"], at) });
}

/** Show it with what does not change (its place, its name) as it is now. */
function merge(id: string, type: string, told: Record<string, unknown>): void {
  put({ ...entities.get(id), ...told, id, type });
}

function only(id: string, type: string, told: Record<string, unknown>): void {
  put({ ...told, id, type });
}
