// What a junction senses, approach by approach: lamps, vehicles seen, halted, the longest wait, room beyond.
import { approachOf, layoutOf, signalOf } from "../city/state";
import { streets, city } from "../city/facts";
import { Lanes, origin } from "../map/lanes";
import type { Approach, Layout, Link } from "../city/types";
import { past } from "../city/time";
import { useBeat } from "./beat";
import { lamp, number, say, word } from "../text/words";

let measured: Lanes | undefined;

/** The lanes as lines, once the streets are there. */
export function lanes(): Lanes | undefined {
  if (!measured && streets.value) measured = new Lanes(streets.value, city.value?.centre ?? [0, 0]);
  return measured;
}

const TURNS: Record<string, string> = { s: "↑", l: "←", L: "↖", r: "→", R: "↗", t: "↶" };
const COMING: Record<string, string> = {
  north: word("From the north"), "north-east": word("From the north-east"), east: word("From the east"), "south-east": word("From the south-east"),
  south: word("From the south"), "south-west": word("From the south-west"), west: word("From the west"), "north-west": word("From the north-west"),
};

interface Row {
  edge: string;
  title: string;
  links: Link[];
  lanes: Set<string>;
}

export function Approaches({ name }: { name: string }) {
  useBeat();
  const layout = layoutOf(name);
  const seen = approachOf(name);
  const lamps = signalOf(name)?.lamps ?? "";
  if (!layout) return <p class="note">{say("No layout has come yet.")}</p>;
  return (
    <>
      <ul class="approaches">
        {rows(layout).map((row) => <One key={row.edge} row={row} lamps={lamps} seen={seen} />)}
      </ul>
      <p class="note">{past.value ? say("What cameras saw of single vehicles is not kept: looking back there are lamps, queues and buses, and no cars.") : say("A camera or radar sees vehicles up to a stated distance on each lane: how far, how fast, how long halted. It knows no plates and no faces.")}</p>
    </>
  );
}

function One({ row, lamps, seen }: { row: Row; lamps: string; seen: Approach | undefined }) {
  const vehicles = [...row.lanes].flatMap((lane) => seen?.vehicles?.[lane] ?? []);
  const halted = [...row.lanes].reduce((sum, lane) => sum + (seen?.queues?.[lane] ?? 0), 0);
  const longest = Math.max(0, ...vehicles.map((vehicle) => vehicle[4]));
  const full = Math.max(0, ...row.links.map((link) => seen?.exits?.[link.to_lane]?.[3] ?? 0));
  return (
    <li>
      <span class="from"><b>{row.title}</b><small class="id">{row.edge}</small></span>
      <span class="lamps">
        {row.links.map((link) => {
          const shown = lamps[link.index] ?? "o";
          return <i key={`${link.index}${link.to_lane}`} class={`lamp lamp-${shown.toLowerCase()}`} role="img" aria-label={lamp(shown)} title={lamp(shown)}>{link.kind === "pedestrian" ? "·" : TURNS[link.direction] ?? "·"}</i>;
        })}
      </span>
      <span class="facts">
        {past.value ? null : <span>{say("{count} seen", { count: number(vehicles.length) })}</span>}
        <span class={halted ? "strong" : ""}>{say("{count} halted", { count: number(halted) })}</span>
        {longest > 0 ? <span>{say("longest wait {seconds} s", { seconds: number(longest) })}</span> : null}
        {full > 0.5 ? <span class="warn">{say("exit {share} full", { share: `${number(100 * full)} %` })}</span> : null}
      </span>
    </li>
  );
}

/** The links by the street they come from; two streets from the same side are told apart by a letter. */
function rows(layout: Layout): Row[] {
  const byEdge = new Map<string, Row>();
  for (const link of layout.links) {
    const edge = link.from_lane.replace(/_\d+$/, "");
    const row = byEdge.get(edge) ?? { edge, title: from(link), links: [], lanes: new Set<string>() };
    row.lanes.add(link.from_lane);
    if (!row.links.some((other) => other.index === link.index && other.direction === link.direction)) row.links.push(link);
    byEdge.set(edge, row);
  }
  return [...byEdge.values()].sort((a, b) => Number(a.links[0]?.kind === "pedestrian") - Number(b.links[0]?.kind === "pedestrian"));
}

/** Where each street of the junction that a text names by its id comes from; for streets that have no name. */
export function explained(name: string, text: string): { edge: string; title: string }[] {
  const layout = layoutOf(name);
  return layout ? rows(layout).filter((row) => text.includes(row.edge)) : [];
}

/** Where the approach of a junction comes from, for people. */
export function side(name: string, edge: string): string {
  const layout = layoutOf(name);
  const row = layout && rows(layout).find((one) => one.edge === edge);
  return row?.title ?? edge;
}

function from(link: Link): string {
  if (link.kind === "pedestrian") return say("Crossing");
  const heading = lanes()?.heading(link.from_lane);
  return heading ? say(COMING[origin(heading)]!) : link.from_lane;
}
