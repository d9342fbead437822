// The operator's desk: what is wrong, what the services want a yes for, roads to close, who is on the line.
import { useEffect, useState } from "preact/hooks";
import { answer, resend } from "../city/acts";
import { type Alarm, alarms, operator, ring } from "../city/alarms";
import { health } from "../city/link";
import { title } from "../city/names";
import { mandates, overrides, readMandates } from "../city/mandates";
import { choose, of, short } from "../city/state";
import { past } from "../city/time";
import type { Entity, Part } from "../city/types";
import { clock, number, say, text, word } from "../text/words";
import { Act } from "./act";
import { useBeat } from "./beat";
import { Closures } from "./closures";

const AGAIN_MS = 5_000;
const KINDS: Record<Alarm["kind"], string> = {
  part: word("Part of the system"), camera: word("Camera silent"), refused: word("Command refused"), dead: word("Notifications given up"),
};

export function Desk() {
  useEffect(() => {
    void ring();
    const timer = setInterval(() => (void ring(), void readMandates()), AGAIN_MS);
    void readMandates();
    return () => clearInterval(timer);
  }, []);
  return (
    <section class="card desk" aria-labelledby="desk">
      <h2 id="desk">{say("Operator's desk")}</h2>
      {operator.value === false ? <p class="note">{say("You may read this. To act, an operator signs in.")} <a href="/sign-in">{say("Sign in")}</a></p> : null}
      {past.value ? <p class="note">{say("The desk always shows now, also while you look back.")}</p> : null}
      <h3>{say("Alarms")}</h3>
      <Alarms />
      <h3>{say("Waiting for a yes")}</h3>
      <Proposals />
      <h3>{say("Roads closed to buses")}</h3>
      <Closures />
      <Mandates />
      <h3>{say("Parts of the system")}</h3>
      <Parts />
    </section>
  );
}

function Alarms() {
  useBeat();
  const found = alarms();
  if (!found.length) return <p class="good">{say("Nothing is wrong that this page knows of.")}</p>;
  return (
    <ul class="alarms">
      {found.map((alarm) => (
        <li key={`${alarm.kind} ${alarm.of} ${alarm.since}`}>
          <b>{say(KINDS[alarm.kind])}</b> <AlarmOf alarm={alarm} />
          {alarm.since ? <small>{say("since {time}", { time: clock(alarm.since) })}</small> : null}
          {alarm.reason ? <small lang="en">{alarm.reason}</small> : null}
          {alarm.kind === "dead" ? <Act doing={say("Send again")} act={() => resend(alarm.of)} /> : null}
        </li>
      ))}
    </ul>
  );
}

function AlarmOf({ alarm }: { alarm: Alarm }) {
  const junction = alarm.kind === "camera" || alarm.kind === "refused";
  return junction ? <button type="button" class="link" onClick={() => choose(alarm.of)}>{title(alarm.of)}</button> : <span class="id">{alarm.of}</span>;
}

function Proposals() {
  useBeat();
  const found = of("BusProposal").sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!found.length) return <p class="note">{say("No service proposes anything now.")}</p>;
  return <ul class="alarms">{found.map((one) => <Proposal key={one.id} proposal={one} />)}</ul>;
}

function Proposal({ proposal }: { proposal: Entity }) {
  const asked = proposal["mode"] === "approve";
  const said = text(proposal["approval"]);
  return (
    <li>
      <b>{say("Line {line}", { line: text(proposal["line"]) || "–" })}</b> <span class="id">{text(proposal["action"])}</span>
      <blockquote lang="en">{text(proposal["reason"])}</blockquote>
      {said ? <small>{said === "approved" ? say("Approved") : say("Rejected")}</small> : null}
      {asked && !said ? (
        <p class="acts">
          <Act doing={say("Approve")} act={() => answer(proposal.id, "approved")} />
          <Act doing={say("Reject")} act={() => answer(proposal.id, "rejected")} />
        </p>
      ) : null}
      {asked ? null : <small>{say("Advice only: the service may not do this by itself.")}</small>}
    </li>
  );
}

/** Under which mandate each service acts, and what operators have taken from it. */
function Mandates() {
  const services = Object.entries(mandates.value);
  if (!services.length) return null;
  return (
    <>
      <h3>{say("Mandates and overrides")}</h3>
      <ul class="alarms">
        {overrides.value.map((one) => (
          <li key={one.id}>
            <button type="button" class="link" onClick={() => choose(short(one.target))}>{title(short(one.target))}</button>{" "}
            <span class="warn">{say("Overridden by {who} until {time}: {reason}", { who: one.by, time: clock(one.until), reason: one.reason })}</span>
          </li>
        ))}
        {services.map(([name, mandate]) => (
          <li key={name}>
            <b>{name}</b>{" "}
            {mandate.permission
              ? <small>{say("Permitted by {committee}, resolution {resolution}", { committee: mandate.permission.committee, resolution: mandate.permission.resolution })}</small>
              : <small class="warn" lang="en">{mandate.why}</small>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Parts() {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const parts = Object.entries(health.value?.parts ?? {});
  return (
    <table>
      <thead>
        <tr><th scope="col">{say("Part")}</th><th scope="col">{say("State")}</th><th scope="col">{say("Since")}</th></tr>
      </thead>
      <tbody>
        {parts.map(([name, told]) => {
          const part: Part = typeof told === "string" ? { status: told } : told;
          return (
            <tr key={name}>
              <th scope="row" class="id">{name}</th>
              <td class={part.status === "running" ? "" : "warn"} lang="en">{part.status}{part.reason ? `: ${part.reason}` : ""}</td>
              <td class="number">{part.since ? clock(part.since) : ""}</td>
            </tr>
          );
        })}
        <tr><th scope="row">{say("Junctions decided by a service")}</th><td colSpan={2} class="number">{number(of("TrafficSignal").filter((one) => one["control"] === "service").length)} / {number(of("TrafficSignal").length)}</td></tr>
      </tbody>
    </table>
  );
}
