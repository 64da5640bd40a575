// One platform: its sidebar, the open channel, the composer and the form, for the person who is being played.
import { act } from "./api.js";
import { ChannelList, unread } from "./channels.js";
import { discordSuggestions, slackSuggestions } from "./commands.js";
import { Composer } from "./composer.js";
import { discordForm, discordMentions, discordMessage, discordTopic } from "./discord.js";
import { avatar, busyWhile, format, h, moment, popover } from "./dom.js";
import { MessageList } from "./messages.js";
import { Modal } from "./modal.js";
import { ReadMarks, recall, remember } from "./memory.js";
import { slackForm, slackMentions, slackMessage, slackTopic } from "./slack.js";

const DIALECTS = {
  slack: {
    title: "Slack",
    message: slackMessage,
    topic: slackTopic,
    mentions: slackMentions,
    form: slackForm,
    suggest: slackSuggestions,
  },
  discord: {
    title: "Discord",
    message: discordMessage,
    topic: discordTopic,
    mentions: discordMentions,
    form: discordForm,
    suggest: discordSuggestions,
  },
};

/** Where an incident is declared: what a person sees first. */
const FIRST_CHANNEL = "incidents";
/** The id of the app's home among the channels, and what its buttons are pressed in. */
const HOME = "home";

export class Pane {
  /** `refresh` brings a new view of both platforms. */
  constructor(platform, refresh) {
    this.platform = platform;
    this.dialect = DIALECTS[platform];
    this.refresh = refresh;
    this.person = recall(`person.${platform}`);
    this.view = null;
    this.build();
  }

  build() {
    const template = document.getElementById("pane-template");
    this.root = document.querySelector(`[data-pane="${this.platform}"]`);
    this.root.append(template.content.cloneNode(true));
    this.parts = {};
    for (const node of this.root.querySelectorAll("[data-part]")) this.parts[node.dataset.part] = node;
    const { parts, platform } = this;
    for (const name of ["suggestions", "layer", "person", "hint"]) parts[name].id = `${platform}-${name}`;
    parts.input.setAttribute("aria-controls", parts.suggestions.id);
    parts.input.setAttribute("aria-describedby", parts.hint.id);
    parts.personLabel.htmlFor = parts.person.id;
    parts.scroll.setAttribute("aria-label", `${this.dialect.title} messages`);
    parts.sidebar.setAttribute("aria-label", `${this.dialect.title} channels`);
    parts.person.addEventListener("change", () => this.become(parts.person.value));
    parts.noticeClose.addEventListener("click", () => this.notice(null));
    parts.layer.hidden = true;
    this.showPins = popover(parts.pins, parts.pinsPanel);
    // A mentioned channel opens wherever it is mentioned.
    parts.main.addEventListener("click", (event) => {
      const target = event.target.closest("[data-goto]");
      if (target) this.open(target.dataset.goto);
    });
    this.channels = new ChannelList(parts.channels, (id) => this.open(id));
    this.messages = new MessageList({
      root: parts.scroll,
      list: parts.list,
      below: parts.below,
      empty: parts.empty,
      draw: (message) => this.dialect.message(message.raw, this.context, this.actsOn(message)),
      names: (message) => this.namesIn(message),
      reply: platform === "slack" ? (message) => this.replyTo(message) : null,
    });
    this.composer = new Composer({
      form: parts.composer,
      input: parts.input,
      list: parts.suggestions,
      hint: parts.hint,
      suggest: (text) => (this.view ? this.dialect.suggest(text, this.view) : { items: [], hint: null }),
      send: (text) => this.say(text),
      leave: () => this.replyTo(null),
      offers: (asked) => this.offers(asked),
    });
    this.modal = new Modal({
      root: parts.layer,
      behind: parts.inside,
      submit: (modal, values) => this.submit(modal, values),
      dismiss: (modal) => this.attempt("dismiss", { modal }).catch(() => {}),
    });
  }

  /** Shows a new view. */
  update(seen) {
    const view = this.platform === "slack" ? withHome(withBot(seen)) : withBot(seen);
    const isFirst = this.view?.workspace.id !== view.workspace.id;
    this.view = view;
    if (isFirst) {
      this.marks = new ReadMarks(view.workspace.id);
      this.marks.begin(view.channels.flatMap((channel) => channel.messages));
    }
    this.person = view.me.id;
    this.context = {
      me: view.me.id,
      users: new Map(view.users.map((user) => [user.id, user])),
      channels: new Map(view.channels.map((channel) => [channel.id, channel])),
    };
    this.parts.workspace.textContent = view.workspace.name;
    this.updatePeople();
    this.updateChannel();
    this.modal.update(view.modal && this.dialect.form(view.modal, this.context), view.modal);
  }

