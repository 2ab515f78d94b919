// Times as Discord shows them, in the reader's zone and language; relative ones move on.

const locale = navigator.language;
const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const formats = Object.fromEntries(Object.entries(FORMATS).map(([style, options]) => [style, new Intl.DateTimeFormat(locale, options)]));
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
const UNITS = [["year", 31_556_952], ["month", 2_629_746], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** "in 14 minutes", "3 seconds ago"; `seconds` counts from now. */
export function ago(seconds) {
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, one]) => size >= one) ?? UNITS.at(-1);
  return relative.format(Math.round(seconds / length), unit);
}

/** The text of `<t:unix:style>`; a time that no calendar holds is shown as the number. */
export function format(unix, style) {
  if (!Number.isFinite(unix) || Math.abs(unix) > 8.64e12) return String(unix);
  if (style === "R") return ago(unix - Date.now() / 1000);
  return formats[style].format(new Date(unix * 1000));
}

/** "Today at 3:04 PM", for the head of a message. */
export function stamp(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return `Today at ${formats.t.format(date)}`;
  if (days === 1) return `Yesterday at ${formats.t.format(date)}`;
  return `${formats.d.format(date)} ${formats.t.format(date)}`;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

const safely = (style) => (iso) => {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : formats[style].format(date);
};
export const clock = safely("t");
export const day = safely("D");
export const exact = safely("F");

/** Refreshes every relative time on the page once a second. */
export function startClock() {
  setInterval(() => {
    for (const node of document.querySelectorAll("time[data-style=R]")) {
      const text = format(Number(node.dataset.unix), "R");
      if (node.textContent !== text) node.textContent = text;
    }
  }, 1000);
}
