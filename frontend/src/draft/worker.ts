// The worker of the report form: has the form when there is no network, and sends what waits when there is one again.
import { send } from "./keep";

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Synced extends Extendable {
  tag: string;
}
interface Worker {
  addEventListener(type: "install" | "activate", heard: (event: Extendable) => void): void;
  addEventListener(type: "fetch", heard: (event: Fetched) => void): void;
  addEventListener(type: "sync", heard: (event: Synced) => void): void;
  addEventListener(type: "message", heard: (event: Extendable & MessageEvent<{ keep?: string[] }>) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; matchAll(): Promise<{ postMessage(message: unknown): void }[]> };
  location: Location;
}

const worker = self as unknown as Worker;
const KEPT = "madang-report-form";
const MOST = 100;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => event.waitUntil(keepAll(event.data.keep ?? [])));
worker.addEventListener("sync", (event) => event.waitUntil(deliver()));
worker.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method === "GET" && ours(address)) event.respondWith(newest(event.request));
});

/** The form itself and the files that it loads; never a report's own page, which is for its reader alone. */
function ours(address: URL): boolean {
  return address.origin === worker.location.origin && (address.pathname === "/report" || address.pathname.startsWith("/assets/"));
}

/** What the network has, and without one what it had. */
async function newest(request: Request): Promise<Response> {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(request, answer.clone());
    return answer;
  } catch (error) {
    const known = await kept.match(request, { ignoreVary: true });
    if (known) return known;
    throw error;
  }
}

async function keepAll(addresses: string[]): Promise<void> {
  const kept = await caches.open(KEPT);
  const wanted = [...new Set(addresses)].filter((one) => ours(new URL(one, worker.location.href))).slice(0, MOST);
  await Promise.all(
    wanted.map(async (one) => {
      try {
        const answer = await fetch(one, { headers: { Accept: "text/html,*/*" } });
        if (answer.ok) await kept.put(one, answer);
      } catch {
        // There is no network now; the next visit keeps it.
      }
    }),
  );
  for (const client of await worker.clients.matchAll()) client.postMessage({ kept: wanted.length });
}

async function deliver(): Promise<void> {
  const done = await send();
  for (const client of await worker.clients.matchAll()) client.postMessage({ sent: done });
  // The browser tries again, later and later.
  if (!done) throw new Error("reports wait");
}
