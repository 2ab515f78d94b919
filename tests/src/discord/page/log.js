// The list of a channel's messages: draws what changed, keeps the place, turns clicks into actions.

import { fill, h, icon, morph } from "./dom.js";
import { enlarge, toggleFile } from "./attachment.js";
import { find, optionsOf } from "./component.js";
import { component, copy, forget } from "./interactions.js";
import { listbox } from "./menu.js";
import { askedNode, continues, messageNode } from "./message.js";
import { channelOf, compare, dismiss, emit, isThread, lastRead, markRead, messagesOf, on, sorted, state, unread } from "./state.js";
import { day } from "./time.js";

const NEAR = 60; // px from the end within which new messages pull the view along

export class Log {
  /** `place` tells the channel's id, `root` receives the list. */
  constructor(root, place) {
    this.place = place;
    this.list = h("ol", { class: "log", role: "log", "aria-label": "Messages", "aria-live": "polite" });
    this.typing = h("div", { class: "typing", "aria-live": "polite" });
    this.scroller = h("div", { class: "scroller", tabindex: 0, "aria-label": "Messages" }, h("div", { class: "spring" }), this.list);
    this.jump = h("button", { type: "button", class: "jump", hidden: true }, h("span"), icon("down", 16));
    root.append(h("div", { class: "log-wrap" }, this.scroller, this.jump, this.typing));
    this.stuck = true;
    this.signatures = new Map();
    this.lastTop = 0;
    this.scroller.addEventListener("scroll", () => this.onScroll());
    this.jump.addEventListener("click", () => this.toEnd());
    this.list.addEventListener("click", (event) => this.onClick(event));
    this.list.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && event.target.matches(".spoiler")) this.onClick(event);
    });
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroller);
    // a thread's message counts on the card below the message that it hangs on
    on("messages", (channel) => [channel, channelOf(channel)?.parent_id].includes(this.place()) && this.update());
    on("asked", () => this.update());
    on("typing", () => this.drawTyping());
    document.addEventListener("visibilitychange", () => this.seen());
  }

  /** Shows a channel from its first unread message on. */
  open() {
    this.since = lastRead(this.place());
    this.signatures.clear();
    fill(this.list);
    this.stuck = true;
    this.draw();
    this.toEnd();
    const divider = this.list.querySelector(".new-line");
    if (divider && divider.getBoundingClientRect().top < this.scroller.getBoundingClientRect().top) {
      divider.scrollIntoView({ block: "start" });
      this.onScroll();
    }
  }

  /** A change while the channel is open. What comes under a reader's eyes is not "new" to them. */
  update() {
    if (this.reading() && !this.list.querySelector(".new-line")) this.since = sorted(this.place()).at(-1)?.id ?? this.since;
    this.draw();
  }

  draw() {
    const channel = this.place();
    if (!channel || !state.world) return;
    const anchor = this.stuck ? null : this.anchor();
    const wanted = this.rows(channel);
    const keys = new Set(wanted.map((row) => row.key));
    const present = new Map([...this.list.children].map((node) => [node.dataset.key, node]));
    for (const [key, node] of present) {
      if (keys.has(key)) continue;
      node.remove();
      this.signatures.delete(key);
    }
    let after = null;
    for (const { key, signature, make } of wanted) {
      let node = present.get(key);
      if (!node) node = make();
      else if (this.signatures.get(key) !== signature) node = morph(node, make());
      this.signatures.set(key, signature);
      const next = after ? after.nextSibling : this.list.firstChild;
      if (next !== node) this.list.insertBefore(node, next);
      after = node;
    }
    if (anchor) this.scroller.scrollTop += anchor.node.getBoundingClientRect().top - anchor.top;
    else if (this.stuck) this.toEnd();
    this.drawTyping();
    this.onScroll();
  }

  /** Everything in the list with a key and a signature; a row is made again only when its signature moved. */
  rows(channel) {
    const rows = [{ key: "start", signature: `${channel}:${channelOf(channel)?.name}:${channelOf(channel)?.topic}`, make: () => this.start(channel) }];
    const waiting = [...state.asked.values()].filter((one) => one.channel === channel && one.me === state.me);
    const asked = (entry) => rows.push({ key: `a:${entry.id}`, signature: `${entry.state}${entry.error}`, make: () => askedNode(entry) });
    let above = null;
    let today = null;
    let divided = false;
    for (const message of sorted(channel)) {
      while (waiting.length && compare(waiting[0].id, message.id) < 0) {
        asked(waiting.shift());
        above = null;
      }
      const date = day(message.timestamp);
      if (date && date !== today) {
        today = date;
        rows.push({ key: `d:${date}`, signature: date, make: () => h("li", { class: "day", data: { key: `d:${date}` } }, h("span", {}, date)) });
        above = null;
      }
      if (!divided && this.since !== "0" && compare(message.id, this.since) > 0 && message.author?.id !== state.me) {
        divided = true;
        rows.push({ key: "new", signature: "new", make: () => h("li", { class: "new-line", data: { key: "new" } }, h("span", {}, "New")) });
        above = null;
      }
      const compact = continues(message, above);
      const busy = (message.components ?? []).flatMap((row) => row.components ?? []).map((one) => state.busy.get(`${message.id}:${one.custom_id}`));
      const thread = state.world.channels.find((one) => one.id === message.id);
      const target = messagesOf(channel).get(message.message_reference?.message_id)?.edited_timestamp;
      const signature = JSON.stringify([message, compact, busy, state.me, target, thread?.name, thread && messagesOf(thread.id).size]);
      rows.push({ key: `m:${message.id}`, signature, make: () => messageNode(message, { compact }) });
      above = message;
    }
    waiting.forEach(asked);
    return rows;
  }

  start(channel) {
    const name = channelOf(channel)?.name ?? "";
    const bot = state.world.bot?.username ?? "the bot";
    const thread = isThread(channelOf(channel));
    const title = thread ? name : `Welcome to #${name}`;
    const topic = channelOf(channel)?.topic;
    return h("li", { class: "start", data: { key: "start" } }, h("div", { class: "start-icon" }, icon(thread ? "thread" : "hash", 40)), h("h2", {}, title), topic && h("p", { class: "start-topic" }, topic), h("p", {}, `Type / below to see what ${bot} can do here.`));
  }

  /** The first message in view and where it stands, to put it back after a change above it. */
  anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    const node = [...this.list.children].find((one) => one.getBoundingClientRect().bottom > top);
    return node && { node, top: node.getBoundingClientRect().top };
  }

  toEnd() {
    this.stuck = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.onScroll();
  }

  /** Only a person who scrolls up leaves the end: content that grows below a view at the end pulls it along. */
  onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.stuck = true;
    else if (scrollTop < this.lastTop) this.stuck = false;
    this.lastTop = scrollTop;
    this.seen();
    this.jump.hidden = this.stuck;
    const label = unread(this.place()).count ? "New messages" : "Jump to present";
    if (this.jump.firstChild.textContent !== label) this.jump.firstChild.textContent = label;
  }

  /** What stands at the end of a visible list counts as read. */
  seen() {
    if (this.reading()) markRead(this.place());
  }

  reading() {
    return this.stuck && document.visibilityState === "visible" && this.scroller.offsetParent !== null;
  }

  drawTyping() {
    const active = (state.typing.get(this.place()) ?? 0) > Date.now();
    const text = active ? `${state.world?.bot?.username ?? "The bot"} is typing ...` : "";
    if (this.typing.textContent !== text) this.typing.textContent = text;
  }

  onClick(event) {
    const target = event.target.closest("[data-action]");
    if (!target || target.disabled) return;
    const row = target.closest("li.message");
    const message = messagesOf(this.place()).get(row?.dataset.id);
    const { action, id, custom } = target.dataset;
    if (action === "press" && message) {
      component(message, custom);
      // A click leaves the caret where people type; who came by keyboard stays on the button.
      if (event.detail > 0) emit("compose", this.place());
    }
    else if (action === "select" && message) this.openSelect(target, message, find(message, custom));
    else if (action === "dismiss") this.dismiss(row);
    else if (action === "spoiler") target.classList.add("shown");
    else if (action === "copy") copy(target.parentElement.querySelector("pre").textContent);
    else if (action === "enlarge") enlarge(target.dataset.src, target.dataset.alt);
    else if (action === "expand") toggleFile(target.closest(".file"));
    else if (action === "jump") this.jumpTo(id);
    else if (action === "channel" || action === "thread") emit("go", id, target.dataset.message);
  }

  openSelect(target, message, one) {
    if (!one) return;
    const limits = { min: one.min_values ?? 1, max: one.max_values ?? 1 };
    listbox(target, optionsOf(one), limits, (values) => component(message, one.custom_id, values));
  }

  dismiss(row) {
    if (row.dataset.asked) return forget(row.dataset.asked);
    dismiss(row.dataset.id);
    this.draw();
    this.scroller.focus({ preventScroll: true });
  }

  jumpTo(id) {
    const row = [...this.list.children].find((one) => one.dataset.id === id);
    if (!row) return;
    this.stuck = false;
    row.scrollIntoView({ block: "center" });
    row.classList.remove("flash");
    void row.offsetWidth; // restarts the animation
    row.classList.add("flash");
  }
}
