// What the public API answers, as far as this page reads it. Entities come in the simplified form (keyValues).
import type { FeatureCollection } from "geojson";

export interface Entity {
  id: string;
  type: string;
  [attribute: string]: unknown;
}

export interface Link {
  index: number;
  from_lane: string;
  to_lane: string;
  direction: string;
  kind: string;
}

export interface Layout {
  links: Link[];
  stages: { id: string; green: string }[];
  lanes: Record<string, { length_m: number; speed_mps: number }>;
  /** By approach (edge): the signals upstream that vehicles come from, with the share of them that comes this way. */
  feeders?: Record<string, { signal: string; link: number; distance_m: number; time_s: number; share: number }[]>;
}

/** [distance to the stop line in m, speed in m/s, link index or -1, kind, seconds waited], the nearest first. */
export type Seen = [number, number, number, string, number];

/** [vehicles, halted, mean speed in m/s, occupancy 0..1] */
export type Exit = [number, number, number, number];

export interface Signal extends Entity {
  name?: string;
  lamps?: string;
  stage?: string;
  since?: string;
  control?: string;
  controlReason?: string;
}

export interface Approach extends Entity {
  vehicles?: Record<string, Seen[]>;
  queues?: Record<string, number>;
  exits?: Record<string, Exit>;
}

export interface Kpi extends Entity {
  meanDelay?: number;
  waiting?: number;
  running?: number;
  arrived?: number;
  co2?: number;
  nox?: number;
  stops?: number;
  conflicts?: number;
  guardsBroken?: number;
}

export interface Alternative {
  label: string;
  score: number;
  parameters?: Record<string, unknown>;
}

export interface Decision {
  id: string;
  service: string;
  version: string;
  at: string;
  target: string;
  action: string;
  parameters: Record<string, unknown>;
  rule: string;
  reason: string;
  alternatives?: Alternative[];
  score_unit?: string;
  expected?: Record<string, number>;
  permission?: { committee: string; resolution: string; until: string } | null;
  refused?: string | null;
}

export interface City {
  name: string | Record<string, string>;
  centre: [number, number];
  languages?: string[];
  time_zone?: string;
  speed?: number;
  scenario?: string;
  attribution?: string;
}

export interface Part {
  status?: string;
  reason?: string;
  since?: string;
}

export interface Health {
  live: boolean;
  ready: boolean;
  parts: Record<string, Part | string>;
}

export type Streets = FeatureCollection;
