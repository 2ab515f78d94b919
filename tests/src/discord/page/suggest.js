// What to offer at the caret: commands, options, values. Pure but for the request for values.

import { post } from "./api.js";
import { buildFocused, TYPES } from "./line.js";
import { language, state } from "./state.js";

const PAUSE = 120; // ms of quiet before the bot is asked for values
const NAMES = { [TYPES.string]: "text", [TYPES.integer]: "whole number", [TYPES.boolean]: "True or False", [TYPES.user]: "person", [TYPES.channel]: "channel", [TYPES.role]: "role", [TYPES.mentionable]: "person or role", [TYPES.number]: "number" };

/** A description in the person's language when the bot registered one. */
export const described = (node) => node.description_localizations?.[language()] ?? node.description ?? "";

/** "required, whole number, 0 to 50": what a value must be. */
export function kindOf(spec) {
  const range = [spec.min_value, spec.max_value].map((one) => (one === undefined || one === null ? null : one));
  const bounds = range[0] !== null && range[1] !== null ? `${range[0]} to ${range[1]}` : range[0] !== null ? `at least ${range[0]}` : range[1] !== null ? `at most ${range[1]}` : "";
  return [spec.required ? "required" : "optional", NAMES[spec.type] ?? "", bounds].filter(Boolean).join(", ");
}

/** Commands that fit what was typed, best first: path from its start, then a word's start, then anywhere, then the description. */
export function commands(parsed) {
  const query = parsed.query.trim().toLowerCase();
  const rank = (leaf) => {
    const path = leaf.path.join(" ");
    if (path.startsWith(query)) return 0;
    if (leaf.path.some((word) => word.startsWith(query)) || leaf.path.slice(1).join(" ").startsWith(query)) return 1;
    if (path.includes(query)) return 2;
    return described(leaf.node).toLowerCase().includes(query) ? 3 : 9;
  };
  const found = parsed.leaves.map((leaf, index) => ({ leaf, index, rank: rank(leaf) })).filter((one) => one.rank < 9);
  found.sort((a, b) => a.rank - b.rank || a.index - b.index);
  return found.map(({ leaf }) => ({ kind: "command", label: leaf.text, hint: leaf.options.map((one) => (one.required ? `${one.name}*` : one.name)).join("  "), description: described(leaf.node), leaf }));
}

/** Options that are not given yet; a bare word is offered as the value of the first that fits. */
export function options(parsed) {
  const query = parsed.query.toLowerCase();
  const free = parsed.leaf.options.filter((spec) => !parsed.given.some((one) => one.spec === spec));
  const fit = free.filter((spec) => spec.name.startsWith(query));
  const rows = fit.map((spec) => ({ kind: "option", label: spec.name, description: described(spec), tag: spec.required ? "required" : "optional", hint: NAMES[spec.type] ?? "", spec }));
  if (rows.length === 0 && query && free.length) rows.push({ kind: "wrap", label: `${free[0].name}:${parsed.at?.value ?? query}`, description: `use it as ${free[0].name}: ${described(free[0])}`, spec: free[0], text: parsed.at?.value ?? query });
  return rows;
}

/** Values that need no question to the bot; null when the bot has to be asked. */
export function fixedValues(parsed) {
  const { spec } = parsed.at;
  const query = parsed.query.toLowerCase();
  const fit = (list) => list.filter((one) => one.label.toLowerCase().includes(query) || String(one.value).toLowerCase().includes(query)).map((one) => ({ kind: "value", ...one }));
  if (spec.choices?.length) return fit(spec.choices.map((one) => ({ label: one.name_localizations?.[navigator.language] ?? one.name, value: one.value })));
  if (spec.type === TYPES.boolean) return fit([{ label: "True", value: "True" }, { label: "False", value: "False" }]);
  if (spec.type >= TYPES.user && spec.type <= TYPES.mentionable) return fit(subjects(spec).map((one) => ({ label: one.name, value: one.name })));
  return spec.autocomplete ? null : [];
}

function subjects(spec) {
  const world = state.world;
  const users = [...world.members, world.bot].map((one) => ({ id: one.id, name: `@${one.username}` }));
  const roles = (world.roles ?? []).map((one) => ({ id: one.id, name: `@${one.name}` }));
  const channels = world.channels.map((one) => ({ id: one.id, name: `#${one.name}` }));
  return { [TYPES.user]: users, [TYPES.role]: roles, [TYPES.channel]: channels, [TYPES.mentionable]: [...users, ...roles] }[spec.type] ?? [];
}

/** The id behind "@lead", "#ops", a mention or a bare id; undefined when there is none. */
export function resolve(spec, value) {
  const bare = value.replace(/^<[@#]?[!&]?(\d+)>$/, "$1");
  return subjects(spec).find((one) => one.id === bare || one.name === value || one.name.slice(1) === value)?.id;
}

/** Asks the bot for values: waits for a pause, drops answers that a newer question has overtaken. */
export class Autocomplete {
  constructor(show) {
    this.show = show; // ({ state: "loading" | "ready" | "failed", rows, query })
    this.newest = 0;
  }

  cancel() {
    this.newest += 1;
    clearTimeout(this.timer);
    this.abort?.abort();
    this.asked = null;
  }

  ask(channel, parsed) {
    const body = { as: state.me, channel_id: channel, command: parsed.leaf.root, options: buildFocused(parsed, resolve) };
    const asked = JSON.stringify(body);
    if (asked === this.asked) return; // the same question is under way or answered
    this.cancel();
    this.asked = asked;
    const number = this.newest;
    this.show({ state: "loading", query: parsed.query });
    this.timer = setTimeout(async () => {
      this.abort = new AbortController();
      let result;
      try {
        const { choices } = await post("/api/autocomplete", body, this.abort.signal);
        const rows = (choices ?? []).map((one) => ({ kind: "value", label: one.name, value: one.value, hint: String(one.value) === one.name ? "" : String(one.value) }));
        result = { state: "ready", rows, query: parsed.query };
      } catch (error) {
        result = { state: "failed", query: parsed.query, error: error.message };
      }
      if (number === this.newest) this.show(result);
    }, PAUSE);
  }
}
