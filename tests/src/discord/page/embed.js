// Embeds: the coloured cards in which the bot says most things.

import { h } from "./dom.js";
import { text } from "./text.js";
import { stamp } from "./time.js";
import { picture } from "./attachment.js";

export function embed(message, one) {
  const node = h(
    "div",
    { class: "embed" },
    one.author?.name && h("div", { class: "embed-author" }, maybeLink(one.author.url, one.author.name)),
    one.title && h("div", { class: "embed-title" }, maybeLink(one.url, text(one.title, { inline: true }))),
    one.description && h("div", { class: "embed-description md" }, text(one.description)),
    fields(one.fields ?? []),
    one.image?.url && picture(message, one.image, one.title ?? "picture in the embed"),
    footer(one),
  );
  const thumbnail = one.thumbnail?.url && picture(message, one.thumbnail, "thumbnail", "thumbnail");
  if (thumbnail) {
    node.classList.add("with-thumbnail");
    node.append(thumbnail);
  }
  if (typeof one.color === "number") node.style.borderInlineStartColor = `#${(one.color & 0xffffff).toString(16).padStart(6, "0")}`;
  return node;
}

function maybeLink(url, content) {
  if (!/^https?:\/\//.test(url ?? "")) return content;
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, content);
}

/** Inline fields stand three in a row, the others take a row of their own. */
function fields(list) {
  if (list.length === 0) return null;
  const cells = list.map((field) =>
    h("div", { class: field.inline ? "field inline" : "field" }, h("div", { class: "field-name" }, text(field.name, { inline: true })), h("div", { class: "field-value md" }, text(field.value))),
  );
  return h("div", { class: "fields" }, cells);
}

function footer(one) {
  const when = one.timestamp ? stamp(one.timestamp) : "";
  const parts = [one.footer?.text, when].filter(Boolean);
  return parts.length ? h("div", { class: "embed-footer" }, parts.join(" • ")) : null;
}
