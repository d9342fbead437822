// The panels beside the map while no junction is chosen: does it help, who waits longer, one road, the operator's desk.
import { open, view, type View, VIEWS } from "../city/views";
import { alarms } from "../city/alarms";
import { number, say, word } from "../text/words";
import { useBeat } from "./beat";
import { Desk } from "./desk";
import { Effect } from "./effect";
import { Losers } from "./losers";
import { Road } from "./road";

const TITLES: Record<View, string> = { effect: word("Effect"), waits: word("Who waits"), road: word("Road"), desk: word("Desk") };

export function Panel() {
  return (
    <>
      <div class="tabs panels">
        {VIEWS.map((name) => (
          <button key={name} type="button" aria-pressed={view.value === name} onClick={() => open(name)}>
            {say(TITLES[name])}{name === "desk" ? <Count /> : null}
          </button>
        ))}
      </div>
      {view.value === "waits" ? <Losers /> : view.value === "road" ? <Road /> : view.value === "desk" ? <Desk /> : <Effect />}
    </>
  );
}

/** How many alarms there are. */
function Count() {
  useBeat();
  const count = alarms().length;
  return count ? <b class="badge"><span class="unseen">{say("Alarms")}: </span>{number(count)}</b> : null;
}
