// Draws the tree of markdown.js.

import { colored, h } from "./dom.js";
import { parse } from "./markdown.js";
import { highlight } from "./code.js";
import { format } from "./time.js";
import { channelOf, hex, rolesOf, roleOf, me, state, userOf } from "./state.js";

const TAGS = { b: "strong", i: "em", u: "u", s: "s", quote: "blockquote", sub: "small" };

/** Markdown as nodes. `inline` for places that hold no blocks. */
export function text(source, options) {
  return parse(source, options).map(draw);
}

function draw(node) {
  if (TAGS[node.t]) return h(TAGS[node.t], {}, node.c.map(draw));
  switch (node.t) {
    case "text":
      return dots(node.v);
    case "br":
      return h("br");
    case "code":
      return h("code", {}, node.v);
    case "pre":
      return codeBlock(node);
    case "h":
      return h(`h${node.n + 2}`, { class: `md-h${node.n}` }, node.c.map(draw));
    case "list":
      return h(node.ordered ? "ol" : "ul", { start: node.ordered && node.start !== 1 ? node.start : null }, node.items.map((item) => h("li", {}, item.map(draw))));
    case "link":
      if (MESSAGE_LINK.test(node.url)) return messageLink(node);
      return h("a", { href: node.url, target: "_blank", rel: "noopener noreferrer" }, node.c.map(draw));
    case "time":
      return timeNode(node);
    case "spoiler":
      return h("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Spoiler: show", data: { action: "spoiler" } }, node.c.map(draw));
    case "emoji":
      return `:${node.v}:`;
    case "command":
      return h("span", { class: "mention" }, `/${node.v}`);
    case "everyone":
      return h("span", { class: "mention" }, node.v);
    default:
      return mention(node);
  }
}

/** Discord's client draws emoji itself; so does the page with the round ones, as a machine may have no font for them. */
const DOTS = { "🟢": "green", "🟡": "yellow", "🔴": "red", "⚪": "white" };

function dots(words) {
  const parts = words.split(/(🟢|🟡|🔴|⚪)/u);
  return parts.length === 1 ? words : parts.map((part) => (DOTS[part] ? h("span", { class: `dot ${DOTS[part]}`, role: "img", "aria-label": `${DOTS[part]} circle` }, part) : part));
}

const MESSAGE_LINK = /^https:\/\/discord\.com\/channels\/\d+\/(\d+)(?:\/(\d+))?$/;

/** A link to a message or channel of this guild leads there, not out to the real Discord. */
function messageLink(node) {
  const [, channel, message] = MESSAGE_LINK.exec(node.url);
  const bare = node.c.length === 1 && node.c[0].v === node.url;
  const label = bare ? `# ${channelOf(channel)?.name ?? "unknown"}${message ? " › message" : ""}` : node.c.map(draw);
  return h("button", { type: "button", class: bare ? "mention" : "text-button", data: { action: "channel", id: channel, message } }, label);
}

function codeBlock({ lang, v }) {
  const parts = highlight(lang, v).map(([kind, part]) => (kind ? h("span", { class: kind }, part) : part));
  const copy = h("button", { type: "button", class: "copy", data: { action: "copy" }, "aria-label": "Copy this block" }, "Copy");
  return h("div", { class: "pre-wrap" }, h("pre", { tabindex: 0, data: { lang } }, h("code", {}, parts)), copy);
}

/** An instant: the text in the asked style, the exact one on hover. */
export function timeNode({ unix, style }) {
  return h("time", { data: { unix, style }, title: format(unix, "F") }, format(unix, style));
}

function mention({ t, id }) {
  if (t === "channel") {
    const channel = channelOf(id);
    if (!channel) return h("span", { class: "mention" }, "# unknown");
    return h("button", { type: "button", class: "mention", data: { action: "channel", id } }, `# ${channel.name}`);
  }
  if (t === "role") {
    const role = roleOf(id);
    const mine = rolesOf(me()).some((one) => one.id === id);
    const node = h("span", { class: `mention ${mine ? "mine" : ""}` }, `@${role?.name ?? "unknown-role"}`);
    return colored(node, hex(role?.color));
  }
  const user = userOf(id);
  const mine = id === state.me;
  return h("span", { class: `mention ${mine ? "mine" : ""}` }, `@${user?.display_name ?? user?.username ?? "unknown-user"}`);
}
