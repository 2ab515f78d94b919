// Discord's markdown as a tree of plain values. Pure: no document, so that it can be tested without one.
// Rules are tried in order at each position; what none takes is text. Unclosed marks stay as they were typed.

const MAX_DEPTH = 12; // nested marks beyond this are shown as text

const BLOCKS = [
  [/```(?:([A-Za-z0-9_+\-.#]+)\n)?\n*([^\n][^]*?)\n*```/y, (m) => ({ t: "pre", lang: (m[1] ?? "").toLowerCase(), v: m[2] }), "anywhere"],
  [/>>> ([^]*)/y, (m, parse) => ({ t: "quote", c: parse(m[1], { quote: true }) }), "no quote"],
  [/> [^\n]*(?:\n>(?: [^\n]*)?(?=\n|$))*\n?/y, quote, "no quote"],
  [/(#{1,3}) +([^\n]+?)(?:\n|$)/y, (m, parse) => ({ t: "h", n: m[1].length, c: parse(m[2], { inline: true }) })],
  [/-# +([^\n]+?)(?:\n|$)/y, (m, parse) => ({ t: "sub", c: parse(m[1], { inline: true }) })],
  [/ *(?:[-*]|\d{1,9}\.) +[^\n]+(?:\n *(?:[-*]|\d{1,9}\.) +[^\n]+|\n {2,}[^\n]+)*\n?/y, list],
];

const wrap = (t) => (m, parse) => ({ t, c: parse(m[1] ?? m[2]) });

const INLINE = [
  [/\\([^0-9A-Za-z\s])/y, (m) => ({ t: "text", v: m[1] })],
  [/(`+)([^]*?[^`])\1(?!`)/y, (m) => ({ t: "code", v: m[2].replace(/^ (?= *`)|(` *) $/g, "$1") })],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => ({ t: "time", unix: Number(m[1]), style: m[2] ?? "f" })],
  [/<@!?(\d{1,20})>/y, (m) => ({ t: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ t: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ t: "channel", id: m[1] })],
  [/<a?:(\w{1,64}):\d{1,20}>/y, (m) => ({ t: "emoji", v: m[1] })],
  [/<\/([^:>\n]{1,100}):\d{1,20}>/y, (m) => ({ t: "command", v: m[1] })],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => link(m[1], [{ t: "text", v: m[1] }])],
  [/\[([^[\]\n]{1,500})\]\(<?(https?:\/\/(?:[^\s<>()]|\([^\s<>()]*\))+)>?(?: +"[^"\n]*")?\)/y, (m, parse) => link(m[2], parse(m[1]))],
  [/https?:\/\/[^\s<]*[^\s<.,:;"'\])|*_~]/y, (m) => link(m[0], [{ t: "text", v: m[0] }])],
  [/\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y, wrap("b")],
  [/__((?:\\[^]|[^\\])+?)__(?!_)/y, wrap("u")],
  [/_((?:__|\\[^]|[^\\_])+?)_(?!\w)|\*(?=\S)((?:\*\*|\\[^]|\s+(?:[^*\s\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, wrap("i")],
  [/~~([^]+?)~~/y, wrap("s")],
  [/\|\|([^]+?)\|\|/y, wrap("spoiler")],
  [/@(?:everyone|here)\b/y, (m) => ({ t: "everyone", v: m[0] })],
  [/\n/y, () => ({ t: "br" })],
  [/(?:(?!https?:\/\/)[^\\`*_~|<[@\n])+/y, (m) => ({ t: "text", v: m[0] })],
];

function link(url, c) {
  return { t: "link", url, c };
}

function quote(m, parse) {
  const inner = m[0].replace(/\n$/, "").split("\n").map((line) => line.replace(/^> ?/, "")).join("\n");
  return { t: "quote", c: parse(inner, { quote: true }) };
}

/** A list with nested lists by indentation. */
function list(m, parse) {
  const rows = m[0].replace(/\n$/, "").split("\n").map((line) => {
    const mark = /^( *)([-*]|\d+\.) +(.*)$/.exec(line);
    return mark ? { indent: mark[1].length, ordered: mark[2].length > 1, start: parseInt(mark[2], 10), text: mark[3] } : { text: line.trim() };
  });
  const items = [];
  for (const row of rows) {
    if (row.indent === undefined && items.length) items.at(-1).text += `\n${row.text}`;
    else items.push(row);
  }
  return nest(items, parse);
}

function nest(rows, parse) {
  const [first] = rows;
  const out = { t: "list", ordered: first.ordered, start: first.ordered ? first.start : 1, items: [] };
  let index = 0;
  while (index < rows.length) {
    const children = [];
    const row = rows[index++];
    while (index < rows.length && rows[index].indent > first.indent) children.push(rows[index++]);
    out.items.push([...parse(row.text, { inline: true }), ...(children.length ? [nest(children, parse)] : [])]);
  }
  return out;
}

function take(rules, src, at, state, into) {
  for (const [pattern, make, where] of rules) {
    if (rules === BLOCKS && where !== "anywhere" && !state.lineStart) continue;
    if (where === "no quote" && state.quote) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(src);
    if (!match) continue;
    const node = make(match, (text, more = {}) => run(text, { ...state, ...more, depth: state.depth + 1 }));
    const last = into.at(-1);
    if (node.t === "text" && last?.t === "text") last.v += node.v;
    else into.push(node);
    return match[0].length;
  }
  return 0;
}

const BLOCK_KINDS = new Set(["pre", "quote", "h", "sub", "list"]);

function run(src, options) {
  if (options.depth > MAX_DEPTH) return [{ t: "text", v: src }];
  const out = [];
  let at = 0;
  const atLineStart = () => at === 0 || src[at - 1] === "\n";
  while (at < src.length) {
    const state = { ...options, lineStart: atLineStart() };
    const length = (options.inline ? 0 : take(BLOCKS, src, at, state, out)) || take(INLINE, src, at, { ...state, inline: true }, out);
    if (length) {
      at += length;
      // a block ends its own line: the newline right after it is not a second one
      if (BLOCK_KINDS.has(out.at(-1).t) && src[at] === "\n" && src[at - 1] !== "\n") at += 1;
      continue;
    }
    const last = out.at(-1);
    if (last?.t === "text") last.v += src[at];
    else out.push({ t: "text", v: src[at] });
    at += 1;
  }
  return trimBreaks(out);
}

/** A line break before a block is the end of the line above it, not an empty line. */
function trimBreaks(nodes) {
  return nodes.filter((node, index) => !(node.t === "br" && nodes[index + 1] && BLOCK_KINDS.has(nodes[index + 1].t)));
}

/** Parses a text; `inline` leaves blocks out (titles, field names). */
export function parse(text, { inline = false } = {}) {
  return run(String(text ?? ""), { depth: 0, inline, quote: false });
}

/** The text without its marks, for one-line excerpts. */
export function plain(nodes) {
  return nodes
    .map((node) => (node.t === "br" ? " " : node.t === "list" ? node.items.map(plain).join(" ") : node.c ? plain(node.c) : (node.v ?? "")))
    .join("");
}
