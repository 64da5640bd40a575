// @slack/web-api and @slack/socket-mode: the plain clients.
"use strict";

const { WebClient, WebClientEvent, ErrorCode } = require("@slack/web-api");
const { SocketModeClient } = require("@slack/socket-mode");
const { assert, SANDBOX, call, Person, Inbox, countCalls, errorOf, run } = require("./sandbox.js");

const slackApiUrl = `${SANDBOX}/slack/api/`;
const web = new WebClient("xoxb-clients", { slackApiUrl });
const ana = new Person("slack", "ana");

const button = {
  type: "actions",
  block_id: "decision",
  elements: [{ type: "button", action_id: "approve", value: "v42", text: { type: "plain_text", text: "Approve" } }],
};
const section = (text) => ({ type: "section", text: { type: "mrkdwn", text } });

run(async (flow) => {
  const socket = new SocketModeClient({ appToken: "xapp-clients", clientPingTimeout: 1_500, clientOptions: { slackApiUrl } });
  const commands = new Inbox();
  const clicks = new Inbox();
  const events = new Inbox();
  const connections = new Inbox();
  socket.on("slash_commands", (envelope) => commands.put(envelope));
  socket.on("interactive", (envelope) => clicks.put(envelope));
  socket.on("connected", () => connections.put("connected"));
  socket.on("message", async (envelope) => {
    await envelope.ack();
    events.put(envelope);
  });

  await flow("the token is known, and a wrong one is not", async () => {
    const me = await web.auth.test();
    assert.deepEqual([me.team_id, me.user_id, me.bot_id, me.team], ["T0HARBOUR", "U0BOT", "B0BOT", "Harbour"]);
    assert.ok(me.response_metadata.scopes.includes("chat:write"), "the token's scopes are told");
    const error = await errorOf(new WebClient("xoxb-wrong", { slackApiUrl }).auth.test());
    assert.deepEqual([error.code, error.data.error], [ErrorCode.PlatformError, "invalid_auth"]);
  });

  await flow("Socket Mode connects", async () => {
    const opened = await socket.start();
    assert.equal(opened.ok, true);
    await connections.next("hello");
  });

  await flow("a message is an event", async () => {
    await ana.says("ops", "is anyone deploying?");
    const { event, body } = await events.next("the event");
    assert.deepEqual([event.user, event.channel, event.channel_type], ["U0ANA", "C0OPS", "channel"]);
    assert.equal(event.text, "is anyone deploying?");
    assert.match(body.event_id, /^Ev/);
  });

  await flow("a slash command is acknowledged and answered through its response_url", async () => {
    const typed = ana.says("ops", "/deploy payments to <everyone>");
    const { ack, body, accepts_response_payload } = await commands.next("the command");
    assert.equal(accepts_response_payload, true);
    assert.deepEqual([body.command, body.text], ["/deploy", "payments to &lt;everyone&gt;"]);
    assert.deepEqual([body.user_id, body.channel_id, body.channel_name], ["U0ANA", "C0OPS", "ops"]);
    await ack({ text: "On it" });
    await typed;
    const answer = (body) =>
      fetch(body.response_url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ response_type: "in_channel", text: "payments is deployed" }),
      });
    const answered = await answer(body);
    assert.deepEqual([answered.status, await answered.text()], [200, "ok"]);
    const own = await ana.waitsFor("ops", (message) => message.raw.text === "On it");
    assert.equal(own.ephemeral, true);
    const open = await ana.waitsFor("ops", (message) => message.raw.text === "payments is deployed");
    assert.equal(open.ephemeral, false);
  });

  let posted;
  await flow("a message is posted, edited and linked to", async () => {
    posted = await web.chat.postMessage({ channel: "C0OPS", text: "v42 waits", blocks: [section("*v42* waits"), button] });
    assert.match(posted.ts, /^\d+\.\d{6}$/);
    assert.deepEqual([posted.message.bot_id, posted.message.user, posted.message.type], ["B0BOT", "U0BOT", "message"]);
    assert.equal(posted.message.blocks[1].block_id, "decision");
    const edited = await web.chat.update({ channel: posted.channel, ts: posted.ts, text: "v42", blocks: [section("v42"), button] });
    assert.deepEqual([edited.ts, edited.text, edited.message.edited.user], [posted.ts, "v42", "U0BOT"]);
    const link = await web.chat.getPermalink({ channel: "C0OPS", message_ts: posted.ts });
    assert.ok(link.permalink.endsWith(`/archives/C0OPS/p${posted.ts.replace(".", "")}`));
  });

  await flow("one person alone is told something", async () => {
    const { message_ts } = await web.chat.postEphemeral({ channel: "C0OPS", user: "U0ANA", text: "just you" });
    const seen = (await ana.sees("ops")).find((message) => message.id === message_ts);
    assert.equal(seen.ephemeral, true);
    assert.ok(!(await new Person("slack", "raj").sees("ops")).some((message) => message.id === message_ts));
  });

  await flow("a click opens a form, which is refused, corrected and taken", async () => {
    const pressed = ana.presses("ops", posted.ts, "approve");
    const { ack, body } = await clicks.next("the click");
    assert.equal(body.type, "block_actions");
    assert.deepEqual([body.user.id, body.channel.id, body.message.ts], ["U0ANA", "C0OPS", posted.ts]);
    const [action] = body.actions;
    assert.deepEqual([action.action_id, action.block_id, action.value, action.type], ["approve", "decision", "v42", "button"]);
    await ack();
    await pressed;
    const opened = await web.views.open({
      trigger_id: body.trigger_id,
      view: {
        type: "modal",
        callback_id: "why",
        private_metadata: posted.ts,
        title: { type: "plain_text", text: "Approve v42" },
        submit: { type: "plain_text", text: "Approve" },
        blocks: [
          {
            type: "input",
            block_id: "reason",
            label: { type: "plain_text", text: "Why" },
            element: { type: "plain_text_input", action_id: "text" },
          },
        ],
      },
    });
    assert.match(opened.view.id, /^V/);
    assert.equal((await ana.form()).title, "Approve v42");

    const refused = ana.submits({ reason: "no" });
    const first = await clicks.next("the form");
    assert.deepEqual([first.body.type, first.body.view.callback_id], ["view_submission", "why"]);
    assert.deepEqual(first.body.view.state.values.reason.text, { type: "plain_text_input", value: "no" });
    assert.equal(first.body.view.private_metadata, posted.ts);
    await first.ack({ response_action: "errors", errors: { reason: "Say more" } });
    await refused;
    assert.deepEqual((await ana.form()).errors, { reason: "Say more" });

    const taken = ana.submits({ reason: "tested twice" });
    const second = await clicks.next("the form");
    assert.equal(second.body.view.state.values.reason.text.value, "tested twice");
    await second.ack();
    await taken;
    assert.equal(await ana.form(), null);
    const stale = await errorOf(web.views.open({ trigger_id: body.trigger_id, view: { type: "modal", title: { type: "plain_text", text: "x" }, blocks: [] } }));
    assert.equal(stale.data.error, "exchanged_trigger_id");
  });

  await flow("a file is uploaded in three steps and shared", async () => {
    const content = "step,done\nbackup,yes\n";
    const result = await web.files.uploadV2({
      channel_id: "C0OPS",
      filename: "runbook.csv",
      title: "Runbook",
      initial_comment: "The plan",
      file: Buffer.from(content),
    });
    const file = result.files[0].files[0];
    assert.deepEqual([file.name, file.title, file.mimetype, file.size], ["runbook.csv", "Runbook", "text/csv", content.length]);
    const message = await ana.waitsFor("ops", (message) => message.raw.files.length > 0);
    assert.deepEqual([message.raw.text, message.raw.files[0].id], ["The plan", file.id]);
    const kept = await fetch(file.url_private, { headers: { authorization: "Bearer xoxb-clients" } });
    assert.equal(await kept.text(), content);
    const told = await web.files.info({ file: file.id });
    assert.deepEqual([told.file.id, told.file.channels], [file.id, ["C0OPS"]]);
  });

  await flow("a channel is made, filled, described and read page by page", async () => {
    const { channel } = await web.conversations.create({ name: "inc-1-cards-fail", is_private: true });
    assert.deepEqual([channel.name, channel.is_private, channel.creator], ["inc-1-cards-fail", true, "U0BOT"]);
    const invited = await web.conversations.invite({ channel: channel.id, users: "U0ANA,U0RAJ" });
    assert.equal(invited.channel.id, channel.id);
    const { members } = await web.conversations.members({ channel: channel.id });
    assert.deepEqual([...members].sort(), ["U0ANA", "U0BOT", "U0RAJ"]);
    await web.conversations.setTopic({ channel: channel.id, topic: "sev1" });
    const info = await web.conversations.info({ channel: channel.id, include_num_members: true });
    assert.deepEqual([info.channel.topic.value, info.channel.num_members], ["sev1", 3]);
    for (const text of ["one", "two", "three"]) await web.chat.postMessage({ channel: channel.id, text });
    const texts = [];
    for await (const page of web.paginate("conversations.history", { channel: channel.id, limit: 2 })) {
      assert.ok(page.messages.length <= 2);
      texts.push(...page.messages.filter((message) => !message.subtype).map((message) => message.text));
    }
    assert.deepEqual(texts, ["three", "two", "one"]);
    const names = [];
    let pages = 0;
    for await (const page of web.paginate("conversations.list", { types: "public_channel,private_channel", limit: 2 })) {
      pages += 1;
      names.push(...page.channels.map((channel) => channel.name));
    }
    assert.equal(pages, 3);
    assert.deepEqual(names.sort(), ["deploys", "general", "inc-1-cards-fail", "ops", "random", "status"]);
    const taken = await errorOf(web.conversations.create({ name: "inc-1-cards-fail" }));
    assert.equal(taken.data.error, "name_taken");
  });

  await flow("a thread is answered and read", async () => {
    const reply = await web.chat.postMessage({ channel: "C0OPS", thread_ts: posted.ts, text: "done" });
    assert.equal(reply.message.thread_ts, posted.ts);
    const { messages } = await web.conversations.replies({ channel: "C0OPS", ts: posted.ts });
    assert.deepEqual(messages.map((message) => message.ts), [posted.ts, reply.ts]);
    assert.deepEqual([messages[0].reply_count, messages[0].latest_reply], [1, reply.ts]);
  });

  await flow("pins, reactions and people", async () => {
    await web.pins.add({ channel: "C0OPS", timestamp: posted.ts });
    const { items } = await web.pins.list({ channel: "C0OPS" });
    assert.deepEqual([items[0].message.ts, items[0].created_by], [posted.ts, "U0BOT"]);
    await web.reactions.add({ channel: "C0OPS", timestamp: posted.ts, name: "eyes" });
    const { messages } = await web.conversations.history({ channel: "C0OPS", latest: posted.ts, inclusive: true, limit: 1 });
    assert.deepEqual(messages[0].reactions, [{ name: "eyes", users: ["U0BOT"], count: 1 }]);
    const { user } = await web.users.info({ user: "U0ANA" });
    assert.deepEqual([user.name, user.profile.email, user.is_bot], ["ana", "ana@harbour.example", false]);
    assert.equal((await web.users.lookupByEmail({ email: "raj@harbour.example" })).user.id, "U0RAJ");
    const { channel } = await web.conversations.open({ users: "U0RAJ" });
    await web.chat.postMessage({ channel: channel.id, text: "psst" });
    assert.ok(await new Person("slack", "raj").waitsFor(channel.id, (message) => message.raw.text === "psst"));
  });

  await flow("refusals are the client's own errors", async () => {
    const nowhere = await errorOf(web.chat.postMessage({ channel: "C0NOWHERE", text: "?" }));
    assert.deepEqual([nowhere.code, nowhere.data.error], [ErrorCode.PlatformError, "channel_not_found"]);
    const malformed = await errorOf(web.chat.postMessage({ channel: "C0OPS", text: "?", blocks: [{ type: "nonsense" }] }));
    assert.equal(malformed.data.error, "invalid_blocks");
    assert.match(malformed.data.response_metadata.messages[0], /\/blocks\/0/);
  });

  await flow("a 429 is waited for and tried again", async () => {
    await call("/api/slack/fault", { kind: "rate_limit", method: "chat.postMessage", times: 1, retry_after_secs: 1 });
    const before = await countCalls("slack", "chat.postMessage");
    const waits = new Inbox();
    web.once(WebClientEvent.RATE_LIMITED, (seconds) => waits.put(seconds));
    const result = await web.chat.postMessage({ channel: "C0OPS", text: "patience" });
    assert.equal(result.ok, true);
    assert.equal(await waits.next("the wait"), 1);
    assert.equal((await countCalls("slack", "chat.postMessage")) - before, 2);
  });

  await flow("the connection is refreshed, lost and found", async () => {
    for (const trouble of [{ kind: "disconnect", reason: "refresh_requested" }, { kind: "drop" }]) {
      await call("/api/slack/connections", trouble);
      await connections.next(`a new connection after ${trouble.kind}`);
      const typed = ana.says("ops", "/deploy again");
      const { ack, body } = await commands.next("the command");
      assert.equal(body.text, "again");
      await ack();
      await typed;
    }
  });

  await socket.disconnect();
});
