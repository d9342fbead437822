// A program of the graphics card with its places, looked up once.
import type { Sight } from "./plane";

/** Where a point of the plane is on the canvas: shared by all programs. */
export const ON_CANVAS = `#version 300 es
uniform float u_metre; uniform vec2 u_shift; uniform vec2 u_half;
vec2 pixels(vec2 metres) { return metres * u_metre + u_shift; }
vec4 placed(vec2 px) { return vec4(px.x / u_half.x, -px.y / u_half.y, 0.0, 1.0); }
`;

export type Setting = number | readonly number[];

export class Program {
  readonly program: WebGLProgram;
  private readonly places = new Map<string, WebGLUniformLocation | null>();

  constructor(private readonly gl: WebGL2RenderingContext, vertex: string, fragment: string) {
    this.program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.program, shader);
    }
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(gl.getProgramInfoLog(this.program) ?? "the shader does not link");
    }
  }

  use(sight: Sight, settings: Record<string, Setting>): void {
    const { gl } = this;
    gl.useProgram(this.program);
    const shown = { u_metre: sight.metre_px, u_shift: [sight.x_px, sight.y_px], u_half: [sight.width_px / 2, sight.height_px / 2], ...settings };
    for (const [name, value] of Object.entries(shown)) {
      if (!this.places.has(name)) this.places.set(name, gl.getUniformLocation(this.program, name));
      const place = this.places.get(name)!;
      if (typeof value === "number") gl.uniform1f(place, value);
      else if (value.length === 2) gl.uniform2fv(place, value);
      else gl.uniform3fv(place, value);
    }
  }

  /** Bytes of the bound buffer are this input. */
  input(name: string, size: number, stride: number, offset: number, { bytes = false } = {}): void {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, bytes ? gl.UNSIGNED_BYTE : gl.FLOAT, bytes, stride, offset);
  }
}
