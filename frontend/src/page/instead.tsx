// What if: choose what the junction should have shown; what the service's own model expects of it, beside what happened.
import { useEffect, useRef, useState } from "preact/hooks";
import { choose, layoutOf } from "../city/state";
import { numberOf, title } from "../city/names";
import { suppose, supposed, total, want, wanted, type Choice, type Supposition } from "../city/suppose";
import { looking } from "../city/time";
import { clock, language, number, say } from "../text/words";
import { side } from "./approaches";

const SETTLED_MS = 400;

export function Instead({ name }: { name: string }) {
  const [found, set] = useState<Supposition | null | undefined>(null);
  const [wrong, fail] = useState("");
  const [asked, again] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [name]);
  useEffect(() => {
    let gone = false;
    let later: ReturnType<typeof setTimeout> | undefined;
    const read = (): Promise<void> => supposed(name, looking.value).then(
      (told) => {
        if (gone) return;
        set(told);
        fail("");
        if (told?.over_ms) later = setTimeout(() => void read(), told.over_ms);
      },
      (error: Error) => void (gone || (set(undefined), fail(error.message))),
    );
    // While the slider moves nothing is computed.
    later = setTimeout(() => void read(), found === null ? 0 : SETTLED_MS);
    return () => {
      gone = true;
      clearTimeout(later);
    };
  }, [name, looking.value, asked]);
  return (
    <section class="card instead" aria-labelledby="instead">
      <button type="button" class="close" onClick={() => choose("")} aria-label={say("Close")}>×</button>
      <h2 id="instead" tabIndex={-1} ref={heading}><span class="dot big">{numberOf(name)}</span>{say("What if?")} {title(name)}</h2>
      <p class="note">{say("Choose what the junction should have shown: the service's own model says how long everybody would have waited. Nothing is sent to the street.")}</p>
      {wrong ? <p class="bad" role="alert" lang="en">{wrong}</p> : found === null ? <p class="note" role="status">{say("Reading …")}</p> : found ? <Found name={name} found={found} /> : <p>{say("No decision yet: the junction runs its own plan.")}</p>}
      <p class="acts">
        {looking.value ? null : <button type="button" class="pill" onClick={() => again(asked + 1)}>{say("Ask again")}</button>}{" "}
        <button type="button" class="pill" onClick={() => suppose(false)}>{say("Why this was decided")}</button>
      </p>
    </section>
  );
}

/** Before a junction is chosen. */
export function WhichOne() {
  return (
    <section class="card instead" aria-labelledby="instead">
      <h2 id="instead">{say("What if?")}</h2>
      <p class="hint">{say("Choose a junction on the map or in the list, and a moment on the time bar.")}</p>
      <p class="acts"><button type="button" class="pill" onClick={() => suppose(false)}>{say("Close")}</button></p>
    </section>
  );
}

function Found({ name, found }: { name: string; found: Supposition }) {
  const chosen = found.choices.find((one) => one.chosen);
  const picked = found.choices.find((one) => one.key === wanted.value) ?? found.choices.find((one) => !one.chosen) ?? chosen;
  const top = Math.max(...found.choices.map((one) => one.waits));
  return (
    <>
      <p class="note">
        {say("The service decided last at {time}: its record has what the cameras saw then.", { time: clock(found.at) })}{" "}
        <a href={`/why/${encodeURIComponent(found.id)}?lang=${language}`}>{say("The whole record")}</a>
      </p>
      <h3>{say("A model's estimate: vehicle-seconds that all wait in the {seconds} s after it", { seconds: number(found.horizon_s) })}</h3>
      <fieldset class="choices">
        <legend class="unseen">{say("What it should have shown")}</legend>
        {found.choices.map((one) => <One key={one.key} name={name} one={one} top={top} shown={found.shown} picked={one === picked} />)}
      </fieldset>
      <h3>{say("Approach by approach")}</h3>
      {picked ? <Beside name={name} found={found} was={chosen} were={picked} /> : null}
      <p class="note">{say("The model knows whom the cameras saw and the junctions before announced, and goes on by one rule after every choice. What happened counts every vehicle that stood, also those that no camera sees: compare estimates with estimates.")}</p>
    </>
  );
}

