// Makes elements. Text becomes text nodes only: nothing that a cluster or a person wrote is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element: `h("a", {class: "x", href, on: {click}}, "text", child, null)`. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [name, listener] of Object.entries(value)) node.addEventListener(name, listener);
    else if (key === "data") for (const [name, one] of Object.entries(value)) one !== undefined && (node.dataset[name] = one);
    else if (key === "value") node.value = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

/** Appends strings as text and skips what is absent; arrays are flattened. */
export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** Gives a name its role's colour; the style sheet sees to contrast. */
export function colored(node, color) {
  if (!color) return node;
  node.style.setProperty("--own", color);
  node.classList.add("colored");
  return node;
}

export const byId = (id) => document.getElementById(id);

const PATHS = {
  hash: "M10 3 8 21M16 3l-2 18M4 8.5h17M3 15.5h17",
  menu: "M4 6h16M4 12h16M4 18h16",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2 21v-1a6 6 0 0 1 14 0v1M16 3.5a4 4 0 0 1 0 7.3M19 21v-1a6 6 0 0 0-3-5",
  contrast: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 3v18M12 7h6M12 12h9M12 17h6",
  bolt: "M13 2 4 14h6l-1 8 9-12h-6l1-8Z",
  close: "M5 5l14 14M19 5 5 19",
  thread: "M4 5h16v11H10l-5 4v-4H4ZM8 9h8M8 12h5",
  file: "M6 2h8l5 5v15H6ZM14 2v5h5",
  download: "M12 3v12M7 11l5 5 5-5M4 20h16",
  down: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  reply: "M20 20v-8a4 4 0 0 0-4-4H5M9 4 5 8l4 4",
  send: "M4 12 3 4l18 8-18 8 1-8Zm0 0h9",
  link: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  copy: "M9 9h11v12H9ZM5 15H4V3h11v2",
  warn: "M12 3 2 20h20L12 3ZM12 10v5M12 17.5v.5",
};

/** A line icon; it says nothing to a screen reader, the control around it carries the label. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  return svg;
}

/** The round mark of a person or of the bot: an initial on a colour that follows from the id. */
export function avatar(user, size = "") {
  const name = user?.display_name ?? user?.global_name ?? user?.username ?? "?";
  let sum = 0;
  for (const char of String(user?.id ?? name)) sum = (sum * 31 + char.codePointAt(0)) % 997;
  const hue = user?.bot ? "bot" : String(sum % 6);
  return h("span", { class: `avatar ${size}`, data: { hue }, "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? "?");
}

/** Makes `from` look like `to` and keeps the nodes that stay: focus, selection, images and scroll positions survive an edit. */
export function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || from.dataset?.key !== to.dataset?.key) {
    from.replaceWith(to);
    return to;
  }
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return from;
  }
  if (from.dataset?.keep !== undefined && from.dataset.keep === to.dataset.keep) return from;
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) === value) continue;
    if (name === "style") from.style.cssText = to.style.cssText; // the page's own policy forbids the attribute
    else from.setAttribute(name, value);
  }
  const wanted = [...to.childNodes];
  wanted.forEach((child, index) => {
    const present = from.childNodes[index];
    if (present) morph(present, child);
    else from.append(child);
  });
  while (from.childNodes.length > wanted.length) from.lastChild.remove();
  return from;
}
