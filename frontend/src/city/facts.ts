// What does not change while the page is open: the city, its streets.
import { signal } from "@preact/signals";
import { setZone } from "../text/words";
import { ask } from "./requests";
import type { City, Streets } from "./types";

export const city = signal<City | null>(null);
export const streets = signal<Streets | null>(null);
/** Why the streets cannot be drawn, as the API says it; empty while all is well. */
export const trouble = signal("");

const AGAIN_MS = 3_000;

/** Ask for the city, and go on asking for its streets until they are there (the world may still be starting). */
export async function load(): Promise<void> {
  await loadCity();
  void loadStreets();
}

async function loadCity(): Promise<void> {
  try {
    city.value = await ask<City>("/city");
    setZone(city.value.time_zone);
  } catch (error) {
    trouble.value = String((error as Error).message);
  }
}

async function loadStreets(): Promise<void> {
  try {
    if (!city.value) await loadCity();
    streets.value = await ask<Streets>("/streets.geojson", 60_000);
    trouble.value = "";
  } catch (error) {
    trouble.value = String((error as Error).message);
    setTimeout(() => void loadStreets(), AGAIN_MS);
  }
}
