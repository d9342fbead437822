// What the page's header says anew each second: does it help, what time is it in the city.
import { useEffect, useState } from "preact/hooks";
import { city } from "../city/facts";
import { kpiOf } from "../city/state";
import { looking, now, past } from "../city/time";
import { effectSoFar } from "../city/memory";
import { effectThen } from "../city/replay";
import type { Kpi } from "../city/types";
import { change, clock, number, say } from "../text/words";
import { Plot } from "./plot";
import { useBeat } from "./beat";

/** As many have to have arrived in both worlds before their means are compared... */
const ENOUGH = 30;
/** ...and the twin, which starts later, must have seen this share of the city's vehicles. */
const ALIKE = 0.8;

function early(ours: Kpi, fixed: Kpi): boolean {
  const seen = (kpi: Kpi): number => (kpi.arrived ?? 0) + (kpi.running ?? 0);
  const few = [ours, fixed].some((kpi) => kpi.arrived !== undefined && kpi.arrived < ENOUGH);
  return few || (ours.running !== undefined && fixed.running !== undefined && seen(fixed) < ALIKE * seen(ours));
}

/** The mean delay now against the twin's, or undefined while one of them has not reported. */
export function effect(): { ours: number; fixed: number; ratio: number } | "early" | undefined {
  const [a, b] = [kpiOf("signals"), kpiOf("fixed")];
  const [ours, fixed] = [a?.meanDelay, b?.meanDelay];
  if (a && b && early(a, b)) return "early";
  return ours !== undefined && fixed ? { ours, fixed, ratio: ours / fixed - 1 } : undefined;
}

export function Figure() {
  useBeat();
  const found = effect();
  if (!found) return <p class="effect"><span>{say("The comparison with the fixed plan begins when both worlds have reported.")}</span></p>;
  if (found === "early") return <p class="effect"><span>{say("It is too early to compare with the fixed plan: too few vehicles have arrived in both worlds.")}</span></p>;
  const digits = found.fixed < 10 ? 1 : 0;
  const values = { ours: number(found.ours, digits), fixed: number(found.fixed, digits) };
  return (
    <div class="effect">
      <span class="figure">{change(found.ratio)}</span>
      <span>{say("mean delay now: {ours} s, against {fixed} s under the fixed plan in a simulated twin with the same demand", values)}</span>
      <Plot class="spark" columns={past.value ? effectThen : effectSoFar} lines={["accent", "muted"]} small />
    </div>
  );
}

export function Time() {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (looking.value) return <p class="time past"><span>{say("Looking back")} </span><time>{clock(looking.value)}</time></p>;
  const speed = city.value?.speed ?? 1;
  return (
    <p class="time">
      <span class="unseen">{say("City's time")} </span>
      <time>{now() ? clock(now()) : "–"}</time>
      {speed !== 1 && speed > 0 ? <span> × {number(speed)}</span> : null}
    </p>
  );
}
