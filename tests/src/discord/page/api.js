// The playground's HTTP interface as seen from the page.

/** What the server answered when it was not 2xx, or why it could not be reached. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const PATIENCE = 15_000; // ms; the server is on this machine

async function request(method, path, body, signal) {
  const signals = [AbortSignal.timeout(PATIENCE), signal].filter(Boolean);
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.any(signals),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("The playground does not answer. Is it still running?", 0);
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // not JSON: the text itself is the message below
  }
  if (!response.ok) throw new ApiError(answer?.error ?? (text.slice(0, 300) || `${method} ${path}: ${response.status}`), response.status);
  return answer;
}

export const get = (path, signal) => request("GET", path, undefined, signal);
export const post = (path, body, signal) => request("POST", path, body ?? {}, signal);

/** Where an attachment's bytes are: always on this server, whatever address the message carries. */
export function attachmentPath(message, attachment) {
  return `/attachments/${[message.channel_id, message.id, attachment.filename].map(encodeURIComponent).join("/")}`;
}
