// What is wrong, since when, and what the system does about it. Nothing is shown while all is well.
import { useEffect, useState } from "preact/hooks";
import { entities } from "../city/state";
import { health, heardAt, lostSince, part, statusAt } from "../city/link";
import { clock, language, say, span } from "../text/words";
import { looking, past } from "../city/time";
import { useBeat } from "./beat";

const STALE_S = 5;
const BELIEVED_MS = 10_000;

/** Whether what the page shows is older than it should be; looked at once a second. */
export function useStale(): boolean {
  const [stale, set] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => set(Boolean(lostSince.value) || (everySecond() && heardAt.value > 0 && age_s() > STALE_S)), 1000);
    return () => clearInterval(timer);
  }, []);
  return stale;
}

/** Simulated streets report every second; controllers of a field say what they have to, and /health which are silent. */
const everySecond = (): boolean => !looking.value && (!health.value || part("world") !== undefined);

const age_s = (): number => (Date.now() - heardAt.value) / 1000;

export function Banner() {
  useBeat();
  const stale = useStale();
  const [, again] = useState(0);
  useEffect(() => {
    if (!stale) return;
    const timer = setInterval(() => again((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [stale]);
  const messages = wrong(stale);
  const dry = part("act")?.status === "dry run";
  return (
    <div role="status" class="banners">
      {dry ? <p class="banner">{say("Dry run: what the services want is recorded, and nothing is sent to the street.")}</p> : null}
      {messages.map((message) => <p key={message.slice(0, 12)} class="banner bad">{message}</p>)}
      {/* Not announced: it changes every second. */}
      {stale && heardAt.value ? <p class="banner age" aria-live="off">{say("What you see is {age} old.", { age: span(age_s()) })}</p> : null}
    </div>
  );
}

function wrong(stale: boolean): string[] {
  if (lostSince.value) {
    return [say("Connection lost since {time}. Trying again.", { time: wall(lostSince.value) })];
  }
  const messages: string[] = [];
  const world = health.value ? part("world")?.status : "running";
  if (world && world !== "running") {
    const since = part("world")?.since;
    messages.push(
      world === "starting" ? say("The streets are starting.")
      : since ? say("The streets have not reported since {time}; the junctions run their own fixed plans.", { time: clock(since) })
      : say("The streets do not report; the junctions run their own fixed plans."),
    );
  } else if (stale && heardAt.value) {
    messages.push(say("Nothing new from the streets since {time}.", { time: wall(heardAt.value) }));
  }
  if (past.value) return messages;
  const service = entities.get("urn:ngsi-ld:CityService:signals");
  // The entity comes at once and is believed for a while; then the health has the last word.
  const fresh = Date.now() - statusAt.value < BELIEVED_MS;
  if (service && service["status"] !== "running" && (fresh || part("service:signals")?.status !== "running")) {
    const reason = String(service["reason"] || service["status"]);
    messages.push(say("The signals run their fixed plan, not the service's decisions: {reason}", { reason }));
  }
  return messages;
}

/** A time on the visitor's own clock. */
const wall = (ms: number): string => new Date(ms).toLocaleTimeString(language);
