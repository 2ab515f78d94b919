// Small popups at a control: menus of actions, and the list of a select. Escape closes, focus returns to the control.

import { byId, h } from "./dom.js";

let closeOpen = null;

function popup(anchor, node) {
  closeOpen?.();
  byId("app").append(node);
  place(anchor, node);
  anchor.setAttribute("aria-expanded", "true");
  const close = (refocus) => {
    node.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", close);
    closeOpen = null;
    if (refocus === true && anchor.isConnected) anchor.focus();
  };
  const outside = (event) => !node.contains(event.target) && !anchor.contains(event.target) && close(false);
  document.addEventListener("pointerdown", outside, true);
  addEventListener("resize", close);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    }
    if (event.key === "Tab") close(true);
  });
  closeOpen = close;
  return close;
}

/** Below the control, above it when there is no room, and never beyond the edge of the window. */
function place(anchor, node) {
  const box = anchor.getBoundingClientRect();
  node.style.minWidth = `${Math.min(box.width, innerWidth - 16)}px`;
  const { offsetWidth: width, offsetHeight: height } = node;
  const below = innerHeight - box.bottom;
  const up = below < height + 12 && box.top > below;
  node.style.maxHeight = `${Math.max(120, (up ? box.top : below) - 16)}px`;
  node.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  node.style.top = up ? `${Math.max(8, box.top - Math.min(height, box.top - 16) - 6)}px` : `${box.bottom + 6}px`;
}

function arrows(node, items) {
  node.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    items[(next + items.length) % items.length].focus();
  });
}

/** A menu of `{ label, description, group?, checked?, act }`. A second click on the control closes it. */
export function menu(anchor, label, entries) {
  if (anchor.getAttribute("aria-expanded") === "true") return closeOpen?.(true);
  const node = h("div", { class: "popup", role: "menu", "aria-label": label });
  const items = entries.map((entry) => {
    const radio = entry.checked !== undefined;
    const item = h("button", { type: "button", role: radio ? "menuitemradio" : "menuitem", "aria-checked": radio ? String(entry.checked) : null, class: "popup-item", data: { id: entry.id } }, entry.mark, h("span", {}, h("strong", {}, entry.label), entry.description && h("small", {}, entry.description)));
    item.addEventListener("click", () => {
      close(true);
      entry.act();
    });
    return item;
  });
  node.append(...grouped(entries, items));
  const close = popup(anchor, node);
  arrows(node, items);
  items[0]?.focus();
}

/** The items under the headings of their groups, in the order in which the groups come. */
function grouped(entries, items) {
  const groups = new Map();
  entries.forEach((entry, index) => groups.set(entry.group ?? "", [...(groups.get(entry.group ?? "") ?? []), items[index]]));
  return [...groups].flatMap(([name, own]) => (name ? [h("div", { role: "group", "aria-label": name }, h("div", { class: "popup-group", "aria-hidden": "true" }, name), own)] : own));
}

/** The list of a select. One value is taken at once; several are ticked and then confirmed. */
export function listbox(anchor, options, { min, max }, done) {
  if (anchor.getAttribute("aria-expanded") === "true") return closeOpen?.(true);
  const many = max > 1;
  const chosen = new Set(options.filter((option) => option.default).map((option) => option.value));
  const list = h("div", { role: "listbox", "aria-multiselectable": many ? "true" : null, "aria-label": anchor.textContent });
  const node = h("div", { class: "popup select-popup" }, list);
  const apply = h("button", { type: "button", class: "button primary" }, "Done");
  const refresh = () => {
    items.forEach((item, index) => item.setAttribute("aria-selected", String(chosen.has(options[index].value))));
    apply.disabled = chosen.size < min || chosen.size > max;
  };
  const items = options.map((option) => {
    const title = [option.emoji?.name, option.label].filter(Boolean).join(" ");
    const item = h("button", { type: "button", role: "option", class: "popup-item", data: { value: option.value } }, h("span", {}, h("strong", {}, title), option.description && h("small", {}, option.description)));
    item.addEventListener("click", () => {
      if (!many) {
        close(true);
        return done([option.value]);
      }
      if (!chosen.delete(option.value) && chosen.size < max) chosen.add(option.value);
      refresh();
    });
    return item;
  });
  list.append(...items);
  if (many) node.append(h("div", { class: "popup-foot" }, h("small", {}, `${min} to ${max}`), apply));
  apply.addEventListener("click", () => {
    close(true);
    done(options.map((option) => option.value).filter((value) => chosen.has(value)));
  });
  refresh();
  const close = popup(anchor, node);
  arrows(node, items);
  (items.find((item) => item.getAttribute("aria-selected") === "true") ?? items[0])?.focus();
}