  updatePeople() {
    const { person } = this.parts;
    const people = this.view.users.filter((user) => !user.bot);
    const signature = JSON.stringify(people);
    if (signature !== this.peopleSignature) {
      this.peopleSignature = signature;
      person.replaceChildren(...people.map((user) => h("option", { value: user.id }, user.name)));
    }
    person.value = this.person;
    if (this.parts.face.dataset.of !== this.person) {
      this.parts.face.dataset.of = this.person;
      this.parts.face.replaceChildren(avatar(this.view.me));
    }
  }

  channel() {
    const { channels } = this.view;
    const kept = recall(`channel.${this.view.workspace.id}.${this.person}`);
    return (
      channels.find((channel) => channel.id === kept) ||
      (kept?.startsWith("@") && channels.find((channel) => channel.kind === "direct")) ||
      channels.find((channel) => channel.name === FIRST_CHANNEL) ||
      channels[0]
    );
  }

  updateChannel() {
    const channel = this.channel();
    if (!channel) return;
    const seen = this.marks.seen(this.person, channel.id);
    const last = channel.messages.at(-1);
    if (last && document.visibilityState === "visible") this.marks.read(this.person, channel.id, last.at);
    const bots = new Set(
      this.view.users.filter((user) => user.bot).flatMap((user) => [user.name.toLowerCase(), user.handle.toLowerCase()]),
    );
    this.channels.update(
      this.view.channels.map((each) => ({
        ...each,
        withBot: each.kind === "direct" && bots.has(each.name.toLowerCase()),
        unread: unread(each, this.marks.seen(this.person, each.id), this.person, this.dialect.mentions),
      })),
      channel.id,
    );
    this.updateHeader(channel);
    const place = `${this.person} ${channel.id}`;
    if (this.thread && this.thread.channel !== channel.id) this.thread = null;
    this.messages.update({ place, messages: threaded(channel.messages), newAfter: seen, me: this.person });
    this.parts.composer.hidden = channel.kind === "home";
    this.parts.main.dataset.kind = channel.kind;
    const label = channel.kind === "direct" ? `Message ${channel.name}` : `Message #${channel.name}`;
    if (this.thread) this.composer.moveTo(this.person, this.thread.id, "Reply in the thread (Escape leaves it)");
    else this.composer.moveTo(this.person, channel.id, label);
  }

  updateHeader(channel) {
    const { parts } = this;
    const signature = JSON.stringify([channel.id, channel.name, channel.topic, channel.archived]);
    if (signature !== this.headerSignature) {
      this.headerSignature = signature;
      const topic = channel.topic || (channel.kind === "direct" ? "Direct message" : "");
      parts.title.textContent = channel.name;
      parts.title.classList.toggle("is-room", channel.kind === "channel");
      parts.topic.replaceChildren(...this.dialect.topic(topic, this.context));
      parts.topic.title = parts.topic.textContent;
      parts.archived.hidden = !channel.archived;
      this.showPins(false);
    }
    const pinned = channel.messages.filter((message) => message.pinned || channel.pinned?.includes(message.id));
    parts.pins.hidden = pinned.length === 0;
    parts.pinsCount.textContent = pinned.length;
    parts.pins.setAttribute("aria-label", `${pinned.length} pinned`);
    const pinsSignature = JSON.stringify(pinned);
    if (pinsSignature === this.pinsSignature) return;
    this.pinsSignature = pinsSignature;
    parts.pinsPanel.replaceChildren(h("h3", {}, "Pinned messages"), ...pinned.map((message) => this.pin(message)));
    if (pinned.length === 0) this.showPins(false);
  }

  pin(message) {
    const jump = () => {
      this.showPins(false);
      this.messages.show(message.id);
    };
    return h(
      "div",
      { class: "pinned" },
      h("div", { class: "byline" }, h("span", { class: "author" }, message.author.name), moment(message.at, format.clock(message.at))),
      h("div", { class: "content" }, this.dialect.message(message.raw, this.context, null)),
      h("button", { type: "button", class: "plain-link", onclick: jump }, "Jump to message"),
    );
  }

