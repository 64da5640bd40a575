// What a Discord message and a Discord form look like: content, embeds and components as nodes.
import { h, link } from "./dom.js";
import { markdown, markdownInline } from "./markdown.js";

const ROW = 1;
const BUTTON = 2;
const STRING_SELECT = 3;
const LABEL = 18;
const BUTTON_STYLES = { 1: "primary", 2: "", 3: "success", 4: "danger", 5: "" };
const LINK_STYLE = 5;
const PARAGRAPH_STYLE = 2;

/** Renders a message. `acts` is null where it is only shown, as among the pinned ones. */
export function discordMessage(raw, context, acts) {
  const out = markdown(raw.content ?? "", context);
  for (const embed of raw.embeds ?? []) out.push(discordEmbed(embed, context));
  for (const file of raw.attachments ?? []) out.push(h("div", { class: "attachment" }, link(file.url, file.filename)));
  if (!acts) return out;
  for (const row of raw.components ?? []) {
    const controls = (row.components ?? []).map((component) => control(component, acts)).filter(Boolean);
    if (controls.length > 0) out.push(h("div", { class: "controls" }, controls));
  }
  return out;
}

export function discordTopic(text, context) {
  return markdownInline(text, context);
}

/** Whether a message mentions the account. */
export function discordMentions(raw, id) {
  const text = JSON.stringify([raw.content, raw.embeds]);
  return text.includes(`<@${id}>`) || text.includes(`<@!${id}>`);
}

function discordEmbed(embed, context) {
  const title = embed.title && markdownInline(embed.title, context);
  const fields = (embed.fields ?? []).map((field) =>
    h(
      "div",
      { class: field.inline ? "field" : "field field-wide" },
      h("div", { class: "field-name" }, markdownInline(field.name ?? "", context)),
      h("div", { class: "field-value" }, markdown(field.value ?? "", context)),
    ),
  );
  const node = h(
    "div",
    { class: "embed" },
    embed.author?.name && h("div", { class: "embed-author" }, embed.author.name),
    title && h("div", { class: "embed-title" }, embed.url ? link(embed.url, title) : title),
    embed.description && h("div", { class: "embed-text" }, markdown(embed.description, context)),
    fields.length > 0 && h("div", { class: "fields" }, fields),
    embed.footer?.text && h("div", { class: "small" }, embed.footer.text),
  );
  if (Number.isInteger(embed.color)) {
    node.style.borderLeftColor = `#${(embed.color & 0xffffff).toString(16).padStart(6, "0")}`;
  }
  return node;
}

function control(component, acts) {
  if (component.type === BUTTON) return button(component, acts);
  if (component.type === STRING_SELECT) return chooser(component, acts);
  return null;
}

function button(component, acts) {
  const label = component.label ?? component.emoji?.name ?? "";
  if (component.style === LINK_STYLE) {
    const node = link(component.url ?? "", label);
    node.classList.add("button");
    return node;
  }
  return h(
    "button",
    {
      type: "button",
      class: `button ${BUTTON_STYLES[component.style] ?? ""}`,
      disabled: component.disabled,
      "data-action": component.custom_id,
      onclick: (event) => acts.press(event.currentTarget, component.custom_id),
    },
    label,
  );
}

function chooser(component, acts) {
  const options = component.options ?? [];
  const isChosen = options.some((option) => option.default);
  const label = component.placeholder || "Make a selection";
  return h(
    "select",
    {
      class: "select",
      disabled: component.disabled,
      "data-action": component.custom_id,
      "aria-label": label,
      onchange: (event) => acts.select(event.currentTarget, component.custom_id, event.currentTarget.value),
    },
    h("option", { value: "", disabled: true, selected: !isChosen }, label),
    options.map((option) =>
      h(
        "option",
        { value: option.value, selected: Boolean(option.default), title: option.description },
        option.label ?? option.value,
      ),
    ),
  );
}

/** A form as modal.js shows it. A text input sits in a row with its own label, or in a label component. */
export function discordForm(modal) {
  const parts = (modal.components ?? []).flatMap((row) => {
    if (row.type === LABEL) return [field(row.component ?? {}, row.label, row.description)];
    return row.type === ROW || row.components ? (row.components ?? []).map((input) => field(input, input.label, "")) : [];
  });
  return { id: modal.id, title: modal.title ?? "", submit: "Submit", close: "Cancel", parts };
}

function field(input, label, hint) {
  const isSelect = input.type === STRING_SELECT;
  return {
    name: input.custom_id,
    label: label ?? "",
    hint: hint ?? "",
    required: input.required !== false,
    kind: isSelect ? "select" : input.style === PARAGRAPH_STYLE ? "paragraph" : "line",
    placeholder: input.placeholder ?? "",
    value: input.value ?? "",
    min: input.min_length,
    max: input.max_length,
    options: (input.options ?? []).map((option) => ({ value: option.value, label: option.label })),
  };
}
