// What residents have reported and nobody has closed, with a place: asked for once in a while (GeoReport v2).
import { signal } from "@preact/signals";
import { ask } from "./requests";

export interface Report {
  service_request_id: string;
  service_name: string;
  description: string | null;
  address: string | null;
  requested_datetime: string;
  lat: number | null;
  long: number | null;
}

const AGAIN_MS = 300_000;

/** The newest open ones; null before they are known. */
export const reports = signal<Report[] | null>(null);

let begun = false;

/** Ask for them from now on. */
export function attend(): void {
  if (begun) return;
  begun = true;
  const look = async (): Promise<void> => {
    if (!document.hidden) reports.value = await ask<Report[]>("/open311/v2/requests.json?status=open").catch(() => reports.value);
    setTimeout(() => void look(), AGAIN_MS);
  };
  void look();
}