  /** The names that a message shows but does not contain. */
  namesIn(message) {
    const found = JSON.stringify(message.raw).matchAll(/<([@#])!?(\w+)/g);
    return [...found].map(([, sign, id]) => this.context[sign === "@" ? "users" : "channels"].get(id)?.name);
  }

  /** What can be done with the controls of a message. */
  actsOn(message) {
    const channel = this.channel().id;
    const run = (control, what, more) =>
      busyWhile(control, () => this.attempt(what, { channel, message: message.id, ...more }).catch(() => {}));
    return {
      press: (control, action) => run(control, "press", { action }),
      select: (control, action, value) => run(control, "select", { action, value }),
    };
  }

  /** Does something as the person; what goes wrong is told in the pane and thrown. */
  async attempt(what, body) {
    try {
      await act(this.platform, what, { user: this.person, channel: this.channel().id, ...body });
      this.notice(null);
    } catch (error) {
      this.notice(error.message);
      throw error;
    } finally {
      this.refresh();
    }
  }

  /** Sends a form; gives the sentence why not, unless the form itself says it beside its fields. */
  async submit(modal, values) {
    try {
      await act(this.platform, "submit", { user: this.person, modal, values });
      await this.refresh();
      return null;
    } catch (error) {
      await this.refresh();
      const isTold = Object.keys(this.view.modal?.errors ?? {}).length > 0;
      return isTold ? null : error.message;
    }
  }

  notice(sentence) {
    this.parts.notice.hidden = !sentence;
    this.parts.noticeText.textContent = sentence ?? "";
  }

  /** Plays another person from now on. */
  async become(person) {
    if (person === this.person) return;
    this.person = person;
    remember(`person.${this.platform}`, person);
    this.notice(null);
    await this.refresh();
  }

  /** Says a line here, or in the thread that is being replied to. */
  say(text) {
    if (!this.thread) return this.attempt("say", { text });
    return this.attempt("reply", { text, thread: this.thread.id });
  }

  /** Goes into the thread below a message, or out of it. */
  replyTo(message) {
    const parent = message?.thread ?? message?.id;
    this.thread = parent ? { id: parent, channel: this.channel().id } : null;
    this.updateChannel();
    if (message) this.focus();
  }

  /** What the bot offers for the option that is being typed. */
  async offers({ path, options, option, text }) {
    const given = { ...options, [option]: text };
    const body = { user: this.person, channel: this.channel().id, path, options: given, focused: option };
    const answer = await act(this.platform, "autocomplete", body);
    return answer.choices;
  }

  open(id) {
    if (!this.view.channels.some((channel) => channel.id === id)) return;
    if (id === HOME) act(this.platform, "home", { user: this.person }).catch((error) => this.notice(error.message));
    remember(`channel.${this.view.workspace.id}.${this.person}`, id);
    this.notice(null);
    this.updateChannel();
    // Reading it takes its mark away.
    this.updateChannel();
  }

  focus() {
    this.parts.input.focus();
  }

  /** Prepares a move of the tour: the person, the channel, and the words or the button. */
  async prepare({ person, channel, type, press }) {
    const user = this.view.users.find((user) => !user.bot && user.handle.split(/[._-]/)[0] === person);
    if (user) await this.become(user.id);
    if (press) return this.pointAt(press);
    const room = this.view.channels.filter((each) => each.kind === "channel" && !each.archived);
    // Rooms are opened in the order of their incidents: the last one is where the story goes on.
    const target =
      channel === "room"
        ? room.filter((each) => each.name.startsWith("inc-")).sort(byNumber).at(-1)
        : room.find((each) => each.name === channel);
    if (target) this.open(target.id);
    else this.notice(`There is no ${channel === "room" ? "war room" : `#${channel}`} yet.`);
    this.composer.put(type);
    return undefined;
  }

  /** Opens the newest message with such a button. */
  pointAt(label) {
    const has = (message) => JSON.stringify(message.raw).includes(JSON.stringify(label));
    const found = this.view.channels
      .flatMap((channel) => channel.messages.filter(has).map((message) => ({ channel, message })))
      .sort((a, b) => a.message.at - b.message.at)
      .at(-1);
    if (!found) return this.notice(`No message here has a button “${label}” yet.`);
    this.open(found.channel.id);
    this.messages.show(found.message.id, label);
    return undefined;
  }
}

/** Everybody can write to the bot; where nobody has yet, the conversation is there to be begun. */
function withBot(view) {
  const bot = view.users.find((user) => user.bot);
  if (!bot || view.channels.some((channel) => channel.kind === "direct")) return view;
  const direct = { id: `@${bot.handle}`, name: bot.name, kind: "direct", topic: "", archived: false, member: true };
  return { ...view, channels: [...view.channels, { ...direct, pinned: [], messages: [] }] };
}

/** The app's home stands first among the conversations; what it shows is drawn as one message of the bot. */
function withHome(view) {
  const bot = view.users.find((user) => user.bot);
  if (!bot) return view;
  const shown = { id: "", author: { ...bot, bot: true }, at: view.home?.at ?? 0, raw: { text: "", blocks: view.home?.blocks ?? [] } };
  const home = { id: HOME, name: "Wardroom home", kind: "home", topic: "What waits for you", archived: false, member: true };
  return { ...view, channels: [{ ...home, pinned: [], messages: view.home ? [shown] : [] }, ...view.channels] };
}

/** Each message, then its replies. */
function threaded(messages) {
  const replies = Map.groupBy(messages.filter((message) => message.thread), (message) => message.thread);
  const first = messages.filter((message) => !message.thread || !messages.some((other) => other.id === message.thread));
  return first.flatMap((message) => [message, ...(replies.get(message.id) ?? [])]);
}

function byNumber(a, b) {
  const number = (channel) => Number(/\d+/.exec(channel.name)?.[0] ?? 0);
  return number(a) - number(b);
}
