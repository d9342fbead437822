// How the map looks, light and dark. Everything is drawn from the city's own data: no tiles, no fonts from elsewhere.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

export interface Theme {
  dark: boolean;
  ground: string;
  street: string;
  area: string;
  ink: string;
  paper: string;
  accent: string;
  amber: string;
  green: string;
  yellow: string;
  red: string;
  queue: [string, string];
  car: [number, number, number];
  bus: [number, number, number];
}

const LIGHT: Theme = {
  dark: false, ground: "#f3f2ee", street: "#cccec9", area: "#c3c6c1", ink: "#1c2321", paper: "#ffffff", accent: "#0f6e63", amber: "#b26a00",
  green: "#0c9a5b", yellow: "#e0a100", red: "#d23b3b", queue: ["#f0a35e", "#c4362f"], car: [0.16, 0.2, 0.2], bus: [0.06, 0.36, 0.78],
};
const DARK: Theme = {
  dark: true, ground: "#11161a", street: "#2f383e", area: "#343e44", ink: "#e8ecea", paper: "#171d21", accent: "#5cc8b6", amber: "#f0a94a",
  green: "#3ddc8c", yellow: "#ffcf4a", red: "#ff5c5c", queue: ["#c9803f", "#ff5a4d"], car: [0.87, 0.9, 0.9], bus: [0.42, 0.68, 1],
};

const dark = matchMedia("(prefers-color-scheme: dark)");
export const theme = (): Theme => (dark.matches ? DARK : LIGHT);

/** Be told when the visitor changes between light and dark; gives what ends it. */
export function onTheme(listener: () => void): () => void {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

/** Pixels of a metre at that zoom and latitude (512-pixel tiles). */
const pixels = (zoom: number, latitude: number): number => (512 * 2 ** zoom) / (40_075_016.7 * Math.cos((latitude * Math.PI) / 180));

/** A width in metres on the ground from zoom 15 on, never thinner than a hair farther out. */
function wide(metres: ExpressionSpecification | number, latitude: number, hair: number): ExpressionSpecification {
  const at = (zoom: number): ExpressionSpecification => ["*", metres, pixels(zoom, latitude)];
  return ["interpolate", ["exponential", 2], ["zoom"], 11, hair, 13.5, ["max", hair, at(13.5)], 15, ["max", hair, at(15)], 22, at(22)];
}

const state = (name: string, otherwise: string | number | boolean): ExpressionSpecification => ["coalesce", ["feature-state", name], otherwise];

/** What depends on the theme, layer by layer: set again when it changes. */
export function paints(look: Theme, latitude: number): Record<string, Record<string, unknown>> {
  const width: ExpressionSpecification = ["coalesce", ["get", "width_m"], 3.2];
  return {
    ground: { "background-color": look.ground },
    areas: { "fill-color": look.area },
    around: {
      "line-color": look.accent,
      "line-width": 2,
      "line-opacity": 0.9,
    },
    lanes: { "line-color": look.street, "line-width": wide(width, latitude, 0.9) },
    closed: { "line-color": look.red, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 3, 17, 8], "line-dasharray": [1, 1] },
    reports: { "circle-color": look.amber, "circle-radius": 6, "circle-stroke-width": 2, "circle-stroke-color": look.paper },
    junctions: {
      "circle-color": ["case", ["boolean", state("chosen", false), false], look.accent, look.paper],
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 4, 13.5, 8, 16, 10, 17, 8],
      "circle-stroke-width": ["case", ["boolean", state("chosen", false), false], 3, 2],
      "circle-stroke-color": ["case", ["==", state("control", "service"), "service"], look.accent, look.amber],
      // Near by, the lamps and vehicles around the junction are the news, not its marker.
      "circle-opacity": ["interpolate", ["linear"], ["zoom"], 16, 1, 16.8, 0],
      "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 16, 1, 16.8, 0],
    },
    numbers: {
      "text-opacity": ["interpolate", ["linear"], ["zoom"], 16, 1, 16.8, 0],
      "text-color": ["case", ["boolean", state("chosen", false), false], look.dark ? "#0b1412" : "#ffffff", look.ink],
    },
  };
}

export function style(look: Theme, latitude: number): StyleSpecification {
  const empty = { type: "geojson" as const, data: { type: "FeatureCollection" as const, features: [] } };
  const paint = paints(look, latitude);
  const round = { "line-cap": "butt" as const, "line-join": "round" as const };
  const label = { "text-field": ["to-string", ["get", "number"]], "text-size": 11, "text-allow-overlap": true, "text-font": ["Inter Variable"] };
  const layers = [
    { id: "ground", type: "background" },
    { id: "areas", type: "fill", source: "streets", filter: ["==", ["geometry-type"], "Polygon"] },
    { id: "lanes", type: "line", source: "streets", filter: ["==", ["geometry-type"], "LineString"], layout: { ...round, "line-cap": "round" } },
    { id: "closed", type: "line", source: "closed" },
    { id: "around", type: "line", source: "around" },
    { id: "reports", type: "circle", source: "reports" },
    { id: "junctions", type: "circle", source: "junctions" },
    { id: "numbers", type: "symbol", source: "junctions", minzoom: 12.8, layout: label },
  ].map((layer) => ({ ...layer, paint: paint[layer.id] })) as unknown as LayerSpecification[];
  return { version: 8, sources: { streets: empty, around: empty, closed: empty, reports: empty, junctions: empty }, layers };
}
