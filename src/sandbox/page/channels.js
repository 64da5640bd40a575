// The list of channels and direct messages in a pane's sidebar.
import { avatar, h } from "./dom.js";

/** What one person has not read yet in one channel: null, "some", or the number of messages that concern them. */
export function unread(channel, seenAt, me, mentions) {
  const fresh = channel.messages.filter((message) => message.at > seenAt && message.author.id !== me);
  if (fresh.length === 0) return null;
  const concerning =
    channel.kind === "direct" ? fresh.length : fresh.filter((message) => mentions(message.raw, me)).length;
  return concerning > 0 ? concerning : "some";
}

export class ChannelList {
  constructor(root, onChoose) {
    this.root = root;
    this.onChoose = onChoose;
    this.signature = "";
    root.addEventListener("keydown", (event) => this.move(event));
  }

  /** `channels` carry `unread` beside what the view says. */
  update(channels, current) {
    const signature = JSON.stringify([
      current,
      channels.map(({ id, name, kind, archived, member, unread }) => [id, name, kind, archived, member, unread]),
    ]);
    if (signature === this.signature) return;
    this.signature = signature;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
    const home = channels.filter((channel) => channel.kind === "home");
    const rooms = channels.filter((channel) => channel.kind !== "direct" && channel.kind !== "home");
    const open = rooms.filter((channel) => !channel.archived);
    const archived = rooms.filter((channel) => channel.archived);
    const direct = channels.filter((channel) => channel.kind === "direct");
    this.root.replaceChildren(
      ...this.section("App", home, current),
      ...this.section("Channels", open, current),
      ...this.section("Direct messages", direct, current),
      ...this.section("Archived", archived, current),
    );
    if (focused) this.buttons().find((button) => button.dataset.channel === focused)?.focus();
  }

  buttons() {
    return [...this.root.querySelectorAll("button")];
  }

  section(title, channels, current) {
    if (channels.length === 0) return [];
    const items = channels.map((channel) => h("li", {}, this.item(channel, channel.id === current)));
    return [h("h3", {}, title), h("ul", { "aria-label": title }, items)];
  }

  item(channel, isCurrent) {
    const { id, name, kind, unread } = channel;
    const classes = ["channel", unread && "unread", channel.archived && "archived", channel.member === false && "outside"];
    const spoken = unread && (unread === "some" ? ", unread" : `, ${unread} unread for you`);
    return h(
      "button",
      {
        type: "button",
        class: classes.filter(Boolean).join(" "),
        "data-channel": name,
        "aria-current": isCurrent && "true",
        title: name,
        onclick: () => this.onChoose(id),
      },
      kind === "home"
        ? h("span", { class: "hash", "aria-hidden": "true" }, "⌂")
        : kind === "direct" ? avatar({ id, name, bot: channel.withBot }, "avatar-small") : h("span", { class: "hash", "aria-hidden": "true" }, "#"),
      h("span", { class: "channel-name" }, name),
      spoken && h("span", { class: "hidden-text" }, spoken),
      Number.isInteger(unread) && h("span", { class: "badge", "aria-hidden": "true" }, unread > 99 ? "99+" : unread),
    );
  }

  /** Up and down walk the list, beside Tab. */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const buttons = this.buttons();
    const at = buttons.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length].focus();
  }
}
