// The one screen: header with the effect, what is wrong, the map, the list beside it, the card that says why.
import { useEffect, useRef, useState } from "preact/hooks";
import { city, streets, trouble } from "../city/facts";
import { choose, chosen } from "../city/state";
import { supposing } from "../city/suppose";
import { say, text } from "../text/words";
import { Banner, useStale } from "./banner";
import { Card } from "./card";
import { Instead, WhichOne } from "./instead";
import { Legend } from "./legend";
import { Lists } from "./lists";
import { Panel } from "./panel";
import { Timebar } from "./timebar";

export function App() {
  const stale = useStale();
  useEffect(() => {
    const escape = (event: KeyboardEvent): void => {
      if (event.key === "Escape") choose("");
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, []);
  return (
    <>
      <Banner />
      <Timebar />
      <main id="content" class={`stage${stale ? " stale" : ""}${chosen.value ? " looking" : ""}`}>
        <h1 class="unseen">{say("What the signals of {city} decide, and why.", { city: text(city.value?.name) || "Madang" })}</h1>
        <Place />
        <aside class="side" aria-label={say("Details")}>
          <Side />
        </aside>
        <Lists />
      </main>
    </>
  );
}

function Side() {
  const name = chosen.value;
  if (supposing.value) return name ? <Instead key={name} name={name} /> : <WhichOne />;
  return name ? <Card name={name} /> : <Panel />;
}

function Place() {
  const place = useRef<HTMLDivElement>(null);
  const [failed, fail] = useState("");
  useEffect(() => {
    if (!place.current || !streets.value) return;
    let closed = false;
    let close = (): void => undefined;
    void import("../map/view").then(({ CityMap }) => {
      if (closed || !place.current) return;
      const made = new CityMap(place.current);
      Object.assign(window, { madang: made });
      close = () => made.close();
    }).catch((error: unknown) => fail(String((error as Error).message ?? error)));
    return () => {
      closed = true;
      close();
    };
  }, [streets.value]);
  return (
    <div class="place">
      <div class="map" ref={place} />
      {failed ? (
        <p class="waiting" role="status">{say("This browser cannot draw the map ({reason}). The lists say the same.", { reason: failed })}</p>
      ) : streets.value ? (
        <Legend />
      ) : (
        <p class="waiting" role="status">{trouble.value || say("Drawing the streets …")}</p>
      )}
    </div>
  );
}
