// Commands while they are typed: what could follow. The platform itself reads the line that is sent.

const SUBCOMMAND = 1;
const GROUP = 2;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;

/** As many as fit above the composer without hiding the conversation. */
const SUGGESTIONS_MAX = 8;

/** Gives `{items: [{insert, label, detail}], hint}` for Slack's registered commands. */
export function slackSuggestions(text, view) {
  if (!text.startsWith("/")) return { items: [], hint: null };
  const commands = view.commands ?? [];
  const [word] = text.split(/\s/, 1);
  if (word === text) {
    const items = commands
      .filter(({ command }) => command.startsWith(word))
      .map(({ command, description, usage_hint: usage }) => ({
        insert: `${command} `,
        label: usage ? `${command} ${usage}` : command,
        detail: description ?? "",
      }));
    return { items: items.slice(0, SUGGESTIONS_MAX), hint: null };
  }
  const known = commands.find(({ command }) => command === word);
  if (!known) return { items: [], hint: `${word} is not a command of this workspace.` };
  return { items: [], hint: `${known.command} ${known.usage_hint ?? ""}` };
}

/** The same for Discord: commands, then groups and subcommands, then options and their choices. */
export function discordSuggestions(text, view) {
  if (!text.startsWith("/")) return { items: [], hint: null };
  const walked = walk(text, view.commands ?? []);
  if (!walked.leaf) {
    const items = walked.children.flatMap((child) => leaves(child, walked.typed));
    const typed = walked.rest.toLowerCase();
    const fitting = items.filter(({ path }) => path.slice(walked.typed.length).join(" ").startsWith(typed));
    const hint = fitting.length > 0 ? null : `${text.trim()} is not a command of this server.`;
    return { items: fitting.slice(0, SUGGESTIONS_MAX).map(suggestion), hint };
  }
  return optionSuggestions(text, walked, view);
}

function suggestion({ path, leaf }) {
  const options = (leaf.options ?? []).map((option) => (option.required ? option.name : `${option.name}?`));
  return {
    insert: `/${path.join(" ")} `,
    label: `/${path.join(" ")}`,
    detail: [leaf.description, options.join(" ")].filter(Boolean).join(" — "),
  };
}

function isBranch(option) {
  return option.type === SUBCOMMAND || option.type === GROUP;
}

/** Every command that can be run at or below a node. */
function leaves(node, path) {
  const here = [...path, node.name];
  const branches = (node.options ?? []).filter(isBranch);
  return branches.length > 0 ? branches.flatMap((branch) => leaves(branch, here)) : [{ path: here, leaf: node }];
}

/** Follows the words of a command as far as they are complete: `{typed, rest, children}` or with `leaf` at the end. */
function walk(text, commands) {
  let children = commands.filter((command) => (command.type ?? 1) === 1);
  let rest = text.slice(1);
  const typed = [];
  for (;;) {
    const found = /^(\S+)(\s+|$)/.exec(rest);
    const child = found && children.find((child) => child.name === found[1].toLowerCase());
    if (!child || (found[2] === "" && isUnfinished(child, children, found[1]))) return { typed, rest, children };
    typed.push(child.name);
    rest = rest.slice(found[0].length);
    const branches = (child.options ?? []).filter(isBranch);
    if (branches.length === 0) return { typed, rest, leaf: child };
    children = branches;
  }
}

/** A word without a space after it may still become a longer one. */
function isUnfinished(child, children, word) {
  const isBranching = (child.options ?? []).some(isBranch);
  return isBranching || children.some((other) => other !== child && other.name.startsWith(word));
}

function optionSuggestions(text, { leaf, rest, typed: path }, view) {
  const options = leaf.options ?? [];
  const given = named(rest, options);
  // Words before the first named option go to the first required one, else to the first that is open.
  const unnamed = options.filter((option) => !given.has(option.name));
  const taker = startsFree(rest, options) && (unnamed.find((option) => option.required) ?? unnamed[0]);
  const open = unnamed.filter((option) => option !== taker);
  const hint = open.map((option) => `${option.name}:${option.required ? "" : " (optional)"} ${option.description ?? ""}`);
  const value = /(?:^|\s)([\w-]+):(\S*)$/.exec(text);
  const asked = value && options.find((option) => option.name === value[1]);
  if (asked) {
    if (asked.autocomplete) {
      const before = text.slice(0, text.length - value[2].length);
      const ask = { path, options: {}, option: asked.name, text: value[2], before };
      return { items: [], hint: `${asked.name}: ${asked.description ?? ""}`, ask };
    }
    const typed = value[2].replace(/^[@#]/, "").toLowerCase();
    const items = choicesOf(asked, view)
      .filter((choice) => choice.toLowerCase().startsWith(typed) && choice.toLowerCase() !== typed)
      .map((choice) => ({ insert: `${text.slice(0, text.length - value[2].length)}${choice} `, label: choice, detail: "" }));
    return { items: items.slice(0, SUGGESTIONS_MAX), hint: `${asked.name}: ${asked.description ?? ""}` };
  }
  const typed = /\s(\S*)$/.exec(text)?.[1] ?? "";
  const items = open
    .filter((option) => typed !== "" && option.name.startsWith(typed.toLowerCase()))
    .map((option) => ({
      insert: `${text.slice(0, text.length - typed.length)}${option.name}:`,
      label: `${option.name}:`,
      detail: option.description ?? "",
    }));
  return { items, hint: hint.join("  ·  ") || "Enter sends it." };
}

function choicesOf(option, view) {
  if (option.choices?.length > 0) return option.choices.map((choice) => choice.name);
  if (option.type === BOOLEAN) return ["true", "false"];
  if (option.type === USER) return view.users.map((user) => `@${user.handle}`);
  if (option.type === CHANNEL) return view.channels.filter((it) => it.kind !== "direct").map((it) => `#${it.name}`);
  return [];
}

/** The options that are named in "words sev:2 more". */
function named(text, options) {
  const found = options.filter(({ name }) => new RegExp(`(?:^|\\s)${name}:`).test(text));
  return new Set(found.map(({ name }) => name));
}

/** Whether a finished word that names no option stands first. */
function startsFree(text, options) {
  const word = /^(\S+)\s/.exec(text)?.[1];
  return word !== undefined && !options.some(({ name }) => word.startsWith(`${name}:`));
}
