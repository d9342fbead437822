// Everything that moves, drawn in one call: each vehicle goes on at its last known speed until the next report, on the GPU.
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapView } from "maplibre-gl";
import { MercatorCoordinate } from "maplibre-gl";
import type { Position } from "geojson";
import type { Theme } from "./style";

export interface Mover {
  from: Position;
  to: Position;
  /** Wall seconds (performance.now() / 1000) at `from` and at `to`. */
  start_s: number;
  end_s: number;
  bus: boolean;
}

const FLOATS = 7;

const VERTEX = `#version 300 es
uniform mat4 u_matrix; uniform float u_time; uniform float u_car; uniform float u_bus;
in vec4 a_way; in vec2 a_times; in float a_bus;
out float v_bus;
void main() {
  float share = clamp((u_time - a_times.x) / max(a_times.y - a_times.x, 0.001), 0.0, 1.0);
  gl_Position = u_matrix * vec4(mix(a_way.xy, a_way.zw, share), 0.0, 1.0);
  gl_PointSize = a_bus > 0.5 ? u_bus : u_car;
  v_bus = a_bus;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec3 u_carColor; uniform vec3 u_busColor; uniform vec3 u_rim; uniform float u_fade;
in float v_bus; out vec4 colour;
void main() {
  float r = length(gl_PointCoord - 0.5) * 2.0;
  float edge = 1.0 - smoothstep(0.86, 1.0, r);
  vec3 inner = v_bus > 0.5 ? (r > 0.68 ? u_rim : u_busColor) : u_carColor;
  float alpha = edge * u_fade;
  colour = vec4(inner * alpha, alpha);
}`;

export class Movers implements CustomLayerInterface {
  readonly id = "movers";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  /** How many were drawn last: the page's own state, for tests and for the legend. */
  count = 0;
  fade = 1;
  private readonly origin: MercatorCoordinate;
  private readonly metre: number;
  private readonly born_s = performance.now() / 1000;
  private gl: WebGL2RenderingContext | undefined;
  private program: WebGLProgram | undefined;
  private buffer: WebGLBuffer | undefined;
  private array: WebGLVertexArrayObject | undefined;
  private data = new Float32Array(0);
  private dirty = false;

  constructor(centre: [number, number], private look: Theme, private readonly map: MapView) {
    // Coordinates are kept relative to the city: 32-bit floats of the whole globe would be 2 m coarse.
    this.origin = MercatorCoordinate.fromLngLat(centre);
    this.metre = this.origin.meterInMercatorCoordinateUnits();
  }

  show(movers: readonly Mover[]): void {
    const data = new Float32Array(movers.length * FLOATS);
    movers.forEach((mover, index) => {
      data.set([...this.local(mover.from), ...this.local(mover.to), mover.start_s - this.born_s, mover.end_s - this.born_s, mover.bus ? 1 : 0], index * FLOATS);
    });
    this.data = data;
    this.count = movers.length;
    this.dirty = true;
    this.map.triggerRepaint();
  }

  dress(look: Theme): void {
    this.look = look;
  }

  onAdd(_: MapView, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
    this.gl = gl as WebGL2RenderingContext;
    this.program = link(this.gl);
    this.buffer = this.gl.createBuffer();
    this.array = this.gl.createVertexArray();
    this.gl.bindVertexArray(this.array);
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffer);
    [["a_way", 4, 0], ["a_times", 2, 16], ["a_bus", 1, 24]].forEach(([name, size, offset]) => {
      const place = this.gl!.getAttribLocation(this.program!, name as string);
      this.gl!.enableVertexAttribArray(place);
      this.gl!.vertexAttribPointer(place, size as number, this.gl!.FLOAT, false, FLOATS * 4, offset as number);
    });
    this.gl.bindVertexArray(null);
    this.dirty = true;
  }

  render(_: unknown, input: CustomRenderMethodInput): void {
    const { gl, program } = this;
    if (!gl || !program || !this.count) return;
    gl.useProgram(program);
    gl.bindVertexArray(this.array!);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer!);
    if (this.dirty) gl.bufferData(gl.ARRAY_BUFFER, this.data, gl.DYNAMIC_DRAW);
    this.dirty = false;
    this.dressProgram(gl, program, input.defaultProjectionData.mainMatrix as ArrayLike<number>);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.POINTS, 0, this.data.length / FLOATS);
    gl.bindVertexArray(null);
  }

  private dressProgram(gl: WebGL2RenderingContext, program: WebGLProgram, main: ArrayLike<number>): void {
    const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
    const ratio = this.map.getPixelRatio();
    const metre_px = (512 * 2 ** this.map.getZoom() * this.metre) * ratio;
    gl.uniformMatrix4fv(at("u_matrix"), false, moved(main, this.origin.x, this.origin.y, this.metre));
    gl.uniform1f(at("u_time"), performance.now() / 1000 - this.born_s);
    gl.uniform1f(at("u_car"), Math.min(14 * ratio, Math.max(3 * ratio, 2.6 * metre_px)));
    gl.uniform1f(at("u_bus"), Math.min(22 * ratio, Math.max(10 * ratio, 5 * metre_px)));
    gl.uniform3fv(at("u_carColor"), this.look.car);
    gl.uniform3fv(at("u_busColor"), this.look.bus);
    gl.uniform3fv(at("u_rim"), this.look.dark ? [0.07, 0.09, 0.1] : [1, 1, 1]);
    gl.uniform1f(at("u_fade"), this.fade);
  }

  /** Metres east and south of the city's centre. */
  private local(place: Position): [number, number] {
    const point = MercatorCoordinate.fromLngLat([place[0] ?? 0, place[1] ?? 0]);
    return [(point.x - this.origin.x) / this.metre, (point.y - this.origin.y) / this.metre];
  }
}

/** matrix x translate(x, y) x scale(s), in 64 bits before it is rounded to 32. */
function moved(matrix: ArrayLike<number>, x: number, y: number, s: number): Float32Array {
  const m = Array.from(matrix);
  const out = new Float32Array(16);
  for (let row = 0; row < 4; row++) {
    out[row] = m[row]! * s;
    out[4 + row] = m[4 + row]! * s;
    out[8 + row] = m[8 + row]!;
    out[12 + row] = m[row]! * x + m[4 + row]! * y + m[12 + row]!;
  }
  return out;
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "the shader does not link");
  return program;
}
