// Discord's markdown as nodes.
import { format, h, link, moment } from "./dom.js";
import { channelMention, userMention } from "./mrkdwn.js";

/** Nesting beyond this is shown as it was typed. */
const DEPTH_MAX = 8;

/** Renders text of several lines: headings, small print, quotes, lists and code fences. */
export function markdown(text, context) {
  const out = [];
  const parts = `${text}`.split(/```(?:\w+\n|\n)?([\s\S]*?)\n?```/);
  parts.forEach((part, index) => {
    if (index % 2 === 1) out.push(h("pre", {}, h("code", {}, part)));
    else out.push(...lines(part, context));
  });
  return out;
}

/** Renders text of one line. */
export function markdownInline(text, context, depth = 0) {
  const out = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) out.push(plain);
    plain = "";
  };
  while (at < text.length) {
    if (text[at] === "\\" && /[^\p{L}\p{N}\s]/u.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
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

// In the order in which they are tried.
const LINES = [
  [/^(#{1,3}) (.*)$/, (found) => ["div", { class: `heading heading-${found[1].length}` }, found[2]]],
  [/^-# (.*)$/, (found) => ["div", { class: "small" }, found[1]]],
  [/^\s*[-*] (.*)$/, (found) => ["div", { class: "bullet" }, found[1]]],
  [/^\s*(\d+)\. (.*)$/, (found) => ["div", { class: "numbered", "data-number": `${found[1]}.` }, found[2]]],
];

function lines(text, context) {
  const out = [];
  let paragraph = null;
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^> ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) out.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...markdownInline(quoted[1], context));
      paragraph = null;
      continue;
    }
    quote = null;
    const kind = LINES.map(([pattern, make]) => [pattern.exec(line), make]).find(([found]) => found);
    if (kind) {
      const [tag, attributes, rest] = kind[1](kind[0]);
      out.push(h(tag, attributes, markdownInline(rest, context)));
      paragraph = null;
    } else if (line.trim() === "") {
      paragraph = null;
    } else if (paragraph) {
      paragraph.append(h("br"), ...markdownInline(line, context));
    } else {
      out.push((paragraph = h("p", {}, markdownInline(line, context))));
    }
  }
  return out;
}

const MARKS = [["**", "strong"], ["__", "u"], ["~~", "s"], ["||", "mark"], ["*", "em"], ["_", "em"]];

function token(text, at, context, depth) {
  const sign = text[at];
  if (sign === "<") return angle(text, at, context);
  if (sign === "`") return code(text, at);
  if (sign === "[") return titledLink(text, at, context, depth);
  if (sign === "h") return bareLink(text, at);
  for (const [mark, tag] of MARKS) {
    if (!text.startsWith(mark, at)) continue;
    if (mark === "_" && /[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) return null;
    const close = closing(text, at + mark.length, mark);
    if (close <= at + mark.length) continue;
    const inside = markdownInline(text.slice(at + mark.length, close), context, depth + 1);
    return { node: h(tag, {}, inside), end: close + mark.length };
  }
  return null;
}

/** Where a mark ends, passing over escapes, code and doubled signs. */
function closing(text, from, mark) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") at = (code(text, at)?.end ?? at + 1) - 1;
    else if (text.startsWith(mark, at)) {
      const doubled = mark.length === 1 && text[at + 1] === mark;
      if (!doubled && !/\s/.test(text[at - 1] ?? "")) return at;
      if (doubled) at += 1;
    }
  }
  return -1;
}

function code(text, at) {
  const fence = text.startsWith("``", at) ? "``" : "`";
  const close = text.indexOf(fence, at + fence.length);
  if (close <= at + fence.length) return null;
  return { node: h("code", {}, text.slice(at + fence.length, close)), end: close + fence.length };
}

function titledLink(text, at, context, depth) {
  const found = /^\[([^\]\n]+)\]\(<?(https?:[^\s)>]+)>?\)/.exec(text.slice(at));
  if (!found) return null;
  return { node: link(found[2], markdownInline(found[1], context, depth + 1)), end: at + found[0].length };
}

function bareLink(text, at) {
  const found = /^https?:\/\/[^\s<>]*[^\s<>.,:;"')\]]/.exec(text.slice(at));
  return found && { node: link(found[0], found[0]), end: at + found[0].length };
}

function angle(text, at, context) {
  const found = /^<(@!?|@&|#|t:|a?:\w+:|https?:)([^>\s]*)>/.exec(text.slice(at));
  if (!found) return null;
  const [whole, kind, body] = found;
  const node = reference(kind, body, context);
  return node && { node, end: at + whole.length };
}

function reference(kind, body, context) {
  if (kind === "@" || kind === "@!") return userMention(body, null, context);
  if (kind === "@&") return h("span", { class: "mention" }, "@role");
  if (kind === "#") return channelMention(body, null, context);
  if (kind === "t:") return timestamp(body);
  if (kind.startsWith("http")) return link(kind + body, kind + body);
  return h("span", {}, kind.replace(/^a/, ""));
}

const STAMPS = {
  t: (ms) => format.clock(ms),
  T: (ms) => format.seconds(ms),
  d: (ms) => new Intl.DateTimeFormat("en-GB").format(ms),
  D: (ms) => format.date(ms),
  f: (ms) => `${format.date(ms)} ${format.clock(ms)}`,
  F: (ms) => `${format.day(ms)} ${format.clock(ms)}`,
};

function timestamp(body) {
  const [unix, style = "f"] = body.split(":");
  const ms = Number(unix) * 1000;
  if (!/^-?\d+$/.test(unix)) return null;
  const node = style === "R" ? moment(ms, undefined, true) : moment(ms, (STAMPS[style] ?? STAMPS.f)(ms));
  node.classList.add("timestamp");
  return node;
}
