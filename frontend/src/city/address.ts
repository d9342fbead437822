// What the address of the page says of what is shown, so that a link shows the same: the moment, the rate, the view.
export const given = (name: string): string => new URLSearchParams(location.search).get(name) ?? "";

/** Change parameters of the address; an empty one is left out. Nothing is loaded. */
export function keep(values: Record<string, string>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
}

/** The address of what is shown now, in another language. */
export function inLanguage(tag: string): string {
  const query = new URLSearchParams(location.search);
  query.set("lang", tag);
  return `?${query}${location.hash}`;
}
