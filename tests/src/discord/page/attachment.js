// Files on a message: pictures are shown, texts give their first lines, everything can be fetched.

import { attachmentPath } from "./api.js";
import { byId, h, icon } from "./dom.js";

const PREVIEW_LINES = 6;
const PREVIEW_BYTES = 512 * 1024; // above this a text is only offered for download
const previews = new Map(); // path -> { text } once it was read

const isPicture = (file) => /^image\/(png|jpe?g|gif|webp)/.test(file.content_type ?? "") || /\.(png|jpe?g|gif|webp)$/i.test(file.filename ?? "");
const isText = (file) => /^text\/|json|yaml|xml/.test(file.content_type ?? "") || /\.(log|txt|ya?ml|json|md|csv|diff|patch|jsonl)$/i.test(file.filename ?? "");

/** Files of a message that no embed shows already. */
export function attachments(message) {
  const shown = (message.embeds ?? []).flatMap((one) => [one.image?.url, one.thumbnail?.url]).filter(Boolean);
  return (message.attachments ?? [])
    .filter((file) => !shown.some((url) => refersTo(url, file)))
    .map((file) => (isPicture(file) ? pictureOf(message, file) : fileCard(message, file)));
}

const refersTo = (url, file) => url === `attachment://${file.filename}` || url === file.url || nameIn(url) === file.filename;

function nameIn(url) {
  try {
    return decodeURIComponent(new URL(url, location.href).pathname.split("/").at(-1));
  } catch {
    return "";
  }
}

/** An embed's picture. Only files of the message itself are loaded; a picture from elsewhere is a link. */
export function picture(message, { url, width, height, description }, label, extra = "") {
  const file = (message.attachments ?? []).find((one) => refersTo(url, one));
  if (file) return pictureOf(message, { width, height, description, ...definedOnly(file) }, extra, label);
  if (!/^https?:\/\//.test(url)) return null;
  return h("a", { class: "outside", href: url, target: "_blank", rel: "noopener noreferrer" }, icon("link", 14), `${label} (${url})`);
}

const definedOnly = (file) => Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null && value !== undefined));

function pictureOf(message, file, extra = "", label = file.filename) {
  const path = attachmentPath(message, file);
  const alt = file.description || label;
  const img = h("img", { src: path, alt, width: file.width, height: file.height, decoding: "async" });
  return h("button", { type: "button", class: `picture ${extra}`, "aria-label": `Enlarge: ${alt}`, data: { action: "enlarge", src: path, alt, key: path } }, img);
}

/** Shows a picture large; Escape or a click closes it. */
export function enlarge(src, alt) {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  const open = h("a", { href: src, target: "_blank", rel: "noopener" }, "Open in a new tab");
  const dialog = h("dialog", { class: "lightbox", "aria-label": alt }, h("img", { src, alt }), h("div", { class: "lightbox-bar" }, h("span", {}, alt), open, close));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || close.contains(event.target)) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  byId("app").append(dialog);
  dialog.showModal();
}

function fileCard(message, file) {
  const path = attachmentPath(message, file);
  const head = h(
    "div",
    { class: "file-head" },
    icon("file", 28),
    h("div", { class: "file-names" }, h("a", { href: path, download: file.filename }, file.filename), h("small", {}, size(file.size))),
    h("a", { class: "icon-button", href: path, download: file.filename, "aria-label": `Download ${file.filename}` }, icon("download")),
  );
  const card = h("div", { class: "file", data: { key: path } }, head);
  if (isText(file) && (file.size ?? 0) <= PREVIEW_BYTES) preview(card, path, file);
  return card;
}

function preview(card, path, file) {
  const body = h("pre", { class: "file-preview", tabindex: 0, "aria-label": `First lines of ${file.filename}` });
  const known = previews.get(path);
  card.append(body);
  if (known) return showPreview(card, body, known);
  fetch(path, { signal: AbortSignal.timeout(10_000) })
    .then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status)))))
    .then((text) => {
      previews.set(path, { text, open: false });
      // the card may have been replaced while the text came: draw into whichever is on the page
      for (const one of document.querySelectorAll(".file")) {
        if (one.dataset.key === path) showPreview(one, one.querySelector(".file-preview"), previews.get(path));
      }
    })
    .catch(() => {
      body.textContent = "The preview could not be loaded.";
    });
}

function showPreview(card, body, known) {
  const lines = known.text.replace(/\n$/, "").split("\n");
  body.textContent = (known.open ? lines : lines.slice(0, PREVIEW_LINES)).join("\n");
  card.querySelector(".file-more")?.remove();
  if (lines.length <= PREVIEW_LINES) return;
  const label = known.open ? "Collapse" : `Show all ${lines.length} lines`;
  card.append(h("button", { type: "button", class: "file-more", "aria-expanded": String(known.open), data: { action: "expand" } }, icon(known.open ? "up" : "down", 14), label));
}

/** Opens or closes the preview of a file card. */
export function toggleFile(card) {
  const known = previews.get(card.dataset.key);
  if (!known) return;
  known.open = !known.open;
  showPreview(card, card.querySelector(".file-preview"), known);
  card.querySelector(".file-more")?.focus();
}

export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

