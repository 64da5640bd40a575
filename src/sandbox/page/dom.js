// Building blocks of the page. Text from messages only ever becomes text nodes: nothing here parses markup.

/** Makes an element. Attributes that begin with "on" are listeners; false, null and undefined are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A link that leads only to the web or to mail: other schemes could run scripts. */
export function link(url, children) {
  let safe = null;
  try {
    const parsed = new URL(url);
    if (["http:", "https:", "mailto:"].includes(parsed.protocol)) safe = parsed.href;
  } catch {
    // Not an address: shown as text.
  }
  if (!safe) return h("span", {}, children);
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, children);
}

// Each gives white initials at least the contrast of AA.
const AVATAR_COLOURS = [
  "#7a3e9d", "#0b6e99", "#1d7a4f", "#a3462c", "#8a5a00", "#3c5fc4", "#9b2f5f", "#4f6b1e", "#5b4bb5", "#00706e",
];

/** Initials on a colour that is always the same for the same account. */
export function avatar(user, extra = "") {
  let sum = 0;
  for (const letter of `${user.id}`) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  const words = `${user.name || "?"}`.trim().split(/\s+/);
  const letters = words.length > 1 ? words[0][0] + words[words.length - 1][0] : words[0].slice(0, 1);
  const node = h("span", { class: `avatar ${extra} ${user.bot ? "avatar-bot" : ""}`, "aria-hidden": "true" });
  node.append(user.bot ? "⚓" : letters.toUpperCase());
  if (!user.bot) node.style.backgroundColor = AVATAR_COLOURS[sum % AVATAR_COLOURS.length];
  return node;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const CLOCK_SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const DATE_SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

export const format = {
  clock: (ms) => CLOCK.format(ms),
  seconds: (ms) => CLOCK_SECONDS.format(ms),
  day: (ms) => DAY.format(ms),
  date: (ms) => DATE.format(ms),
  dateShort: (ms) => DATE_SHORT.format(ms),
  full: (ms) => FULL.format(ms),
};

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000]];

/** "in 12 minutes", "2 hours ago". */
export function relative(ms, now) {
  const distance = ms - now;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(distance) >= size) ?? STEPS[3];
  return RELATIVE.format(Math.round(distance / size), unit);
}

// The sandbox's clock as last heard, and when: its time goes on at the pace of this machine.
let heard = { now: Date.now(), at: performance.now() };

export function setNow(now) {
  heard = { now, at: performance.now() };
}

/** The sandbox's time: what people of the sandbox would read on the wall. */
export function sandboxNow() {
  return heard.now + (performance.now() - heard.at);
}

/** A moment, readable by machine and person; relative ones are kept up to date by refreshTimes. */
export function moment(ms, text, isRelative = false) {
  const valid = Number.isFinite(ms) && Math.abs(ms) < 8.64e15;
  if (!valid) return h("span", {}, text ?? "");
  return h(
    "time",
    { datetime: new Date(ms).toISOString(), title: format.full(ms), "data-relative": isRelative && ms },
    text ?? relative(ms, sandboxNow()),
  );
}

export function refreshTimes() {
  const now = sandboxNow();
  for (const node of document.querySelectorAll("time[data-relative]")) {
    const text = relative(Number(node.dataset.relative), now);
    if (node.textContent !== text) node.textContent = text;
  }
}

/** Text of a Block Kit text object, or of a plain string. */
export function textOf(value) {
  return typeof value === "string" ? value : (value?.text ?? "");
}

/** Runs an action and shows on its control that it is under way; a second click meanwhile does nothing. */
export async function busyWhile(control, action) {
  if (control.getAttribute("aria-busy") === "true") return;
  control.setAttribute("aria-busy", "true");
  try {
    await action();
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/** A toggle that shows a panel; Escape or a click elsewhere hides it. */
export function popover(toggle, panel) {
  const show = (open) => {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  show(false);
  toggle.addEventListener("click", () => show(panel.hidden));
  document.addEventListener("pointerdown", (event) => {
    if (!panel.hidden && !panel.contains(event.target) && !toggle.contains(event.target)) show(false);
  });
  for (const node of [toggle, panel]) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || panel.hidden) return;
      event.stopPropagation();
      show(false);
      toggle.focus();
    });
  }
  return show;
}
