// Where a person types: suggestions above, Enter sends, Arrow up recalls.
import { h } from "./dom.js";

/** Lines that can be recalled, per person. */
const HISTORY_MAX = 50;

export class Composer {
  /**
   * `suggest(text)` gives `{items, hint, ask}`; `send(text)` resolves when the line was taken; `leave()` is Escape where
   * nothing is open; `offers(ask)` resolves with what the bot offers for the option that `ask` names.
   */
  constructor({ form, input, list, hint, suggest, send, leave = () => {}, offers = null }) {
    Object.assign(this, { form, input, list, hint, suggest, send, leave, offers });
    this.items = [];
    this.chosen = -1;
    this.drafts = new Map();
    this.history = new Map();
    this.recalled = -1;
    this.place = { person: "", channel: "" };
    input.addEventListener("input", () => this.typed());
    input.addEventListener("focus", () => this.refresh());
    input.addEventListener("blur", () => this.close());
    input.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  /** Goes to another person or channel: each pair keeps what was being typed. */
  moveTo(person, channel, label) {
    if (person === this.place.person && channel === this.place.channel) return;
    this.drafts.set(this.draftKey(), this.input.value);
    this.place = { person, channel };
    this.recalled = -1;
    this.set(this.drafts.get(this.draftKey()) ?? "");
    this.input.placeholder = label;
    this.input.setAttribute("aria-label", label);
  }

  draftKey() {
    return `${this.place.person} ${this.place.channel}`;
  }

  set(text) {
    this.input.value = text;
    this.input.setSelectionRange(text.length, text.length);
    this.grow();
    if (document.activeElement === this.input) this.refresh();
    else this.close();
  }

  put(text) {
    this.input.focus();
    this.set(text);
  }

  typed() {
    this.recalled = -1;
    this.grow();
    this.refresh();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  refresh() {
    const text = this.input.value;
    const { items, hint, ask } = this.suggest(text);
    this.show(items, hint);
    if (ask && this.offers) this.askBot(text, ask, hint);
  }

  /** What the bot offers is shown unless the person has typed on. */
  async askBot(text, ask, hint) {
    const offers = await this.offers(ask).catch(() => []);
    if (this.input.value !== text || document.activeElement !== this.input) return;
    const items = offers.map(({ name, value }) => ({ insert: `${ask.before}${value} `, label: name, detail: "" }));
    this.show(items, hint);
  }

  show(items, hint) {
    this.items = items;
    this.chosen = -1;
    this.list.replaceChildren(...items.map((item, index) => this.option(item, index)));
    this.list.hidden = items.length === 0;
    this.hint.textContent = hint ?? "";
    this.hint.hidden = !hint;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  option(item, index) {
    return h(
      "li",
      {
        role: "option",
        id: `${this.list.id}-${index}`,
        "aria-selected": "false",
        // Before the blur that a click would cause.
        onpointerdown: (event) => {
          event.preventDefault();
          this.take(index);
        },
      },
      h("span", { class: "option-label" }, item.label),
      item.detail && h("span", { class: "option-detail" }, item.detail),
    );
  }

  close() {
    this.items = [];
    this.list.hidden = true;
    this.hint.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(index) {
    this.set(this.items[index].insert);
  }

  choose(index) {
    this.chosen = (index + this.items.length) % this.items.length;
    [...this.list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === this.chosen)));
    const node = this.list.children[this.chosen];
    this.input.setAttribute("aria-activedescendant", node.id);
    node.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const isOpen = this.items.length > 0;
    if (event.isComposing) return;
    if (event.key === "Tab" && !event.shiftKey && isOpen) {
      event.preventDefault();
      this.take(Math.max(this.chosen, 0));
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Escape") {
      this.leave();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (isOpen && this.chosen >= 0) this.take(this.chosen);
      else this.submit();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      this.arrow(event, event.key === "ArrowUp" ? -1 : 1);
    }
  }

  /** Walks the suggestions while they are open, else the lines that were sent before. */
  arrow(event, step) {
    if (this.items.length > 0 && this.recalled < 0) {
      event.preventDefault();
      this.choose(this.chosen < 0 && step < 0 ? this.items.length - 1 : this.chosen + step);
      return;
    }
    const lines = this.history.get(this.place.person) ?? [];
    const isIdle = this.input.value === "" || this.recalled >= 0;
    const at = this.recalled - step;
    if (!isIdle || at < -1 || at >= lines.length) return;
    event.preventDefault();
    this.set(at < 0 ? "" : lines[at]);
    this.recalled = at;
  }

  async submit() {
    const text = this.input.value.trim();
    if (text === "" || this.form.getAttribute("aria-busy") === "true") return;
    const lines = (this.history.get(this.place.person) ?? []).filter((line) => line !== text);
    this.history.set(this.place.person, [text, ...lines].slice(0, HISTORY_MAX));
    this.form.setAttribute("aria-busy", "true");
    const sentFrom = this.draftKey();
    const sent = this.input.value;
    try {
      await this.send(text);
      // The person may have gone on typing, or to another channel, while the line was on its way.
      if (this.draftKey() !== sentFrom) this.drafts.delete(sentFrom);
      else if (this.input.value === sent) this.set("");
      this.recalled = -1;
    } catch {
      // The pane says why; the line stays for another try.
    } finally {
      this.form.removeAttribute("aria-busy");
    }
  }
}
