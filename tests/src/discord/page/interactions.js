// Interactions that this page has sent, from the POST to the answer.

import { post } from "./api.js";
import { emit, state } from "./state.js";
import { openModal } from "./modal.js";
import { toast } from "./notice.js";

const SILENCE = 10_000; // ms after which a command whose fate is unknown counts as unanswered
const NO_ANSWER = "The application did not respond";
const sent = new Map(); // interaction id -> { kind, settle(state, error) , opener }
const early = new Map(); // events that overtook the answer of their own POST

async function send(body, entry) {
  const asker = state.me;
  const { id } = await post("/api/interactions", { as: asker, ...body });
  sent.set(id, { ...entry, id, asker, channel: body.channel_id });
  setTimeout(() => sent.delete(id), 15 * 60_000);
  entry.begin?.(id);
  for (const event of early.get(id) ?? []) onInteraction(event);
  early.delete(id);
  return id;
}

/** An `interaction` event of the server. */
export function onInteraction(event) {
  const entry = sent.get(event.id);
  if (!entry) {
    early.set(event.id, [...(early.get(event.id) ?? []), event]);
    setTimeout(() => early.delete(event.id), SILENCE);
    return;
  }
  if (event.state === "sent") return;
  if (event.state === "modal" && event.modal && entry.asker === state.me) {
    openModal(event.modal, entry.opener, (fields) => submit(event, entry, fields));
  }
  entry.settle?.(event.state, event.state === "failed" ? (event.error ?? NO_ANSWER) : null);
}

/** Sends a slash command; `title` is what the waiting line shows. Throws when the server refuses it. */
export async function command(channel, name, options, title) {
  const opener = document.activeElement;
  const done = (id, outcome, error) => {
    const entry = state.asked.get(id);
    if (!entry) return;
    clearTimeout(entry.timer);
    if (outcome === "failed") Object.assign(entry, { state: "failed", error });
    else state.asked.delete(id);
    emit("asked");
  };
  const entry = { kind: "command", opener };
  entry.begin = (id) => {
    const timer = setTimeout(() => done(id, "failed", NO_ANSWER), SILENCE);
    state.asked.set(id, { id, channel, title, me: state.me, state: "sending", at: Date.now(), timer });
    entry.settle = (outcome, error) => done(id, outcome, error);
    sent.get(id).settle = entry.settle;
    emit("asked");
  };
  return send({ channel_id: channel, kind: "command", command: name, options }, entry);
}

/** Presses a button or picks the values of a select. What fails is shown under the message. */
export async function component(message, customId, values) {
  const key = `${message.id}:${customId}`;
  if (state.busy.get(key)?.id) return;
  const show = (value) => {
    if (value) state.busy.set(key, value);
    else state.busy.delete(key);
    emit("messages", message.channel_id);
  };
  show({ id: "sending" });
  const timer = setTimeout(() => show({ error: NO_ANSWER }), SILENCE);
  const settle = (_, error) => {
    clearTimeout(timer);
    show(error ? { error } : null);
  };
  const body = { channel_id: message.channel_id, message_id: message.id, custom_id: customId };
  try {
    await send(values ? { ...body, kind: "select", values } : { ...body, kind: "button" }, {
      kind: "component",
      opener: document.activeElement,
      settle,
    });
  } catch (error) {
    settle("failed", error.message);
  }
}

/** Sends a modal's fields; resolves when the bot took them, rejects with what to show in the dialog. */
function submit(event, entry, fields) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(NO_ANSWER)), SILENCE);
    const settle = (_, error) => {
      clearTimeout(timer);
      if (error) reject(new Error(error));
      else resolve();
    };
    const body = { kind: "modal", interaction_id: event.id, custom_id: event.modal.custom_id, fields };
    send({ channel_id: entry.channel, ...body }, { kind: "modal", opener: entry.opener, settle }).catch((error) => {
      settle("failed", error.message);
    });
  });
}

/** A plain message. Throws when the server refuses it. */
export const say = (channel, content) =>
  post(`/api/channels/${encodeURIComponent(channel)}/messages`, { as: state.me, content });

export function forget(id) {
  clearTimeout(state.asked.get(id)?.timer);
  state.asked.delete(id);
  emit("asked");
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser did not allow copying", "error");
  }
}
