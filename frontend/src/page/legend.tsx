// What the marks on the map mean.
import { say } from "../text/words";

export function Legend() {
  return (
    <details class="legend">
      <summary>{say("Legend")}</summary>
      <ul>
        <li><i class="key junction" />{say("Junction, decided by the service")}</li>
        <li><i class="key junction plan" />{say("Junction on its fixed plan")}</li>
        <li><i class="key lamps" />{say("Stop line with its lamp: red, yellow, green")}</li>
        <li><i class="key queue" />{say("Queue: halted vehicles, redder when longer")}</li>
        <li><i class="key car" />{say("Vehicle, as a camera sees it")}</li>
        <li><i class="key bus" />{say("Bus, as it reports itself")}</li>
        <li><i class="key station">NO₂</i>{say("Air near the road in µg/m³ (modelled)")}</li>
      </ul>
    </details>
  );
}
