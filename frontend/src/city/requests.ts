// Asks this host's public API for JSON; nothing else is ever asked.

export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export async function ask<T>(path: string, timeout_ms = 10_000): Promise<T> {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(timeout_ms) });
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new Refused(answer.status, problem.detail ?? `${answer.status} ${answer.statusText}`);
}

/** Write. Raises Refused with the API's own words. */
export async function send(method: string, path: string, body?: unknown): Promise<void> {
  const given = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: "application/json" } };
  const answer = await fetch(path, { method, signal: AbortSignal.timeout(10_000), ...given });
  if (answer.ok && answer.status !== 207) return;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string; errors?: { error?: { detail?: string } }[]; notUpdated?: { reason?: string }[] };
  const detail = problem.detail ?? problem.errors?.[0]?.error?.detail ?? problem.notUpdated?.[0]?.reason;
  throw new Refused(answer.status, detail ?? `${answer.status} ${answer.statusText}`);
}
