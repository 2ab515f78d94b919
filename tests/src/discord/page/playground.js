// What the playground adds to the chat: things to break and lines to try. A server without these routes shows neither.

import { get, post } from "./api.js";
import { avatar, byId, fill, h } from "./dom.js";
import { menu } from "./menu.js";
import { toast } from "./notice.js";
import { emit, on, state } from "./state.js";

async function loadMenu() {
  const button = byId("break");
  const entries = await get("/api/menu").catch(() => null);
  if (!Array.isArray(entries) || entries.length === 0) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    menu(button, "Break things", entries.map((one) => ({ id: one.id, group: one.group, label: one.label, description: one.description, act: () => run(one) })));
  });
}

async function run({ id, label }) {
  try {
    const answer = await post(`/api/menu/${encodeURIComponent(id)}`);
    toast(answer?.said ?? `Done: ${label}`);
    emit("compose");
  } catch (error) {
    toast(`${label}: ${error.message}`, "error");
  }
}

async function loadHints() {
  const hints = await get("/api/hints").catch(() => null);
  if (!Array.isArray(hints) || hints.length === 0) return;
  const whose = (as) => state.world.me_options.find((one) => one.id === as || one.username === as || one.display_name === as);
  const items = hints.map((hint) => {
    const who = whose(hint.as);
    const button = h("button", { type: "button", class: "hint" }, h("span", { class: "hint-head" }, who && avatar(who, "tiny"), h("code", {}, hint.line)), h("small", {}, who && who.id !== state.me ? `As ${who.display_name ?? who.username}: ${hint.text}` : hint.text));
    button.addEventListener("click", () => emit("try", { as: who?.id, line: hint.line }));
    return h("li", {}, button);
  });
  fill(byId("hint-list"), items);
  if (byId("hints").hidden) byId("hints").open = innerHeight > 620 || innerWidth < 760;
  byId("hints").hidden = false;
}

/** Asks for both; needs the world for the names of persons. Hints follow the commands that the bot has. */
export function startPlayground() {
  loadMenu();
  loadHints();
  let known = JSON.stringify(state.world.commands);
  on("people", loadHints);
  on("world", () => {
    const now = JSON.stringify(state.world.commands);
    if (now === known) return;
    known = now;
    loadHints();
  });
}
