// The story of the tour: eight steps, each with moves that one click prepares.
//
// A move is typed (`type`) or pressed (`press`) by `person` in `pane`; `channel: "room"` is the newest war room.
// `clock` moves the clock by minutes, `shell` is a line for the terminal.

const ana = { pane: "slack", person: "ana" };
const room = { ...ana, channel: "room" };
const mia = { pane: "slack", person: "mia" };
const onDiscord = (person) => ({ pane: "discord", person });

export const TOUR = [
  {
    title: "Something is down",
    text: "Click the line and press Enter. Ana declares an incident: a war room opens on both platforms, #inc-1-checkout-returns-502, with a pinned card.",
    moves: [{ ...ana, channel: "incidents", type: "/inc declare sev2 checkout returns 502 svc:payments" }],
  },
  {
    title: "Take the lead and think aloud",
    text: "In the new room: who leads, what is known, what was decided and why. Each line lands in the decision log.",
    moves: [
      { ...room, type: "/inc lead me" },
      { ...room, type: "/inc note errors began at the 4.2 deploy" },
      { ...room, type: "/inc decide Roll back 4.2? chose:yes why: errors began with deploy" },
      { ...room, type: "/inc sev 1 why: all regions" },
    ],
  },
  {
    title: "Ask for an emergency change",
    text: "A form asks for what is missing. Tested yes, data 2, availability 3, compliance 1, complexity 3, rollback 3 make the risk high, so that a board has to vote.",
    moves: [{ ...room, type: "/change emergency roll back 4.2 impact: all card payments fail" }],
  },
  {
    title: "Decide, on two platforms",
    text: "Ana may not approve her own change. Raj reviews (three questions, each a yes), Mia votes on Slack (her second click counts once), Tom on Discord. Kim is late, and is told what stands.",
    moves: [
      { ...ana, press: "Approve" },
      { ...onDiscord("raj"), press: "Peer review OK" },
      { ...mia, press: "Approve" },
      { ...onDiscord("mia"), press: "Approve" },
      { ...onDiscord("tom"), press: "Approve" },
      { ...onDiscord("kim"), channel: "room", type: "/change approve" },
    ],
  },
  {
    title: "Carry it out, and keep others informed",
    text: "It may run inside its window only. Half an hour after the declaration stakeholders get the next update: see #status-updates on both sides.",
    moves: [{ ...room, type: "/change start" }, { clock: 10 }, { clock: 10 }, { clock: 10 }],
  },
  {
    title: "Say that it worked",
    text: "The change is in, the impact has stopped, the incident is over. The payments have a check: Wardroom asks at once whether they work, and again ten minutes later. Every card follows, and stakeholders hear the end.",
    moves: [
      { ...room, type: "/change done" },
      { ...room, type: "/inc status mitigated" },
      { ...room, type: "/inc resolve rolled back to 4.1, no errors since" },
      { clock: 10 },
    ],
  },
  {
    title: "Look back, and check the log",
    text: "A manager's summary, the timeline, the log, and the proof that nobody changed it. To see that fail, change a row: the README has the lines for psql.",
    moves: [
      { ...room, type: "/inc sum" },
      { ...room, type: "/inc timeline" },
      { ...room, type: "/log show" },
      { ...room, type: "/log verify" },
    ],
  },
  {
    title: "Stop it in the middle",
    text: "With an incident open, press Ctrl-C in the terminal and start again, 40 minutes later: all is there, and the missed update goes out once, marked late.",
    moves: [
      { ...onDiscord("raj"), channel: "incidents", type: "/inc declare shop search is down sev:sev1 svc:shop" },
      { shell: "deploy/try --clock +40m" },
    ],
  },
];
