// What the page knows, and who wants to hear when it changes.

export const state = {
  world: null, // the answer of GET /api/world
  me: null, // id of the person who acts
  channel: null, // id of the open channel
  thread: null, // id of the thread in the side panel
  online: true, // the bot's gateway connection
  link: "connecting", // connecting | live | lost: the page's own connection to the playground
  messages: new Map(), // channel id -> Map of message id -> message
  asked: new Map(), // interaction id -> { id, channel, title, state, error, at }: commands without a visible answer
  busy: new Map(), // "message:custom_id" -> { id, error }: pressed components
  typing: new Map(), // channel id -> when it ends, ms
  mentions: new Map(), // person id -> messages that call them and that they have not seen
};

const listeners = new Map();

/** Calls `listener` at each `emit(topic)`. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}

export function emit(topic, ...details) {
  for (const listener of listeners.get(topic) ?? []) listener(...details);
}

/** Snowflakes are decimal numbers beyond 2^53: the longer is the newer, then the greater text. */
export const compare = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

export const person = (id) => state.world?.members.find((one) => one.id === id);
export const me = () => person(state.me);
/** The language of the client of the person who acts. */
export const language = () => me()?.locale ?? "en-US";
export const channelOf = (id) => state.world?.channels.find((one) => one.id === id);
export const roleOf = (id) => allRoles().find((role) => role.id === id);
export const isThread = (channel) => [10, 11, 12].includes(channel?.type);
export const threadsOf = (parent) => (state.world?.channels ?? []).filter((one) => isThread(one) && one.parent_id === parent);

function allRoles() {
  const world = state.world;
  return world ? [...(world.roles ?? []), ...world.me_options.flatMap((one) => one.roles ?? [])] : [];
}

/** A person's roles as objects, whether the server sent objects or ids. */
export function rolesOf(one) {
  return (one?.roles ?? []).map((role) => (typeof role === "object" ? role : roleOf(role))).filter(Boolean);
}

/** A user by id: a person, the bot, or what a message said about its author. */
export function userOf(id) {
  if (state.world?.bot?.id === id) return { ...state.world.bot, bot: true };
  return person(id);
}

/** The colour of a user's name: that of the first role that has one. */
export function nameColor(id) {
  return hex(rolesOf(person(id)).find((role) => role.color)?.color);
}

/** A colour of Discord as CSS writes it; none is "". */
export const hex = (color) => (color ? `#${(color & 0xffffff).toString(16).padStart(6, "0")}` : "");

export function messagesOf(channel) {
  if (!state.messages.has(channel)) state.messages.set(channel, new Map());
  return state.messages.get(channel);
}

/** A channel's messages, oldest first, without the ephemeral ones that were dismissed. */
export function sorted(channel) {
  return [...messagesOf(channel).values()].filter((one) => !dismissed().has(one.id)).sort((a, b) => compare(a.id, b.id));
}

// What outlives a reload: ephemeral messages that were dismissed, drafts, the last message read.
const memory = new Map();

function stored(area, key, fallback) {
  const name = `ceo:${key}`;
  if (!memory.has(name)) {
    let value = fallback;
    try {
      value = JSON.parse(area.getItem(name)) ?? fallback;
    } catch {
      // a blocked or broken storage only forgets
    }
    memory.set(name, value);
  }
  return memory.get(name);
}

function keep(area, key, value) {
  memory.set(`ceo:${key}`, value);
  try {
    area.setItem(`ceo:${key}`, JSON.stringify(value));
  } catch {
    // a full or blocked storage only forgets
  }
}

export const dismissed = () => new Set(stored(sessionStorage, "dismissed", []));
export function dismiss(id) {
  keep(sessionStorage, "dismissed", [...dismissed(), id].slice(-500));
}
export const draft = (channel) => stored(sessionStorage, `draft:${state.me}:${channel}`, "");
export const keepDraft = (channel, text) => keep(sessionStorage, `draft:${state.me}:${channel}`, text);
export const history = () => stored(localStorage, "history", []);
export function remember(line) {
  keep(localStorage, "history", [...history().filter((one) => one !== line), line].slice(-100));
}
export const lastRead = (channel) => stored(localStorage, `read:${state.me}:${channel}`, "0");
export function markRead(channel) {
  const newest = sorted(channel).at(-1)?.id;
  if (!newest || compare(newest, lastRead(channel)) <= 0) return;
  keep(localStorage, `read:${state.me}:${channel}`, newest);
  emit("unread");
}

/** How many messages of a channel this person has not seen, and how many of them call this person. */
export function unread(channel) {
  const since = lastRead(channel);
  const fresh = sorted(channel).filter((one) => compare(one.id, since) > 0 && one.author?.id !== state.me);
  return { count: fresh.length, calls: fresh.filter((one) => calls(one, me())).length };
}

/** Whether a message mentions a person by name or by role. Only the content of a message rings, as on Discord. */
export function calls(message, who) {
  if (!who || message.author?.id === who.id) return false;
  const content = message.content ?? "";
  const users = Array.isArray(message.mentions) ? message.mentions.map((one) => one.id ?? one) : ids(content, /<@!?(\d+)>/g);
  const roles = Array.isArray(message.mention_roles) ? message.mention_roles : ids(content, /<@&(\d+)>/g);
  return users.includes(who.id) || rolesOf(who).some((role) => roles.includes(role.id));
}

const ids = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
