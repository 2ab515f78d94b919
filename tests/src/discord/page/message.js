// One message as a list item.

import { avatar, colored, h, icon } from "./dom.js";
import { attachments } from "./attachment.js";
import { components } from "./component.js";
import { embed } from "./embed.js";
import { parse, plain } from "./markdown.js";
import { text } from "./text.js";
import { clock, exact, stamp } from "./time.js";
import { calls, isThread, me, messagesOf, nameColor, state, threadsOf, userOf } from "./state.js";

const EPHEMERAL = 64;
const LOADING = 128;

/** Whether a message continues the one above it: same author within seven minutes, nothing on top. */
export function continues(message, above) {
  if (!above || above.author?.id !== message.author?.id || usedCommand(message) || message.message_reference) return false;
  if ((above.flags & EPHEMERAL) !== (message.flags & EPHEMERAL)) return false;
  return new Date(message.timestamp) - new Date(above.timestamp) < 7 * 60_000;
}

/** The command behind a message: of the interaction itself, or of the one that opened the form. Buttons have none. */
function usedCommand({ interaction_metadata: meta, interaction }) {
  if (!meta) return interaction?.name;
  if (meta.type === 3) return undefined;
  return meta.type === 5 ? meta.triggering_interaction_metadata?.name : meta.name;
}

export function messageNode(message, { compact }) {
  const ephemeral = Boolean(message.flags & EPHEMERAL);
  const classes = ["message", compact && "compact", ephemeral && "ephemeral", calls(message, me()) && "calls"].filter(Boolean);
  return h(
    "li",
    { class: classes.join(" "), data: { key: `m:${message.id}`, id: message.id } },
    usedCommand(message) ? commandLine(message) : message.message_reference?.message_id && replyLine(message),
    h("div", { class: "gutter" }, compact ? h("time", { class: "hover-time", title: exact(message.timestamp) }, clock(message.timestamp)) : avatar(author(message))),
    h("div", { class: "content" }, !compact && head(message), body(message), ephemeral && privateNote(message), threadLink(message)),
  );
}

const author = (message) => ({ ...message.author, ...definedName(userOf(message.author?.id)) });
const definedName = (user) => (user ? { display_name: user.display_name ?? user.username } : {});

function name(user) {
  const node = h("span", { class: "name" }, user.display_name ?? user.global_name ?? user.username ?? "someone");
  colored(node, nameColor(user.id));
  return node;
}

function head(message) {
  const user = author(message);
  const tag = user.bot ? h("span", { class: "tag" }, "APP") : null;
  return h("div", { class: "head" }, name(user), tag, h("time", { class: "stamp", datetime: message.timestamp, title: exact(message.timestamp) }, stamp(message.timestamp)));
}

function body(message) {
  if (message.flags & LOADING) {
    const who = author(message).display_name ?? "The bot";
    return h("div", { class: "thinking", role: "status" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), ` ${who} is thinking...`);
  }
  const edited = message.edited_timestamp ? h("span", { class: "edited", title: exact(message.edited_timestamp) }, "(edited)") : null;
  return [
    message.content ? h("div", { class: "md" }, text(message.content), edited && [" ", edited]) : null,
    (message.embeds ?? []).map((one) => embed(message, one)),
    attachments(message),
    components(message),
    message.content ? null : edited,
  ];
}

/** "operator used /ceo scale" above an answer. */
function commandLine(message) {
  const meta = message.interaction_metadata ?? message.interaction;
  const user = { ...meta.user, ...definedName(userOf(meta.user?.id)) };
  return h("div", { class: "above" }, h("span", { class: "hook", "aria-hidden": "true" }), avatar(user, "tiny"), name(user), " used ", h("span", { class: "mention" }, `/${usedCommand(message)}`));
}

function replyLine(message) {
  const { message_id: id, channel_id: channel } = message.message_reference;
  const target = messagesOf(channel ?? message.channel_id).get(id) ?? message.referenced_message;
  const hook = h("span", { class: "hook", "aria-hidden": "true" });
  if (!target) return h("div", { class: "above" }, hook, icon("reply", 14), h("em", {}, "a message that is not here any more"));
  const excerpt = target.embeds?.[0]?.title || target.content || target.embeds?.[0]?.description || "a message";
  const user = author(target);
  const jump = h("button", { type: "button", class: "excerpt", data: { action: "jump", id }, "aria-label": "Go to the message that this one answers" }, plain(parse(excerpt, { inline: true })).slice(0, 120));
  return h("div", { class: "above" }, hook, avatar(user, "tiny"), name(user), jump);
}

function privateNote() {
  return h("div", { class: "private" }, icon("eye", 14), "Only you can see this • ", h("button", { type: "button", class: "text-button", data: { action: "dismiss" } }, "Dismiss message"));
}

/** A thread that hangs on this message: Discord gives both the same id. */
function threadLink(message) {
  const thread = message.thread ?? threadsOf(message.channel_id).find((one) => one.id === message.id);
  if (!thread || !isThread({ type: thread.type ?? 11 })) return null;
  const count = state.messages.get(thread.id)?.size ?? thread.message_count;
  return h("button", { type: "button", class: "thread-card", data: { action: "thread", id: thread.id } }, icon("thread", 16), h("strong", {}, thread.name ?? "Thread"), count ? h("span", {}, `${count} message${count === 1 ? "" : "s"} ›`) : "›");
}

/** A command on its way: no message exists yet, or none ever came. */
export function askedNode(entry) {
  const user = me();
  const failed = entry.state === "failed";
  return h(
    "li",
    { class: `message ephemeral asked ${failed ? "failed" : ""}`, data: { key: `a:${entry.id}`, asked: entry.id } },
    h("div", { class: "above" }, h("span", { class: "hook", "aria-hidden": "true" }), avatar(user, "tiny"), name(user), " used ", h("span", { class: "mention" }, entry.title)),
    h("div", { class: "gutter" }, avatar({ ...state.world?.bot, bot: true })),
    h(
      "div",
      { class: "content" },
      h("div", { class: "head" }, name({ ...state.world?.bot }), h("span", { class: "tag" }, "APP")),
      failed
        ? [h("div", { class: "failure", role: "alert" }, icon("warn", 14), entry.error), privateNote()]
        : h("div", { class: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), " Sending command..."),
    ),
  );
}
