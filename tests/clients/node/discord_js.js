// discord.js: gateway, commands, components, forms, files, limits.
"use strict";

const {
  ActionRowBuilder,
  ApplicationIntegrationType,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  Client,
  DiscordAPIError,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  InteractionContextType,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  PermissionFlagsBits,
  RESTEvents,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
  UserSelectMenuBuilder,
} = require("discord.js");
const { assert, SANDBOX, call, Person, Inbox, countCalls, errorOf, run } = require("./sandbox.js");

const GUILD = "900000000000000001";
const BOT = "900000000000000003";
const ANA = "900000000000000011";
const RAJ = "900000000000000012";
const OPS = "900000000000000022";
const POST_MESSAGE = "POST /channels/{id}/messages";

const ana = new Person("discord", "ana");

const deploy = new SlashCommandBuilder()
  .setName("deploy")
  .setDescription("Deploys services")
  .setIntegrationTypes(ApplicationIntegrationType.GuildInstall)
  .setContexts(InteractionContextType.Guild)
  .addSubcommand((sub) =>
    sub
      .setName("start")
      .setDescription("Starts a deployment")
      .addStringOption((option) =>
        option.setName("service").setDescription("Which").setRequired(true).setAutocomplete(true),
      )
      .addUserOption((option) => option.setName("approver").setDescription("Who approves"))
      .addChannelOption((option) => option.setName("room").setDescription("Where it is told"))
      .addIntegerOption((option) =>
        option.setName("speed").setDescription("How fast").addChoices({ name: "slow", value: 1 }, { name: "fast", value: 2 }),
      ),
  )
  .addSubcommandGroup((group) =>
    group
      .setName("freeze")
      .setDescription("Freezes")
      .addSubcommand((sub) => sub.setName("on").setDescription("Begins a freeze")),
  );
const ask = new SlashCommandBuilder().setName("ask").setDescription("Asks by a form");

const row = (...components) => new ActionRowBuilder().addComponents(...components);
const button = (id, label) => new ButtonBuilder().setCustomId(id).setLabel(label).setStyle(ButtonStyle.Success);

const form = () =>
  new ModalBuilder()
    .setCustomId("why")
    .setTitle("Why now?")
    .addLabelComponents(
      new LabelBuilder()
        .setLabel("Reason")
        .setTextInputComponent(new TextInputBuilder().setCustomId("reason").setStyle(TextInputStyle.Paragraph).setMinLength(5)),
      new LabelBuilder()
        .setLabel("Risk")
        .setStringSelectMenuComponent(
          new StringSelectMenuBuilder().setCustomId("risk").addOptions({ label: "Low", value: "1" }, { label: "High", value: "3" }),
        ),
    );

