// A place chosen on a map for the report: pressed on it, or by keyboard its middle. Loaded when it is asked for.
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { type GeoJSONSource, LngLatBounds, Map as MapView, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";
import { ask } from "../city/requests";
import type { City, Streets } from "../city/types";
import { onTheme, paints, style, theme } from "../map/style";

setWorkerUrl(workerUrl);

const SHOWN = ["ground", "areas", "lanes"];
const NEAR_ZOOM = 17;

/** Shows the map in `place`; `chosen` is told each place (longitude, latitude). `begin` is where it begins, if anywhere. */
export async function pick(place: HTMLElement, title: string, begin: [number, number] | undefined, chosen: (at: [number, number]) => void): Promise<() => void> {
  const city = await ask<City>("/city");
  const look = style(theme(), city.centre[1]);
  const map = new MapView({
    container: place, style: { ...look, layers: look.layers.filter(({ id }) => SHOWN.includes(id)) }, center: begin ?? city.centre, zoom: begin ? NEAR_ZOOM : 14,
    minZoom: 9, maxZoom: 20, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, locale: { "Map.Title": title },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  const marker = new Marker({ color: theme().accent });
  const mark = ([longitude, latitude]: [number, number]): void => void marker.setLngLat([longitude, latitude]).addTo(map);
  if (begin) mark(begin);
  map.on("click", ({ lngLat }) => {
    mark([lngLat.lng, lngLat.lat]);
    chosen([lngLat.lng, lngLat.lat]);
  });
  map.on("load", () => void ask<Streets>("/streets.geojson", 60_000).then((streets) => {
    (map.getSource("streets") as GeoJSONSource).setData(streets);
    if (!begin) map.fitBounds(around(streets), { padding: 20, animate: false });
  }));
  onTheme(() => {
    for (const layer of SHOWN) for (const [name, value] of Object.entries(paints(theme(), city.centre[1])[layer]!)) map.setPaintProperty(layer, name as "fill-color", value as string);
  });
  return () => {
    const { lng, lat } = map.getCenter();
    mark([lng, lat]);
    chosen([lng, lat]);
  };
}

/** The box that all streets are in. */
function around(streets: Streets): LngLatBounds {
  const box = new LngLatBounds();
  for (const { geometry } of streets.features) if (geometry.type === "LineString") for (const place of geometry.coordinates) box.extend(place as [number, number]);
  return box;
}
