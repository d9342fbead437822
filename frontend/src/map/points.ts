// Everything that moves, drawn in one call: each vehicle goes on at its last known speed until the next report, on the
// graphics card. Where a junction has its number, what moves is taken away again: the number is the news there.
import type { Position } from "geojson";
import type { Plane, Sight } from "./plane";
import { ON_CANVAS, Program } from "./program";
import type { Theme } from "./style";

const FLOATS = 7;
const CAR = 0;
const BUS = 1;
const MARK = 2;

const VERTEX = `${ON_CANVAS}
uniform float u_time; uniform float u_car; uniform float u_bus; uniform float u_mark;
in vec4 a_way; in vec2 a_times; in float a_kind;
out float v_kind;
void main() {
  float share = clamp((u_time - a_times.x) / max(a_times.y - a_times.x, 0.001), 0.0, 1.0);
  gl_Position = placed(pixels(mix(a_way.xy, a_way.zw, share)));
  gl_PointSize = a_kind > 1.5 ? u_mark : a_kind > 0.5 ? u_bus : u_car;
  v_kind = a_kind;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec3 u_carColor; uniform vec3 u_busColor; uniform vec3 u_rim; uniform float u_hide;
in float v_kind; out vec4 colour;
void main() {
  float r = length(gl_PointCoord - 0.5) * 2.0;
  float edge = 1.0 - smoothstep(0.86, 1.0, r);
  if (v_kind > 1.5) { colour = vec4(0.0, 0.0, 0.0, edge * u_hide); return; }
  vec3 inner = v_kind > 0.5 ? (r > 0.68 ? u_rim : u_busColor) : u_carColor;
  colour = vec4(inner * edge, edge);
}`;

/** Which part of a frame's points: what moves, or what hides it. */
type Part = "movers" | "marks";

export class Points {
  /** How many move. */
  count = 0;
  /** Wall seconds (performance.now() / 1000) until which something moves. */
  until_s = 0;
  private readonly born_s = performance.now() / 1000;
  private data = new Float32Array(FLOATS * 1024);
  private movers = 0;
  private marks = 0;
  private dirty = true;
  private gl: WebGL2RenderingContext | undefined;
  private program: Program | undefined;
  private buffer: WebGLBuffer | undefined;
  private array: WebGLVertexArrayObject | undefined;

  constructor(private readonly plane: Plane) {}

  /** Forget all points, to write them anew. */
  clear(): void {
    this.movers = this.marks = this.count = 0;
    this.until_s = 0;
    this.dirty = true;
  }

  /** Something that is at `from` at `start_s` and at `to` at `end_s` (wall seconds). All of these before any mark. */
  move(from: Position, to: Position, start_s: number, end_s: number, bus: boolean): void {
    this.write(this.movers++, from, to, start_s - this.born_s, end_s - this.born_s, bus ? BUS : CAR);
    this.count = this.movers;
    this.until_s = Math.max(this.until_s, end_s);
  }

  /** Nothing that moves is seen at this place. */
  mark(place: Position): void {
    this.write(this.movers + this.marks++, place, place, 0, 1, MARK);
  }

  /** Make what the context needs, at first and after it was lost. */
  load(gl: WebGL2RenderingContext): void {
    this.gl = gl;
    this.program = new Program(gl, VERTEX, FRAGMENT);
    this.buffer = gl.createBuffer();
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    this.program.input("a_way", 4, 4 * FLOATS, 0);
    this.program.input("a_times", 2, 4 * FLOATS, 16);
    this.program.input("a_kind", 1, 4 * FLOATS, 24);
    this.dirty = true;
  }

  draw(part: Part, sight: Sight, look: Theme): void {
    const { gl, program } = this;
    const count = part === "movers" ? this.movers : this.marks;
    if (!gl || !program || !count) return;
    const hide = part === "marks" ? hidden(sight.zoom) : 0;
    if (part === "marks" && !hide) return;
    program.use(sight, {
      u_time: performance.now() / 1000 - this.born_s,
      u_car: Math.min(14 * sight.ratio, Math.max(3 * sight.ratio, 2.6 * sight.metre_px)),
      u_bus: Math.min(22 * sight.ratio, Math.max(10 * sight.ratio, 5 * sight.metre_px)),
      u_mark: 2 * sight.ratio * marked_px(sight.zoom),
      u_hide: hide,
      u_carColor: look.car, u_busColor: look.bus, u_rim: look.dark ? [0.07, 0.09, 0.1] : [1, 1, 1],
    });
    gl.bindVertexArray(this.array!);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer!);
    if (this.dirty) gl.bufferData(gl.ARRAY_BUFFER, this.data.subarray(0, FLOATS * (this.movers + this.marks)), gl.DYNAMIC_DRAW);
    this.dirty = false;
    // A mark takes away what was drawn; all else lies over it.
    gl.blendFunc(part === "marks" ? gl.ZERO : gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.POINTS, part === "marks" ? this.movers : 0, count);
  }

  private write(index: number, from: Position, to: Position, start_s: number, end_s: number, kind: number): void {
    const at = index * FLOATS;
    if (at + FLOATS > this.data.length) {
      const larger = new Float32Array(2 * this.data.length);
      larger.set(this.data);
      this.data = larger;
    }
    const { data, plane } = this;
    data[at] = plane.east_m(from);
    data[at + 1] = plane.south_m(from);
    data[at + 2] = plane.east_m(to);
    data[at + 3] = plane.south_m(to);
    data[at + 4] = start_s;
    data[at + 5] = end_s;
    data[at + 6] = kind;
  }
}

/** How far a junction's marker reaches (its radius and half its line; see `style`), in pixels. */
function marked_px(zoom: number): number {
  const steps: [number, number][] = [[11, 4], [13.5, 8], [16, 10], [17, 8]];
  return 1 + between(steps, zoom);
}

/** How much of a junction's marker is seen: from 1 to 0 as one comes near. */
const hidden = (zoom: number): number => Math.min(1, Math.max(0, (16.8 - zoom) / 0.8));

/** The value between the steps (at, value), and beyond them that of the last. */
export function between(steps: readonly [number, number][], at: number): number {
  const next = steps.findIndex(([step]) => step >= at);
  if (next <= 0) return steps[next < 0 ? steps.length - 1 : 0]![1];
  const [[low, from], [high, to]] = [steps[next - 1]!, steps[next]!];
  return from + ((to - from) * (at - low)) / (high - low);
}
