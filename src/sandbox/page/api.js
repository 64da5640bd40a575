// Calls of the sandbox's API. Each either gives its JSON or throws an Error with a sentence for people.

async function answer(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Told below.
  }
  if (response.ok) return body;
  throw new Error(body?.error ?? `The sandbox answered ${response.status}.`);
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The sandbox cannot be reached. Is it still running?");
  }
  return answer(response);
}

export function getView(slack, discord) {
  const query = new URLSearchParams();
  if (slack) query.set("slack", slack);
  if (discord) query.set("discord", discord);
  return call(`/api/view?${query}`);
}

/** What: "say", "press", "select", "command", "submit", "dismiss". */
export function act(platform, what, body) {
  return post(`/api/${platform}/${what}`, body);
}

export function advanceClock(minutes) {
  return post("/api/clock", { minutes });
}

function post(path, body) {
  return call(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Calls back whenever something changed, and with whether the sandbox is reachable. */
export function listen(onChange, onReachable) {
  const source = new EventSource("/api/events");
  source.addEventListener("open", () => onReachable(true));
  source.addEventListener("error", () => {
    onReachable(false);
    // After a refusal the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(onChange, onReachable), 2000);
  });
  source.addEventListener("message", () => onChange());
}
