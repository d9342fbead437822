// What the marks on the map mean, and which of them are shown.
import type { ComponentChildren } from "preact";
import { type Layer, show, shows } from "../city/layers";
import { say } from "../text/words";

export function Legend() {
  return (
    <details class="legend">
      <summary>{say("Legend")}</summary>
      <ul>
        <li><i class="key junction" />{say("Junction, decided by the service")}</li>
        <li><i class="key junction plan" />{say("Junction on its fixed plan")}</li>
      </ul>
      <Shown layer="streets" title={say("Streets")}>
        <li><i class="key lamps" />{say("Stop line with its lamp: red, yellow, green")}</li>
        <li><i class="key queue" />{say("Queue: halted vehicles, redder when longer")}</li>
        <li><i class="key car" />{say("Vehicle, as a camera sees it")}</li>
      </Shown>
      <Shown layer="buses" title={say("Buses")}><li><i class="key bus" />{say("Bus, as it reports itself")}</li></Shown>
      <Shown layer="air" title={say("Air")}><li><i class="key station">NO₂</i>{say("Air near the road in µg/m³ (modelled)")}</li></Shown>
      <Shown layer="reports" title={say("Reports")}><li><i class="key report" />{say("Open report of a resident")}</li></Shown>
    </details>
  );
}

function Shown({ layer, title, children }: { layer: Layer; title: string; children: ComponentChildren }) {
  return (
    <fieldset>
      <legend><label><input type="checkbox" checked={shows(layer)} onChange={(event) => show(layer, event.currentTarget.checked)} /> {title}</label></legend>
      <ul>{children}</ul>
    </fieldset>
  );
}
