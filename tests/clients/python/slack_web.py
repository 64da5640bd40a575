"""slack_sdk: the Web API, Socket Mode, and the retry handler for rate limits."""

import re
import time

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, InputBlock, PlainTextInputElement, SectionBlock
from slack_sdk.models.views import View
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

from sandbox import SANDBOX, Inbox, Person, call, count_calls, equal, error_of, finish, flow, until

BASE = f"{SANDBOX}/slack/api/"


def script():
    web = WebClient("xoxb-clients", base_url=BASE)
    ana, raj = Person("slack", "ana"), Person("slack", "raj")
    socket = SocketModeClient("xapp-clients", web_client=WebClient(base_url=BASE), ping_interval=1)
    requests = Inbox()
    socket.socket_mode_request_listeners.append(lambda _, request: requests.put(request))

    def ack(request, payload=None):
        socket.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload))

    flow("the token is known, and a wrong one is not")
    me = web.auth_test()
    equal((me["team_id"], me["user_id"], me["bot_id"]), ("T0HARBOUR", "U0BOT", "B0BOT"))
    assert "chat:write" in me.headers["x-oauth-scopes"]
    wrong = error_of(SlackApiError, WebClient("xoxb-wrong", base_url=BASE).auth_test)
    equal(wrong.response["error"], "invalid_auth")

    flow("Socket Mode connects")
    socket.connect()
    until("hello", socket.is_connected)

    flow("a slash command is acknowledged and answered through its response_url")
    typed = ana.will_say("ops", "/deploy payments")
    command = requests.next("the command")
    equal((command.type, command.accepts_response_payload), ("slash_commands", True))
    payload = command.payload
    equal((payload["command"], payload["text"], payload["user_id"]), ("/deploy", "payments", "U0ANA"))
    ack(command, {"text": "On it"})
    typed.result()
    answered = WebhookClient(payload["response_url"]).send(text="payments is deployed", response_type="in_channel")
    equal((answered.status_code, answered.body), (200, "ok"))
    assert ana.waits_for("ops", lambda message: message["raw"]["text"] == "On it")["ephemeral"]
    assert not ana.waits_for("ops", lambda message: message["raw"]["text"] == "payments is deployed")["ephemeral"]
    again = WebhookClient(payload["response_url"]).send(text="payments is back", replace_original=True)
    equal(again.status_code, 200)

    flow("a message is posted and edited")
    blocks = [
        SectionBlock(text="*v42* waits"),
        ActionsBlock(block_id="decision", elements=[ButtonElement(action_id="approve", text="Approve", value="v42")]),
    ]
    posted = web.chat_postMessage(channel="C0OPS", text="v42 waits", blocks=blocks)
    assert re.fullmatch(r"\d+\.\d{6}", posted["ts"])
    equal((posted["message"]["bot_id"], posted["message"]["blocks"][1]["block_id"]), ("B0BOT", "decision"))
    edited = web.chat_update(channel="C0OPS", ts=posted["ts"], text="v42", blocks=blocks)
    equal((edited["text"], edited["message"]["edited"]["user"]), ("v42", "U0BOT"))
    metadata = {"event_type": "vote", "event_payload": {"id": 42}}
    told = web.chat_postMessage(channel="C0OPS", text="counted", metadata=metadata)
    equal(told["message"]["metadata"], metadata)
    whisper = web.chat_postEphemeral(channel="C0OPS", user="U0ANA", text="just you")["message_ts"]
    assert any(message["id"] == whisper for message in ana.sees("ops"))
    assert not any(message["id"] == whisper for message in raj.sees("ops"))

    flow("a click opens a form, which is refused, corrected and taken")
    pressed = ana.will_press("ops", posted["ts"], "approve")
    click = requests.next("the click")
    equal((click.type, click.payload["type"], click.payload["message"]["ts"]), ("interactive", "block_actions", posted["ts"]))
    equal(click.payload["actions"][0]["value"], "v42")
    ack(click)
    pressed.result()
    reason = InputBlock(block_id="reason", label="Why", element=PlainTextInputElement(action_id="text"))
    view = View(type="modal", callback_id="why", title="Approve v42", submit="Approve", blocks=[reason])
    opened = web.views_open(trigger_id=click.payload["trigger_id"], view=view)
    equal(View(**opened["view"]).callback_id, "why")
    refused = ana.will_submit(reason="no")
    first = requests.next("the form")
    equal(first.payload["view"]["state"]["values"]["reason"]["text"]["value"], "no")
    ack(first, {"response_action": "errors", "errors": {"reason": "Say more"}})
    refused.result()
    equal(ana.form()["errors"], {"reason": "Say more"})
    taken = ana.will_submit(reason="tested twice")
    second = requests.next("the form")
    equal(second.payload["type"], "view_submission")
    ack(second)
    taken.result()
    equal(ana.form(), None)

    flow("files are uploaded in three steps and shared")
    result = web.files_upload_v2(
        channel="C0OPS",
        initial_comment="The plans",
        file_uploads=[
            {"filename": "runbook.csv", "title": "Runbook", "content": "step,done\n"},
            {"filename": "a.log", "title": "Log", "file": b"\x00\xff"},
        ],
    )
    equal([file["title"] for file in result["files"]], ["Runbook", "Log"])
    equal([file["size"] for file in result["files"]], [10, 2])
    message = ana.waits_for("ops", lambda message: message["raw"]["files"])
    equal((message["raw"]["text"], len(message["raw"]["files"])), ("The plans", 2))
    twice = error_of(SlackApiError, lambda: web.files_completeUploadExternal(files=[{"id": result["files"][0]["id"]}]))
    equal(twice.response["error"], "file_not_found")

    flow("a channel is made, filled and read page by page")
    channel = web.conversations_create(name="inc-1-cards-fail", is_private=True)["channel"]
    equal((channel["name"], channel["is_private"]), ("inc-1-cards-fail", True))
    web.conversations_invite(channel=channel["id"], users=["U0ANA", "U0RAJ"])
    for text in ("one", "two", "three"):
        web.chat_postMessage(channel=channel["id"], text=text)
    pages = [page["messages"] for page in web.conversations_history(channel=channel["id"], limit=2)]
    equal([[message["text"] for message in page] for page in pages], [["three", "two"], ["one"]])
    names = [found["name"] for page in web.conversations_list(limit=2) for found in page["channels"]]
    equal(sorted(names), ["deploys", "general", "ops", "random", "status"])
    already = error_of(SlackApiError, lambda: web.conversations_invite(channel=channel["id"], users=["U0ANA"]))
    equal(already.response["error"], "already_in_channel")
    web.conversations_archive(channel=channel["id"])
    archived = error_of(SlackApiError, lambda: web.chat_postMessage(channel=channel["id"], text="?"))
    equal(archived.response["error"], "is_archived")

    flow("pins, reactions and people")
    web.pins_add(channel="C0OPS", timestamp=posted["ts"])
    equal(web.pins_list(channel="C0OPS")["items"][0]["message"]["ts"], posted["ts"])
    web.reactions_add(channel="C0OPS", timestamp=posted["ts"], name="eyes")
    twice = error_of(SlackApiError, lambda: web.reactions_add(channel="C0OPS", timestamp=posted["ts"], name="eyes"))
    equal(twice.response["error"], "already_reacted")
    user = web.users_info(user="U0ANA")["user"]
    equal((user["profile"]["display_name"], user["deleted"], user["is_restricted"]), ("ana", False, False))
    equal([member["name"] for member in web.users_list()["members"]], ["slackbot", "ana", "raj", "wardroom"])

    flow("refusals are the client's own errors")
    nowhere = error_of(SlackApiError, lambda: web.chat_postMessage(channel="C0NOWHERE", text="?"))
    equal((nowhere.response["error"], nowhere.response.status_code), ("channel_not_found", 200))

    flow("a 429 is raised with its Retry-After, and waited for by the handler")
    limit = {"kind": "rate_limit", "method": "chat.postMessage", "times": 1, "retry_after_secs": 1}
    call("/api/slack/fault", limit)
    limited = error_of(SlackApiError, lambda: web.chat_postMessage(channel="C0OPS", text="?"))
    equal((limited.response.status_code, limited.response["error"]), (429, "ratelimited"))
    equal(limited.response.headers["Retry-After"], "1")
    patient = WebClient("xoxb-clients", base_url=BASE)
    patient.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    call("/api/slack/fault", limit)
    before, began = count_calls("slack", "chat.postMessage"), time.monotonic()
    assert patient.chat_postMessage(channel="C0OPS", text="patience")["ok"]
    assert time.monotonic() - began >= 1
    equal(count_calls("slack", "chat.postMessage") - before, 2)

    flow("the connection is refreshed, lost and found")
    for trouble in ({"kind": "disconnect", "reason": "refresh_requested"}, {"kind": "drop"}):
        before = count_calls("slack", "apps.connections.open")
        call("/api/slack/connections", trouble)
        until("a new connection", lambda: count_calls("slack", "apps.connections.open") > before and socket.is_connected())
        typed = ana.will_say("ops", "/deploy again")
        command = requests.next("the command")
        equal(command.payload["text"], "again")
        ack(command)
        typed.result()


finish(script)
