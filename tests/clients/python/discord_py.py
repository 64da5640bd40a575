"""discord.py: gateway (compressed), commands, components, forms, files, limits."""

import asyncio
import io
import logging
import time

import discord
import yarl
from discord import app_commands

from sandbox import PATIENCE, SANDBOX, Person, Refused, call, count_calls, equal, finish, flow

# The client has no setting for either address.
discord.http.Route.BASE = f"{SANDBOX}/discord/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(call("/discord/api/v10/gateway")["url"])

GUILD = discord.Object(900000000000000001)
BOT = 900000000000000003
ANA = 900000000000000011
RAJ = 900000000000000012
OPS = 900000000000000022
POST_MESSAGE = "POST /channels/{id}/messages"


class Inbox(asyncio.Queue):
    async def next(self, what):
        try:
            return await asyncio.wait_for(self.get(), PATIENCE)
        except asyncio.TimeoutError:
            raise AssertionError(f"it never came: {what}") from None


class Bot(discord.Client):
    def __init__(self):
        intents = discord.Intents.default()
        intents.members = intents.message_content = True
        super().__init__(intents=intents)
        self.tree = app_commands.CommandTree(self)
        self.done, self.heard, self.resumed = Inbox(), Inbox(), Inbox()

    async def on_message(self, message):
        if message.author.id != BOT:
            await self.heard.put(message)

    async def on_resumed(self):
        await self.resumed.put("resumed")


class Why(discord.ui.Modal, title="Why now?"):
    reason = discord.ui.TextInput(label="Reason", style=discord.TextStyle.paragraph, min_length=5)
    risk = discord.ui.Label(
        text="Risk",
        component=discord.ui.Select(options=[discord.SelectOption(label="Low", value="1"), discord.SelectOption(label="High", value="3")]),
    )

    def __init__(self, bot):
        super().__init__()
        self.bot = bot

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"Noted: {self.reason.value}, risk {self.risk.component.values}")
        await self.bot.done.put(interaction)


class Vote(discord.ui.View):
    def __init__(self, bot):
        super().__init__(timeout=None)
        self.bot = bot

    @discord.ui.button(label="Approve", style=discord.ButtonStyle.success, custom_id="yes")
    async def yes(self, interaction, button):
        await interaction.response.edit_message(content="1 of 2 voted")
        await self.bot.done.put(interaction)

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
    async def who(self, interaction, select):
        await interaction.response.defer()
        await interaction.followup.send(f"Named {select.values[0].display_name}", ephemeral=True)
        await self.bot.done.put(select.values[0])


def add_commands(bot):
    deploy = app_commands.Group(name="deploy", description="Deploys services", guild_ids=[GUILD.id])

    @deploy.command(description="Starts a deployment")
    @app_commands.choices(speed=[app_commands.Choice(name="fast", value=2)])
    async def start(
        interaction: discord.Interaction,
        service: str,
        approver: discord.Member,
        room: discord.TextChannel = None,
        speed: int = 1,
    ):
        await interaction.response.send_message(f"{service} at {speed}", ephemeral=True)
        later = await interaction.followup.send("and out", allowed_mentions=discord.AllowedMentions.none(), wait=True)
        await interaction.edit_original_response(content="done")
        await bot.done.put((interaction, service, approver, room, speed, later))

    @start.autocomplete("service")
    async def services(interaction: discord.Interaction, current: str):
        return [app_commands.Choice(name=name.title(), value=name) for name in ("payments", "parcels") if name.startswith(current)]

    @deploy.command(description="Reports later")
    async def report(interaction: discord.Interaction):
        await interaction.response.defer(ephemeral=True, thinking=True)
        file = discord.File(io.BytesIO(b"step,done\n"), "report.csv", description="What was done")
        await bot.done.put(await interaction.edit_original_response(content="The report", attachments=[file]))

    @bot.tree.command(description="Asks by a form", guild=GUILD)
    async def ask(interaction: discord.Interaction):
        await interaction.response.send_modal(Why(bot))

    @bot.tree.command(description="Who I am")
    @app_commands.default_permissions(manage_guild=True)
    async def about(interaction: discord.Interaction):
        await interaction.response.send_message("I am a bot")

    bot.tree.add_command(deploy)


