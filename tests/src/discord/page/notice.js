// Short notices: toasts at the edge, banners on top for what lasts.

import { byId, fill, h, icon } from "./dom.js";
import { on, state } from "./state.js";

/** Shows a line for a few seconds; errors stay longer and are announced at once. */
export function toast(text, kind = "info") {
  const close = h("button", { type: "button", class: "icon-button small", "aria-label": "Close" }, icon("close", 14));
  const node = h("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : null }, h("span", {}, text), close);
  close.addEventListener("click", () => node.remove());
  byId("toasts").append(node);
  setTimeout(() => node.remove(), kind === "error" ? 10_000 : 4000);
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
}
