// A command line read against the registered schema: which command, which options, what is missing, where the caret is. Pure.
// A value reaches up to the next ` name:` of an option of the same command; quotes hold a value that contains one.

export const TYPES = { sub: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10 };

/** Every command that can be sent, with its path: `/ceo get pods` is { path: ["ceo", "get", "pods"], steps, options, ... }. */
export function leaves(commands) {
  const out = [];
  const walk = (root, node, path, steps) => {
    const subs = (node.options ?? []).filter((one) => one.type === TYPES.sub || one.type === TYPES.group);
    if (subs.length === 0) out.push({ root: root.name, path, steps, node, options: node.options ?? [], text: `/${path.join(" ")}` });
    for (const sub of subs) walk(root, sub, [...path, sub.name], [...steps, { type: sub.type, name: sub.name }]);
  };
  for (const command of commands ?? []) if ((command.type ?? 1) === 1) walk(command, command, [command.name], []);
  return out;
}

/** Reads a line. `stage` says what the caret is on: none (plain text), command, option or value. */
export function read(commands, line, caret = line.length) {
  if (!line.startsWith("/")) return { stage: "none", line };
  const all = leaves(commands);
  const leaf = all
    .filter((one) => line === one.text || line.startsWith(`${one.text} `))
    .sort((a, b) => b.text.length - a.text.length)[0];
  if (!leaf || caret < leaf.text.length + 1) return { stage: "command", line, leaf, leaves: all, query: line.slice(1, leaf ? caret : line.length), given: [] };
  const given = options(leaf, line);
  const at = given.find((one) => caret >= one.from && caret <= one.to);
  const result = { line, leaf, leaves: all, given, missing: leaf.options.filter((one) => one.required && !given.some((has) => has.spec === one && has.value !== "")) };
  if (at?.spec && caret >= at.valueFrom) return { ...result, stage: "value", at, query: at.spec ? unquote(line.slice(at.valueFrom, Math.max(caret, at.to))) : "" };
  return { ...result, stage: "option", at, query: at ? line.slice(at.from, caret) : "" };
}

/** Cuts the line behind the command into `{ spec?, name, value, from, valueFrom, to }`; without spec it is text that belongs to no option. */
function options(leaf, line) {
  const names = leaf.options.map((one) => one.name).sort((a, b) => b.length - a.length).map(escape);
  const marks = [];
  const pattern = names.length ? new RegExp(`(^|\\s)(${names.join("|")}):`, "gu") : /$^/g;
  let at = leaf.text.length;
  for (;;) {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (!match) break;
    const from = match.index + match[1].length;
    const valueFrom = match.index + match[0].length;
    const close = line[valueFrom] === '"' ? line.indexOf('"', valueFrom + 1) : -1;
    marks.push({ name: match[2], from, valueFrom, close });
    at = close > 0 ? close + 1 : valueFrom;
  }
  return between(leaf, line, marks);
}

function between(leaf, line, marks) {
  const out = [];
  let at = leaf.text.length;
  const loose = (from, to) => {
    const found = /\S(?:[^]*\S)?/.exec(line.slice(from, to));
    if (found) out.push({ name: "", value: found[0], from: from + found.index, valueFrom: from + found.index, to: from + found.index + found[0].length });
  };
  marks.forEach((mark, index) => {
    loose(at, mark.from);
    const end = mark.close > 0 ? mark.close + 1 : (marks[index + 1]?.from ?? line.length);
    const to = mark.close > 0 ? end : mark.valueFrom + line.slice(mark.valueFrom, end).trimEnd().length;
    const spec = leaf.options.find((one) => one.name === mark.name);
    out.push({ name: mark.name, spec, value: unquote(line.slice(mark.valueFrom, to)), from: mark.from, valueFrom: mark.valueFrom, to });
    at = end;
  });
  loose(at, line.length);
  return out;
}

