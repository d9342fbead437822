// Short straight strokes, drawn in one call: queues as wide as their lanes, lamps across the stop lines. Each has four
// corners of its own rather than being an instance: of instances so small each costs as much as a call.
import type { Position } from "geojson";
import type { Plane, Sight } from "./plane";
import { ON_CANVAS, Program } from "./program";

const FLOATS = 6;
const BYTES = 4 * FLOATS;
const CORNERS = [0, 1, 2, 3];
/** Two triangles. */
const TRIANGLES = [0, 1, 2, 2, 1, 3];

const VERTEX = `${ON_CANVAS}
uniform float u_least; uniform float u_width;
in vec4 a_way; in float a_width; in vec4 a_colour;
out vec4 v_colour; out float v_across; out float v_half;
void main() {
  vec2 from = pixels(a_way.xy);
  vec2 to = pixels(a_way.zw);
  vec2 along = to - from;
  float length_px = max(length(along), 0.0001);
  vec2 side = vec2(-along.y, along.x) / length_px;
  v_half = 0.5 * (u_width > 0.0 ? u_width : max(u_least, a_width * u_metre));
  v_across = ((gl_VertexID & 2) == 0 ? -1.0 : 1.0) * (v_half + 0.5);
  gl_Position = placed((gl_VertexID & 1) == 0 ? from + side * v_across : to + side * v_across);
  v_colour = a_colour;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 v_colour; in float v_across; in float v_half; out vec4 colour;
void main() {
  float alpha = v_colour.a * clamp(v_half + 0.5 - abs(v_across), 0.0, 1.0);
  colour = vec4(v_colour.rgb * alpha, alpha);
}`;

/** Red, green, blue, opacity: 0 to 255. */
export type Colour = readonly [number, number, number, number];

/** A colour as the style writes it: "#0c9a5b". */
export function colour(text: string, opacity = 1): Colour {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255, Math.round(255 * opacity)];
}

export class Strokes {
  count = 0;
  private floats = new Float32Array(4 * FLOATS * 256);
  private bytes = new Uint8Array(this.floats.buffer);
  private dirty = true;
  /** So many strokes have their triangles in the context. */
  private room = 0;
  private gl: WebGL2RenderingContext | undefined;
  private program: Program | undefined;
  private buffer: WebGLBuffer | undefined;
  private corners: WebGLBuffer | undefined;
  private array: WebGLVertexArrayObject | undefined;

  constructor(private readonly plane: Plane) {}

  clear(): void {
    this.count = 0;
    this.dirty = true;
  }

  /** A stroke, and its index. */
  add(from: Position, to: Position, width_m: number, paint: Colour): number {
    const at = 4 * this.count * FLOATS;
    if (at + 4 * FLOATS > this.floats.length) {
      const larger = new Float32Array(2 * this.floats.length);
      larger.set(this.floats);
      this.floats = larger;
      this.bytes = new Uint8Array(larger.buffer);
    }
    this.floats[at] = this.plane.east_m(from);
    this.floats[at + 1] = this.plane.south_m(from);
    this.floats[at + 2] = this.plane.east_m(to);
    this.floats[at + 3] = this.plane.south_m(to);
    this.floats[at + 4] = width_m;
    for (const corner of CORNERS) if (corner) this.floats.copyWithin(at + corner * FLOATS, at, at + FLOATS);
    this.paint(this.count, paint);
    return this.count++;
  }

  paint(index: number, paint: Colour): void {
    for (const corner of CORNERS) this.bytes.set(paint, (4 * index + corner) * BYTES + 20);
    this.dirty = true;
  }

  /** Make what the context needs, at first and after it was lost. */
  load(gl: WebGL2RenderingContext): void {
    this.gl = gl;
    this.program = new Program(gl, VERTEX, FRAGMENT);
    this.buffer = gl.createBuffer();
    this.corners = gl.createBuffer();
    this.room = 0;
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    this.program.input("a_way", 4, BYTES, 0);
    this.program.input("a_width", 1, BYTES, 16);
    this.program.input("a_colour", 4, BYTES, 20, { bytes: true });
    this.dirty = true;
  }

  /** `least_px`: no stroke is thinner; `width_px`: all are so wide instead of as wide as they are on the ground. */
  draw(sight: Sight, { least_px = 1, width_px = 0 }): void {
    const { gl, program } = this;
    if (!gl || !program || !this.count) return;
    program.use(sight, { u_least: least_px * sight.ratio, u_width: width_px * sight.ratio });
    gl.bindVertexArray(this.array!);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer!);
    if (this.dirty) gl.bufferData(gl.ARRAY_BUFFER, this.floats.subarray(0, 4 * FLOATS * this.count), gl.DYNAMIC_DRAW);
    this.dirty = false;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.corners!);
    if (this.room < this.count) gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.triangles(), gl.STATIC_DRAW);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawElements(gl.TRIANGLES, TRIANGLES.length * this.count, gl.UNSIGNED_INT, 0);
  }

  /** Of all strokes that there is room for. */
  private triangles(): Uint32Array {
    this.room = this.floats.length / (4 * FLOATS);
    return Uint32Array.from({ length: TRIANGLES.length * this.room }, (_, at) => 4 * Math.floor(at / TRIANGLES.length) + TRIANGLES[at % TRIANGLES.length]!);
  }
}
