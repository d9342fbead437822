// One road as space against time: when each signal was green, and how the buses came through.
import { useEffect, useMemo, useState } from "preact/hooks";
import { diagram, share, type Band, type Diagram } from "../city/bands";
import { chains, type Chain } from "../city/chains";
import { title } from "../city/names";
import { howMany } from "../city/state";
import { now, past } from "../city/time";
import { clock, counted, number, say } from "../text/words";
import { lanes } from "./approaches";
import { useBeat } from "./beat";

const AGAIN_MS = 3_000;
const SOON_MS = 300;
const WIDTH = 360;
const LEFT = 30;
const PLOT = { width: WIDTH - LEFT - 4, height: 400, top: 12 };
const TICK_MS = 120_000;

export function Road() {
  useBeat();
  const count = howMany("SignalLayout");
  const roads = useMemo(chains, [count]);
  const [chosen, choose] = useState(0);
  const road = roads[Math.min(chosen, roads.length - 1)];
  return (
    <section class="card" aria-labelledby="road">
      <h2 id="road">{say("A road through time")}</h2>
      <p class="note">{say("Time runs to the right, the road upwards. Green where the signal lets the straight way go, grey below it where the twin under the fixed plan does; the lines are buses. What cars do is not kept.")}</p>
      {road ? (
        <>
          <label class="field">
            <span>{say("Road")}</span>
            <select value={String(Math.min(chosen, roads.length - 1))} onChange={(event) => choose(Number(event.currentTarget.value))}>
              {roads.map((one, index) => <option key={index} value={String(index)}>{called(one)}</option>)}
            </select>
          </label>
          <Shown road={road} />
        </>
      ) : (
        <p>{say("There are no two signals on one road here.")}</p>
      )}
    </section>
  );
}

const called = (chain: Chain): string =>
  counted("{from} to {to}: {count} signal, {metres} m", "{from} to {to}: {count} signals, {metres} m", chain.length, { from: title(chain[0]!.junction), to: title(chain.at(-1)!.junction), metres: number(chain.at(-1)!.at_m) });

function Shown({ road }: { road: Chain }) {
  const [found, set] = useState<Diagram | null>(null);
  const [wrong, fail] = useState("");
  useEffect(() => {
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = (): void => {
      const at = now();
      timer = setTimeout(read, at ? AGAIN_MS : SOON_MS);
      // Looking back at a moment that stands still there is nothing new.
      if (!at || at === last) return;
      last = at;
      void diagram(road, at, lanes()).then((made) => (set(made), fail("")), (error: Error) => fail(error.message));
    };
    read();
    return () => clearTimeout(timer);
  }, [road, past.value]);
  if (wrong) return <p class="bad">{wrong}</p>;
  if (!found) return <p class="note">{say("Reading …")}</p>;
  return (
    <>
      <Picture found={found} />
      <Table bands={found.bands} to={found.to} />
    </>
  );
}

function Picture({ found }: { found: Diagram }) {
  const length = Math.max(found.bands.at(-1)!.stop.at_m, 1);
  const x = (at: number): number => LEFT + (PLOT.width * (at - found.from)) / (found.to - found.from);
  const y = (metres: number): number => PLOT.top + PLOT.height * (1 - metres / length);
  const ticks = Array.from({ length: 6 }, (_, index) => Math.ceil(found.from / TICK_MS) * TICK_MS + index * TICK_MS).filter((at) => at < found.to);
  const from = clock(found.from);
  return (
    <figure class="spacetime">
      <svg viewBox={`0 0 ${WIDTH} ${PLOT.height + 44}`} role="img" aria-label={counted("Green times along the road from {from} to {to}, with {count} way of a bus; the table below has the figures.", "Green times along the road from {from} to {to}, with {count} ways of buses; the table below has the figures.", found.tracks.length, { from, to: clock(found.to) })}>
        {ticks.map((at) => (
          <g key={at}>
            <line class="grid" x1={x(at)} x2={x(at)} y1={PLOT.top - 6} y2={PLOT.top + PLOT.height + 6} />
            <text x={x(at)} y={PLOT.height + 36} text-anchor="middle">{clock(at).slice(0, 5)}</text>
          </g>
        ))}
        {found.bands.map((band, index) => (
          <g key={band.stop.junction}>
            <rect class="red" x={x(band.ours.known)} width={Math.max(0, x(found.to) - x(band.ours.known))} y={y(band.stop.at_m) - 1} height="2" />
            {band.ours.spans.map(([start, end]) => <rect key={start} class="green" x={x(start)} width={Math.max(0.5, x(end) - x(start))} y={y(band.stop.at_m) - 4} height="8" />)}
            {band.twin.spans.map(([start, end]) => <rect key={start} class="twin" x={x(start)} width={Math.max(0.5, x(end) - x(start))} y={y(band.stop.at_m) + 5} height="3" />)}
            {crowded(found.bands, index, y) ? null : <text x={LEFT - 5} y={y(band.stop.at_m) + 4} text-anchor="end">{title(band.stop.junction).replace(/\D+/g, "") || "•"}</text>}
          </g>
        ))}
        {found.tracks.map((track, index) => <polyline key={index} points={track.map(([at, metres]) => `${x(at).toFixed(1)},${y(metres).toFixed(1)}`).join(" ")} />)}
      </svg>
    </figure>
  );
}

const TEXT_PX = 9;

/** Whether the name of the signal before lies where this one's would. */
const crowded = (bands: Band[], index: number, y: (metres: number) => number): boolean =>
  index > 0 && y(bands[index - 1]!.stop.at_m) - y(bands[index]!.stop.at_m) < TEXT_PX;

const percent = (part: number | undefined): string => (part === undefined ? "–" : `${number(100 * part)} %`);

function Table({ bands, to }: { bands: Band[]; to: number }) {
  return (
    <table>
      <caption>{say("The straight way in the last 10 minutes")}</caption>
      <thead>
        <tr>
          <th scope="col">{say("Junction")}</th>
          <th scope="col">{say("At (m)")}</th>
          <th scope="col">{say("Greens")}</th>
          <th scope="col">{say("Share green")}</th>
          <th scope="col">{say("Fixed plan")}</th>
        </tr>
      </thead>
      <tbody>
        {[...bands].reverse().map(({ stop, ours, twin }) => (
          <tr key={stop.junction}>
            <th scope="row">{title(stop.junction)}</th>
            <td class="number">{number(stop.at_m)}</td>
            <td class="number">{number(ours.spans.length)}</td>
            <td class="number">{percent(share(ours, to))}</td>
            <td class="number">{percent(share(twin, to))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
