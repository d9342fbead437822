// Where am I, what time is it there, does it help.
import { useEffect, useState } from "preact/hooks";
import { city } from "../city/facts";
import { kpiOf } from "../city/state";
import { now } from "../city/time";
import { effectSoFar } from "../city/memory";
import { change, clock, language, languages, number, say, text } from "../text/words";
import { Plot } from "./plot";
import { useBeat } from "./beat";

export function Header() {
  return (
    <header class="top">
      <a class="brand" href={`/?lang=${language}`}>
        <h1>{text(city.value?.name) || "Madang"}</h1>
        <span>Madang</span>
      </a>
      <Figure />
      <Time />
      <nav class="languages" aria-label={say("Language")}>
        {Object.entries(languages).map(([tag, name]) => (
          <a key={tag} href={`?lang=${tag}${location.hash}`} lang={tag} hreflang={tag} {...(tag === language ? { "aria-current": "true" } : {})}>
            {name}
          </a>
        ))}
      </nav>
    </header>
  );
}

/** The mean delay now against the twin's, or undefined while one of them has not reported. */
export function effect(): { ours: number; fixed: number; ratio: number } | undefined {
  const ours = kpiOf("signals")?.meanDelay;
  const fixed = kpiOf("fixed")?.meanDelay;
  return ours !== undefined && fixed ? { ours, fixed, ratio: ours / fixed - 1 } : undefined;
}

function Figure() {
  useBeat();
  const found = effect();
  if (!found) return <p class="effect"><span>{say("The comparison with the fixed plan begins when both worlds have reported.")}</span></p>;
  const digits = found.fixed < 10 ? 1 : 0;
  const values = { ours: number(found.ours, digits), fixed: number(found.fixed, digits) };
  return (
    <div class="effect">
      <span class="figure">{change(found.ratio)}</span>
      <span>{say("mean delay now: {ours} s, against {fixed} s under the fixed plan in a simulated twin with the same demand", values)}</span>
      <Plot class="spark" columns={effectSoFar} lines={["accent", "muted"]} small />
    </div>
  );
}

function Time() {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const speed = city.value?.speed ?? 1;
  return (
    <p class="time">
      <span class="unseen">{say("City's time")} </span>
      <time>{now() ? clock(now()) : "–"}</time>
      {speed !== 1 && speed > 0 ? <span> × {number(speed)}</span> : null}
    </p>
  );
}
