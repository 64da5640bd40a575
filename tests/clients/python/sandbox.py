"""The sandbox as the scripts use it: people who type and click, trouble to order, and flows that are told one by one."""

import json
import os
import queue
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

# Where the sandbox is: `http://127.0.0.1:…`.
SANDBOX = os.environ["SANDBOX"]
# How long anything may take that was set going, in seconds.
PATIENCE = 15

deeds = ThreadPoolExecutor(4)


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SANDBOX + path, data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise Refused(json.load(error)["error"]) from None


class Refused(Exception):
    """What the sandbox would not let a person do."""


class Person:
    """A person on one platform, who does what the sandbox's page can do. `will_…` does it in the background."""

    def __init__(self, platform, handle):
        self.platform, self.handle = platform, handle

    def do(self, what, **more):
        return call(f"/api/{self.platform}/{what}", {"user": self.handle, **more})

    def will(self, what, **more):
        return deeds.submit(self.do, what, **more)

    def will_say(self, channel, text):
        return self.will("say", channel=channel, text=text)

    def will_press(self, channel, message, action):
        return self.will("press", channel=channel, message=message, action=action)

    def will_choose(self, channel, message, action, value):
        return self.will("select", channel=channel, message=message, action=action, value=value)

    def will_submit(self, **values):
        return self.will("submit", modal=self.form()["id"], values=values)

    def view(self):
        return call(f"/api/view?{self.platform}={self.handle}")[self.platform]

    def form(self):
        """The form that this person has open; `None` where there is none."""
        return self.view()["modal"]

    def sees(self, channel):
        """The messages of a channel as this person sees them."""
        for other in self.view()["channels"]:
            if channel in (other["id"], other["name"]):
                return other["messages"]
        return []

    def waits_for(self, channel, fits):
        """The message of a channel that fits, once it is there."""
        return until(f"a message in {channel}", lambda: next(filter(fits, self.sees(channel)), None))


def until(what, look):
    """Waits until `look` gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"it never came: {what}")


class Inbox(queue.Queue):
    """What arrives, kept until it is asked for."""

    def next(self, what):
        try:
            return self.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"it never came: {what}") from None


def count_calls(platform, route):
    """How often the client has called something since the sandbox began."""
    return sum(name == route for name, _ in call(f"/api/{platform}/calls"))


def equal(found, wanted):
    assert found == wanted, f"\n  found  {found!r}\n  wanted {wanted!r}"


def error_of(kind, deed):
    """The error that a call ends with."""
    try:
        deed()
    except kind as error:
        return error
    raise AssertionError("it went well, and should not have")


def flow(name):
    """Names a step before it is taken."""
    print(f"- {name}")


def finish(script):
    """Runs a script. The exit code says how it went; threads that clients leave behind do not hold it up."""
    try:
        script()
        print("every flow went as it should")
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
