// Reports that were written without a network: kept on this device, sent once, forgotten when the city has them.
// Used by the page and by its worker: whichever is there when the network comes back sends them.

/** A report as the form made it. `id` is a secret of this device: sent twice, it is one report. */
export interface Draft {
  id: string;
  title: string;
  at: number;
  body: Record<string, unknown>;
  photo?: { bytes: Blob; media: string };
  /** Where it stands, once the city has it. */
  token?: string;
  /** Why the city refused it: it is not sent again. */
  refused?: string;
}

const STORE = "drafts";

async function open(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("madang-reports", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error ?? new Error("no storage"));
  });
}

async function act<T>(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(STORE, mode);
      const asked = what(transaction.objectStore(STORE));
      // Not before it is on the disk: what was answered "kept" is kept.
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error ?? new Error("not kept"));
    });
  } finally {
    database.close();
  }
}

export const keep = (draft: Draft): Promise<IDBValidKey> => act("readwrite", (store) => store.put(draft));
export const forget = (id: string): Promise<undefined> => act("readwrite", (store) => store.delete(id));
export const all = async (): Promise<Draft[]> =>
  (await act("readonly", (store) => store.getAll() as IDBRequest<Draft[]>)).sort((a, b) => a.at - b.at);

/** Send what waits, the oldest first. True: nothing waits any more. */
export async function send(): Promise<boolean> {
  // One at a time, in whichever tab or worker: two would be harmless, the draft's id sees to that.
  return navigator.locks.request("madang-reports", async () => {
    for (const draft of (await all()).filter((one) => !one.token && !one.refused)) {
      if (!(await sendOne(draft))) return false;
    }
    return true;
  });
}

/** False where it should be tried again later. */
async function sendOne(draft: Draft): Promise<boolean> {
  const answer = await post("/reports", JSON.stringify({ ...draft.body, draft: draft.id }), "application/json");
  if (!answer || again(answer.status)) return false;
  const told = (await answer.json().catch(() => ({}))) as { token?: string; detail?: string };
  if (!answer.ok || !told.token) {
    await keep({ ...draft, refused: told.detail ?? String(answer.status) });
    return true;
  }
  if (draft.photo) {
    const shown = await post(`/reports/links/${told.token}/photos`, draft.photo.bytes, draft.photo.media);
    // Without its photo the report is there; a photo that is refused stays refused.
    if (!shown || again(shown.status)) return false;
  }
  await keep({ id: draft.id, title: draft.title, at: draft.at, body: {}, token: told.token });
  return true;
}

const again = (status: number): boolean => status >= 500 || status === 429 || status === 408;

async function post(path: string, body: BodyInit, media: string): Promise<Response | undefined> {
  try {
    return await fetch(path, { method: "POST", body, headers: { "Content-Type": media, Accept: "application/json" } });
  } catch {
    return undefined;
  }
}
