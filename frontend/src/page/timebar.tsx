// The time bar: now, or a moment of the last hours, played on at a chosen rate, and what if something else had been shown
// then. Works by keyboard; says what was chosen.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { backToLive, chosenMoment, KEPT_MS, look, pause, play, playing, rate, RATES, reading, setRate, trouble } from "../city/replay";
import { iso } from "../city/past";
import { ask } from "../city/requests";
import { suppose, supposing } from "../city/suppose";
import { live, looking, past } from "../city/time";
import { clock, say } from "../text/words";

const STEP_S = 5;
const JUMP_S = 60;
const AGAIN_MS = 5_000;
const SETTLED_MS = 150;

/** The first moment that the hub remembers, ms since 1970; 0 while it is not known. */
const first = signal(0);

let asking = false;

interface Oldest {
  meanDelay?: { values?: [number, string][] };
}

async function remember(): Promise<void> {
  asking = true;
  const since = live() - KEPT_MS;
  // Without lastN the answer has the oldest samples.
  const query = `type=TrafficKpi&attrs=meanDelay&timerel=after&timeAt=${iso(since)}&options=temporalValues`;
  const found = await ask<Oldest[]>(`/ngsi-ld/v1/temporal/entities?${query}`).catch(() => []);
  const oldest = found.map((one) => Date.parse(one.meanDelay?.values?.[0]?.[1] ?? "")).filter((at) => !Number.isNaN(at));
  if (oldest.length) first.value = Math.max(since, Math.min(...oldest));
  setTimeout(() => (asking = false), AGAIN_MS);
}

export function Timebar() {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 500);
    return () => clearInterval(timer);
  }, []);
  if (live() && !first.value && !asking) void remember();
  return (
    <section class={`timebar${past.value ? " past" : ""}`} aria-label={say("Time")}>
      <button type="button" class="pill" aria-pressed={!past.value} onClick={backToLive} disabled={!past.value}>{say("Live")}</button>
      <button type="button" class="icon" onClick={() => void look(Math.max(first.value, (looking.value || live()) - 1000 * JUMP_S))} title={say("One minute back")}>{say("−1 min")}</button>
      <button type="button" class="icon" onClick={() => (playing.value ? pause() : void play())} aria-label={playing.value ? say("Pause") : say("Play")}>
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d={playing.value ? "M4 2h3v12H4zM9 2h3v12H9z" : "M4 2l9 6-9 6z"} /></svg>
      </button>
      <button type="button" class="icon" disabled={!past.value} onClick={() => void look(looking.value + 1000 * JUMP_S)} title={say("One minute on")}>{say("+1 min")}</button>
      <Slider />
      <label class="rate">
        <span class="unseen">{say("Rate of playing")}</span>
        <select value={String(rate.value)} onChange={(event) => setRate(Number(event.currentTarget.value))}>
          {RATES.map((one) => <option key={one} value={String(one)}>{one}×</option>)}
        </select>
      </label>
      <button type="button" class="pill" aria-pressed={supposing.value} onClick={what}>{say("What if?")}</button>
      <Said />
    </section>
  );
}

/** What if is asked of one moment: playing stops. */
function what(): void {
  if (playing.value) pause();
  suppose(!supposing.value);
}

let settled: ReturnType<typeof setTimeout> | undefined;

function Slider() {
  const [held, hold] = useState(0);
  const to_s = Math.floor((live() || 1000) / 1000);
  const from_s = Math.min(to_s - 1, Math.floor((first.value || live()) / 1000));
  const at_s = Math.floor((held || looking.value || live()) / 1000);
  const choose = (value: string): void => {
    const at = Number(value) * 1000;
    hold(at);
    clearTimeout(settled);
    settled = setTimeout(() => void look(at).then(() => hold(0)), SETTLED_MS);
  };
  return (
    <span class="slide">
      <small>{clock(from_s * 1000)}</small>
      <input
        type="range" min={from_s} max={to_s} step={STEP_S} value={at_s} disabled={!first.value}
        aria-label={say("Moment")} aria-valuetext={looking.value || held ? clock(at_s * 1000) : say("Live")}
        onInput={(event) => choose(event.currentTarget.value)}
      />
      <small>{looking.value || held ? clock(at_s * 1000) : say("now")}</small>
    </span>
  );
}

/** What the visitor has chosen, once: the running clock is not announced. */
function Said() {
  const [said, tell] = useState("");
  useEffect(() => {
    const moment = chosenMoment.value;
    if (moment && looking.value) tell(say("Looking back at {time}", { time: clock(looking.value) }));
  }, [chosenMoment.value]);
  useEffect(() => {
    if (!looking.value && said) tell(say("Live"));
  }, [past.value]);
  const wrong = trouble.value ? say("The past cannot be shown: {reason}", { reason: trouble.value }) : "";
  return (
    <p class={wrong ? "said bad" : "said"} role="status">
      <span class={wrong || reading.value ? "" : "unseen"}>{wrong || (reading.value ? say("Reading …") : said)}</span>
    </p>
  );
}
