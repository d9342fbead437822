// The report form with JavaScript: a report is kept on the device first, so that no lost network loses it; the device's
// position fills the coordinates in. Without JavaScript the form works as any form does.
import { all, forget, keep, send, type Draft } from "./keep";

const list = document.querySelector<HTMLElement>("#drafts");
const form = document.querySelector<HTMLFormElement>("form#report");

if (list && "indexedDB" in window && "locks" in navigator) void begin(list);
if (form) locate(form);

async function begin(list: HTMLElement): Promise<void> {
  await show(list);
  if (form) form.addEventListener("submit", (event) => submitted(event, form, list));
  addEventListener("online", () => void deliver(list));
  const worker = await register(list.dataset.worker);
  navigator.serviceWorker?.addEventListener("message", () => void show(list));
  // The forms of all kinds, to be there without a network.
  const links = [...document.querySelectorAll<HTMLAnchorElement>("#kinds a")].map((link) => link.href);
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  worker?.postMessage({ keep: [location.href, ...links, ...loaded] });
  await deliver(list);
}

async function register(address?: string): Promise<ServiceWorker | null> {
  // Browsers have workers on https and on this machine alone.
  if (!address || !("serviceWorker" in navigator)) return null;
  try {
    await navigator.serviceWorker.register(address, { scope: "/report", type: "module" });
    const ready = await navigator.serviceWorker.ready;
    return ready.active;
  } catch {
    return null;
  }
}

function submitted(event: SubmitEvent, form: HTMLFormElement, list: HTMLElement): void {
  // With a network the form goes its own way, which also looks for the same report nearby.
  if (navigator.onLine) return;
  event.preventDefault();
  void (async () => {
    try {
      await keep(drawn(form));
    } catch {
      // Nowhere to keep it: better the browser's own error page than a promise that is not kept.
      form.submit();
      return;
    }
    form.reset();
    say(list, list.dataset.kept ?? "");
    await show(list);
    await later();
  })();
}

/** The report that the form holds. */
function drawn(form: HTMLFormElement): Draft {
  const given = new FormData(form);
  const text = (name: string): string => String(given.get(name) ?? "").trim();
  const number = (name: string): number | null => (text(name) ? Number(text(name).replace(",", ".")) : null);
  const answers: Record<string, string[]> = {};
  for (const name of new Set([...given.keys()].filter((each) => each.startsWith("answer-")))) {
    const said = given.getAll(name).map(String).filter(Boolean);
    if (said.length) answers[name.slice("answer-".length)] = said;
  }
  const photo = given.get("photo");
  const body: Record<string, unknown> = { answers, channel: text("channel") || "web", language: document.documentElement.lang };
  for (const name of ["kind", "description", "address", "name", "email", "phone", "age_group"]) body[name] = text(name);
  for (const name of ["lat", "long"]) body[name] = number(name);
  const draft: Draft = { id: crypto.randomUUID(), title: form.dataset.kind ?? text("kind"), at: Date.now(), body };
  if (photo instanceof File && photo.size) draft.photo = { bytes: photo, media: photo.type };
  return draft;
}

async function deliver(list: HTMLElement): Promise<void> {
  const waiting = (await all()).some((one) => !one.token && !one.refused);
  if (!waiting) return;
  if (navigator.onLine) say(list, list.dataset.sending ?? "");
  if (!(await send())) await later();
  await show(list);
}

/** Have the worker send it when there is a network, also after this page is closed (where the browser can). */
async function later(): Promise<void> {
  if (!navigator.serviceWorker?.controller) return;
  const ready = await navigator.serviceWorker.ready;
  const sync = (ready as unknown as { sync?: { register(tag: string): Promise<void> } }).sync;
  await sync?.register("drafts").catch(() => undefined);
}

function say(list: HTMLElement, words: string): void {
  const line = Object.assign(document.createElement("p"), { className: "banner", textContent: words });
  list.replaceChildren(line);
}

async function show(list: HTMLElement): Promise<void> {
  const drafts = await all();
  const note = list.querySelector("p.banner");
  list.replaceChildren(...(note && drafts.some((one) => !one.token) ? [note] : []), ...drafts.map((one) => row(one, list)));
}

function row(draft: Draft, list: HTMLElement): HTMLElement {
  const { waiting, sent, wrong, open, forget: word } = list.dataset;
  const line = document.createElement("p");
  line.className = draft.token ? "sent" : draft.refused ? "refused bad" : "waiting";
  line.append(`${draft.token ? sent : draft.refused ? wrong : waiting} ${draft.title} `);
  if (draft.token) {
    const link = Object.assign(document.createElement("a"), { textContent: open ?? "" });
    link.href = `/report/${encodeURIComponent(draft.token)}?lang=${document.documentElement.lang}`;
    line.append(link, " ");
  } else if (draft.refused) {
    line.append(Object.assign(document.createElement("span"), { lang: "en", textContent: draft.refused }), " ");
  }
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: word ?? "" });
  button.addEventListener("click", () => void forget(draft.id).then(() => show(list)));
  line.append(button);
  return line;
}

function locate(form: HTMLFormElement): void {
  const place = form.querySelector<HTMLElement>("#position");
  if (!place) return;
  const told = Object.assign(document.createElement("span"), { role: "status" });
  const fill = ([longitude, latitude]: [number, number], words: string | undefined): void => {
    input(form, "lat").value = latitude.toFixed(5);
    input(form, "long").value = longitude.toFixed(5);
    told.textContent = words ?? "";
  };
  if ("geolocation" in navigator) {
    const button = pressed(place.dataset.ask, () =>
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => fill([coords.longitude, coords.latitude], place.dataset.found),
        () => (told.textContent = place.dataset.failed ?? ""),
        { enableHighAccuracy: true, timeout: 20_000 },
      ),
    );
    place.append(button, " ");
  }
  if (place.dataset.choose) place.append(pressed(place.dataset.choose, (button) => void showMap(form, place, button, fill)), " ");
  place.append(told);
}

/** A map in the form, and what chooses its middle, for the keyboard. */
async function showMap(form: HTMLFormElement, place: HTMLElement, button: HTMLElement, fill: (at: [number, number], words: string | undefined) => void): Promise<void> {
  button.remove();
  const frame = Object.assign(document.createElement("div"), { className: "picking" });
  place.after(frame);
  const [latitude, longitude] = ["lat", "long"].map((name) => Number(input(form, name).value.replace(",", ".") || Number.NaN));
  const begin = Number.isFinite(latitude) && Number.isFinite(longitude) ? ([longitude, latitude] as [number, number]) : undefined;
  try {
    const { pick } = await import("./pick");
    const middle = await pick(frame, place.dataset.map ?? "", begin, (at) => fill(at, place.dataset.chosen));
    frame.after(pressed(place.dataset.middle, middle));
  } catch {
    // No streets, no network, no graphics: the fields are there.
    frame.remove();
    place.querySelector('[role="status"]')!.textContent = place.dataset.blank ?? "";
  }
}

const input = (form: HTMLFormElement, name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;

function pressed(words: string | undefined, act: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: words ?? "" });
  button.addEventListener("click", () => act(button));
  return button;
}
