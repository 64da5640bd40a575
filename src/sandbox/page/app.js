// Puts the page together: one view of both platforms, fetched anew whenever something changed.
import { getView, listen } from "./api.js";
import { Clock } from "./clock.js";
import { setNow } from "./dom.js";
import { Guide } from "./guide.js";
import { Pane } from "./pane.js";

const status = document.querySelector("[data-status]");
const slack = new Pane("slack", refresh);
const discord = new Pane("discord", refresh);
const clock = new Clock(document.querySelector("[data-clock]"), refresh);

let running = null;
let isStale = false;
let isReachable = true;
let connected = { slack: false, discord: false };

/** Fetches and shows the present. Calls while one is under way share the one that follows it. */
function refresh() {
  isStale = true;
  running ??= (async () => {
    try {
      while (isStale) {
        isStale = false;
        await showPresent();
      }
    } finally {
      running = null;
    }
  })();
  return running;
}

async function showPresent() {
  const asked = [slack.person, discord.person];
  let view;
  try {
    view = await getView(...asked);
  } catch (error) {
    // Somebody remembered from an earlier sandbox: begin with whoever is there.
    view = await getView(null, null).catch(() => null);
    if (!view) return showStatus(error.message);
    slack.person = null;
    discord.person = null;
  }
  // The person may have been switched while the answer was on its way; then the next round shows it.
  if (asked[0] !== slack.person && slack.person !== null) return undefined;
  if (asked[1] !== discord.person && discord.person !== null) return undefined;
  setNow(view.now);
  slack.update(view.slack);
  discord.update(view.discord);
  clock.update(view.clock_offset_minutes);
  connected = { slack: view.slack.connected, discord: view.discord.connected };
  return showStatus(null);
}

function showStatus(problem) {
  const offline = ["slack", "discord"].filter((platform) => !connected[platform]);
  const names = { slack: "Slack", discord: "Discord" };
  let state = "ok";
  let text = "Bot online";
  if (problem || !isReachable) {
    [state, text] = ["off", "Sandbox not reachable, trying again…"];
  } else if (offline.length > 0) {
    [state, text] = ["waiting", `Waiting for the bot on ${offline.map((platform) => names[platform]).join(" and ")}`];
  }
  status.dataset.status = state;
  status.querySelector("[data-status-text]").textContent = text;
}

new Guide({
  toggle: document.querySelector("[data-tour-toggle]"),
  root: document.querySelector("[data-tour]"),
  prepare: (move) => (move.pane === "slack" ? slack : discord).prepare(move),
  advance: (minutes) => clock.advance(minutes),
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const pane = { Digit1: slack, Digit2: discord }[event.code];
  if (!pane) return;
  event.preventDefault();
  pane.focus();
});

// What arrived while the page was hidden is read once it is seen.
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());

listen(refresh, (reachable) => {
  isReachable = reachable;
  showStatus(null);
  if (reachable) refresh();
});
refresh();
