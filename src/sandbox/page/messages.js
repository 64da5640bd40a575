// The list of messages of one channel: only what changed is drawn anew.
import { avatar, format, h, moment } from "./dom.js";

/** Messages of one author within this time stand under one name. */
const GROUP_MS = 5 * 60_000;

/** This near to the end counts as reading along. */
const END_PX = 48;

export class MessageList {
  /**
   * `root` scrolls and holds `list`; `below` leads to the end. `draw(message)` gives the content's nodes, and
   * `names(message)` the names in it that may change without it.
   */
  constructor({ root, list, below, empty, draw, names, reply = null }) {
    Object.assign(this, { root, list, below, empty, draw, names, reply });
    this.nodes = new Map();
    this.place = null;
    this.hidden = new Set();
    below.addEventListener("click", () => this.toEnd());
    root.addEventListener("scroll", () => this.isAtEnd() && (below.hidden = true), { passive: true });
    // The pane grows and shrinks with the window and the composer; who reads along stays at the end.
    new ResizeObserver(() => {
      if (this.readsAlong) this.toEnd();
    }).observe(root);
    root.addEventListener("scroll", () => (this.readsAlong = this.isAtEnd()), { passive: true });
    this.readsAlong = true;
  }

  isAtEnd() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < END_PX;
  }

  toEnd() {
    this.root.scrollTop = this.root.scrollHeight;
    this.readsAlong = true;
    this.below.hidden = true;
  }

  /** `place` names person and channel; `newAfter` is when the person last read here. */
  update({ place, messages, newAfter, me }) {
    const isOther = place !== this.place;
    if (isOther) {
      this.nodes.clear();
      this.list.replaceChildren();
      this.place = place;
      this.newAfter = newAfter;
      this.readsAlong = true;
    }
    const follow = this.readsAlong;
    const shown = messages.filter((message) => !this.hidden.has(message.id));
    const { items, fresh } = this.plan(shown, me, !isOther);
    this.arrange(items);
    this.empty.hidden = shown.length > 0;
    if (follow) this.toEnd();
    else if (fresh) this.below.hidden = false;
  }

  /** What is to be seen, in order: days, the line above what is new, and messages. */
  plan(messages, me, isLive) {
    const items = [];
    let before = null;
    let fresh = false;
    let lineDrawn = false;
    for (const message of messages) {
      const day = format.day(message.at);
      if (!before || format.day(before.at) !== day) items.push(this.fixed(`day ${day}`, () => dayLine(day)));
      if (!lineDrawn && this.newAfter > 0 && message.at > this.newAfter && message.author.id !== me) {
        if (before) items.push(this.fixed("new", newLine));
        lineDrawn = true;
      }
      const isCompact = continues(before, message);
      const signature = JSON.stringify([message, isCompact, me, this.names(message)]);
      const known = this.nodes.get(message.id);
      if (known?.signature === signature) {
        items.push([message.id, known]);
      } else {
        const node = this.message(message, isCompact);
        if (isLive) node.classList.add(known ? "changed" : "arrived");
        fresh ||= isLive && !known;
        items.push([message.id, { node, signature, replaces: known?.node }]);
      }
      before = message;
    }
    return { items, fresh };
  }

  fixed(key, make) {
    return [key, this.nodes.get(key) ?? { node: make(), signature: key }];
  }

  arrange(items) {
    const nodes = new Map(items);
    let cursor = this.list.firstChild;
    for (const [, item] of nodes) {
      if (item.replaces) {
        const focused = focusInside(item.replaces);
        if (cursor === item.replaces) cursor = item.node;
        item.replaces.replaceWith(item.node);
        refocus(item.node, focused);
        item.replaces = undefined;
      }
      if (item.node === cursor) cursor = cursor.nextSibling;
      else this.list.insertBefore(item.node, cursor);
    }
    while (cursor) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
    this.nodes = nodes;
  }

  message(message, isCompact) {
    const { author, at, ephemeral, edited } = message;
    const classes = [
      "message",
      isCompact && "compact",
      ephemeral && "ephemeral",
      author.bot && "by-bot",
      message.thread && "reply",
    ];
    const canReply = this.reply && !ephemeral && message.id !== "";
    const content = h("div", { class: "content" }, this.draw(message));
    if (edited) {
      const target = content.lastElementChild?.matches("p, .bullet, .small") ? content.lastElementChild : content;
      target.append(h("span", { class: "edited" }, " (edited)"));
    }
    return h(
      "article",
      { class: classes.filter(Boolean).join(" "), "data-message-id": message.id },
      usedCommand(message),
      h("div", { class: "gutter" }, isCompact ? moment(at, format.clock(at)) : avatar(author)),
      h(
        "div",
        { class: "body" },
        message.pinned && h("div", { class: "pin-note" }, "Pinned"),
        isCompact ? h("span", { class: "hidden-text" }, `${author.name}:`) : byline(author, at),
        content,
        ephemeral && this.ephemeralNote(message),
        canReply && replyButton(() => this.reply(message)),
      ),
    );
  }

  ephemeralNote(message) {
    const dismiss = (event) => {
      this.hidden.add(message.id);
      event.currentTarget.closest("article").remove();
      this.root.focus();
    };
    return h(
      "div",
      { class: "only-you" },
      h("span", {}, "Only visible to you"),
      h("button", { type: "button", class: "plain-link", "data-dismiss": true, onclick: dismiss }, "Dismiss message"),
    );
  }

  /** Brings a message into view and points at it; gives the control in it whose label or id is asked for. */
  show(id, wanted = null) {
    const node = this.nodes.get(id)?.node;
    if (!node) return;
    this.readsAlong = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("pointed");
    requestAnimationFrame(() => node.classList.add("pointed"));
    if (wanted) [...node.querySelectorAll(".button")].find((button) => button.textContent === wanted)?.focus();
  }
}

