// The list above the command line. Focus stays in the line; `aria-activedescendant` tells which row is chosen.

import { fill, h } from "./dom.js";

let lists = 0;

export class Popup {
  /** `choose(row)` is called for a click; keys come from the composer. */
  constructor(choose) {
    this.choose = choose;
    this.id = `suggest-${(lists += 1)}`;
    this.head = h("div", { class: "suggest-head" });
    this.list = h("div", { class: "suggest-list", role: "listbox", id: this.id, "aria-label": "Suggestions" });
    this.status = h("div", { class: "suggest-status", role: "status" });
    this.node = h("div", { class: "suggest", hidden: true }, this.head, this.list, this.status);
    this.rows = [];
    this.active = -1;
    this.node.addEventListener("pointerdown", (event) => event.preventDefault()); // the line keeps the focus
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose(this.rows[Number(item.dataset.index)]);
    });
  }

  get open() {
    return !this.node.hidden;
  }

  get chosen() {
    return this.rows[this.active];
  }

  close() {
    this.node.hidden = true;
    this.rows = [];
    this.active = -1;
    fill(this.status);
  }

  /** Shows rows below a heading; `active` is the row chosen at first, -1 for none. `note` replaces missing rows. */
  show({ head, rows, active, note = "" }) {
    this.node.hidden = false;
    this.rows = rows;
    fill(this.head, head);
    fill(this.list, rows.map((row, index) => this.item(row, index)));
    fill(this.status, note);
    this.status.hidden = note === "";
    this.select(Math.min(active, rows.length - 1), false);
    this.list.scrollTop = 0;
  }

  item(row, index) {
    const line = h("span", { class: "suggest-line" }, h("span", { class: "suggest-label" }, row.label), row.hint && h("span", { class: "suggest-hint" }, row.hint), row.tag && h("span", { class: `suggest-tag ${row.tag}` }, row.tag));
    return h("div", { role: "option", id: `${this.id}-${index}`, class: `suggest-item ${row.kind}`, data: { index }, "aria-selected": "false" }, line, row.description && h("span", { class: "suggest-description" }, row.description));
  }

  select(index, scroll = true) {
    this.active = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (scroll) this.list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  move(step) {
    const count = this.rows.length;
    if (count) this.select(this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count);
  }

  get activeId() {
    return this.active >= 0 ? `${this.id}-${this.active}` : null;
  }
}