async def script():
    ana, raj = Person("discord", "ana"), Person("discord", "raj")
    bot = Bot()
    add_commands(bot)

    async def does(deed, *args, **more):
        return await asyncio.to_thread(deed, *args, **more)

    async def fails(kind, awaitable):
        try:
            await awaitable
        except kind as error:
            return error
        raise AssertionError("it went well, and should not have")

    flow("the bot logs in, and knows the server")
    await fails(discord.LoginFailure, Bot().login("wrong.discord.token"))
    await bot.login("clients.discord.token")
    running = asyncio.create_task(bot.connect())
    await asyncio.wait_for(bot.wait_until_ready(), PATIENCE)
    equal((bot.user.id, bot.application_id), (BOT, 900000000000000002))
    guild = bot.get_guild(GUILD.id)
    equal((guild.name, guild.member_count, guild.owner_id), ("Harbour", 3, ANA))
    ops = guild.get_channel(OPS)
    equal((ops.name, ops.topic, ops.type), ("ops", "What runs", discord.ChannelType.text))
    assert ops.permissions_for(guild.me).send_messages and guild.me.guild_permissions.manage_channels
    equal((await bot.application_info()).owner.id, ANA)
    equal((await guild.fetch_member(RAJ)).display_name, "Raj Patel")
    equal([member.id for member in await guild.query_members("ra")], [RAJ])
    equal([member.id for member in await guild.query_members(user_ids=[RAJ])], [RAJ])
    equal(sorted([member.id async for member in guild.fetch_members(limit=None)]), sorted([BOT, ANA, RAJ]))
    assert bot.latency < PATIENCE, "a heartbeat was answered"

    flow("commands are registered, for the server and for everywhere")
    equal(sorted(command.name for command in await bot.tree.sync(guild=GUILD)), ["ask", "deploy"])
    (about,) = await bot.tree.sync()
    equal((about.name, about.default_member_permissions.manage_guild), ("about", True))
    equal({command.name for command in await bot.tree.fetch_commands(guild=GUILD)}, {"ask", "deploy"})

    flow("an option is completed while it is typed")
    offered = await does(ana.do, "autocomplete", channel="ops", path=["deploy", "start"], options={"service": "pay"}, focused="service")
    equal(offered["choices"], [{"name": "Payments", "value": "payments"}])

    flow("a command arrives with its options resolved, and is answered")
    await does(ana.do, "say", channel="ops", text="/deploy start service: payments approver: @raj room: #general speed: fast")
    interaction, service, approver, room, speed, later = await bot.done.next("the command")
    equal((service, approver.id, approver.display_name, room.name, speed), ("payments", RAJ, "Raj Patel", "general", 2))
    equal((interaction.user.id, interaction.user.display_name, interaction.channel.id), (ANA, "Ana Costa", OPS))
    assert interaction.permissions.administrator and interaction.app_permissions.send_messages
    equal((later.content, later.interaction_metadata.user.id), ("and out", ANA))
    own = await does(ana.waits_for, "ops", lambda message: message["raw"]["content"] == "done")
    assert own["ephemeral"]
    await interaction.delete_original_response()
    assert not any(message["id"] == own["id"] for message in await does(ana.sees, "ops"))

    flow("an answer is promised first, and given later with a file")
    await does(ana.do, "say", channel="ops", text="/deploy report")
    given = await bot.done.next("the report")
    equal((given.content, given.flags.ephemeral, given.flags.loading), ("The report", True, False))
    equal((given.attachments[0].filename, given.attachments[0].description), ("report.csv", "What was done"))
    equal(await given.attachments[0].read(), b"step,done\n")

    flow("a form is shown, refused by the client, and sent")
    await does(ana.do, "say", channel="ops", text="/ask")
    await fails(Refused, does(lambda: ana.will_submit(**values(ana, "no", "1")).result()))
    await does(lambda: ana.will_submit(**values(ana, "cards fail", "High")).result())
    sent = await bot.done.next("the form")
    equal(sent.type, discord.InteractionType.modal_submit)
    assert await does(ana.waits_for, "ops", lambda message: message["raw"]["content"] == "Noted: cards fail, risk ['3']")
    equal(await does(ana.form), None)

    flow("buttons and lists of a message")
    card = await ops.send("Vote", view=Vote(bot))
    await does(ana.do, "press", channel="ops", message=str(card.id), action="yes")
    click = await bot.done.next("the click")
    equal((click.data["custom_id"], click.message.id, click.message.content), ("yes", card.id, "Vote"))
    await does(ana.do, "select", channel="ops", message=str(card.id), action="who", value="raj")
    equal((await bot.done.next("the choice")).id, RAJ)
    assert (await does(ana.waits_for, "ops", lambda message: message["raw"]["content"] == "Named Raj Patel"))["ephemeral"]

    flow("messages are edited, pinned, found, answered and deleted")
    equal((await ops.fetch_message(card.id)).content, "1 of 2 voted")
    edited = await card.edit(content="Decided", embed=discord.Embed(title="By 2 of 2", colour=0x00AA00), view=None)
    equal((edited.content, edited.embeds[0].title, edited.components), ("Decided", "By 2 of 2", []))
    assert edited.edited_at
    await card.pin()
    equal([message.id async for message in ops.pins()], [card.id])
    await card.unpin()
    answer = await card.reply("Thanks")
    equal((answer.reference.message_id, answer.type), (card.id, discord.MessageType.reply))
    equal(answer.reference.resolved.id, card.id)
    await answer.add_reaction("👀")
    fetched = await ops.fetch_message(answer.id)
    equal((str(fetched.reactions[0].emoji), fetched.reactions[0].count, fetched.reactions[0].me), ("👀", 1, True))
    equal([user.id async for user in fetched.reactions[0].users()], [BOT])
    await answer.remove_reaction("👀", bot.user)
    history = [message.id async for message in ops.history(limit=200)]
    equal(history[0], answer.id)
    assert history == sorted(history, reverse=True) and card.id in history
    await answer.delete()
    equal((await fails(discord.NotFound, ops.fetch_message(answer.id))).code, 10008)

    flow("what people say arrives")
    quiet = discord.AllowedMentions(everyone=False, users=[discord.Object(RAJ)], roles=False)
    pinged = await ops.send(f"<@{RAJ}> and <@{ANA}> and @everyone", allowed_mentions=quiet)
    equal(([user.id for user in pinged.mentions], pinged.mention_everyone), ([RAJ], False))
    await does(ana.do, "say", channel="ops", text="@raj it is done")
    message = await bot.heard.next("the message")
    equal((message.content, message.author.id, message.mentions[0].id), (f"<@{RAJ}> it is done", ANA, RAJ))

    flow("a channel is made for a few, changed and removed; one person is written to")
    overwrites = {
        guild.default_role: discord.PermissionOverwrite(view_channel=False),
        guild.me: discord.PermissionOverwrite(view_channel=True),
        guild.get_member(RAJ): discord.PermissionOverwrite(view_channel=True),
    }
    made = await guild.create_text_channel("INC 1 Cards fail", topic="sev1", overwrites=overwrites)
    equal((made.name, made.topic, len(made.overwrites)), ("inc-1-cards-fail", "sev1", 3))
    await made.edit(topic="sev2")
    equal((await bot.fetch_channel(made.id)).topic, "sev2")
    await made.delete()
    equal((await fails(discord.NotFound, bot.fetch_channel(made.id))).code, 10003)
    whisper = await guild.get_member(RAJ).send("psst")
    equal((whisper.channel.type, whisper.channel.recipient.id), (discord.ChannelType.private, RAJ))
    assert await does(raj.waits_for, str(whisper.channel.id), lambda message: message["raw"]["content"] == "psst")

    flow("files travel with messages")
    files = [discord.File(io.BytesIO(b"step,done\n"), "run book.csv"), discord.File(io.BytesIO(b"\x00\xff"), "a.bin")]
    message = await ops.send("Files", files=files)
    equal([(file.filename, file.size) for file in message.attachments], [("run_book.csv", 10), ("a.bin", 2)])
    equal(await message.attachments[1].read(), b"\x00\xff")
    fewer = await message.remove_attachments(message.attachments[1])
    equal([file.filename for file in fewer.attachments], ["run_book.csv"])

    flow("a body that Discord refuses is told field by field")
    refused = await fails(discord.HTTPException, ops.send("x" * 2001))
    equal((refused.status, refused.code), (400, 50035))
    assert "In content: Must be 2000 or fewer in length." in refused.text, refused.text

    flow("a 429 is waited for, and a spent budget is not overdrawn")
    before, began = count_calls("discord", POST_MESSAGE), time.monotonic()
    call("/api/discord/fault", {"kind": "rate_limit", "route": POST_MESSAGE, "times": 1, "retry_after_millis": 400})
    await ops.send("after a 429")
    assert time.monotonic() - began >= 0.4
    equal(count_calls("discord", POST_MESSAGE) - before, 2)
    before, began = count_calls("discord", POST_MESSAGE), time.monotonic()
    call("/api/discord/fault", {"kind": "exhaust", "route": POST_MESSAGE, "times": 1, "reset_after_millis": 700})
    await ops.send("the last of the budget")
    await ops.send("the first of the next")
    assert time.monotonic() - began >= 0.7, "the client waits for the next budget"
    equal(count_calls("discord", POST_MESSAGE) - before, 2)

    flow("a lost connection is resumed, and nothing is missed")
    for kind in ("drop", "reconnect"):
        await does(call, "/api/discord/connections", {"kind": kind})
        await does(ana.do, "say", channel="ops", text=f"said while away: {kind}")
        await bot.resumed.next("RESUMED")
        equal((await bot.heard.next("the missed message")).content, f"said while away: {kind}")
    await does(ana.do, "say", channel="ops", text="/deploy report")
    equal((await bot.done.next("the report")).content, "The report")

    await bot.close()
    await running


def values(person, reason, risk):
    """What goes into the form, by the ids that the client has given its fields."""
    first, second = person.form()["components"]
    return {field(first)["custom_id"]: reason, field(second)["custom_id"]: risk}


def field(row):
    return row.get("component") or row["components"][0]


logging.basicConfig(level=logging.ERROR)
finish(lambda: asyncio.run(script()))
