// @slack/bolt: the framework, over Socket Mode.
"use strict";

const { App, LogLevel } = require("@slack/bolt");
const { assert, SANDBOX, Person, Inbox, errorOf, run } = require("./sandbox.js");

const ana = new Person("slack", "ana");

const form = (hint) => ({
  type: "modal",
  callback_id: "deploy",
  private_metadata: "C0DEPLOYS",
  notify_on_close: true,
  title: { type: "plain_text", text: "Deploy" },
  submit: { type: "plain_text", text: "Go" },
  blocks: [
    {
      type: "input",
      block_id: "service",
      label: { type: "plain_text", text: "Service" },
      element: {
        type: "static_select",
        action_id: "chosen",
        options: ["payments", "search", "push"].map((value) => ({ text: { type: "plain_text", text: value }, value })),
      },
    },
    {
      type: "input",
      block_id: "approvers",
      optional: true,
      label: { type: "plain_text", text: "Approvers" },
      element: { type: "multi_users_select", action_id: "people" },
    },
    { type: "context", elements: [{ type: "mrkdwn", text: hint }] },
  ],
});

const sure = {
  type: "modal",
  callback_id: "second",
  title: { type: "plain_text", text: "Sure?" },
  submit: { type: "plain_text", text: "Yes" },
  blocks: [{ type: "section", text: { type: "mrkdwn", text: "It cannot be undone." } }],
};

run(async (flow) => {
  const app = new App({
    token: "xoxb-clients",
    appToken: "xapp-clients",
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: `${SANDBOX}/slack/api/` },
  });
  const done = new Inbox();
  app.command("/deploy", async ({ command, ack, client, context, respond }) => {
    if (command.text === "quick") {
      await ack("Deploying at once");
      await respond({ response_type: "in_channel", text: "Deployed" });
      return done.put(context);
    }
    await ack();
    done.put((await client.views.open({ trigger_id: command.trigger_id, view: form("Choose") })).view);
  });
  app.view("deploy", async ({ ack, view, body, client }) => {
    if (view.state.values.service.chosen.selected_option.value === "search") {
      return ack({ response_action: "update", view: form("search is frozen") });
    }
    if (view.state.values.service.chosen.selected_option.value === "push") {
      return ack({ response_action: "push", view: sure });
    }
    await ack({ response_action: "clear" });
    const people = view.state.values.approvers.people.selected_users.map((id) => `<@${id}>`);
    const text = `<@${body.user.id}> deploys ${view.state.values.service.chosen.selected_option.value} with ${people.join(" ")}`;
    const elements = [{ type: "button", action_id: "stop", style: "danger", text: { type: "plain_text", text: "Stop" }, value: "payments" }];
    const menu = { type: "static_select", action_id: "speed", placeholder: { type: "plain_text", text: "Speed" }, options: form("").blocks[0].element.options };
    const blocks = [{ type: "section", text: { type: "mrkdwn", text } }, { type: "actions", elements: [...elements, menu] }];
    done.put(await client.chat.postMessage({ channel: view.private_metadata, text, blocks }));
  });
  app.view("second", async ({ ack, view }) => {
    await ack();
    done.put(view);
  });
  app.view({ callback_id: "deploy", type: "view_closed" }, async ({ ack, body }) => {
    await ack();
    done.put(body);
  });
  app.action("stop", async ({ ack, action, body, respond, say }) => {
    await ack();
    await respond({ replace_original: true, text: `${action.value} is stopped by <@${body.user.id}>` });
    done.put(await say({ text: "Stopped", thread_ts: body.message.ts }));
  });
  app.action("speed", async ({ ack, action }) => {
    await ack();
    done.put(action);
  });
  app.message(/^ping (\w+)/, async ({ context, message, say }) => {
    done.put({ said: await say(`pong ${context.matches[1]}`), message });
  });
  app.error(async (error) => done.put(error));

  await flow("the app starts", () => app.start());

  await flow("a message is answered where it was said", async () => {
    await ana.says("ops", "ping bolt");
    const { said, message } = await done.next("the answer");
    assert.deepEqual([message.user, message.channel, message.channel_type], ["U0ANA", "C0OPS", "channel"]);
    assert.deepEqual([said.message.text, said.channel], ["pong bolt", "C0OPS"]);
  });

  await flow("a command is answered at once and through respond()", async () => {
    await ana.says("ops", "/deploy quick");
    const context = await done.next("the command");
    assert.deepEqual([context.botId, context.botUserId, context.teamId], ["B0BOT", "U0BOT", "T0HARBOUR"]);
    assert.equal((await ana.waitsFor("ops", (message) => message.raw.text === "Deploying at once")).ephemeral, true);
    assert.equal((await ana.waitsFor("ops", (message) => message.raw.text === "Deployed")).ephemeral, false);
  });

  let posted;
  await flow("a form is opened, replaced and taken", async () => {
    await ana.says("ops", "/deploy");
    const view = await done.next("the form");
    assert.deepEqual([view.callback_id, view.root_view_id, view.app_id], ["deploy", view.id, "A0BOT"]);
    await ana.submits({ service: "search" });
    assert.equal((await ana.form()).blocks[2].elements[0].text, "search is frozen");
    await ana.submits({ service: "payments", approvers: "raj" });
    posted = await done.next("the message");
    assert.equal(posted.message.text, "<@U0ANA> deploys payments with <@U0RAJ>");
    assert.equal(await ana.form(), null);
  });

  await flow("forms are laid on each other and changed while they are open; the home is shown", async () => {
    await ana.says("ops", "/deploy");
    const view = await done.next("the form");
    const changed = await app.client.views.update({ view_id: view.id, hash: view.hash, view: form("changed") });
    assert.notEqual(changed.view.hash, view.hash);
    const stale = app.client.views.update({ view_id: view.id, hash: view.hash, view: form("too late") });
    assert.equal((await errorOf(stale)).data.error, "hash_conflict");
    await ana.submits({ service: "push" });
    assert.equal((await ana.form()).title, "Sure?");
    await ana.submits({});
    const second = await done.next("the second form");
    assert.deepEqual([second.callback_id, second.previous_view_id, second.root_view_id], ["second", view.id, view.id]);
    await ana.do("dismiss", { modal: view.id });
    await done.next("the close");
    const home = await app.client.views.publish({ user_id: "U0ANA", view: { type: "home", blocks: [] } });
    assert.equal(home.view.type, "home");
  });

  await flow("a form is closed, and the app is told", async () => {
    await ana.says("ops", "/deploy");
    const view = await done.next("the form");
    await ana.do("dismiss", { modal: view.id });
    const closed = await done.next("the close");
    assert.deepEqual([closed.type, closed.view.id, closed.is_cleared], ["view_closed", view.id, false]);
  });

  await flow("a menu and a button of a message", async () => {
    await ana.chooses("deploys", posted.ts, "speed", "search");
    const action = await done.next("the choice");
    assert.deepEqual([action.type, action.selected_option.value], ["static_select", "search"]);
    await ana.presses("deploys", posted.ts, "stop");
    const said = await done.next("the click");
    assert.deepEqual([said.message.thread_ts, said.channel], [posted.ts, "C0DEPLOYS"]);
    const edited = await ana.waitsFor("deploys", (message) => message.raw.text === "payments is stopped by <@U0ANA>");
    assert.deepEqual([edited.id, edited.raw.blocks], [posted.ts, []]);
  });

  await app.stop();
});
