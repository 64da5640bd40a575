// A form over its pane. The other pane stays usable: somebody else may be playing there.
import { busyWhile, h } from "./dom.js";

const FOCUSABLE = "button:not([disabled]), input, select, textarea, a[href]";

export class Modal {
  /** `behind` is made inert while the form is open. `submit(id, values)` gives a sentence if it went wrong. */
  constructor({ root, behind, submit, dismiss }) {
    Object.assign(this, { root, behind, submit, dismiss });
    this.form = null;
    this.dismissed = null;
    root.addEventListener("keydown", (event) => this.key(event));
  }

  /** Shows a form (see slackForm, discordForm), or none. `raw` is the view's modal that it was made from. */
  update(form, raw) {
    if (!form || form.id === this.dismissed) {
      if (this.form) this.close();
      return;
    }
    const { errors = {}, ...asked } = raw;
    const signature = JSON.stringify(asked);
    if (signature !== this.signature) this.open(form, signature);
    // Only when they change: typing must not be interrupted by what happens elsewhere.
    const errorsSignature = JSON.stringify(errors);
    if (errorsSignature !== this.errorsSignature) this.showErrors(errors);
    this.errorsSignature = errorsSignature;
  }

  open(form, signature) {
    const isSame = this.form?.id === form.id;
    const typed = isSame ? this.values() : {};
    if (!this.form) this.cameFrom = document.activeElement;
    this.form = form;
    this.signature = signature;
    this.root.replaceChildren(this.dialog(form, typed));
    this.root.hidden = false;
    this.behind.inert = true;
    const inputs = [...this.root.querySelectorAll(".form-body :is(input, select, textarea)")];
    // What was typed with the command stands there already: the first question is the first open one.
    const first = inputs.find((input) => input.value === "") ?? inputs[0] ?? this.root.querySelector("button");
    first?.focus();
  }

  close() {
    this.form = null;
    this.signature = null;
    this.errorsSignature = null;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.behind.inert = false;
    const target = this.cameFrom?.isConnected ? this.cameFrom : this.behind.querySelector("[data-composer]");
    target?.focus();
  }

  dialog(form, typed) {
    const title = `${this.root.id}-title`;
    return h(
      "form",
      {
        class: "dialog",
        role: "dialog",
        "aria-modal": "true",
        "aria-labelledby": title,
        "data-modal": form.id,
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          this.send();
        },
      },
      h(
        "header",
        {},
        h("h2", { id: title }, form.title),
        h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => this.cancel() }, "×"),
      ),
      h("div", { class: "form-body" }, form.parts.map((part) => part.node ?? this.field(part, typed[part.name]))),
      h("div", { class: "form-problem error", role: "alert", hidden: true }),
      h(
        "footer",
        {},
        h("button", { type: "button", class: "button", onclick: () => this.cancel() }, form.close),
        h("button", { type: "submit", class: "button primary", "data-submit": true }, form.submit),
      ),
    );
  }

  field(part, typed) {
    const id = `${this.root.id}-${part.name}`;
    const value = typed ?? part.value;
    const isGroup = part.kind === "radio";
    const described = `${id}-error${part.hint ? ` ${id}-hint` : ""}`;
    const label = [part.label, !part.required && h("span", { class: "optional" }, " (optional)")];
    return h(
      isGroup ? "fieldset" : "div",
      { class: "form-field", "data-field": part.name, "aria-describedby": isGroup && described },
      isGroup ? h("legend", {}, label) : h("label", { for: id }, label),
      this.input(part, id, value, described),
      part.hint && h("div", { class: "hint-text", id: `${id}-hint` }, part.hint),
      h("div", { class: "error", id: `${id}-error`, role: "alert", hidden: true }),
    );
  }

  input(part, id, value, described) {
    const shared = { id, name: part.name, "aria-describedby": described, "aria-required": part.required && "true" };
    if (part.kind === "select") {
      return h(
        "select",
        { ...shared, class: "select" },
        h("option", { value: "" }, part.placeholder || "Choose…"),
        part.options.map((option) => h("option", { value: option.value, selected: option.value === value }, option.label)),
      );
    }
    if (part.kind === "radio") {
      return part.options.map((option) =>
        h(
          "label",
          { class: "radio" },
          h("input", { type: "radio", name: part.name, value: option.value, checked: option.value === value }),
          h("span", {}, option.label),
        ),
      );
    }
    const limits = { placeholder: part.placeholder || null, maxlength: part.max };
    if (part.kind === "line") return h("input", { ...shared, ...limits, type: "text", autocomplete: "off", value });
    return h("textarea", { ...shared, ...limits, rows: 2 }, value);
  }

  /** What was filled in, by name; fields left empty are left out. */
  values() {
    const data = new FormData(this.root.querySelector("form"));
    return Object.fromEntries([...data].filter(([, value]) => value !== ""));
  }

  showErrors(errors) {
    for (const field of this.root.querySelectorAll("[data-field]")) {
      const sentence = errors[field.dataset.field] ?? "";
      const node = field.querySelector(".error");
      if (node.textContent !== sentence) node.textContent = sentence;
      node.hidden = sentence === "";
      field.classList.toggle("faulty", sentence !== "");
      for (const input of field.querySelectorAll("input, select, textarea")) {
        input.setAttribute("aria-invalid", String(sentence !== ""));
      }
    }
    this.root.querySelector(".faulty :is(input, select, textarea)")?.focus();
  }

  showProblem(sentence) {
    const node = this.root.querySelector(".form-problem");
    if (!node) return;
    node.textContent = sentence ?? "";
    node.hidden = !sentence;
  }

  /** What the client itself would not send. */
  faults(values) {
    const faults = {};
    for (const part of this.form.parts) {
      const length = (values[part.name] ?? "").length;
      if (part.required && length === 0) faults[part.name] = "Please fill this in.";
      else if (length > 0 && part.min && length < part.min) faults[part.name] = `At least ${part.min} characters, please.`;
    }
    return faults;
  }

  send() {
    const values = this.values();
    const faults = this.faults(values);
    this.showErrors(faults);
    if (Object.keys(faults).length > 0) return;
    const { id } = this.form;
    // The same errors again are news again.
    this.errorsSignature = null;
    busyWhile(this.root.querySelector("[data-submit]"), async () => this.showProblem(await this.submit(id, values)));
  }

  async cancel() {
    const { id } = this.form;
    // Closed at once; the platform need not agree.
    this.dismissed = id;
    this.close();
    await this.dismiss(id);
  }

  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    }
    if (event.key !== "Tab") return;
    const stops = [...this.root.querySelectorAll(FOCUSABLE)].filter((node) => node.offsetParent !== null);
    const [from, to] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (document.activeElement !== from) return;
    event.preventDefault();
    to.focus();
  }
}
