// Short notices: toasts at the edge, banners on top for what lasts.

import { byId, fill, h, icon } from "./dom.js";
import { channelOf, emit, on, state } from "./state.js";

/** Shows a line for a few seconds; errors stay longer and are announced at once. `way` is a button: `{ label, act, place }`; the
 * notice has done its work once the channel `place` is open. */
export function toast(text, kind = "info", way = null) {
  const close = h("button", { type: "button", class: "icon-button small", "aria-label": "Close" }, icon("close", 14));
  const node = h("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : null }, h("span", {}, text), way && leads(way, () => node.remove()), close);
  close.addEventListener("click", () => node.remove());
  byId("toasts").append(node);
  if (way?.place) node.dataset.place = way.place;
  setTimeout(() => node.remove(), kind === "error" || way ? 10_000 : 4000);
}

function leads({ label, act }, done) {
  const button = h("button", { type: "button", class: "text-button toast-way" }, label);
  button.addEventListener("click", () => {
    done();
    act();
  });
  return button;
}

/** What the bot posts where nobody looks is told with a way there. */
function onArrival(channel, message) {
  const place = channelOf(channel);
  const open = [state.channel, state.thread].includes(channel);
  if (!place || open || !message.author?.bot || message.flags & 64) return;
  const title = message.embeds?.[0]?.title ?? message.content ?? "";
  const said = [...title.replace(/[*`]/g, "")].slice(0, 90).join("");
  toast(`New in #${place.name}: ${said}`, "info", { label: "Go there", act: () => emit("go", channel, message.id), place: channel });
}

function drawBanners() {
  const banners = [];
  if (state.link === "lost") banners.push(banner("warn", "The playground does not answer. Reconnecting ..."));
  if (state.link !== "lost" && state.world && !state.online) {
    const name = state.world.bot?.username ?? "The bot";
    banners.push(banner("danger", `${name} is offline. Commands fail until it is back; nothing that was approved is forgotten.`));
  }
  fill(byId("banners"), banners);
}

const banner = (kind, text) => h("div", { class: `banner ${kind}` }, icon("warn", 16), h("span", {}, text));

export function startNotices() {
  for (const topic of ["link", "bot", "world"]) on(topic, drawBanners);
  on("arrived", onArrival);
  on("place", () => {
    for (const node of document.querySelectorAll(".toast[data-place]")) if ([state.channel, state.thread].includes(node.dataset.place)) node.remove();
  });
}
