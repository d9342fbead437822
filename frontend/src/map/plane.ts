// The plane that is drawn on: metres east and south of the city's centre, in the map's own projection (Web Mercator).
// Numbers stay small there, so that 32 bits are enough for them.
import type { Map as MapView } from "maplibre-gl";
import type { Position } from "geojson";

const ROUND_M = 40_075_016.7;
const TILE_PX = 512;

const east = (longitude: number): number => (longitude + 180) / 360;
const south = (latitude: number): number => (1 - Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / Math.PI) / 2;

/** Where the plane lies on the canvas, in device pixels: pixels of a metre, and how far the city's centre is from the
 * middle of the canvas. */
export interface Sight {
  metre_px: number;
  x_px: number;
  y_px: number;
  width_px: number;
  height_px: number;
  ratio: number;
  zoom: number;
}

export class Plane {
  private readonly x: number;
  private readonly y: number;
  /** Of the whole world, what a metre at the centre's latitude is. */
  private readonly metre: number;

  constructor(centre: [number, number]) {
    this.x = east(centre[0]);
    this.y = south(centre[1]);
    this.metre = 1 / (ROUND_M * Math.cos((centre[1] * Math.PI) / 180));
  }

  east_m(place: Position): number {
    return (east(place[0] ?? 0) - this.x) / this.metre;
  }

  south_m(place: Position): number {
    return (south(place[1] ?? 0) - this.y) / this.metre;
  }

  /** How the map, which is never turned or tilted, shows the plane now. */
  seen(map: MapView): Sight {
    const { lng, lat } = map.getCenter();
    const canvas = map.getCanvas();
    const ratio = map.getPixelRatio();
    const zoom = map.getZoom();
    const world_px = TILE_PX * 2 ** zoom * ratio;
    return {
      metre_px: world_px * this.metre, x_px: (this.x - east(lng)) * world_px, y_px: (this.y - south(lat)) * world_px,
      width_px: canvas.width, height_px: canvas.height, ratio, zoom,
    };
  }
}
