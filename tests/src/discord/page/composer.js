// The command line: what is typed, coloured by what it means, completed, sent, and remembered.

import { avatar, fill, h, icon } from "./dom.js";
import { command, say } from "./interactions.js";
import { build, quoted, read } from "./line.js";
import { Popup } from "./popup.js";
import { Autocomplete, commands, described, fixedValues, kindOf, options, resolve } from "./suggest.js";
import { channelOf, draft, history, keepDraft, me, on, remember, state } from "./state.js";

const MESSAGE_LIMIT = 2000; // characters of a plain message, as on Discord

export class Composer {
  /** `place` tells the channel's id; `switchPerson(anchor)` opens the choice of who one is. */
  constructor(root, place, { id, switchPerson }) {
    this.place = place;
    this.popup = new Popup((row) => this.accept(row));
    this.values = new Autocomplete((result) => this.showValues(result));
    this.error = h("p", { class: "line-error", role: "alert", hidden: true });
    this.mirror = h("div", { class: "mirror", "aria-hidden": "true" });
    this.line = h("textarea", { id, rows: 1, "aria-label": "Message or command", "aria-autocomplete": "list", "aria-controls": this.popup.id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "send" });
    this.who = h("button", { type: "button", class: "who", "aria-haspopup": "menu", "aria-expanded": "false" });
    this.sendButton = h("button", { type: "submit", class: "icon-button send", "aria-label": "Send" }, icon("send"));
    const box = h("div", { class: "line-box" }, this.who, h("div", { class: "line-wrap" }, this.mirror, this.line), this.sendButton);
    this.form = h("form", { class: "composer" }, this.popup.node, this.error, box);
    root.append(this.form);
    this.who.addEventListener("click", () => switchPerson(this.who));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.line.addEventListener("input", () => this.onInput());
    this.line.addEventListener("keydown", (event) => this.onKey(event));
    for (const name of ["click", "keyup"]) this.line.addEventListener(name, (event) => this.onMove(event));
    this.line.addEventListener("blur", () => this.close());
    this.line.addEventListener("focus", () => this.update());
    this.line.addEventListener("scroll", () => (this.mirror.scrollTop = this.line.scrollTop));
    let known = "";
    on("world", () => {
      this.paint();
      const now = JSON.stringify(state.world.commands);
      if (now !== known) this.update(); // what is offered at the caret is of other commands
      known = now;
    });
  }

  /** Another channel or person: shows the draft that belongs there. */
  open() {
    this.past = null;
    this.line.value = draft(this.place());
    this.fail("");
    this.close();
    this.paint();
  }

  /** Puts a line in, as if typed, and asks for what comes next. */
  put(text, focus = true) {
    this.line.value = text;
    this.line.setSelectionRange(text.length, text.length);
    if (focus) this.line.focus();
    this.onInput();
  }

  onInput() {
    this.escaped = false;
    this.past = null;
    this.fail("");
    keepDraft(this.place(), this.line.value);
    this.paint();
    this.update();
  }

