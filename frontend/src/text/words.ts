// The visitor's language: the catalogue that the page came with, and numbers and times by locale.

interface Texts {
  language: string;
  texts: Record<string, string | string[]>;
}

const found = document.getElementById("texts")?.textContent;
const page: Texts = found ? (JSON.parse(found) as Texts) : { language: "en", texts: {} };

export const language = page.language;

/** The message in the visitor's language, with {name} replaced by the values. */
export function say(message: string, values: Record<string, string | number> = {}): string {
  const found = page.texts[message];
  return filled(typeof found === "string" ? found : message, values);
}

const filled = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The plural categories in the order in which a catalogue has their forms (CLDR). */
const CATEGORIES: Intl.LDMLPluralRule[] = ["zero", "one", "two", "few", "many", "other"];
const rules = new Intl.PluralRules(language);
const forms = CATEGORIES.filter((category) => rules.resolvedOptions().pluralCategories.includes(category));

/** The message in the plural form that the language has for the count, which stands for {count} in it. */
export function counted(one: string, many: string, count: number, values: Record<string, string | number> = {}): string {
  const found = page.texts[one];
  const english = new Intl.PluralRules("en").select(count) === "one" ? one : many;
  const text = Array.isArray(found) ? (found[forms.indexOf(rules.select(count))] ?? english) : english;
  return filled(text, { ...values, count: number(count) });
}

/** Marks a text that is said elsewhere, so that the catalogues are checked for it. */
export const word = (message: string): string => message;

const CONTROL: Record<string, string> = {
  service: word("Decided by the service"),
  plan: word("Fixed plan"),
  override: word("Operator's override"),
};
const LAMP: Record<string, string> = { r: word("red"), y: word("yellow"), g: word("green"), u: word("red and yellow"), o: word("off") };

export const control = (name = ""): string => say(CONTROL[name] ?? name);
export const lamp = (letter: string): string => say(LAMP[letter.toLowerCase()] ?? letter);

export function number(value: number | undefined, digits = 0): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A relative change as a percentage with its sign: -0.47 is −47 %. */
export function change(ratio: number): string {
  return ratio.toLocaleString(language, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 }).replace("-", "−");
}

let zone: string | undefined;

/** The city's time zone, once it is known. */
export function setZone(name: string | undefined): void {
  zone = name;
}

export function clock(at: number | string | undefined): string {
  const date = at === undefined ? undefined : new Date(at);
  if (!date || Number.isNaN(date.getTime())) return "–";
  return date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", ...(zone ? { timeZone: zone } : {}) });
}

/** The day, in few letters. */
export function day(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "–" : date.toLocaleDateString(language, { day: "numeric", month: "short", ...(zone ? { timeZone: zone } : {}) });
}

/** Seconds in words, to the second below a minute and a half, else to the minute. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return say("{count} s", { count: s });
  return say("{count} min", { count: Math.round(s / 60) });
}

/** A text that may come in several languages, in the best one for the reader. */
export function text(value: unknown): string {
  if (value && typeof value === "object") {
    const said = value as Record<string, string>;
    return said[language] ?? said["en"] ?? Object.values(said)[0] ?? "";
  }
  return value === undefined || value === null ? "" : String(value);
}
