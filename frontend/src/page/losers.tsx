// Before and after, side by side: how long vehicles stand at each approach here and in the twin; who waits longer, first.
import { useEffect, useState } from "preact/hooks";
import { now, past } from "../city/time";
import { choose } from "../city/state";
import { title } from "../city/names";
import { compare, loss_s, type Row } from "../city/waits";
import { counted, number, say } from "../text/words";
import { side } from "./approaches";

const AGAIN_MS = 10_000;
const SOON_MS = 300;
/** Less than this a vehicle is no difference. */
const LEAST_S = 1;
const SHOWN = 12;

export function Losers() {
  const [rows, set] = useState<Row[] | null>(null);
  const [wrong, fail] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = (): void => {
      // The city's time is told a moment after the page has begun.
      timer = setTimeout(read, now() ? AGAIN_MS : SOON_MS);
      if (now()) void compare(now()).then((found) => (set(found), fail("")), (error: Error) => fail(error.message));
    };
    read();
    return () => clearTimeout(timer);
  }, [past.value]);
  return (
    <section class="card" aria-labelledby="waits">
      <h2 id="waits">{say("Who waits longer than before?")}</h2>
      <p class="note">{say("Seconds that a vehicle stands on its way to the stop line, on average of the last 15 minutes: with the service, and in the twin under the fixed plan.")}</p>
      {wrong ? <p class="bad">{wrong}</p> : rows === null ? <p class="note">{say("Reading …")}</p> : rows.length ? <Compared rows={rows} /> : <p>{say("No figures have come yet.")}</p>}
    </section>
  );
}

function Compared({ rows }: { rows: Row[] }) {
  const worse = rows.filter((row) => row.ours_s - row.fixed_s >= LEAST_S);
  const better = rows.filter((row) => row.fixed_s - row.ours_s >= LEAST_S).reverse();
  return (
    <>
      <p class="tally">
        <span class="bad"><b>{number(worse.length)}</b> {say("wait longer")}</span>
        <span class="good"><b>{number(better.length)}</b> {say("wait less")}</span>
        <span><b>{number(rows.length - worse.length - better.length)}</b> {say("as before")}</span>
      </p>
      <Ranks rows={rows} />
      <p class="keys"><span class="line accent" />{say("With the service")} <span class="line muted" />{say("Fixed plan")}</p>
      <h3>{say("They wait longer")}</h3>
      <List rows={worse} none={say("No approach waits longer than under the fixed plan.")} />
      <h3>{say("They wait less")}</h3>
      <List rows={better} none={say("No approach waits less than under the fixed plan.")} />
    </>
  );
}

/** Every approach as a bar, the worst on the left: above the line they lose, below they gain. */
function Ranks({ rows }: { rows: Row[] }) {
  const top = Math.max(...rows.map((row) => Math.abs(row.ours_s - row.fixed_s)), LEAST_S);
  const sorted = [...rows].sort((a, b) => b.ours_s - b.fixed_s - (a.ours_s - a.fixed_s));
  return (
    <figure class="ranks">
      <svg viewBox={`0 0 ${sorted.length} 100`} preserveAspectRatio="none" role="img" aria-label={say("Seconds longer or shorter at each of {count} approaches, worst first; the lists below say the same.", { count: sorted.length })}>
        {sorted.map((row, index) => {
          // By the root: a single long wait would hide all others.
          const height = 50 * Math.sign(row.ours_s - row.fixed_s) * Math.sqrt(Math.abs(row.ours_s - row.fixed_s) / top);
          return <rect key={index} class={height > 0 ? "lost" : "won"} x={index + 0.1} width={0.8} y={height > 0 ? 50 - height : 50} height={Math.abs(height)} />;
        })}
        <line x1="0" x2={sorted.length} y1="50" y2="50" />
      </svg>
      <figcaption class="note">{say("Seconds longer (above) or shorter (below) at each approach, by their square root; the tallest bar is {seconds} s.", { seconds: number(top) })}</figcaption>
    </figure>
  );
}

function List({ rows, none }: { rows: Row[]; none: string }) {
  const [all, show] = useState(false);
  if (!rows.length) return <p class="note">{none}</p>;
  const top = Math.max(...rows.map((row) => Math.max(row.ours_s, row.fixed_s)));
  return (
    <>
      <ol class="compared">
        {rows.slice(0, all ? undefined : SHOWN).map((row) => <Pair key={`${row.junction} ${row.edge}`} row={row} top={top} />)}
      </ol>
      {rows.length > SHOWN && !all ? <button type="button" class="pill" onClick={() => show(true)}>{say("Show all {count}", { count: rows.length })}</button> : null}
    </>
  );
}

function Pair({ row, top }: { row: Row; top: number }) {
  const difference = row.ours_s - row.fixed_s;
  const signed = `${difference > 0 ? "+" : "−"}${number(Math.abs(difference))} s`;
  return (
    <li>
      <button type="button" onClick={() => choose(row.junction)}>
        <span class="who"><b>{title(row.junction)}</b><small>{side(row.junction, row.edge)}</small></span>
        <b class={difference > 0 ? "bad" : "good"}>{signed}</b>
      </button>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="ours" y="0" height="4" width={(100 * row.ours_s) / top} />
        <rect class="fixed" y="6" height="4" width={(100 * row.fixed_s) / top} />
      </svg>
      <p class="facts">
        <span>{say("{ours} s, before {fixed} s", { ours: number(row.ours_s), fixed: number(row.fixed_s) })}</span>
        <span>{counted("{count} vehicle", "{count} vehicles", Math.round(row.vehicles))}</span>
        <span>{counted("{count} vehicle-minute in all", "{count} vehicle-minutes in all", Math.round(Math.abs(loss_s(row)) / 60))}</span>
      </p>
    </li>
  );
}
