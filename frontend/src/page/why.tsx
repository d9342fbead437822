// One decision for people: the reason, the alternatives with their scores, the permission; and those before it.
import type { Alternative, Decision } from "../city/types";
import { short } from "../city/state";
import { clock, language, number, say } from "../text/words";
import { explained } from "./approaches";

const stageOf = (decision: Decision): string => String(decision.parameters["stage"] ?? decision.action);

/** The page about a decision, or one below it. */
const page = (decision: Decision, below = ""): string => `/why/${encodeURIComponent(decision.id)}${below}?lang=${language}`;

export function Why({ decision }: { decision: Decision }) {
  return (
    <div class="why">
      <blockquote lang="en">{decision.reason}</blockquote>
      <Streets decision={decision} />
      <p class="facts">
        <span>{say("Stage {stage}", { stage: stageOf(decision) })}</span>
        <span>{clock(decision.at)}</span>
        <span lang="en">{decision.rule}</span>
        <span>{decision.service} {decision.version}</span>
      </p>
      {decision.refused ? <p class="bad">{say("Not carried out:")} <span lang="en">{decision.refused}</span></p> : null}
      {decision.alternatives?.length ? <Alternatives decision={decision} alternatives={decision.alternatives} /> : null}
      <p class="permission">
        {decision.permission
          ? say("Permitted by {committee}, resolution {resolution}", { committee: decision.permission.committee, resolution: decision.permission.resolution })
          : say("Without a permission")}
        {" · "}
        <a href={page(decision)}>{say("The whole record")}</a>
        {" · "}
        <a href={page(decision, "/what-if")}>{say("What if the service had other settings?")}</a>
      </p>
    </div>
  );
}

/** Streets without a name stand in the reason by their ids: say where they are. */
function Streets({ decision }: { decision: Decision }) {
  const streets = explained(short(decision.target), decision.reason);
  if (!streets.length) return null;
  return <p class="facts streets">{streets.map((one) => <span key={one.edge}>{one.edge} = {one.title}</span>)}</p>;
}

function Alternatives({ decision, alternatives }: { decision: Decision; alternatives: Alternative[] }) {
  // A score in seconds is a cost: less is better.
  const sign = decision.score_unit?.endsWith("-seconds") ? 1 : -1;
  const sorted = [...alternatives].sort((a, b) => sign * (a.score - b.score));
  const top = Math.max(...sorted.map((one) => Math.abs(one.score)), 1e-9);
  // As many decimals as it takes to tell the scores apart.
  const digits = top >= 100 ? 0 : top >= 10 ? 1 : top >= 1 ? 2 : 3;
  const stage = decision.parameters["stage"];
  return (
    <table class="alternatives">
      <caption>{say("What else it could have done")}{decision.score_unit ? <small lang="en"> · {decision.score_unit}</small> : null}</caption>
      <tbody>
        {sorted.map((one, index) => {
          const taken = stage !== undefined && one.parameters?.["stage"] === stage;
          return (
            <tr key={index} class={taken ? "taken" : ""}>
              <th scope="row" lang="en">{one.label}{taken ? <em> {say("chosen")}</em> : null}</th>
              <td class="bars"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width={Math.max(0, (100 * one.score) / top)} height="6" /></svg></td>
              <td class="number">{number(one.score, digits)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function Earlier({ decisions }: { decisions: Decision[] }) {
  return (
    <details class="earlier">
      <summary>{say("Decisions before")}</summary>
      <ol>
        {decisions.map((one) => (
          <li key={one.id}>
            <a href={page(one)}>{clock(one.at)}</a> <b>{say("Stage {stage}", { stage: stageOf(one) })}</b> <span lang="en">{one.reason}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
