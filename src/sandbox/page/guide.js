// The tour's panel: one step at a time, each move one click away.
import { h } from "./dom.js";
import { recall, remember } from "./memory.js";
import { TOUR } from "./tour.js";

const PANE_TITLES = { slack: "Slack", discord: "Discord" };

export class Guide {
  /** `prepare(move)` brings a move to its pane; `advance(minutes)` moves the clock. */
  constructor({ toggle, root, prepare, advance }) {
    Object.assign(this, { toggle, root, prepare, advance });
    this.step = Math.min(recall("tour.step") ?? 0, TOUR.length - 1);
    this.used = new Set(recall("tour.used") ?? []);
    toggle.addEventListener("click", () => this.show(root.hidden));
    // Who comes for the first time is shown the way.
    this.show(recall("tour.open") ?? true);
  }

  show(isOpen) {
    this.root.hidden = !isOpen;
    this.toggle.setAttribute("aria-expanded", String(isOpen));
    remember("tour.open", isOpen);
    this.draw();
  }

  go(step) {
    this.step = Math.max(0, Math.min(step, TOUR.length - 1));
    remember("tour.step", this.step);
    this.draw();
  }

  draw() {
    const step = TOUR[this.step];
    const hadFocus = this.root.contains(document.activeElement) && document.activeElement.dataset.key;
    this.root.replaceChildren(
      this.pager(),
      h("div", { class: "tour-text" }, h("h2", {}, step.title), h("p", {}, step.text)),
      h("ol", { class: "tour-moves", "aria-label": "Moves of this step" }, step.moves.map((move, index) => this.move(move, index))),
    );
    if (hadFocus) this.root.querySelector(`[data-key="${hadFocus}"]`)?.focus();
  }

  pager() {
    const dots = TOUR.map((step, index) =>
      h("button", {
        type: "button",
        class: "tour-dot",
        "data-key": `dot-${index}`,
        "aria-label": `Step ${index + 1}: ${step.title}`,
        "aria-current": index === this.step && "step",
        title: step.title,
        onclick: () => this.go(index),
      }, String(index + 1)),
    );
    return h(
      "div",
      { class: "tour-pager" },
      h("button", { type: "button", class: "tour-turn", "data-key": "back", "aria-label": "Previous step", disabled: this.step === 0, onclick: () => this.go(this.step - 1) }, "‹"),
      h("div", { class: "tour-dots" }, dots),
      h("button", { type: "button", class: "tour-turn", "data-key": "next", "aria-label": "Next step", disabled: this.step === TOUR.length - 1, onclick: () => this.go(this.step + 1) }, "›"),
    );
  }

  move(move, index) {
    const key = `${this.step}.${index}`;
    const text = move.type ?? move.press ?? move.shell ?? `+${move.clock} min`;
    const run = async () => {
      this.used.add(key);
      remember("tour.used", [...this.used]);
      this.draw();
      if (move.clock) await this.advance(move.clock);
      else if (move.shell) await copy(text);
      else await this.prepare(move);
    };
    const label = move.press ? h("span", { class: "tour-button" }, text) : h("code", {}, text);
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: `tour-move ${this.used.has(key) ? "used-move" : ""} on-${move.pane ?? "none"}`, "data-key": `move-${key}`, title: hintFor(move), onclick: run },
        h("span", { class: "tour-who" }, whoFor(move)),
        label,
      ),
      move.type &&
        h("button", { type: "button", class: "tour-copy", "aria-label": `Copy ${text}`, title: "Copy", onclick: () => copy(text) }, h("span", { class: "copy-mark", "aria-hidden": "true" })),
    );
  }
}

function whoFor(move) {
  if (move.clock) return "Clock";
  if (move.shell) return "Terminal";
  const name = move.person[0].toUpperCase() + move.person.slice(1);
  return `${name} · ${PANE_TITLES[move.pane]}`;
}

function hintFor(move) {
  if (move.clock) return "Move the clock";
  if (move.shell) return "Copy";
  return move.press ? "Find the button" : "Put it into the composer";
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the permission the text can still be read and typed.
  }
}
