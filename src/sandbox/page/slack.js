// What a Slack message and a Slack form look like: Block Kit as nodes.
import { h, link, textOf } from "./dom.js";
import { decode, mrkdwn, mrkdwnInline } from "./mrkdwn.js";

/** Renders a message. `acts` is null where it is only shown, as among the pinned ones. */
export function slackMessage(raw, context, acts) {
  const blocks = raw.blocks ?? [];
  const out = blocks.length > 0 ? slackBlocks(blocks, context, acts) : mrkdwn(raw.text ?? "", context);
  for (const attachment of raw.attachments ?? []) {
    const inside = attachment.blocks
      ? slackBlocks(attachment.blocks, context, acts)
      : mrkdwn(attachment.text ?? attachment.fallback ?? "", context);
    const node = h("div", { class: "attachment" }, inside);
    if (/^#?[0-9a-f]{6}$/i.test(attachment.color ?? "")) {
      node.style.borderLeftColor = `#${attachment.color.replace("#", "")}`;
    }
    out.push(node);
  }
  for (const file of raw.files ?? []) out.push(h("div", { class: "attachment" }, link(file.url_private, file.title)));
  return out;
}

export function slackTopic(text, context) {
  return mrkdwnInline(text, context);
}

/** What one mention of `id` looks like in the wire form. */
export function slackMentions(raw, id) {
  return JSON.stringify(raw).includes(`<@${id}>`);
}

function slackBlocks(blocks, context, acts) {
  return blocks.map((block) => slackBlock(block, context, acts)).filter(Boolean);
}

function slackBlock(block, context, acts) {
  switch (block.type) {
    case "header":
      return h("div", { class: "block heading heading-2" }, decode(textOf(block.text)));
    case "section":
      return section(block, context, acts);
    case "context":
      return h("div", { class: "block small" }, (block.elements ?? []).map((part) => text(part, context, true)));
    case "divider":
      return h("hr");
    case "actions": {
      const controls = acts && (block.elements ?? []).map((element) => control(element, acts));
      return controls && h("div", { class: "block controls" }, controls);
    }
    default:
      return null;
  }
}

function section(block, context, acts) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, text(field, context)));
  return h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "section-body" },
      block.text && h("div", { class: "section-text" }, text(block.text, context)),
      fields.length > 0 && h("div", { class: "fields" }, fields),
    ),
    acts && block.accessory && control(block.accessory, acts),
  );
}

function text(part, context, inline = false) {
  if (part.type !== "mrkdwn") return h("span", {}, textOf(part));
  return inline ? h("span", {}, mrkdwn(textOf(part), context)) : mrkdwn(textOf(part), context);
}

function control(element, acts) {
  const label = textOf(element.text);
  if (element.type === "button" && element.url) {
    const node = link(element.url, label);
    node.classList.add("button");
    return node;
  }
  if (element.type === "button") {
    return h(
      "button",
      {
        type: "button",
        class: `button ${element.style ?? ""}`,
        "data-action": element.action_id,
        onclick: (event) => acts.press(event.currentTarget, element.action_id),
      },
      label,
    );
  }
  if (element.type === "static_select") return chooser(element, acts);
  return null;
}

function chooser(element, acts) {
  const options = element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
  const chosen = element.initial_option?.value;
  return h(
    "select",
    {
      class: "select",
      "data-action": element.action_id,
      "aria-label": textOf(element.placeholder) || "Choose",
      onchange: (event) => acts.select(event.currentTarget, element.action_id, event.currentTarget.value),
    },
    h("option", { value: "", disabled: true, selected: !chosen }, textOf(element.placeholder) || "Choose…"),
    options.map((option) => h("option", { value: option.value, selected: option.value === chosen }, textOf(option.text))),
  );
}

/** A form as modal.js shows it: what stands between the fields, and the fields. */
export function slackForm(modal, context) {
  const parts = (modal.blocks ?? []).map((block) => {
    if (block.type !== "input") return { node: slackBlock(block, context, null) };
    const element = block.element ?? {};
    const options = (element.options ?? []).map((option) => ({ value: option.value, label: textOf(option.text) }));
    const kinds = { static_select: "select", radio_buttons: "radio" };
    return {
      name: block.block_id,
      label: textOf(block.label),
      hint: textOf(block.hint),
      required: !block.optional,
      kind: kinds[element.type] ?? (element.multiline ? "paragraph" : "line"),
      placeholder: textOf(element.placeholder),
      value: element.initial_value ?? element.initial_option?.value ?? "",
      min: element.min_length,
      max: element.max_length,
      options,
    };
  });
  return {
    id: modal.id,
    title: textOf(modal.title),
    submit: textOf(modal.submit) || "Submit",
    close: textOf(modal.close) || "Cancel",
    parts,
  };
}
