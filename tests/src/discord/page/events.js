// Server-sent events: keeps the state up to date, survives a restart of the server, tells when the line is down.

import { get } from "./api.js";
import { calls, compare, emit, messagesOf, state } from "./state.js";
import { onInteraction } from "./interactions.js";

let source = null;
let retry = null;
let wait = 500; // ms until the next attempt; doubles up to 5 s
let loads = 0; // begun so far
let meanwhile = null; // what came while a load was under way: newer than what the load brings, so said again after it

/** Loads the world and every channel that this person sees. Throws what `get` throws. */
export async function load() {
  const mine = [];
  meanwhile = mine;
  loads += 1;
  const world = offer(await get("/api/world"));
  if (!world.me_options.some((one) => one.id === state.me)) state.me = world.me_options[0]?.id ?? null;
  const asker = state.me;
  const lists = await Promise.all(world.channels.map((channel) => fetchChannel(channel.id, asker)));
  if (state.me !== asker || meanwhile !== mine) return; // a newer load is under way and wins
  state.world = world;
  state.online = world.bot?.online ?? state.online;
  const seen = lists.filter(([, list]) => list);
  state.messages = new Map(seen);
  world.channels = world.channels.filter((channel) => state.messages.has(channel.id));
  meanwhile = null;
  for (const apply of mine) apply();
  emit("world");
}

/** One can be those who have a role; the guild's owner, who has none, is a member like others and no part to play. */
function offer(world) {
  const cast = world.me_options.filter((one) => one.roles?.length);
  return { ...world, members: world.me_options, me_options: cast.length ? cast : world.me_options };
}

/** A channel's messages by id; null for a channel that this person may not see. */
async function fetchChannel(id, asker) {
  const list = await get(`/api/channels/${encodeURIComponent(id)}/messages?as=${encodeURIComponent(asker)}&limit=100`).catch((error) => {
    if (error.status === 403 || error.status === 404) return null;
    throw error;
  });
  return [id, list && new Map(list.map((message) => [message.id, message]))];
}

/** Listens as the present person. Calling it again starts over. */
export function connect() {
  clearTimeout(retry);
  source?.close();
  const mine = new EventSource(`/api/events?as=${encodeURIComponent(state.me)}`);
  source = mine;
  mine.addEventListener("open", () => {
    wait = 500;
    setLink("live");
    resync(); // what happened between the first load, or the loss of the line, and now
  });
  mine.addEventListener("error", () => {
    if (source !== mine) return;
    setLink("lost");
    if (mine.readyState !== EventSource.CLOSED) return; // the browser tries again by itself, with Last-Event-ID
    clearTimeout(retry);
    retry = setTimeout(connect, wait);
    wait = Math.min(wait * 2, 5000);
  });
  for (const [name, handle] of Object.entries(HANDLERS)) {
    mine.addEventListener(name, (event) => {
      if (source !== mine) return;
      handle(parse(event.data));
    });
  }
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function setLink(link) {
  if (state.link === link) return;
  state.link = link;
  emit("link");
}

function resync() {
  load().catch(() => {
    clearTimeout(retry);
    retry = setTimeout(resync, wait);
  });
}

/** Applies a change, and again when a load that is under way ends. */
function change(apply) {
  apply();
  meanwhile?.push(apply);
}

const HANDLERS = {
  message({ channel_id: channel, message }) {
    if (!message?.id) return;
    const isNew = !messagesOf(channel).has(message.id);
    change(() => messagesOf(channel).set(message.id, message));
    const asked = message.interaction_metadata?.id;
    if (asked && state.asked.delete(asked)) emit("asked");
    if (message.author?.bot) state.typing.delete(channel);
    if (isNew) countCalls(message);
    emit("messages", channel);
    if (isNew) {
      emit("unread");
      emit("arrived", channel, message);
    }
  },
  message_delete({ channel_id: channel, id }) {
    change(() => messagesOf(channel).delete(id));
    emit("messages", channel);
    emit("unread");
  },
  interaction: onInteraction,
  commands: refresh,
  channel: refresh,
  bot({ online }) {
    change(() => (state.online = online === true));
    emit("bot");
  },
  typing({ channel_id: channel }) {
    state.typing.set(channel, Date.now() + 10_000);
    emit("typing", channel);
    setTimeout(() => emit("typing", channel), 10_050);
  },
  reset: resync,
};

let refreshing = null;
function refresh() {
  if (meanwhile) return void meanwhile.push(refresh); // the load asked for its world before this was so
  clearTimeout(refreshing);
  const mine = setTimeout(async () => {
    const before = loads;
    try {
      const world = offer(await get("/api/world"));
      const fresh = world.channels.filter((channel) => !state.messages.has(channel.id));
      const lists = await Promise.all(fresh.map((channel) => fetchChannel(channel.id, state.me)));
      if (refreshing !== mine || loads !== before) return; // something newer is on its way
      for (const [id, list] of lists) if (list) state.messages.set(id, list);
      world.channels = world.channels.filter((channel) => state.messages.has(channel.id));
      state.world = world;
      emit("world");
    } catch {
      // the next event or the reconnect brings it
    }
  }, 50);
  refreshing = mine;
}

/** A public message that calls another person of the playground puts a number on that person's button. */
function countCalls(message) {
  if (message.flags & 64) return;
  for (const one of state.world?.me_options ?? []) {
    if (one.id === state.me || !calls(message, one)) continue;
    const list = state.mentions.get(one.id) ?? [];
    state.mentions.set(one.id, [...list, message.id].sort(compare));
    emit("people");
  }
}
