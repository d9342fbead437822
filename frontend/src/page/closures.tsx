// Roads that are closed to buses: which, how to close one (chosen on the map, or by its id), how to open it again.
import { useEffect } from "preact/hooks";
import { setRoad } from "../city/acts";
import { operator } from "../city/alarms";
import { picked, picking } from "../city/pick";
import { of } from "../city/state";
import { say, text } from "../text/words";
import { Act } from "./act";
import { useBeat } from "./beat";

export function Closures() {
  useBeat();
  useEffect(() => () => void (picking.value = false), []);
  const closed = of("RoadSegment").filter((one) => one["status"] === "closed");
  return (
    <>
      {closed.length ? (
        <ul class="alarms">
          {closed.map((one) => (
            <li key={one.id}>
              <b>{text(one["name"]) || text(one["edge"])}</b> <span class="id">{text(one["edge"])}</span>
              <Act doing={say("Open again")} act={() => setRoad(text(one["edge"]), "open")} />
            </li>
          ))}
        </ul>
      ) : (
        <p class="note">{say("No road is closed.")}</p>
      )}
      <div class="acts">
        <label class="field">
          <span>{say("Road to close (its id)")}</span>
          <input type="text" value={picked.value} spellcheck={false} autocomplete="off" onInput={(event) => (picked.value = event.currentTarget.value.trim())} />
        </label>
        <button type="button" class="pill" aria-pressed={picking.value} disabled={operator.value === false} onClick={() => (picking.value = !picking.value)}>
          {picking.value ? say("Now click on a road") : say("Choose on the map")}
        </button>
        <Act doing={say("Close the road")} disabled={!picked.value} act={() => setRoad(picked.value, "closed").then(() => void (picked.value = ""))} />
      </div>
    </>
  );
}