  onMove(event) {
    if (event.type === "keyup" && !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    this.update();
  }

  get parsed() {
    return read(state.world?.commands, this.line.value, this.line.selectionStart);
  }

  /** Colours the line: the command, each option with its value, and what belongs nowhere. */
  paint() {
    const text = this.line.value;
    const name = channelOf(this.place())?.name ?? "";
    this.line.placeholder = `Message #${name}, or / for commands`;
    const parsed = read(state.world?.commands, text, text.length + 1);
    const parts = [];
    let at = 0;
    const piece = (to, kind) => {
      if (to > at) parts.push(kind ? h("span", { class: kind }, text.slice(at, to)) : text.slice(at, to));
      at = Math.max(at, to);
    };
    if (parsed.leaf) piece(parsed.leaf.text.length, "is-command");
    for (const one of parsed.leaf ? parsed.given : []) {
      piece(one.from);
      if (one.spec) piece(one.valueFrom, "is-name");
      piece(one.to, one.spec ? "is-value" : "is-stray");
    }
    piece(text.length);
    fill(this.mirror, parts, "\u200b");
    const user = me();
    fill(this.who, avatar(user, "small"));
    this.who.setAttribute("aria-label", `You are ${user?.display_name ?? user?.username ?? "nobody"}. Be someone else`);
  }

  /** Works out what to offer at the caret. */
  update() {
    const parsed = this.parsed;
    if (parsed.stage === "none" || this.escaped || document.activeElement !== this.line) return this.close();
    if (parsed.stage === "command") return this.showCommands(parsed);
    if (parsed.stage === "option") return this.showOptions(parsed);
    const rows = fixedValues(parsed);
    if (rows === null) return this.values.ask(this.place(), parsed);
    this.values.cancel();
    this.showValues({ state: "ready", rows, query: parsed.query });
  }

  showCommands(parsed) {
    this.values.cancel();
    const rows = commands(parsed);
    const exact = parsed.leaf && parsed.leaf.text === this.line.value;
    const note = rows.length ? "" : state.world?.commands?.length ? "No command is called like that." : "The bot has registered no commands yet.";
    this.show({ head: h("span", { class: "suggest-title" }, parsed.query ? `Commands matching /${parsed.query}` : "Commands"), rows, active: exact ? -1 : 0, note });
  }

  showOptions(parsed) {
    this.values.cancel();
    const rows = options(parsed);
    if (rows.length === 0 && parsed.leaf.options.length === 0 && !parsed.at) return this.close();
    const active = parsed.missing.length || parsed.query ? 0 : -1;
    const left = parsed.missing.map((one) => one.name).join(", ");
    const note = rows.length ? "" : parsed.at ? "No option is called like that." : "All options are given. Enter sends.";
    this.show({ head: this.head(parsed, left ? `still needed: ${left}` : "Enter sends, or add an option"), rows, active, note });
  }

  showValues({ state: progress, rows = [], query, error }) {
    const parsed = this.parsed;
    if (parsed.stage !== "value" || parsed.query !== query || this.escaped) return;
    const { spec } = parsed.at;
    const same = rows.some((row) => String(row.value) === query || row.label === query);
    const note = progress === "loading" ? "Loading options ..." : progress === "failed" ? `Loading options failed. ${error}` : rows.length || !spec.autocomplete ? "" : "No options match your search.";
    const shown = progress === "loading" && this.popup.open && this.popup.rows[0]?.kind === "value" ? this.popup.rows : rows;
    const head = [h("span", { class: "suggest-title" }, spec.name), h("span", { class: "suggest-about" }, described(spec)), h("span", { class: "suggest-kind" }, kindOf(spec))];
    this.show({ head, rows: shown, active: same || progress !== "ready" ? -1 : 0, note });
  }

  head(parsed, about) {
    return [h("span", { class: "suggest-title" }, parsed.leaf.text), h("span", { class: "suggest-about" }, described(parsed.leaf.node)), h("span", { class: "suggest-kind" }, about)];
  }

  show(content) {
    this.popup.show(content);
    this.announce();
  }

  announce() {
    if (this.popup.activeId) this.line.setAttribute("aria-activedescendant", this.popup.activeId);
    else this.line.removeAttribute("aria-activedescendant");
  }

  close() {
    this.values.cancel();
    this.popup.close();
    this.announce();
  }

  onKey(event) {
    if (event.isComposing) return;
    const open = this.popup.open && this.popup.rows.length > 0;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.popup.chosen) this.accept(this.popup.chosen);
      else this.send();
    } else if (event.key === "Tab" && !event.shiftKey && open) {
      event.preventDefault();
      this.accept(this.popup.chosen ?? this.popup.rows[0]);
    } else if (event.key === "Escape" && this.popup.open) {
      event.preventDefault();
      this.escaped = true;
      this.close();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.onArrow(event, open);
    }
  }

  onArrow(event, open) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    if (this.line.value === "" || this.past !== null) {
      if (this.browse(step)) event.preventDefault();
    } else if (open) {
      event.preventDefault();
      this.popup.move(step);
      this.announce();
    }
  }

  /** Walks through the lines that were sent. */
  browse(step) {
    const lines = history();
    const from = this.past ?? lines.length;
    const to = from + step;
    if (to < 0 || from === to || (this.past === null && step > 0)) return false;
    const text = lines[to] ?? "";
    this.line.value = text;
    this.line.setSelectionRange(text.length, text.length);
    keepDraft(this.place(), text);
    this.past = to >= lines.length ? null : to;
    this.escaped = true;
    this.paint();
    this.close();
    return true;
  }

  /** Writes a suggestion into the line; a command brings its first required option along. */
  accept(row) {
    const parsed = this.parsed;
    const { value } = this.line;
    const replace = (from, to, text) => {
      const rest = value.slice(to).trimStart();
      this.line.value = `${value.slice(0, from)}${text}${rest ? ` ${rest}`.replace(/^ {2,}/, " ") : ""}`;
      this.line.setSelectionRange(from + text.length, from + text.length);
      this.onInput();
    };
    if (row.kind === "command") {
      const first = row.leaf.options.find((one) => one.required);
      return replace(0, value.length, `${row.label} ${first ? `${first.name}:` : ""}`);
    }
    const caret = this.line.selectionStart;
    const from = parsed.at ? parsed.at.from : caret;
    const to = parsed.at ? parsed.at.to : caret;
    const gap = from > 0 && !/\s/.test(value[from - 1]) ? " " : "";
    if (row.kind === "option") return replace(from, to, `${gap}${row.spec.name}:`);
    if (row.kind === "wrap") return replace(from, to, `${gap}${row.spec.name}:${quoted(parsed.leaf, row.text)}`);
    const next = parsed.missing.find((one) => one !== parsed.at.spec);
    return replace(parsed.at.valueFrom, to, `${quoted(parsed.leaf, row.value)} ${next ? `${next.name}:` : ""}`);
  }

  fail(text) {
    fill(this.error, text);
    this.error.hidden = text === "";
  }

  async send() {
    const text = this.line.value.trim();
    const channel = this.place();
    if (!text || this.sending) return;
    this.sending = true;
    this.form.setAttribute("aria-busy", "true");
    const person = state.me;
    try {
      await this.deliver(channel, text);
      remember(text);
      if (this.place() === channel && state.me === person) this.put("", false);
      else keepDraft(channel, "");
    } catch (error) {
      this.fail(error.message);
      this.close();
    } finally {
      this.sending = false;
      this.form.removeAttribute("aria-busy");
    }
  }

  async deliver(channel, text) {
    if (!text.startsWith("/")) {
      if ([...text].length > MESSAGE_LIMIT) throw new Error(`A message holds ${MESSAGE_LIMIT} characters, this one has ${[...text].length}.`);
      return say(channel, text);
    }
    const line = `${text} `;
    const parsed = read(state.world?.commands, line);
    if (!parsed.leaf) throw new Error(state.world?.commands?.length ? `There is no command ${text.split(" ").slice(0, 3).join(" ")}. Type / to see all.` : "The bot has registered no commands yet.");
    const missing = parsed.missing[0];
    if (missing && !parsed.given.some((one) => one.name === missing.name)) {
      this.put(`${text} ${missing.name}:`);
      throw new Error(`${missing.name} is required: ${described(missing)}`);
    }
    return command(channel, parsed.leaf.root, build(parsed, resolve), parsed.leaf.text);
  }
}
