// Times as Discord shows them, in the reader's zone and in the language of the client of who is acting; relative ones move on.

import { language } from "./state.js";

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const made = new Map();

/** A formatter of the present language, made once. */
function formatter(style) {
  const key = `${language()} ${style}`;
  if (!made.has(key)) made.set(key, style === "R" ? new Intl.RelativeTimeFormat(language(), { numeric: "always" }) : new Intl.DateTimeFormat(language(), FORMATS[style]));
  return made.get(key);
}

const UNITS = [["year", 31_556_952], ["month", 2_629_746], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** "in 14 minutes", "3 seconds ago"; `seconds` counts from now. */
export function ago(seconds) {
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, one]) => size >= one) ?? UNITS.at(-1);
  return formatter("R").format(Math.round(seconds / length), unit);
}

/** The text of `<t:unix:style>`; a time that no calendar holds is shown as the number. */
export function format(unix, style) {
  if (!Number.isFinite(unix) || Math.abs(unix) > 8.64e12) return String(unix);
  if (style === "R") return ago(unix - Date.now() / 1000);
  return formatter(style).format(new Date(unix * 1000));
}

/** "Today at 3:04 PM", for the head of a message. */
export function stamp(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return `Today at ${formatter("t").format(date)}`;
  if (days === 1) return `Yesterday at ${formatter("t").format(date)}`;
  return `${formatter("d").format(date)} ${formatter("t").format(date)}`;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

const safely = (style) => (iso) => {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : formatter(style).format(date);
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