const unquote = (value) => (/^"[^"]*"?$/.test(value.trim()) ? value.trim().slice(1).replace(/"$/, "") : value.trim());
const escape = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A value as it is written into the line: quoted where it would be misread. */
export function quoted(leaf, value) {
  const text = String(value).replaceAll('"', "'");
  const clash = leaf.options.some((one) => new RegExp(`(^|\\s)${escape(one.name)}:`, "u").test(text));
  return clash || text !== text.trim() ? `"${text}"` : text;
}

/** Discord's nested options for what the line holds. Throws a sentence for the person who typed it. */
export function build(parsed, resolve = (_, value) => value) {
  const { leaf, given, missing } = parsed;
  const stray = given.find((one) => !one.spec);
  if (stray) throw new Error(`"${stray.value}" belongs to no option. Options are written name:value${leaf.options.length ? `, here: ${leaf.options.map((one) => one.name).join(", ")}` : "; this command has none"}.`);
  const seen = new Set();
  for (const one of given) {
    if (seen.has(one.name)) throw new Error(`${one.name} is given twice.`);
    seen.add(one.name);
  }
  if (missing.length) throw new Error(`${missing[0].name} is required: ${missing[0].description ?? ""}`);
  const values = given.filter((one) => one.value !== "").map((one) => ({ type: one.spec.type, name: one.name, value: typed(one.spec, one.value, resolve) }));
  return nestOptions(leaf, values);
}

/** The same for autocomplete: other options as far as they are valid, the focused one as typed. */
export function buildFocused(parsed, resolve = (_, value) => value) {
  const values = [];
  for (const one of parsed.given) {
    if (!one.spec) continue;
    if (one === parsed.at) values.push({ type: one.spec.type, name: one.name, value: parsed.query, focused: true });
    else if (one.value !== "") {
      try {
        values.push({ type: one.spec.type, name: one.name, value: typed(one.spec, one.value, resolve) });
      } catch {
        // half-typed: left out, as the real client does
      }
    }
  }
  return nestOptions(parsed.leaf, values);
}

function nestOptions(leaf, values) {
  return leaf.steps.reduceRight((inner, step) => [{ type: step.type, name: step.name, options: inner }], values);
}

/** A value in the option's type. Throws a sentence when it does not fit. */
export function typed(spec, value, resolve) {
  const choice = (spec.choices ?? []).find((one) => String(one.value) === value || one.name === value);
  if (choice) return choice.value;
  if (spec.choices?.length) throw new Error(`${spec.name} must be one of ${spec.choices.map((one) => one.name).join(", ")}.`);
  if (spec.type === TYPES.integer || spec.type === TYPES.number) return numeric(spec, value);
  if (spec.type === TYPES.boolean) {
    if (/^(true|yes)$/i.test(value)) return true;
    if (/^(false|no)$/i.test(value)) return false;
    throw new Error(`${spec.name} must be True or False.`);
  }
  if (spec.type >= TYPES.user && spec.type <= TYPES.mentionable) {
    const id = resolve(spec, value);
    if (!id) throw new Error(`${spec.name}: there is no "${value}".`);
    return id;
  }
  if (spec.min_length && [...value].length < spec.min_length) throw new Error(`${spec.name} needs at least ${spec.min_length} characters.`);
  if (spec.max_length && [...value].length > spec.max_length) throw new Error(`${spec.name} takes at most ${spec.max_length} characters.`);
  return value;
}

function numeric(spec, value) {
  const whole = spec.type === TYPES.integer;
  if (!(whole ? /^-?\d{1,15}$/ : /^-?\d+(\.\d+)?$/).test(value)) throw new Error(`${spec.name} must be ${whole ? "a whole number" : "a number"}.`);
  const number = Number(value);
  if (spec.min_value !== undefined && spec.min_value !== null && number < spec.min_value) throw new Error(`${spec.name} must be at least ${spec.min_value}.`);
  if (spec.max_value !== undefined && spec.max_value !== null && number > spec.max_value) throw new Error(`${spec.name} must be at most ${spec.max_value}.`);
  return number;
}