function continues(before, message) {
  return (
    before !== null &&
    before.author.id === message.author.id &&
    before.thread === message.thread &&
    before.ephemeral === message.ephemeral &&
    !message.ephemeral &&
    !interactionOf(message) &&
    !message.pinned &&
    message.at - before.at < GROUP_MS &&
    format.day(before.at) === format.day(message.at)
  );
}

function replyButton(reply) {
  return h("button", { type: "button", class: "plain-link reply-button", onclick: reply }, "Reply in thread");
}

function byline(author, at) {
  return h(
    "div",
    { class: "byline" },
    h("span", { class: "author" }, author.name),
    author.bot && h("span", { class: "app-mark" }, "APP"),
    moment(at, format.clock(at)),
  );
}

function interactionOf(message) {
  return message.interaction ?? message.raw?.interaction ?? null;
}

/** Discord's line above an answer: who used which command. */
function usedCommand(message) {
  const interaction = interactionOf(message);
  if (!interaction?.name) return null;
  const user = interaction.user?.name ?? interaction.user ?? "Somebody";
  return h(
    "div",
    { class: "used" },
    h("span", { class: "used-by" }, String(user)),
    " used ",
    h("span", { class: "used-command" }, `/${String(interaction.name).replace(/^\//, "")}`),
  );
}

function dayLine(day) {
  return h("div", { class: "line", role: "separator" }, h("span", {}, day));
}

function newLine() {
  return h("div", { class: "line line-new", role: "separator" }, h("span", {}, "New"));
}

function focusInside(node) {
  const focused = document.activeElement;
  if (!focused || !node.contains(focused)) return null;
  return focused.dataset.action ?? "";
}

/** After a message was drawn anew, a keyboard user stays where they were, or at least in the message. */
function refocus(node, action) {
  if (action === null) return;
  const same = [...node.querySelectorAll("[data-action]")].find((control) => control.dataset.action === action);
  const target = same ?? node;
  if (target === node) node.tabIndex = -1;
  target.focus({ preventScroll: true });
}
