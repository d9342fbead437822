// The same as the map, as lists: for the keyboard, a screen reader, and everyone who would rather read.
import { signal } from "@preact/signals";
import { choose, chosen, howMany, of, short, signalOf, waiting } from "../city/state";
import { numbered, numberOf, title } from "../city/names";
import { since_s } from "../city/time";
import type { Entity } from "../city/types";
import { control, day, language, number, say, span, text, word } from "../text/words";
import { useEffect } from "preact/hooks";
import { attend, reports } from "../city/reports";
import { useBeat } from "./beat";

type Tab = "junctions" | "buses" | "air" | "reports";
const tab = signal<Tab>("junctions");
const TITLES: Record<Tab, string> = { junctions: word("Junctions"), buses: word("Buses"), air: word("Air"), reports: word("Reports") };

export function Lists() {
  return (
    <nav class="lists" aria-label={say("Lists")}>
      <div class="tabs">
        {(Object.keys(TITLES) as Tab[]).map((name) => (
          <button key={name} type="button" aria-pressed={tab.value === name} onClick={() => (tab.value = name)}>
            {say(TITLES[name])}
          </button>
        ))}
      </div>
      {tab.value === "junctions" ? <Junctions /> : tab.value === "buses" ? <Buses /> : tab.value === "air" ? <Air /> : <Reports />}
    </nav>
  );
}

/** So many rows are drawn at most once a second. */
const MANY = 100;

function Junctions() {
  useBeat(howMany("SignalLayout") > MANY ? 1000 : 0);
  const rows = numbered().map(({ name }) => ({ name, waiting: waiting(name) }));
  if (!rows.length) return <p class="note">{say("No junction has reported yet.")}</p>;
  return (
    <ul class={rows.length > MANY ? "rows many" : "rows"}>
      {rows.map((row) => (
        <li key={row.name}>
          <button type="button" class="row" aria-pressed={chosen.value === row.name} onClick={() => choose(chosen.value === row.name ? "" : row.name)}>
            {junctionRow(row.name, row.waiting)}
          </button>
        </li>
      ))}
    </ul>
  );
}

function junctionRow(name: string, count: number) {
  const signal = signalOf(name);
  const since = since_s(signal?.since);
  return (
    <>
      <span class={`dot ${signal?.control === "service" ? "" : "plan"}`}>{numberOf(name)}</span>
      <span class="who">
        <b>{title(name)}</b>
        <small>
          {signal?.stage ? say("Stage {stage}", { stage: signal.stage }) : say("Changing")}
          {since === undefined ? "" : ` · ${span(since)}`}
          {signal?.control && signal.control !== "service" ? ` · ${control(signal.control)}` : ""}
        </small>
      </span>
      <span class="count" aria-label={say("Waiting: {count}", { count })}><b>{number(count)}</b><small aria-hidden="true">{say("waiting")}</small></span>
    </>
  );
}

function Buses() {
  useBeat();
  const buses = of("Vehicle").sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!buses.length) return <p class="note">{say("No bus is under way.")}</p>;
  return (
    <ul class="rows">
      {buses.map((bus) => (
        <li key={bus.id} class="row still">
          <span class="who"><b>{named(bus)}</b><small>{say("{speed} km/h", { speed: number(Number(bus["speed"] ?? 0) * 3.6) })}</small></span>
          {bus["delay"] === undefined ? null : <span class="count"><b>{number(Number(bus["delay"]))}</b><small>{say("s late")}</small></span>}
        </li>
      ))}
    </ul>
  );
}

function Air() {
  useBeat();
  const stations = of("AirQualityObserved").sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!stations.length) return <p class="note">{say("No air station has reported yet.")}</p>;
  return (
    <>
      <p class="note">{say("From the simulated emissions and a simple model of the wind, in µg/m³: a model, not a measurement.")}</p>
      <ul class="rows">
        {stations.map((station) => (
          <li key={station.id} class="row still">
            <span class="who"><b>{named(station)}</b></span>
            <span class="count"><b>{number(station["no2"] as number, 1)}</b><small>NO₂</small></span>
            <span class="count"><b>{number(station["pm25"] as number, 1)}</b><small>PM2.5</small></span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Reports() {
  useEffect(attend, []);
  const found = reports.value;
  if (!found) return <p class="note">{say("Reading …")}</p>;
  return (
    <>
      <p class="note"><a href={`/report?lang=${language}`}>{say("Report a problem")}</a></p>
      {found.length ? (
        <ul class="rows">
          {found.map((one) => (
            <li key={one.service_request_id}>
              <a class="row" href={`/report/${encodeURIComponent(one.service_request_id)}?lang=${language}`}>
                <span class="who"><b>{one.service_name}</b><small dir="auto">{one.description || one.address}</small></span>
                <small>{day(one.requested_datetime)}</small>
              </a>
            </li>
          ))}
        </ul>
      ) : <p class="note">{say("No report is open.")}</p>}
    </>
  );
}

const named = (entity: Entity): string => text(entity["name"]) || short(entity.id);