interface Shown {
  name: string;
  one: Choice;
  top: number;
  shown: string;
  picked: boolean;
}

function One({ name, one, top, shown, picked }: Shown) {
  return (
    <label class={one.chosen ? "choice taken" : "choice"}>
      <input type="radio" name="choice" value={one.key} checked={picked} onChange={() => want(one.key)} />
      <span class="who">
        <b>{called(one)}{one.stage && one.stage === shown ? ` · ${say("held on")}` : ""}{one.chosen ? <em> {say("chosen")}</em> : null}</b>
        <small>{one.key === "without" ? say("The twin, where every junction runs its fixed plan: counted in its simulation, not estimated") : serves(name, one.stage)}{one.begins_s ? ` · ${say("possible in {seconds} s", { seconds: number(one.begins_s) })}` : ""}</small>
        <span class="bars"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width={(100 * one.waits) / (top || 1)} height="8" /></svg></span>
      </span>
      <span class="count"><b>{number(one.waits)}</b><small>{one.most > one.least ? `${number(one.least)}–${number(one.most)}` : one.more === undefined ? "" : signed(one.more)}</small></span>
    </label>
  );
}

const signed = (value: number): string => `${Math.abs(value) < 0.5 ? "±" : value > 0 ? "+" : "−"}${number(Math.abs(value))}`;

function called(one: Choice): string {
  if (one.stage) return say("Stage {stage}", { stage: one.stage });
  return one.key === "without" ? say("Without the service") : say("The fixed plan");
}

/** From where a stage lets vehicles go. */
function serves(name: string, stage: string): string {
  const layout = layoutOf(name);
  const green = layout?.stages.find((one) => one.id === stage)?.green ?? "";
  const edges = layout?.links.filter((link) => "Gg".includes(green[link.index] ?? "r")).map((link) => link.from_lane.replace(/_\d+$/, "")) ?? [];
  return [...new Set(edges.map((edge) => side(name, edge)))].join(", ");
}

function Beside({ name, found, was, were }: { name: string; found: Supposition; was: Choice | undefined; were: Choice }) {
  const rows: [string, string][] = found.edges.map((edge) => [edge, side(name, edge)]);
  const happened = found.happened;
  return (
    <>
      <table>
        <caption>{say("Vehicle-seconds of waiting in the {seconds} s after {time}", { seconds: number(found.horizon_s), time: clock(found.at) })}</caption>
        <thead>
          <tr>
            <th scope="col">{say("Approach")}</th>
            {was ? <th scope="col">{say("As it was")} <small>({say("a model's estimate")})</small></th> : null}
            <th scope="col">{called(were)} <small>({were.key === "without" ? say("the twin") : say("a model's estimate")})</small></th>
            {happened ? <th scope="col">{say("What happened")}</th> : null}
          </tr>
        </thead>
        <tbody>
          {rows.map(([edge, from]) => (
            <tr key={edge}>
              <th scope="row">{from}</th>
              {was ? <td class="number">{number(was.approaches[edge])}</td> : null}
              <td class="number">{number(were.approaches[edge])}</td>
              {happened ? <td class="number">{number(happened[edge])}</td> : null}
            </tr>
          ))}
          <tr class="all">
            <th scope="row">{say("All")}</th>
            {was ? <td class="number">{number(was.waits)}</td> : null}
            <td class="number">{number(were.waits)}</td>
            {happened ? <td class="number">{number(total(happened))}</td> : null}
          </tr>
        </tbody>
      </table>
      {happened ? null : <p class="note">{found.over_ms ? say("What happens is told here when the {seconds} s are over.", { seconds: number(found.horizon_s) }) : say("What happened is not known: the time is not over, or the hub no longer has it.")}</p>}
    </>
  );
}
