// Buttons and selects below a message. Clicks arrive by delegation in log.js: `data-action` says what a control does.

import { h, icon } from "./dom.js";
import { state } from "./state.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const SELECTS = { 3: "string", 5: "user", 6: "role", 7: "mentionable", 8: "channel" };

/** The rows of a message, and why the last press failed. */
export function components(message) {
  const rows = (message.components ?? []).map((row) => h("div", { class: "row" }, (row.components ?? []).map((one) => control(message, one))));
  const failed = (message.components ?? []).flatMap((row) => row.components ?? []).map((one) => state.busy.get(`${message.id}:${one.custom_id}`)?.error).find(Boolean);
  if (failed) rows.push(h("div", { class: "failure", role: "alert" }, icon("warn", 14), "This interaction failed. ", failed));
  return rows.length ? h("div", { class: "rows" }, rows) : null;
}

function control(message, one) {
  if (one.type === 2) return button(message, one);
  if (SELECTS[one.type]) return select(message, one);
  return h("span", { class: "failure" }, `component of type ${one.type}`);
}

function button(message, one) {
  const label = [one.emoji?.name, one.label].filter(Boolean).join(" ") || "button";
  if (one.style === 5) {
    const safe = /^https?:\/\//.test(one.url ?? "") && !one.disabled;
    return h("a", { class: "button secondary link", href: safe ? one.url : null, "aria-disabled": safe ? null : "true", target: "_blank", rel: "noopener noreferrer" }, label, icon("link", 14));
  }
  const busy = Boolean(state.busy.get(`${message.id}:${one.custom_id}`)?.id);
  return h(
    "button",
    {
      type: "button",
      class: `button ${STYLES[one.style] ?? "secondary"} ${busy ? "busy" : ""}`,
      disabled: one.disabled === true,
      "aria-busy": busy ? "true" : null,
      data: { action: "press", custom: one.custom_id, key: `button:${one.custom_id}` },
    },
    h("span", { class: "label" }, label),
    busy && h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
  );
}

function select(message, one) {
  const chosen = optionsOf(one).filter((option) => option.default);
  const shown = chosen.map((option) => option.label).join(", ") || one.placeholder || "Make a selection";
  const busy = Boolean(state.busy.get(`${message.id}:${one.custom_id}`)?.id);
  return h(
    "button",
    {
      type: "button",
      class: `select ${chosen.length ? "" : "empty"} ${busy ? "busy" : ""}`,
      disabled: one.disabled === true,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      data: { action: "select", custom: one.custom_id, key: `select:${one.custom_id}` },
    },
    h("span", { class: "label" }, shown),
    icon("down", 18),
  );
}

/** What a select offers: its own options, or people, roles and channels. */
export function optionsOf(one) {
  if (one.type === 3) return one.options ?? [];
  const world = state.world;
  const users = [...(world?.members ?? []), world?.bot].filter(Boolean).map((user) => ({ value: user.id, label: user.display_name ?? user.username }));
  const roles = (world?.roles ?? []).map((role) => ({ value: role.id, label: role.name }));
  const channels = (world?.channels ?? []).map((channel) => ({ value: channel.id, label: `# ${channel.name}` }));
  const offered = { 5: users, 6: roles, 7: [...users, ...roles], 8: channels }[one.type] ?? [];
  const preset = (one.default_values ?? []).map((value) => value.id);
  return offered.map((option) => ({ ...option, default: preset.includes(option.value) }));
}

/** The component of a message with this custom_id. */
export const find = (message, customId) => (message.components ?? []).flatMap((row) => row.components ?? []).find((one) => one.custom_id === customId);
