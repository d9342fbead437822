// The "why" card of one junction: what it shows, what it senses, what it decided and why, what else, who permitted it.
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { ask } from "../city/requests";
import { choose, chosen, signalId, signalOf, waiting } from "../city/state";
import { queueSoFar } from "../city/memory";
import { numberOf, title } from "../city/names";
import { iso } from "../city/past";
import { queueThen } from "../city/replay";
import { suppose } from "../city/suppose";
import { looking, past, since_s } from "../city/time";
import type { Decision } from "../city/types";
import { clock, control, number, say, span } from "../text/words";
import { Approaches } from "./approaches";
import { Overriding } from "./override";
import { Earlier, Why } from "./why";
import { Plot } from "./plot";
import { useBeat } from "./beat";

const KEPT = 12;
const PAST_MS = 5_000;
const decisions = signal<Decision[] | null>(null);
const refused = signal("");

async function read(name: string): Promise<void> {
  try {
    const then = looking.value ? { to: iso(looking.value) } : undefined;
    const query = new URLSearchParams({ entity: signalId(name), limit: String(KEPT), ...then });
    const answer = await ask<{ decisions: Decision[] }>(`/decisions?${query}`);
    // The visitor may have gone on to another junction meanwhile.
    if (chosen.value !== name) return;
    decisions.value = answer.decisions;
    refused.value = "";
  } catch (error) {
    if (chosen.value === name) refused.value = (error as Error).message;
  }
}

export function Card({ name }: { name: string }) {
  useBeat();
  const shown = signalOf(name);
  const heading = useRef<HTMLHeadingElement>(null);
  const queue = useMemo(() => () => (past.value ? queueThen(name) : queueSoFar(name)), [name, past.value]);
  useEffect(() => {
    decisions.value = null;
    heading.current?.focus({ preventScroll: true });
    // On a narrow screen the card may lie beyond the edge.
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [name]);
  // While the visitor looks back, also every few seconds of the time that is shown.
  const step = Math.floor(looking.peek() / PAST_MS);
  useEffect(() => void read(name), [name, shown?.since, shown?.control, step]);
  const [last, ...before] = decisions.value ?? [];
  return (
    <section class="card" aria-labelledby="junction">
      <button type="button" class="close" onClick={() => choose("")} aria-label={say("Close")}>×</button>
      <h2 id="junction" tabIndex={-1} ref={heading}><span class="dot big">{numberOf(name)}</span>{title(name)}</h2>
      <p class="id">{name}</p>
      {shown ? <Now name={name} /> : <p>{say("No junction of this name has reported.")}</p>}
      <h3>{say("What it decided, and why")}</h3>
      {last ? <Why decision={last} /> : <p class="note">{refused.value || (decisions.value ? say("No decision yet: the junction runs its own plan.") : say("Reading …"))}</p>}
      {last ? <p><button type="button" class="link" onClick={() => suppose(true)}>{say("What if it had shown something else?")}</button></p> : null}
      {last && !past.value ? <Overriding name={name} decision={last.id} /> : null}
      <h3>{past.value ? say("What it sensed") : say("What it senses")}</h3>
      <Approaches name={name} />
      <h3>{past.value ? say("Vehicles waiting") : say("Vehicles waiting, as seen by cameras")}</h3>
      <Plot class="plot low" columns={queue} lines={["accent"]} />
      {before.length ? <Earlier decisions={before} /> : null}
    </section>
  );
}

function Now({ name }: { name: string }) {
  useBeat();
  const shown = signalOf(name)!;
  const since = since_s(shown.since);
  return (
    <div class="now">
      <p><b>{shown.stage ? say("Stage {stage}", { stage: shown.stage }) : say("Changing")}</b><small>{shown.since ? say("since {time}", { time: clock(shown.since) }) : ""}{since === undefined ? "" : ` · ${span(since)}`}</small></p>
      <p><b>{number(waiting(name))}</b><small>{say("waiting")}</small></p>
      <p class={shown.control === "service" ? "good" : "warn"}><b>{control(shown.control)}</b><small lang="en">{shown.controlReason}</small></p>
    </div>
  );
}
