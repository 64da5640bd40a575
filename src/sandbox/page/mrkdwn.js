// Slack's mrkdwn as nodes.
import { format, h, link, moment, relative, sandboxNow } from "./dom.js";

/** Nesting beyond this is shown as it was typed. */
const DEPTH_MAX = 8;

/** Renders text of several lines: paragraphs, "> " quotes, "• " lists and code fences. */
export function mrkdwn(text, context) {
  const out = [];
  const parts = `${text}`.split(/```\n?([\s\S]*?)\n?```/);
  parts.forEach((part, index) => {
    if (index % 2 === 1) out.push(h("pre", {}, h("code", {}, decode(part))));
    else out.push(...lines(part, context));
  });
  return out;
}

/** Renders text of one line. */
export function mrkdwnInline(text, context, depth = 0) {
  const out = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) out.push(decode(plain));
    plain = "";
  };
  while (at < text.length) {
    const found = depth < DEPTH_MAX && token(text, at, context, depth);
    if (found) {
      flush();
      out.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function lines(text, context) {
  const out = [];
  let paragraph = null;
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const bullet = /^\s*[•◦] ?(.*)$/.exec(line);
    if (quoted) {
      quote = quote ?? push(out, h("blockquote"));
      if (quote.hasChildNodes()) quote.append(h("br"));
      quote.append(...mrkdwnInline(quoted[1], context));
      paragraph = null;
      continue;
    }
    quote = null;
    if (bullet) {
      out.push(h("div", { class: "bullet" }, mrkdwnInline(bullet[1], context)));
      paragraph = null;
    } else if (line.trim() === "") {
      paragraph = null;
    } else if (paragraph) {
      paragraph.append(h("br"), ...mrkdwnInline(line, context));
    } else {
      paragraph = push(out, h("p", {}, mrkdwnInline(line, context)));
    }
  }
  return out;
}

function push(list, node) {
  list.push(node);
  return node;
}

const MARKS = { "*": "strong", "_": "em", "~": "s" };

function token(text, at, context, depth) {
  const sign = text[at];
  if (sign === "<") return angle(text, at, context);
  if (sign === "`") {
    const close = text.indexOf("`", at + 1);
    if (close <= at + 1) return null;
    return { node: h("code", {}, decode(text.slice(at + 1, close))), end: close + 1 };
  }
  const tag = MARKS[sign];
  if (!tag || isWord(text[at - 1])) return null;
  const close = closing(text, at, sign);
  if (close < 0) return null;
  return { node: h(tag, {}, mrkdwnInline(text.slice(at + 1, close), context, depth + 1)), end: close + 1 };
}

/** Where a mark ends: before it no space, after it no letter, and not across lines. */
function closing(text, open, sign) {
  if (/\s/.test(text[open + 1] ?? " ")) return -1;
  for (let at = text.indexOf(sign, open + 2); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (text.slice(open, at).includes("\n")) return -1;
    if (!/\s/.test(text[at - 1]) && !isWord(text[at + 1])) return at;
  }
  return -1;
}

function isWord(letter) {
  return letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
}

function angle(text, at, context) {
  const close = text.indexOf(">", at);
  if (close < 0) return null;
  const [target, ...rest] = text.slice(at + 1, close).split("|");
  const label = rest.length > 0 ? decode(rest.join("|")) : null;
  const node = reference(decode(target), label, context);
  return node && { node, end: close + 1 };
}

function reference(target, label, context) {
  const body = target.slice(1);
  if (target.startsWith("@")) return userMention(body, label, context);
  if (target.startsWith("#")) return channelMention(body, label, context);
  if (target.startsWith("!date^")) return slackDate(body, label);
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label ?? "@group");
  if (target.startsWith("!")) return h("span", { class: "mention mention-me" }, `@${label ?? body}`);
  if (/^(https?:|mailto:)/.test(target)) return link(target, label ?? target.replace(/^mailto:/, ""));
  return null;
}

export function userMention(id, label, context) {
  const name = context.users.get(id)?.name ?? label?.replace(/^@/, "") ?? id;
  return h("span", { class: id === context.me ? "mention mention-me" : "mention" }, `@${name}`);
}

export function channelMention(id, label, context) {
  const name = context.channels.get(id)?.name ?? label?.replace(/^#/, "");
  if (!context.channels.has(id)) return h("span", { class: "mention" }, `#${name ?? "private-channel"}`);
  return h("button", { class: "mention mention-channel", type: "button", "data-goto": id }, `#${name}`);
}

function slackDate(body, label) {
  const [, unix, pattern = "{date_short} {time}"] = body.split("^");
  const ms = Number(unix) * 1000;
  if (!Number.isFinite(ms)) return h("span", {}, label ?? "");
  const text = pattern.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === "time") return format.clock(ms);
    if (name === "time_secs") return format.seconds(ms);
    if (name === "ago") return relative(ms, sandboxNow());
    if (name.startsWith("date_short")) return format.dateShort(ms);
    return name.startsWith("date") ? format.date(ms) : whole;
  });
  return pattern === "{ago}" ? moment(ms, undefined, true) : moment(ms, text);
}

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Slack escapes exactly three characters. */
export function decode(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}
