// A plot of the last minutes (uPlot), in the page's own colours.
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Columns } from "../city/memory";
import { beat } from "../city/state";
import { onTheme } from "../map/style";
import { clock, number } from "../text/words";

interface Props {
  class: string;
  columns: () => Columns;
  /** The CSS colours of the lines, by the name of their custom property. */
  lines: string[];
  /** Without axes. */
  small?: boolean;
}

export function Plot({ class: name, columns, lines, small = false }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    let plot = draw(element, columns(), lines, small);
    const size = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: element.clientHeight }));
    size.observe(element);
    const stop = beat.subscribe(() => plot.setData(copy(columns())));
    const undress = onTheme(() => {
      plot.destroy();
      plot = draw(element, columns(), lines, small);
    });
    return () => {
      undress();
      stop();
      size.disconnect();
      plot.destroy();
    };
  }, [columns]);
  return <div class={name} ref={place} aria-hidden="true" />;
}

const copy = (columns: Columns): uPlot.AlignedData => columns.map((column) => [...column]) as unknown as uPlot.AlignedData;

function draw(element: HTMLElement, columns: Columns, lines: string[], small: boolean): uPlot {
  const colour = (name: string): string => getComputedStyle(element).getPropertyValue(`--${name}`).trim();
  const axis = { stroke: colour("muted"), font: "11px Inter Variable, sans-serif", grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const options: uPlot.Options = {
    width: element.clientWidth || 120,
    height: element.clientHeight || 32,
    legend: { show: false },
    cursor: { show: false },
    padding: small ? [2, 2, 2, 2] : [8, 8, 0, 0],
    scales: { x: { time: true }, y: { range: (_, __, top) => [0, Math.max(1, top * 1.1)] } },
    axes: small ? [{ show: false }, { show: false }] : [
      { ...axis, size: 24, space: 90, values: (_, ticks) => ticks.map((tick) => clock(tick * 1000)) },
      { ...axis, size: 36, space: 28, values: (_, ticks) => ticks.map((tick) => number(tick, tick % 1 ? 1 : 0)) },
    ],
    series: [{}, ...lines.map((line, index) => ({ stroke: colour(line), width: index ? 1.5 : 2, points: { show: false }, ...(index ? { dash: [4, 3] } : {}) }))],
  };
  return new uPlot(options, copy(columns), element);
}
