// The sandbox as the scripts use it: people who type and click, trouble to order, and flows that are told one by one.
"use strict";

const assert = require("node:assert/strict");

/** Where the sandbox is: `http://127.0.0.1:…`. */
const SANDBOX = process.env.SANDBOX;
/** How long anything may take that was set going. */
const PATIENCE_MS = 15_000;

async function call(path, body) {
  const request = body && {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(SANDBOX + path, request);
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${answer.error}`);
  return answer;
}

/** A person on one platform, who does what the sandbox's page can do. */
class Person {
  constructor(platform, handle) {
    Object.assign(this, { platform, handle });
  }

  do(what, more) {
    return call(`/api/${this.platform}/${what}`, { user: this.handle, ...more });
  }

  says(channel, text) {
    return this.do("say", { channel, text });
  }

  presses(channel, message, action) {
    return this.do("press", { channel, message, action });
  }

  chooses(channel, message, action, value) {
    return this.do("select", { channel, message, action, value });
  }

  async submits(values) {
    return this.do("submit", { modal: (await this.form()).id, values });
  }

  async view() {
    return (await call(`/api/view?${this.platform}=${this.handle}`))[this.platform];
  }

  /** The form that this person has open; `null` where there is none. */
  async form() {
    return (await this.view()).modal;
  }

  /** The messages of a channel as this person sees them. */
  async sees(channel) {
    const { channels } = await this.view();
    const found = channels.find((other) => other.id === channel || other.name === channel);
    return found ? found.messages : [];
  }

  /** The message of a channel that fits, once it is there. */
  waitsFor(channel, fits) {
    return until(`a message in ${channel}`, async () => (await this.sees(channel)).find(fits));
  }
}

/** Waits until `look` gives something. */
async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error(`it never came: ${what}`);
}

/** What arrives, kept until it is asked for: `put` it as it comes, `next` waits for it. */
class Inbox {
  waiting = [];
  kept = [];

  put(item) {
    const taker = this.waiting.shift();
    if (taker) taker(item);
    else this.kept.push(item);
  }

  next(what) {
    if (this.kept.length > 0) return Promise.resolve(this.kept.shift());
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`it never came: ${what}`)), PATIENCE_MS);
      this.waiting.push((item) => {
        clearTimeout(late);
        resolve(item);
      });
    });
  }
}

/** How often the client has called something since the sandbox began. */
async function countCalls(platform, route) {
  return (await call(`/api/${platform}/calls`)).filter(([name]) => name === route).length;
}

/** The error that a promise ends with. */
async function errorOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it went well, and should not have");
}

/** Runs a script: `flow` names a step before it is taken. The exit code says how it went. */
function run(script) {
  const flow = async (name, step) => {
    console.log(`- ${name}`);
    await step();
  };
  script(flow)
    .then(() => {
      console.log("every flow went as it should");
      process.exit(0);
    })
    .catch((error) => {
      console.error(error);
      process.exit(1);
    });
}

module.exports = { assert, SANDBOX, call, Person, until, Inbox, countCalls, errorOf, run };
