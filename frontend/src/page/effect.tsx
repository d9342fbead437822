// Does it help: this city against its twin that runs the fixed plan with the same demand.
import { kpiOf } from "../city/state";
import { effectSoFar } from "../city/memory";
import { effectThen } from "../city/replay";
import { past } from "../city/time";
import type { Kpi } from "../city/types";
import { change, number, say, word } from "../text/words";
import { Plot } from "./plot";
import { useBeat } from "./beat";

interface Row {
  title: string;
  of: (kpi: Kpi) => number | undefined;
  digits: number;
}

const ROWS: Row[] = [
  { title: word("Mean delay (s)"), of: (kpi) => kpi.meanDelay, digits: 1 },
  { title: word("Vehicles halted now"), of: (kpi) => kpi.waiting, digits: 0 },
  { title: word("Under way"), of: (kpi) => kpi.running, digits: 0 },
  { title: word("Arrived"), of: (kpi) => kpi.arrived, digits: 0 },
  { title: word("Stops per vehicle"), of: (kpi) => kpi.stops, digits: 2 },
  { title: word("CO₂ (kg)"), of: (kpi) => kpi.co2, digits: 0 },
  { title: word("NOx (g)"), of: (kpi) => kpi.nox, digits: 0 },
  { title: word("Conflicting greens"), of: (kpi) => kpi.conflicts, digits: 0 },
  { title: word("Safety rules broken"), of: (kpi) => kpi.guardsBroken, digits: 0 },
];

export function Effect() {
  useBeat();
  const ours = kpiOf("signals");
  const fixed = kpiOf("fixed");
  return (
    <section class="card" aria-labelledby="effect">
      <h2 id="effect">{say("Does it help?")}</h2>
      <p class="note">{say("This city's signals against a simulated twin: the same streets and the same demand under the fixed plan.")}</p>
      {ours ? (
        <>
          <h3>{say("Mean delay so far (s)")}</h3>
          <Plot class="plot" columns={past.value ? effectThen : effectSoFar} lines={["accent", "muted"]} />
          <p class="keys"><span class="line accent" />{say("With the service")} <span class="line muted" />{say("Fixed plan")}</p>
          <Table ours={ours} fixed={fixed} />
        </>
      ) : (
        <p>{say("No figures have come yet.")}</p>
      )}
      <p class="hint">{say("Choose a junction on the map or in the list to read what it senses, what it decided and why.")}</p>
    </section>
  );
}

function Table({ ours, fixed }: { ours: Kpi; fixed: Kpi | undefined }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col"><span class="unseen">{say("Figure")}</span></th>
          <th scope="col">{say("With the service")}</th>
          <th scope="col">{say("Fixed plan")}</th>
          <th scope="col">{say("Change")}</th>
        </tr>
      </thead>
      <tbody>
        {ROWS.filter((row) => row.of(ours) !== undefined).map((row) => {
          const [a, b] = [row.of(ours), fixed && row.of(fixed)];
          return (
            <tr key={row.title}>
              <th scope="row">{say(row.title)}</th>
              <td class="number">{number(a, row.digits)}</td>
              <td class="number">{number(b, row.digits)}</td>
              <td class="number">{a !== undefined && b ? change(a / b - 1) : ""}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
