// Puts the page together: who one is, which channel is open, and what moves between the parts.

import { Composer } from "./composer.js";
import { byId, fill, h, icon } from "./dom.js";
import { connect, load } from "./events.js";
import { Log } from "./log.js";
import { menu } from "./menu.js";
import { startNotices, toast } from "./notice.js";
import { startPlayground } from "./playground.js";
import { drawSides, personEntries, startSides } from "./side.js";
import { channelOf, compare, emit, isThread, me, on, state, threadsOf, unread } from "./state.js";
import { startTheme } from "./theme.js";
import { startClock } from "./time.js";

const place = new URLSearchParams(location.hash.slice(1));
state.me = place.get("as");
state.channel = place.get("channel");
state.thread = place.get("thread");

const switchPerson = (anchor) => menu(anchor, "You are", personEntries());
const chat = panel(byId("chat"), () => state.channel, "line");
const threadHead = h("header", { class: "thread-head" });
byId("thread").append(threadHead);
const side = panel(byId("thread"), () => state.thread, "thread-line");

function panel(root, where, id) {
  const log = new Log(root, where);
  const composer = new Composer(root, where, { id, switchPerson });
  return { log, composer };
}

/** Keeps the address in step, so that a reload or a second tab opens the same place. */
function keepPlace() {
  const parts = { as: state.me, channel: state.channel, thread: state.thread };
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value));
  window.history.replaceState(null, "", `#${query}`);
}

function go(id, message) {
  const channel = channelOf(id);
  if (!channel) return;
  if (isThread(channel)) {
    state.thread = id;
    if (channel.parent_id && channelOf(channel.parent_id)) state.channel = channel.parent_id;
  } else {
    state.channel = id;
    if (!threadsOf(id).some((one) => one.id === state.thread)) state.thread = null;
  }
  drawer(false);
  arrange();
  if (message) (isThread(channel) ? side : chat).log.jumpTo(message);
}

/** Shows the open channel and thread. */
function arrange() {
  const known = (id) => (channelOf(id) ? id : null);
  const first = state.world.channels.find((one) => !isThread(one) && (one.type ?? 0) !== 4);
  state.channel = known(state.channel) ?? first?.id ?? null;
  state.thread = known(state.thread);
  keepPlace();
  chat.log.open();
  chat.composer.open();
  const thread = channelOf(state.thread);
  byId("thread").hidden = !thread;
  document.body.classList.toggle("with-thread", Boolean(thread));
  if (thread) {
    const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close the thread" }, icon("close"));
    close.addEventListener("click", closeThread);
    fill(threadHead, icon("thread"), h("h2", {}, thread.name), h("span", { class: "grow" }), close);
    side.log.open();
    side.composer.open();
  }
  emit("place");
}

function closeThread() {
  state.thread = null;
  arrange();
  chat.composer.line.focus();
}

async function become(id) {
  if (id === state.me) return;
  state.me = id;
  state.mentions.delete(id);
  state.messages = new Map();
  keepPlace();
  emit("people");
  try {
    await load();
  } catch (error) {
    toast(error.message, "error");
  }
  if (state.me !== id) return;
  connect();
  arrange();
}

/** A hint: become its person, which is said with the way back, and put its line into the command line. */
async function tryLine({ as, line }) {
  drawer(false);
  const before = me();
  if (as && as !== state.me) {
    await become(as);
    const name = (one) => one?.display_name ?? one?.username ?? "";
    const back = before && { label: `Be ${name(before)} again`, act: () => become(before.id) };
    toast(`You are ${name(me())} now: this line is theirs.`, "info", back);
  }
  chat.composer.put(line);
}

/** The caret goes back to where people type; on a phone that would bring up the keyboard. */
function compose(place) {
  if (innerWidth <= 760) return;
  (place && place === state.thread ? side : chat).composer.line.focus();
}

function drawer(open) {
  document.body.classList.toggle("side-open", open);
  byId("scrim").hidden = !open;
  byId("open-side").setAttribute("aria-expanded", String(open));
}

function startChrome() {
  fill(byId("open-side"), icon("menu"));
  fill(byId("toggle-members"), icon("people"));
  byId("open-side").addEventListener("click", () => drawer(!document.body.classList.contains("side-open")));
  byId("scrim").addEventListener("click", () => {
    drawer(false);
    members(false);
  });
  byId("toggle-members").addEventListener("click", () => members(byId("members").hidden));
  const roomy = matchMedia("(min-width: 1001px)");
  roomy.addEventListener("change", () => members(roomy.matches)); // on a narrow window it would cover the messages
  members(roomy.matches);
  byId("break").prepend(icon("bolt", 16));
}

function members(open) {
  byId("members").hidden = !open;
  byId("toggle-members").setAttribute("aria-expanded", String(open));
  byId("scrim").hidden = !(open && innerWidth <= 760);
}

/** Keys that work anywhere: Alt+1..9 persons, Alt+arrows channels, Escape closes a drawer, typing goes to the line. */
function onKey(event) {
  if (document.querySelector("dialog[open]") || !state.world) return;
  if (event.altKey && /^[1-9]$/.test(event.key)) {
    const one = state.world.me_options[Number(event.key) - 1];
    if (one) become(one.id);
    event.preventDefault();
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    stepChannel(event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  } else if (event.key === "Escape") {
    drawer(false);
    if (innerWidth <= 760) members(false);
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const free = document.activeElement === document.body || document.activeElement?.classList.contains("scroller");
    if (free && event.key !== " ") chat.composer.line.focus();
  }
}

function stepChannel(step) {
  const list = state.world.channels.filter((one) => !isThread(one) && (one.type ?? 0) !== 4);
  const at = list.findIndex((one) => one.id === state.channel);
  go(list[(at + step + list.length) % list.length].id);
}

/** After a reload of the world (restart of the server, new channel) the open place may be gone. */
function onWorld() {
  if (!channelOf(state.channel) || (state.thread && !channelOf(state.thread))) return arrange();
  chat.log.update();
  if (state.thread) side.log.update();
}

async function start() {
  startTheme();
  startNotices();
  startSides();
  startChrome();
  startClock();
  on("go", go);
  on("become", become);
  on("try", tryLine);
  on("compose", compose);
  document.addEventListener("keydown", onKey);
  for (;;) {
    try {
      await load();
      break;
    } catch {
      state.link = "lost";
      emit("link");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  connect();
  if (!channelOf(state.channel)) state.channel = mostUrgent();
  arrange();
  drawSides();
  on("world", onWorld);
  startPlayground();
  if (innerWidth > 760) chat.composer.line.focus();
}

/** The first channel: the one with a message for me, else the first of the list. */
function mostUrgent() {
  const open = state.world.channels.filter((one) => !isThread(one) && (one.type ?? 0) !== 4);
  const calling = open.filter((one) => unread(one.id).calls > 0).sort((a, b) => compare(a.id, b.id));
  return (calling[0] ?? open[0])?.id ?? null;
}

start();
