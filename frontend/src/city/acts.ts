// What an operator does from this page, each as one call of the public API. The hub decides whether it may be done.
import { send } from "./requests";

const property = (value: unknown): object => ({ type: "Property", value });

/** Say yes or no to what a service proposes for a bus. */
export async function answer(proposal: string, approval: "approved" | "rejected"): Promise<void> {
  await send("POST", `/ngsi-ld/v1/entities/${encodeURIComponent(proposal)}/attrs`, { approval: property(approval) });
}

/** Close a road to buses, or open it again. */
export async function setRoad(edge: string, status: "closed" | "open"): Promise<void> {
  // As the streets name it: '#' would begin a fragment in an identifier.
  const id = `urn:ngsi-ld:RoadSegment:${encodeURIComponent(edge.replaceAll("#", "."))}`;
  await send("POST", "/ngsi-ld/v1/entityOperations/upsert?options=update", [{ id, type: "RoadSegment", edge: property(edge), status: property(status) }]);
}

/** Send the notifications of a subscription again that were given up. */
export async function resend(subscription: string): Promise<void> {
  await send("POST", `/outbox/resend?subscription=${encodeURIComponent(subscription)}`);
}
