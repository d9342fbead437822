// An operator takes a junction from its service for a while, with a reason that everybody can read.
import { useEffect, useState } from "preact/hooks";
import { signalId } from "../city/state";
import { operator, ring } from "../city/alarms";
import { overrides, readMandates, release } from "../city/mandates";
import { clock, say } from "../text/words";
import { Act } from "./act";

const MINUTES = [5, 15, 60];
const AGAIN_MS = 10_000;

export function Overriding({ name, decision }: { name: string; decision: string }) {
  const [reason, why] = useState("");
  const [minutes, last] = useState(MINUTES[0]!);
  useEffect(() => {
    if (operator.value === null) void ring();
    void readMandates();
    const timer = setInterval(() => void readMandates(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [name]);
  const running = overrides.value.filter((one) => one.target === signalId(name));
  return (
    <>
      {running.map((one) => (
        <p key={one.id} class="warn">{say("Overridden by {who} until {time}: {reason}", { who: one.by, time: clock(one.until), reason: one.reason })}</p>
      ))}
      {operator.value ? (
        <details class="override">
          <summary>{say("Override")}</summary>
          <p class="note">{say("The junction goes back to its own plan for so long. The reason is public and stays on record.")}</p>
          <div class="acts">
            <label class="field">
              <span>{say("Reason")}</span>
              <input type="text" value={reason} maxLength={300} onInput={(event) => why(event.currentTarget.value)} />
            </label>
            <label class="field short">
              <span>{say("Minutes")}</span>
              <select value={String(minutes)} onChange={(event) => last(Number(event.currentTarget.value))}>
                {MINUTES.map((one) => <option key={one} value={String(one)}>{one}</option>)}
              </select>
            </label>
            <Act doing={say("To its own plan")} disabled={!reason.trim()} act={() => release(decision, reason.trim(), 60 * minutes).then(() => why(""))} />
          </div>
        </details>
      ) : null}
    </>
  );
}
