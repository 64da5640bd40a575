"""slack_bolt: the framework, threaded and async, over Socket Mode."""

import asyncio
import logging

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import SANDBOX, Inbox, Person, equal, finish, flow, until

BASE = f"{SANDBOX}/slack/api/"


def form(hint):
    choices = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("payments", "search")]
    return {
        "type": "modal",
        "callback_id": "deploy",
        "private_metadata": "C0DEPLOYS",
        "title": {"type": "plain_text", "text": "Deploy"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [
            {
                "type": "input",
                "block_id": "service",
                "label": {"type": "plain_text", "text": "Service"},
                "element": {"type": "static_select", "action_id": "chosen", "options": choices},
            },
            {"type": "context", "elements": [{"type": "mrkdwn", "text": hint}]},
        ],
    }


def stop_button(text):
    stop = {"type": "button", "action_id": "stop", "value": "payments", "text": {"type": "plain_text", "text": "Stop"}}
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}, {"type": "actions", "elements": [stop]}]


def threaded(ana):
    app = App(client=WebClient("xoxb-clients", base_url=BASE))
    done = Inbox()

    @app.command("/deploy")
    def deploy(ack, command, client, respond, context):
        if command["text"] == "quick":
            ack("Deploying at once")
            respond(text="Deployed", response_type="in_channel")
            return done.put(context)
        ack()
        done.put(client.views_open(trigger_id=command["trigger_id"], view=form("Choose"))["view"])

    @app.view("deploy")
    def deployed(ack, view, body, client):
        service = view["state"]["values"]["service"]["chosen"]["selected_option"]["value"]
        if service == "search":
            return ack(response_action="update", view=form("search is frozen"))
        ack()
        text = f"<@{body['user']['id']}> deploys {service}"
        done.put(client.chat_postMessage(channel=view["private_metadata"], text=text, blocks=stop_button(text)))

    @app.action("stop")
    def stopped(ack, action, body, respond, say):
        ack()
        respond(text=f"{action['value']} is stopped", replace_original=True)
        done.put(say(text="Stopped", thread_ts=body["container"]["message_ts"]))

    @app.message("ping")
    def ping(message, say):
        done.put((message, say("pong")))

    handler = SocketModeHandler(app, "xapp-clients", web_client=WebClient(base_url=BASE))
    handler.connect()
    until("hello", handler.client.is_connected)

    flow("a message is answered where it was said")
    ana.do("say", channel="ops", text="ping")
    message, said = done.next("the answer")
    equal((message["user"], message["channel_type"], said["channel"]), ("U0ANA", "channel", "C0OPS"))

    flow("a command is answered at once and through respond()")
    ana.do("say", channel="ops", text="/deploy quick")
    context = done.next("the command")
    equal((context.bot_id, context.bot_user_id, context.team_id), ("B0BOT", "U0BOT", "T0HARBOUR"))
    assert ana.waits_for("ops", lambda message: message["raw"]["text"] == "Deploying at once")["ephemeral"]
    assert not ana.waits_for("ops", lambda message: message["raw"]["text"] == "Deployed")["ephemeral"]

    flow("a form is opened, replaced and taken")
    ana.do("say", channel="ops", text="/deploy")
    view = done.next("the form")
    equal((view["callback_id"], view["private_metadata"]), ("deploy", "C0DEPLOYS"))
    ana.will_submit(service="search").result()
    equal(ana.form()["blocks"][1]["elements"][0]["text"], "search is frozen")
    ana.will_submit(service="payments").result()
    posted = done.next("the message")
    equal((posted["message"]["text"], ana.form()), ("<@U0ANA> deploys payments", None))

    flow("a button changes its message and begins a thread")
    ana.do("press", channel="deploys", message=posted["ts"], action="stop")
    said = done.next("the click")
    equal(said["message"]["thread_ts"], posted["ts"])
    edited = ana.waits_for("deploys", lambda message: message["raw"]["text"] == "payments is stopped")
    equal((edited["id"], edited["raw"]["blocks"]), (posted["ts"], []))
    handler.close()


async def concurrent(ana):
    app = AsyncApp(client=AsyncWebClient("xoxb-clients", base_url=BASE))
    done = asyncio.Queue()

    @app.command("/deploy")
    async def deploy(ack, command, client):
        await ack(f"deploying {command['text']}")
        await done.put(await client.chat_postMessage(channel=command["channel_id"], text="Deploying", blocks=stop_button("Deploying")))

    @app.action("stop")
    async def stopped(ack, respond, client, body):
        await ack()
        await respond(text="Stopped", replace_original=True)
        await done.put(await client.files_upload_v2(channel=body["channel"]["id"], filename="a.log", content="stopped\n"))

    handler = AsyncSocketModeHandler(app, "xapp-clients", web_client=AsyncWebClient(base_url=BASE))
    await handler.connect_async()

    async def next_of(what):
        return await asyncio.wait_for(done.get(), 15)

    flow("the async app answers a command")
    await asyncio.to_thread(ana.do, "say", channel="random", text="/deploy search")
    posted = await next_of("the message")
    own = await asyncio.to_thread(ana.waits_for, "random", lambda message: message["raw"]["text"] == "deploying search")
    assert own["ephemeral"]

    flow("the async app takes a click and uploads a file")
    await asyncio.to_thread(ana.do, "press", channel="random", message=posted["ts"], action="stop")
    uploaded = await next_of("the file")
    equal((uploaded["file"]["name"], uploaded["file"]["size"]), ("a.log", 8))
    edited = await asyncio.to_thread(ana.waits_for, "random", lambda message: message["raw"]["text"] == "Stopped")
    equal(edited["id"], posted["ts"])
    await handler.close_async()


def script():
    logging.basicConfig(level=logging.ERROR)
    ana = Person("slack", "ana")
    threaded(ana)
    asyncio.run(concurrent(ana))


finish(script)
