// Modals: the forms that a bot opens. The browser's own dialog keeps the focus inside.

import { byId, fill, h, icon } from "./dom.js";
import { state } from "./state.js";

const PARAGRAPH = 2;

/** Opens a form; `submit(fields)` resolves when the bot took it and rejects with the text to show. Focus returns to `opener`. */
export function openModal(modal, opener, submit) {
  const inputs = [];
  const rows = (modal.components ?? []).map((row) => field(row, inputs)).filter(Boolean);
  const error = h("p", { class: "form-error", role: "alert", hidden: true });
  const cancel = h("button", { type: "button", class: "text-button" }, "Cancel");
  const send = h("button", { type: "submit", class: "button primary" }, "Submit");
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  const form = h("form", { novalidate: true }, h("header", {}, h("h2", { id: "modal-title" }, modal.title ?? ""), close), note(), h("div", { class: "form-rows" }, error, rows), h("footer", {}, cancel, send));
  const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" }, form);
  for (const one of [cancel, close]) one.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (!opener?.isConnected) return;
    opener.blur(); // closing gave the focus back, yet the caret stayed in the form that is gone: typing would do nothing
    opener.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = inputs.filter((one) => !check(one));
    if (wrong.length) return wrong[0].control.focus();
    send.disabled = true;
    send.setAttribute("aria-busy", "true");
    error.hidden = true;
    try {
      await submit(Object.fromEntries(inputs.map((one) => [one.id, one.control.value])));
      dialog.close();
    } catch (failure) {
      fill(error, `Something went wrong: ${failure.message}. Your text is still here.`);
      error.hidden = false;
    } finally {
      send.disabled = false;
      send.removeAttribute("aria-busy");
    }
  });
  byId("app").append(dialog);
  dialog.showModal();
  inputs[0]?.control.focus();
}

function note() {
  return h("p", { class: "form-note" }, `This form goes to ${state.world?.bot?.username ?? "the bot"}.`);
}

/** One text input: from an action row, or from a label around it. */
function field(row, inputs) {
  const spec = row.type === 18 ? { label: row.label, hint: row.description, ...row.component } : row.components?.[0];
  if (!spec || spec.type !== 4) return null;
  const id = `field-${inputs.length}`;
  const required = spec.required !== false;
  const limit = spec.max_length ?? 4000;
  const described = `${id}-error ${id}-count`;
  const shared = { id, name: spec.custom_id, placeholder: spec.placeholder, maxlength: limit, "aria-required": String(required), "aria-describedby": described, autocomplete: "off", spellcheck: "false" };
  const control = spec.style === PARAGRAPH ? h("textarea", { ...shared, rows: 5 }) : h("input", { ...shared, type: "text" });
  control.value = spec.value ?? "";
  const problem = h("span", { class: "field-error", id: `${id}-error` });
  const count = h("span", { class: "field-count", id: `${id}-count` });
  const entry = { id: spec.custom_id, spec, required, control, problem };
  const refresh = () => fill(count, spec.min_length || spec.max_length ? `${[...control.value].length} / ${limit}` : "");
  control.addEventListener("input", () => {
    refresh();
    if (control.getAttribute("aria-invalid")) check(entry);
  });
  refresh();
  inputs.push(entry);
  const label = h("label", { for: id }, spec.label ?? "", required ? h("span", { class: "required" }, " *") : h("span", { class: "optional" }, " (optional)"));
  return h("div", { class: "form-row" }, label, spec.hint && h("small", {}, spec.hint), control, h("div", { class: "field-foot" }, problem, count));
}

function check({ spec, required, control, problem }) {
  const length = [...control.value].length;
  let text = "";
  if (required && control.value.trim() === "") text = "This field is required.";
  else if (length > 0 && spec.min_length && length < spec.min_length) text = `At least ${spec.min_length} characters, this has ${length}.`;
  else if (spec.max_length && length > spec.max_length) text = `At most ${spec.max_length} characters, this has ${length}.`;
  fill(problem, text);
  if (text) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  return text === "";
}
