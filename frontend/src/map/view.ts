// The map: made once, then told what has changed. It asks nothing of any other host and draws at most once a frame.
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { type GeoJSONSource, LngLatBounds, Map as MapView, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { Position } from "geojson";
import { city, streets } from "../city/facts";
import { choose, chosen, entities, listen, of, short } from "../city/state";
import { numbered, numberOf } from "../city/names";
import { hidden, shows } from "../city/layers";
import { picked, picking } from "../city/pick";
import { attend, reports } from "../city/reports";
import type { Signal } from "../city/types";
import { language, say } from "../text/words";
import { Buses } from "./buses";
import { Lanes } from "./lanes";
import { Overlay } from "./overlay";
import { closed, junctions, queues, reported, ring, seen, stopLines } from "./shapes";
import { Stations } from "./stations";
import { type Colour, colour } from "./strokes";
import { onTheme, paints, style, theme } from "./style";

setWorkerUrl(workerUrl);

const still = matchMedia("(prefers-reduced-motion: reduce)");
/** What has changed is written anew at most so often. */
const WRITTEN_MS = 200;
const QUEUE_OPACITY = 0.9;

/** The map on its place in the page. `state` is what tests and the page read of it. */
export class CityMap {
  readonly map: MapView;
  readonly state = { ready: false, vehicles: 0, queues: 0, lamps: 0, frames: 0, mapFrames: 0 };
  private readonly lanes: Lanes;
  private readonly overlay: Overlay;
  private readonly buses = new Buses();
  private readonly stations: Stations;
  /** By signal, by link, the strokes of its lamps. */
  private lampStrokes = new Map<string, number[][]>();
  private readonly shown = new Map<string, string>();
  private readonly controls = new Map<string, string>();
  private readonly latitude: number;
  private drawn = 0;
  private marked = 0;
  private moved = true;
  private written = 0;
  private readonly ends: (() => void)[] = [];

  constructor(place: HTMLElement) {
    const centre = city.value?.centre ?? [0, 0];
    this.latitude = centre[1];
    this.lanes = new Lanes(streets.value!, centre);
    this.map = new MapView({
      container: place, style: style(theme(), this.latitude), center: centre, zoom: 13, minZoom: 9, maxZoom: 20.5, attributionControl: false,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, fadeDuration: 0, canvasContextAttributes: { antialias: true },
      locale: { "NavigationControl.ZoomIn": say("Zoom in"), "NavigationControl.ZoomOut": say("Zoom out"), "Map.Title": say("Map of the streets") },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({}), "bottom-left");
    this.overlay = new Overlay(this.map, centre, theme(), () => this.write());
    this.stations = new Stations(this.map);
    this.map.on("load", () => this.begin());
    this.ends.push(onTheme(() => this.dress()));
  }

  close(): void {
    for (const end of this.ends) end();
    this.overlay.close();
    this.map.remove();
  }

  /** Show all junctions. */
  fit(animate: boolean): void {
    const places = numbered().map((junction) => junction.place);
    if (!places.length) return;
    const bounds = places.reduce((box: LngLatBounds, place) => box.extend(place as [number, number]), new LngLatBounds());
    this.map.fitBounds(bounds, { padding: 48, maxZoom: 16.5, animate: animate && !still.matches });
  }

  private begin(): void {
    this.source("streets").setData(streets.value!);
    this.lampStrokes = stopLines(streets.value!, this.lanes, this.overlay.lamps);
    this.map.on("click", (event) => this.pick([event.point.x, event.point.y]));
    this.map.on("mousemove", "junctions", () => (this.map.getCanvas().style.cursor = "pointer"));
    this.map.on("mouseleave", "junctions", () => (this.map.getCanvas().style.cursor = ""));
    this.map.on("render", () => (this.state.mapFrames += 1));
    this.ends.push(listen((changed) => this.update(changed)), chosen.subscribe((name) => this.mark(name)));
    this.ends.push(hidden.subscribe(() => this.layer()), reports.subscribe((found) => this.source("reports").setData(reported(found ?? []))));
    attend();
    this.update(new Set(entities.keys()));
    this.begun();
    this.state.ready = true;
  }

  private update(changed: ReadonlySet<string>): void {
    for (const id of changed) {
      const entity = entities.get(id);
      if (id.includes(":Vehicle:")) this.buses.report(id, entity);
      else if (id.includes(":AirQualityObserved:")) this.stations.show(id, entity);
      else if (id.includes(":RoadSegment:")) this.source("closed").setData(closed(streets.value!));
      else if (entity?.type === "TrafficSignal") this.light(entity as Signal);
    }
    if (this.drawn !== numbered().length) this.place();
    this.moved = true;
    this.overlay.wake();
  }

  /** Write what moves and what stands, just before it is drawn. Gives whether there is more to write later. */
  private write(): boolean {
    this.state.frames = this.overlay.frames;
    if (!this.moved || performance.now() - this.written < WRITTEN_MS) return this.moved;
    this.moved = false;
    this.written = performance.now();
    const { points } = this.overlay;
    const [few, many] = theme().queue;
    this.state.queues = queues(this.lanes, this.overlay.queues, [colour(few, QUEUE_OPACITY), colour(many, QUEUE_OPACITY)]);
    points.clear();
    if (shows("streets")) seen(this.lanes, points);
    if (shows("buses")) this.buses.write(points);
    for (const { place } of numbered()) points.mark(place);
    this.state.vehicles = points.count;
    return false;
  }

  /** The junctions are known, or others than before. */
  private place(): void {
    this.drawn = numbered().length;
    this.source("junctions").setData(junctions());
    this.controls.clear();
    for (const signal of of<Signal>("TrafficSignal")) this.light(signal);
    this.mark(chosen.value);
    this.begun();
  }

  private light(signal: Signal): void {
    const name = short(signal.id);
    const number = numberOf(name);
    const control = signal.control ?? "plan";
    // Telling the map the same again would have it drawn again.
    if (number && this.controls.get(name) !== control) {
      this.map.setFeatureState({ source: "junctions", id: number }, { control });
      this.controls.set(name, control);
    }
    const lamps = signal.lamps ?? "";
    const before = this.shown.get(name) ?? "";
    for (let index = 0; index < lamps.length; index++) {
      if (lamps[index] === before[index]) continue;
      for (const stroke of this.lampStrokes.get(name)?.[index] ?? []) this.overlay.lamps.paint(stroke, this.paint(lamps[index]!));
    }
    this.shown.set(name, lamps);
    this.state.lamps = this.shown.size;
  }

  private paint(lamp: string): Colour {
    const { green, yellow, red, area } = theme();
    return colour({ g: green, y: yellow, u: yellow, r: red }[lamp.toLowerCase()] ?? area);
  }

  private mark(name: string): void {
    const number = numberOf(name) ?? 0;
    const place = numbered().find((junction) => junction.number === number)?.place;
    if (this.marked) this.map.setFeatureState({ source: "junctions", id: this.marked }, { chosen: false });
    if (number) this.map.setFeatureState({ source: "junctions", id: number }, { chosen: true });
    this.source("around").setData(ring(this.lanes, number ? place : undefined));
    if (number && number !== this.marked && place) this.approach(place);
    this.marked = number;
  }

  /** Show what the address names, else everything. */
  private begun(): void {
    this.fit(false);
    const place = numbered().find((junction) => junction.number === this.marked)?.place;
    if (place) this.approach(place, 0);
  }

  private approach(place: Position, duration = 700): void {
    this.map.easeTo({ center: place as [number, number], zoom: Math.max(this.map.getZoom(), 17.6), duration: still.matches ? 0 : duration });
  }

  /** The nearest junction within a finger's width of the point, or none. */
  private pick(point: [number, number]): void {
    const reach = 14;
    if (picking.value) return this.pickRoad(point);
    const box: [[number, number], [number, number]] = [[point[0] - reach, point[1] - reach], [point[0] + reach, point[1] + reach]];
    const found = this.map.queryRenderedFeatures(box, { layers: ["junctions"] })[0];
    if (found) return choose(String(found.properties["name"]));
    const report = this.map.queryRenderedFeatures(box, { layers: ["reports"] })[0];
    if (report) location.assign(`/report/${encodeURIComponent(String(report.properties["report"]))}?lang=${language}`);
  }

  /** Show what is to be shown. */
  private layer(): void {
    this.overlay.streets = shows("streets");
    this.map.getContainer().classList.toggle("without-air", !shows("air"));
    this.map.setLayoutProperty("reports", "visibility", shows("reports") ? "visible" : "none");
    this.moved = true;
    this.overlay.wake();
  }

  /** The road under the point is the one that was asked for. */
  private pickRoad([x, y]: [number, number]): void {
    const reach = 6;
    const found = this.map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ["lanes"] })[0];
    if (!found) return;
    picked.value = String(found.properties["edge"]);
    picking.value = false;
  }

  private dress(): void {
    for (const [layer, properties] of Object.entries(paints(theme(), this.latitude))) {
      for (const [name, value] of Object.entries(properties)) this.map.setPaintProperty(layer, name as "fill-color", value as string);
    }
    this.overlay.look = theme();
    this.shown.clear();
    this.update(new Set(entities.keys()));
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }
}
