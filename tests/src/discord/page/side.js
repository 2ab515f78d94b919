// The columns left and right: channels, the persons one can be, and the members.

import { post } from "./api.js";
import { avatar, byId, colored, fill, h, icon, morph } from "./dom.js";
import { toast } from "./notice.js";
import { channelOf, emit, isThread, language, me, nameColor, on, person, rolesOf, state, threadsOf, unread } from "./state.js";

/** Keeps the nodes that stay: an alert that comes in between must not swallow a click, nor take the focus. */
const redraw = (id, wanted) => morph(byId(id), wanted);

function drawChannels() {
  const channels = state.world.channels.filter((one) => !isThread(one) && (one.type ?? 0) !== 4);
  const items = channels.map((one) => [channelItem(one, state.channel), threadsOf(one.id).map((thread) => channelItem(thread, state.thread))]);
  redraw("channels", h("ul", { id: "channels" }, items));
  fill(byId("guild-name"), state.world.guild?.name ?? "playground");
}

function channelItem(one, open) {
  const { count, calls } = unread(one.id);
  const current = one.id === open;
  const label = `${one.name}${count ? `, ${count} unread` : ""}${calls ? `, ${calls} for you` : ""}`;
  return h("li", {}, h(
    "button",
    { type: "button", class: `channel ${isThread(one) ? "is-thread" : ""} ${count && !current ? "unread" : ""}`, "aria-current": current ? "page" : null, "aria-label": label, data: { id: one.id } },
    icon(isThread(one) ? "thread" : "hash", 18),
    h("span", { class: "channel-name" }, one.name),
    calls && !current ? h("span", { class: "badge" }, calls) : null,
  ));
}

const roleNames = (one) => rolesOf(one).map((role) => role.name).filter((name) => name !== "@everyone").join(", ");

function drawPersons() {
  const people = state.world.me_options;
  const buttons = people.map((one, index) => {
    const chosen = one.id === state.me;
    const called = state.mentions.get(one.id)?.length ?? 0;
    const roles = roleNames(one);
    const name = h("strong", {}, one.display_name ?? one.username);
    colored(name, nameColor(one.id));
    return h(
      "button",
      { type: "button", role: "radio", "aria-checked": String(chosen), tabindex: chosen ? 0 : -1, class: "person", data: { id: one.id }, title: `Alt+${index + 1}` },
      avatar(one, "small"),
      h("span", { class: "person-names" }, name, roles && h("small", {}, roles)),
      called ? h("span", { class: "badge", "aria-label": `${called} mentions` }, called) : null,
    );
  });
  const keep = byId("persons").contains(document.activeElement);
  redraw("persons", h("div", { id: "persons", role: "radiogroup", "aria-labelledby": "people-title" }, buttons));
  if (keep) byId("persons").querySelector("[aria-checked=true]")?.focus();
  byId("language").value = language();
}

/** Answers that this person alone sees come in this language from now on. */
async function switchLanguage({ target }) {
  const chosen = target.value;
  try {
    await post("/api/locale", { as: state.me, locale: chosen });
    me().locale = chosen;
  } catch (error) {
    toast(error.message, "error");
    target.value = language();
  }
}

/** Arrow keys inside the group of persons, as in any group of radio buttons. */
function personKeys(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = state.world.me_options;
  const at = all.findIndex((one) => one.id === state.me);
  emit("become", all[(at + step + all.length) % all.length].id);
}

function drawMembers() {
  const bot = { ...state.world.bot, bot: true };
  const groups = new Map();
  for (const one of state.world.members) {
    const title = rolesOf(one).find((role) => role.color || role.hoist)?.name ?? rolesOf(one).find((role) => role.name !== "@everyone")?.name ?? "members";
    groups.set(title, [...(groups.get(title) ?? []), one]);
  }
  const sections = [...groups].map(([title, people]) => group(title, people, true));
  fill(byId("members"), sections, group("app", [bot], state.online));
}

function group(title, people, online) {
  const items = people.map((one) => {
    const name = h("span", { class: "name" }, one.display_name ?? one.username);
    colored(name, nameColor(one.id));
    return h("li", { class: `member ${online ? "" : "offline"}` }, h("span", { class: "presence" }, avatar(one, "small")), name, one.bot && h("span", { class: "tag" }, "APP"), h("span", { class: "sr" }, online ? "online" : "offline"));
  });
  return [h("h2", { class: "side-title" }, `${title} — ${people.length}`), h("ul", {}, items)];
}

function drawTop() {
  const channel = channelOf(state.channel);
  fill(byId("channel-name"), icon("hash", 22), channel?.name ?? "");
  fill(byId("topic"), channel?.topic ?? "");
  const calls = state.world.channels.reduce((sum, one) => sum + unread(one.id).calls, 0);
  document.title = `${calls ? `(${calls}) ` : ""}#${channel?.name ?? ""} as ${me()?.username ?? ""} · ${state.world.bot?.username ?? "ceo"} playground`;
}

export function drawSides() {
  if (!state.world) return;
  drawChannels();
  drawPersons();
  drawMembers();
  drawTop();
}

export function startSides() {
  byId("persons").addEventListener("keydown", personKeys);
  byId("language").addEventListener("change", switchLanguage);
  for (const [id, topic] of [["persons", "become"], ["channels", "go"]]) {
    byId(id).addEventListener("click", ({ target }) => {
      const button = target.closest("[data-id]");
      if (button) emit(topic, button.dataset.id);
    });
  }
  on("world", drawSides);
  on("bot", drawMembers);
  on("people", drawPersons);
  on("unread", () => {
    drawChannels();
    drawTop();
  });
  on("place", () => {
    drawChannels();
    drawTop();
  });
}

/** Entries for the menu of persons beside the command line. */
export function personEntries() {
  return state.world.me_options.map((one) => ({
    id: one.id,
    label: one.display_name ?? one.username,
    description: roleNames(one),
    checked: one.id === state.me,
    mark: avatar(person(one.id), "small"),
    act: () => emit("become", one.id),
  }));
}
