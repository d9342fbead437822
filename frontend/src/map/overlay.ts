// What changes every second lies on a canvas of its own above the map: a frame of it costs a few calls, and the map below,
// with all its streets, is drawn again only when the visitor moves it.
import type { Map as MapView } from "maplibre-gl";
import { Plane } from "./plane";
import { between, Points } from "./points";
import { Strokes } from "./strokes";
import type { Theme } from "./style";

const FRAME_MS = 1000 / 30;
/** Frames come a little early or late: half of one at 60 a second. */
const SLACK_MS = 8;
const SLOWEST_MS = 500;
const LAMPS_FROM_ZOOM = 13;
const QUEUE_PX = 3.2;

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Overlay {
  readonly plane: Plane;
  readonly points: Points;
  readonly queues: Strokes;
  readonly lamps: Strokes;
  /** Whether queues and lamps are shown. */
  streets = true;
  /** Frames drawn so far. */
  frames = 0;
  private readonly canvas = document.createElement("canvas");
  private readonly gl: WebGL2RenderingContext;
  private asked = 0;
  private drawn = 0;
  private gap = FRAME_MS;
  private changed = true;

  /** `refresh` is called before a frame is drawn, to write what has changed; it says whether there is more to write later. */
  constructor(private readonly map: MapView, centre: [number, number], public look: Theme, private readonly refresh: () => boolean) {
    this.plane = new Plane(centre);
    this.points = new Points(this.plane);
    this.queues = new Strokes(this.plane);
    this.lamps = new Strokes(this.plane);
    this.canvas.className = "overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    const gl = this.canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, stencil: false });
    if (!gl) throw new Error("no second canvas");
    this.gl = gl;
    this.load();
    this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => (this.load(), this.wake()));
    map.getCanvas().after(this.canvas);
    // In the map's own frame, so that both move together.
    map.on("render", () => this.draw());
  }

  close(): void {
    cancelAnimationFrame(this.asked);
    this.canvas.remove();
  }

  /** Something has changed: draw it soon. While the page is hidden nothing is drawn. */
  wake(): void {
    this.changed = true;
    if (!this.asked) this.asked = requestAnimationFrame((now) => this.frame(now));
  }

  private load(): void {
    for (const part of [this.queues, this.points, this.lamps]) part.load(this.gl);
    this.gl.enable(this.gl.BLEND);
  }

  private frame(now: number): void {
    this.asked = 0;
    if (now - this.drawn >= this.gap - SLACK_MS && (this.moving() || this.changed)) {
      this.changed = this.refresh();
      this.draw();
      // A slow machine (or one that draws in software) gets fewer frames, not a page that does not answer.
      requestAnimationFrame(() => (this.gap = Math.min(SLOWEST_MS, Math.max(FRAME_MS, 0.8 * this.gap + 0.25 * (performance.now() - this.drawn)))));
    }
    // What was just written may move for another second.
    if (this.moving() || this.changed) this.asked = requestAnimationFrame((next) => this.frame(next));
  }

  private moving(): boolean {
    return !still.matches && performance.now() / 1000 < this.points.until_s;
  }

  private draw(): void {
    const { gl, canvas, look } = this;
    const sight = this.plane.seen(this.map);
    if (canvas.width !== sight.width_px || canvas.height !== sight.height_px) {
      canvas.width = sight.width_px;
      canvas.height = sight.height_px;
    }
    this.drawn = performance.now();
    this.frames += 1;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.streets) this.queues.draw(sight, { least_px: QUEUE_PX });
    this.points.draw("movers", sight, look);
    if (this.streets && sight.zoom >= LAMPS_FROM_ZOOM) this.lamps.draw(sight, { width_px: between([[13, 2], [16, 4.5], [17.5, 8], [20, 18]], sight.zoom) });
    this.points.draw("marks", sight, look);
  }
}
