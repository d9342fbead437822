// A button that does something: busy while it is done, and says why where it was refused.
import { useState } from "preact/hooks";
import { operator } from "../city/alarms";
import { say } from "../text/words";

export function Act({ doing, act, disabled = false }: { doing: string; act: () => Promise<void>; disabled?: boolean }) {
  const [busy, work] = useState(false);
  const [said, tell] = useState("");
  const press = (): void => {
    work(true);
    tell("");
    void act().catch((error: Error) => tell(say("Refused: {reason}", { reason: error.message }))).finally(() => work(false));
  };
  return (
    <>
      <button type="button" class="pill" disabled={busy || disabled || operator.value === false} onClick={press}>{doing}</button>
      {said ? <small class="bad" role="alert">{said}</small> : null}
    </>
  );
}
