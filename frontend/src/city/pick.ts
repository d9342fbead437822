// Choosing a road on the map: who asks for one turns it on, the map answers with the road's id.
import { signal } from "@preact/signals";

export const picking = signal(false);
export const picked = signal("");