run(async (flow) => {
  const intents = [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMembers,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.DirectMessages,
    GatewayIntentBits.MessageContent,
  ];
  const client = new Client({ intents, rest: { api: `${SANDBOX}/discord/api` } });
  const interactions = new Inbox();
  const messages = new Inbox();
  const resumed = new Inbox();
  client.on(Events.InteractionCreate, (interaction) => interactions.put(interaction));
  client.on(Events.MessageCreate, (message) => message.author.id !== BOT && messages.put(message));
  client.on(Events.ShardResume, (shard, replayed) => resumed.put(replayed));

  /** The interaction that something brings about; `after` lets the person's side end. */
  const interaction = async (deed) => {
    const ended = deed;
    const arrived = await interactions.next("the interaction");
    return { arrived, after: () => ended };
  };

  let guild;
  let ops;
  await flow("the bot logs in, and knows the server", async () => {
    const wrong = new Client({ intents, rest: { api: `${SANDBOX}/discord/api` } });
    assert.match((await errorOf(wrong.login("wrong.discord.token"))).message, /invalid token/i);
    const ready = new Inbox();
    client.once(Events.ClientReady, (it) => ready.put(it));
    await client.login("clients.discord.token");
    await ready.next("READY");
    assert.deepEqual([client.user.id, client.user.bot, client.application.id], [BOT, true, "900000000000000002"]);
    guild = client.guilds.cache.get(GUILD);
    assert.deepEqual([guild.name, guild.available, guild.memberCount, guild.ownerId], ["Harbour", true, 3, ANA]);
    ops = guild.channels.cache.get(OPS);
    assert.deepEqual([ops.name, ops.topic, ops.type], ["ops", "What runs", ChannelType.GuildText]);
    assert.ok(guild.members.me.permissions.has(PermissionFlagsBits.ManageChannels));
    assert.ok(ops.permissionsFor(guild.members.me).has(PermissionFlagsBits.SendMessages));
    assert.equal((await client.application.fetch()).name, "Wardroom");
  });

  await flow("members are fetched, one by REST and all by the gateway", async () => {
    const raj = await guild.members.fetch({ user: RAJ, force: true });
    assert.deepEqual([raj.user.username, raj.displayName], ["raj", "Raj Patel"]);
    assert.deepEqual([...(await guild.members.fetch()).keys()].sort(), [BOT, ANA, RAJ].sort());
    const found = await guild.members.fetch({ query: "ra", limit: 5 });
    assert.deepEqual([...found.keys()], [RAJ]);
  });

  await flow("commands are registered, for the server and for everywhere", async () => {
    const registered = await guild.commands.set([deploy, ask]);
    assert.deepEqual(registered.map((command) => command.name).sort(), ["ask", "deploy"]);
    const global = await client.application.commands.set([
      new SlashCommandBuilder().setName("about").setDescription("Who I am").setDefaultMemberPermissions(32n),
    ]);
    assert.equal(global.first().defaultMemberPermissions.bitfield, 32n);
    assert.equal((await client.application.commands.fetch()).size, 1);
    const fetched = (await guild.commands.fetch()).find((command) => command.name === "deploy");
    assert.equal(fetched.options[0].options[0].autocomplete, true);
    assert.ok(fetched.equals(JSON.parse(JSON.stringify(deploy))), "what was registered is what is kept");
  });

  await flow("an option is completed while it is typed", async () => {
    const typed = ana.do("autocomplete", { channel: "ops", path: ["deploy", "start"], options: { service: "pay" }, focused: "service" });
    const { arrived } = await interaction(typed);
    assert.ok(arrived.isAutocomplete());
    assert.deepEqual(arrived.options.getFocused(true), { name: "service", type: 3, value: "pay", focused: true });
    assert.equal(arrived.options.getSubcommand(), "start");
    await arrived.respond([{ name: "Payments", value: "payments" }]);
    assert.deepEqual((await typed).choices, [{ name: "Payments", value: "payments" }]);
  });

  await flow("a command arrives with its options resolved, and is answered", async () => {
    const { arrived, after } = await interaction(
      ana.says("ops", "/deploy start service: payments approver: @raj room: #general speed: fast"),
    );
    assert.ok(arrived.isChatInputCommand());
    assert.deepEqual([arrived.commandName, arrived.options.getSubcommand()], ["deploy", "start"]);
    assert.deepEqual([arrived.options.getString("service"), arrived.options.getInteger("speed")], ["payments", 2]);
    assert.deepEqual([arrived.options.getUser("approver").id, arrived.options.getMember("approver").displayName], [RAJ, "Raj Patel"]);
    assert.equal(arrived.options.getChannel("room").name, "general");
    assert.deepEqual([arrived.user.id, arrived.member.displayName, arrived.channel.name], [ANA, "Ana Costa", "ops"]);
    assert.ok(arrived.memberPermissions.has(PermissionFlagsBits.Administrator));
    assert.ok(arrived.appPermissions.has(PermissionFlagsBits.SendMessages));
    const reply = await arrived.reply({ content: "Started", flags: MessageFlags.Ephemeral, withResponse: true });
    assert.deepEqual([reply.resource.message.content, reply.interaction.responseMessageEphemeral], ["Started", true]);
    await after();
    const more = await arrived.followUp({ content: "payments is out", allowedMentions: { parse: [] } });
    assert.deepEqual([more.content, more.interactionMetadata.user.id], ["payments is out", ANA]);
    await arrived.editReply("Started and done");
    const own = await ana.waitsFor("ops", (message) => message.raw.content === "Started and done");
    assert.equal(own.ephemeral, true);
    await arrived.deleteReply();
    assert.ok(!(await ana.sees("ops")).some((message) => message.id === own.id));
    const twice = await errorOf(arrived.client.rest.post(`/interactions/${arrived.id}/${arrived.token}/callback`, { body: { type: 5 }, auth: false }));
    assert.equal(twice.code, 40060);
  });

  await flow("an answer is promised first, and given later", async () => {
    const { arrived, after } = await interaction(ana.says("ops", "/deploy freeze on"));
    assert.deepEqual([arrived.options.getSubcommandGroup(), arrived.options.getSubcommand()], ["freeze", "on"]);
    const promised = await arrived.deferReply({ withResponse: true });
    await after();
    assert.ok(promised.resource.message.flags.has(MessageFlags.Loading));
    const embed = new EmbedBuilder().setTitle("Frozen").setColor(0xcc0000).addFields({ name: "Until", value: "<t:1900000000:R>" });
    const given = await arrived.editReply({ embeds: [embed] });
    assert.deepEqual([given.id, given.embeds[0].title, given.editedAt], [promised.resource.message.id, "Frozen", null]);
    assert.equal((await arrived.fetchReply()).embeds[0].fields[0].name, "Until");
  });

  await flow("a form is shown, refused by the client, and sent", async () => {
    const { arrived, after } = await interaction(ana.says("ops", "/ask"));
    await arrived.showModal(form());
    await after();
    assert.equal((await ana.form()).title, "Why now?");
    assert.match((await errorOf(ana.submits({ reason: "no", risk: "1" }))).message, /5 or more/);
    const sent = await interaction(ana.submits({ reason: "cards fail", risk: "High" }));
    assert.ok(sent.arrived.isModalSubmit());
    assert.equal(sent.arrived.customId, "why");
    assert.equal(sent.arrived.fields.getTextInputValue("reason"), "cards fail");
    assert.deepEqual(sent.arrived.fields.getStringSelectValues("risk"), ["3"]);
    const noted = await sent.arrived.reply({ content: "Noted", withResponse: true });
    const { triggeringInteractionMetadata } = noted.resource.message.interactionMetadata;
    assert.deepEqual([triggeringInteractionMetadata.id, triggeringInteractionMetadata.user.id], [arrived.id, ANA]);
    await sent.after();
    assert.equal(await ana.form(), null);
  });

  let card;
  await flow("buttons and lists of a message", async () => {
    const users = new UserSelectMenuBuilder().setCustomId("who");
    const list = new StringSelectMenuBuilder().setCustomId("risk").addOptions({ label: "Low", value: "1" }, { label: "High", value: "3" });
    card = await ops.send({ content: "Vote", components: [row(button("yes", "Approve")), row(list), row(users)] });
    const pressed = await interaction(ana.presses("ops", card.id, "yes"));
    assert.ok(pressed.arrived.isButton());
    assert.deepEqual([pressed.arrived.customId, pressed.arrived.message.id, pressed.arrived.component.label], ["yes", card.id, "Approve"]);
    await pressed.arrived.update({ content: "1 of 2 voted" });
    await pressed.after();
    const chosen = await interaction(ana.chooses("ops", card.id, "risk", "High"));
    assert.ok(chosen.arrived.isStringSelectMenu());
    assert.deepEqual(chosen.arrived.values, ["3"]);
    await chosen.arrived.deferUpdate();
    await chosen.after();
    await chosen.arrived.editReply("Risk: high");
    const named = await interaction(ana.chooses("ops", card.id, "who", "raj"));
    assert.ok(named.arrived.isUserSelectMenu());
    assert.deepEqual([named.arrived.values, named.arrived.users.first().username, named.arrived.members.first().displayName], [[RAJ], "raj", "Raj Patel"]);
    const reply = await named.arrived.reply({ content: "Named", flags: MessageFlags.Ephemeral, withResponse: true });
    assert.equal(reply.resource.message.interactionMetadata.interactedMessageId, card.id);
    await named.after();
    assert.equal((await ana.sees("ops")).find((message) => message.id === card.id).raw.content, "Risk: high");
  });

  await flow("messages are edited, pinned, found, answered and deleted", async () => {
    await card.edit({ content: "Decided", components: [] });
    const fetched = await ops.messages.fetch({ message: card.id, force: true });
    assert.deepEqual([fetched.content, fetched.components.length, fetched.editedTimestamp > 0], ["Decided", 0, true]);
    await card.pin();
    const { items } = await ops.messages.fetchPins();
    assert.deepEqual(items.map((pin) => pin.message.id), [card.id]);
    await card.unpin();
    const answer = await card.reply({ content: "Thanks", allowedMentions: { repliedUser: false } });
    assert.equal(answer.reference.messageId, card.id);
    assert.equal((await answer.fetchReference()).id, card.id);
    const newest = await ops.messages.fetch({ limit: 1 });
    assert.equal(newest.first().id, answer.id);
    assert.ok(!(await ops.messages.fetch({ before: answer.id, limit: 2 })).has(answer.id));
    await answer.delete();
    assert.equal((await errorOf(ops.messages.fetch({ message: answer.id, force: true }))).code, 10008);
  });

  await flow("what people say arrives", async () => {
    await ana.says("ops", "@raj it is done");
    const message = await messages.next("the message");
    assert.deepEqual([message.content, message.author.id, message.member.displayName], [`<@${RAJ}> it is done`, ANA, "Ana Costa"]);
    assert.ok(message.mentions.users.has(RAJ));
    await message.react("👀");
    assert.deepEqual((await ops.messages.fetch({ message: message.id, force: true })).reactions.cache.get("👀").count, 1);
  });

  await flow("a channel is made for a few, changed and removed", async () => {
    const room = await guild.channels.create({
      name: "INC 1 Cards fail",
      topic: "sev1",
      permissionOverwrites: [
        { id: guild.roles.everyone.id, deny: [PermissionFlagsBits.ViewChannel] },
        { id: BOT, allow: [PermissionFlagsBits.ViewChannel] },
        { id: RAJ, allow: [PermissionFlagsBits.ViewChannel] },
      ],
    });
    assert.deepEqual([room.name, room.topic, room.permissionOverwrites.cache.size], ["inc-1-cards-fail", "sev1", 3]);
    assert.ok(room.permissionsFor(RAJ).has(PermissionFlagsBits.ViewChannel));
    await room.setTopic("sev2");
    assert.equal((await guild.channels.fetch(room.id, { force: true })).topic, "sev2");
    await room.delete();
    assert.equal(guild.channels.cache.has(room.id), false);
  });

  await flow("one person is written to", async () => {
    const raj = await client.users.fetch(RAJ);
    const sent = await raj.send("psst");
    assert.deepEqual([sent.channel.type, sent.channel.recipientId], [ChannelType.DM, RAJ]);
    assert.ok(await new Person("discord", "raj").waitsFor(sent.channelId, (message) => message.raw.content === "psst"));
  });

  await flow("files travel with messages and answers", async () => {
    const file = new AttachmentBuilder(Buffer.from("step,done\n"), { name: "run book.csv", description: "The plan" });
    const message = await ops.send({ content: "Files", files: [file] });
    const attachment = message.attachments.first();
    assert.deepEqual([attachment.name, attachment.size, attachment.description], ["run_book.csv", 10, "The plan"]);
    assert.equal(await (await fetch(attachment.url)).text(), "step,done\n");
    const both = await message.edit({ files: [new AttachmentBuilder(Buffer.from("log"), { name: "a.log" })], attachments: [attachment] });
    assert.deepEqual(both.attachments.map((kept) => kept.name).sort(), ["a.log", "run_book.csv"]);
    const { arrived, after } = await interaction(ana.says("ops", "/ask"));
    const reply = await arrived.reply({ files: [file], withResponse: true });
    assert.equal(reply.resource.message.attachments.first().name, "run_book.csv");
    await after();
  });

  await flow("a body that Discord refuses is told field by field", async () => {
    const error = await errorOf(ops.send({ content: "x".repeat(2001), embeds: [{ title: "x".repeat(257) }] }));
    assert.ok(error instanceof DiscordAPIError);
    assert.deepEqual([error.code, error.status], [50035, 400]);
    assert.equal(error.rawError.errors.content._errors[0].code, "BASE_TYPE_MAX_LENGTH");
    assert.equal(error.rawError.errors.embeds[0].title._errors[0].code, "BASE_TYPE_MAX_LENGTH");
    assert.match(error.message, /content\[BASE_TYPE_MAX_LENGTH\]/);
  });

  await flow("a 429 is waited for, and a spent budget is not overdrawn", async () => {
    const limits = new Inbox();
    client.rest.on(RESTEvents.RateLimited, (limit) => limits.put(limit));
    let before = await countCalls("discord", POST_MESSAGE);
    await call("/api/discord/fault", { kind: "rate_limit", route: POST_MESSAGE, times: 1, retry_after_millis: 400 });
    await ops.send("after a 429");
    assert.ok((await limits.next("the limit")).retryAfter >= 400);
    assert.equal((await countCalls("discord", POST_MESSAGE)) - before, 2);

    before = await countCalls("discord", POST_MESSAGE);
    const began = Date.now();
    await call("/api/discord/fault", { kind: "exhaust", route: POST_MESSAGE, times: 1, reset_after_millis: 700 });
    await ops.send("the last of the budget");
    await ops.send("the first of the next");
    assert.ok(Date.now() - began >= 700, "the client waits for the next budget");
    assert.equal((await countCalls("discord", POST_MESSAGE)) - before, 2, "and so is never refused");
  });

  await flow("a lost connection is resumed, and nothing is missed", async () => {
    for (const kind of ["drop", "reconnect"]) {
      await call("/api/discord/connections", { kind });
      await ana.says("ops", `said while away: ${kind}`);
      await resumed.next("RESUMED");
      assert.equal((await messages.next("the missed message")).content, `said while away: ${kind}`);
    }
    const { arrived, after } = await interaction(ana.says("ops", "/deploy freeze on"));
    await arrived.reply("still here");
    await after();
  });

  await client.destroy();
});
