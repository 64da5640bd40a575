//! The bot is killed at any moment and comes back; two of them share the work. Nothing is lost, nothing is doubled.
//!
//! The bots are processes of their own; the world around them, which they must not confuse, is here.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use wardroom::clock::Clock;
use wardroom::sandbox::discord::DiscordFault;
use wardroom::sandbox::slack::SlackFault;

use crate::harness::{Balancer, Here, Process, Transport, World};

const ROOM: &str = "inc-1-checkout-returns-502";
const POST: &str = "POST /channels/{id}/messages";
const EDIT: &str = "PATCH /channels/{id}/messages/{id}";

/// Longer than any takeover; what takes longer never comes.
const PATIENCE: Duration = Duration::from_mins(1);

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Until nothing is left to do.
async fn settled(world: &World) {
    let began = Instant::now();
    loop {
        let busy = world.app.store.jobs_due().await.expect("Postgres answers")
            + world.app.store.jobs_failed().await.expect("Postgres answers");
        if busy == 0 {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "still to do: {:?}", world.unfinished().await);
        world.hurry().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Kills the bot, and starts another.
async fn reborn(world: &World, bot: Process) -> Process {
    bot.kill().await;
    world.run_bot().await
}

async fn shows(world: &World, words: &str) {
    let here = async || world.slack.transcript(ROOM).contains(words) && world.discord.transcript(ROOM).contains(words);
    until(&format!("“{words}” in both rooms"), here).await;
}

fn once(world: &World, channel: &str, words: &str) {
    for text in [world.slack.transcript(channel), world.discord.transcript(channel)] {
        assert_eq!(text.matches(words).count(), 1, "“{words}” once in {channel}:\n{text}");
    }
}

async fn entries(world: &World, subject: &str, kind: &str) -> usize {
    let log = world.decision_log(subject).await;
    log.lines().filter(|line| line.contains(&format!(" {kind} "))).count()
}

const ASKS: &str = "/change emergency Roll back to 4.1 impact: cards fail why: sales plan: deploy again tested: yes \
                    data: 2 avail: 3 compliance: 1 complexity: 3 rollback: 3";

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_killed_at_every_step_of_the_story_loses_nothing_and_doubles_nothing() {
    let world = World::start(Clock::new(0)).await;
    let bot = world.run_bot().await;
    let bot = opening(&world, bot).await;
    let bot = talking(&world, bot).await;
    let bot = approving(&world, bot).await;
    let bot = running(&world, bot).await;
    settled(&world).await;
    bot.stop().await;
    everything_is_there_once(&world).await;
    world.finish().await;
}

/// Killed right after the declaration, and while the rooms are being opened.
async fn opening(world: &World, bot: Process) -> Process {
    let ana = world.person("ana");
    let said = ana.slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    assert!(said.contains("L INC-1#"), "{said}");
    world.slack.fault(SlackFault::Slow { method: "conversations.setTopic".to_owned(), times: 1, millis: 3_000 });
    world.discord.fault(DiscordFault::Slow { route: "POST /guilds/{id}/channels".to_owned(), times: 1, millis: 3_000 });
    let bot = reborn(world, bot).await;
    until("both rooms are being opened", async || {
        world.slack.calls().iter().any(|(call, _)| call == "conversations.setTopic")
            && world.discord.calls().iter().any(|(call, _)| call == "POST /guilds/{id}/channels")
    })
    .await;
    let bot = reborn(world, bot).await;
    // The only bot there is need not wait until the dead one's heartbeat is missed.
    until("the jobs are taken over", async || bot.said().contains("took over the jobs of a bot that died")).await;
    shows(world, "INC-1 · P2 · checkout returns 502").await;
    bot
}

/// Killed in a burst of notes, between a form and its submit, right after it, and while nobody is there.
async fn talking(world: &World, bot: Process) -> Process {
    let (ana, tom) = (world.person("ana").slack().at(ROOM), world.person("tom").discord().at(ROOM));
    for number in 0..4 {
        let said = ana.says(&format!("/inc note slack {number}.")).await;
        assert!(said.contains("L INC-1#"), "{said}");
        let said = tom.says(&format!("/inc note discord {number}.")).await;
        assert!(said.contains("L INC-1#"), "{said}");
    }
    bot.kill().await;
    let unheard = ana.says("/inc note nobody hears this").await;
    assert!(unheard.contains("not connected") || unheard.contains("operation_timeout"), "{unheard}");
    let unheard = tom.says("/inc note nobody hears this").await;
    assert!(unheard.contains("did not respond"), "{unheard}");
    let bot = world.run_bot().await;
    assert_eq!(ana.presses("Severity", "INC-1").await, "(a form)");
    let bot = reborn(world, bot).await;
    let said = ana.fills(&[("sev", "sev1"), ("why", "all regions")]).await;
    assert!(said.contains("L INC-1#"), "{said}");
    let bot = reborn(world, bot).await;
    shows(world, "INC-1 · P1 · checkout returns 502").await;
    bot
}

/// Killed after the request, between two ballots, after the deciding one, and while a card is being edited.
async fn approving(world: &World, bot: Process) -> Process {
    let said = world.person("ana").slack().at(ROOM).says(ASKS).await;
    assert!(said.contains("L CHG-1#"), "{said}");
    let bot = reborn(world, bot).await;
    shows(world, "CHG-1 · emergency change · band high · awaiting approval").await;
    // Their own cards of the change are edited too, so the answer is waited for.
    let raj = world.person("raj").discord().at(ROOM);
    raj.reviews("CHG-1").await;
    raj.will_be_told("L CHG-1#").await;
    world.slack.fault(SlackFault::Slow { method: "chat.update".to_owned(), times: 2, millis: 2_000 });
    world.discord.fault(DiscordFault::Slow { route: EDIT.to_owned(), times: 2, millis: 2_000 });
    let tom = world.person("tom").slack().at(ROOM);
    tom.presses("Approve", "CHG-1").await;
    tom.will_be_told("L CHG-1#").await;
    let bot = reborn(world, bot).await;
    let mia = world.person("mia").discord().at(ROOM);
    mia.presses("Approve", "CHG-1").await;
    mia.will_be_told("L CHG-1#").await;
    let bot = reborn(world, bot).await;
    shows(world, "CHG-1 is approved.").await;
    bot
}

/// Killed after the start, with sends whose answers were lost, and after the end.
async fn running(world: &World, bot: Process) -> Process {
    let ana = world.person("ana").slack().at(ROOM);
    world.slack.fault(SlackFault::LoseAnswer { method: "chat.postMessage".to_owned(), times: 1 });
    world.discord.fault(DiscordFault::LoseAnswer { route: POST.to_owned(), times: 1 });
    for command in ["/change start", "/change done it works", "/inc update rollback is done", "/inc status mitigated"] {
        let said = ana.says(command).await;
        assert!(said.contains("L CHG-1#") || said.contains("L INC-1#"), "{command}: {said}");
    }
    let bot = reborn(world, bot).await;
    let said = world.person("tom").slack().at(ROOM).says("/change after validate ok").await;
    assert!(said.contains("CHG-1 works"), "{said}");
    let said = world.person("tom").discord().at(ROOM).says("/inc resolve rolled back to 4.1").await;
    assert!(said.contains("L INC-1#"), "{said}");
    reborn(world, bot).await
}

async fn everything_is_there_once(world: &World) {
    for number in 0..4 {
        once(world, ROOM, &format!("notes: slack {number}."));
        once(world, ROOM, &format!("notes: discord {number}."));
    }
    for line in [
        "INC-1 · P1 · checkout returns 502",
        "CHG-1 · emergency change · band high · completed",
        "CHG-1 is approved.",
        "started CHG-1",
        "finished CHG-1: it works",
        " resolved *",
    ] {
        once(world, ROOM, line);
    }
    once(world, "incidents", "INC-1 · P1 · checkout returns 502");
    once(world, "status-updates", "rollback is done");
    for names in [world.slack.channels(), world.discord.channels()] {
        assert_eq!(names.iter().filter(|name| name.starts_with("inc-")).count(), 1, "{names:?}");
    }
    let log = [
        ("incident.declared", 1),
        ("room.opened", 2),
        ("incident.noted", 8),
        ("incident.priority_set", 1),
        ("incident.resolved", 1),
    ];
    for (kind, times) in log {
        assert_eq!(entries(world, "INC-1", kind).await, times, "{kind}");
    }
    for kind in ["change.requested", "seat.granted", "vote.closed", "change.approved", "change.started", "change.done"]
    {
        assert_eq!(entries(world, "CHG-1", kind).await, 1, "{kind}");
    }
    assert_eq!(entries(world, "CHG-1", "ballot.cast").await, 2);
    for (rows, count) in [
        ("select count(*) from incident", 1),
        ("select count(*) from change", 1),
        ("select count(*) from ballot", 2),
        ("select count(*) from room", 2),
        ("select count(*) from form", 0),
    ] {
        assert_eq!(world.database.count(rows).await, count, "{rows}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_falls_due_while_the_bot_is_away_is_kept_once_and_marked_late() {
    let world = World::start(Clock::new(0)).await;
    let bot = world.run_bot().await;
    world.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    shows(&world, "INC-1 · P2 · checkout returns 502").await;
    settled(&world).await;
    bot.kill().await;
    let next = world.app.store.next_deadline().await.expect("Postgres answers").expect("an update is promised");
    let away = (next - world.app.clock.now()).num_seconds() + 600;
    world.app.move_clock(i32::try_from(away).expect("an hour or so")).await.expect("the clock moves");
    let bot = world.run_bot().await;
    shows(&world, "(late)").await;
    settled(&world).await;
    let bot = reborn(&world, bot).await;
    settled(&world).await;
    bot.stop().await;
    once(&world, ROOM, "(late)");
    assert_eq!(entries(&world, "INC-1", "update.sent").await, 2);
    assert_eq!(world.database.count("select count(*) from stakeholder_update where late").await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bots_on_one_database_lose_nothing_and_double_nothing() {
    let world = World::start(Clock::new(0)).await;
    let (one, two) = (world.run_bot().await, world.run_bot().await);
    let said = world.person("tom").discord().says("/inc declare checkout returns 502 sev:sev2 svc:payments").await;
    assert!(said.contains("L INC-1#"), "{said}");
    shows(&world, "INC-1 · P2 · checkout returns 502").await;
    let burst = (0..40).map(|number| {
        let world = &world;
        async move {
            let text = format!("/inc note n{number}.");
            let (ana, tom) = (world.person("ana").slack().at(ROOM), world.person("tom").discord().at(ROOM));
            if number % 2 == 0 { ana.says(&text).await } else { tom.says(&text).await }
        }
    });
    futures::future::join_all(burst).await;
    assert_eq!(entries(&world, "INC-1", "incident.noted").await, 40);
    // A form that both bots are asked for, and its choices.
    let tom = world.person("tom").discord().at(ROOM);
    tom.presses("Severity", "INC-1").await;
    tom.fills(&[("sev", "sev1"), ("why", "all regions")]).await;
    assert_eq!(entries(&world, "INC-1", "incident.priority_set").await, 1);
    settled(&world).await;
    for number in 0..40 {
        once(&world, ROOM, &format!("notes: n{number}."));
    }
    once(&world, ROOM, "INC-1 · P1 · checkout returns 502");
    once(&world, "incidents", "INC-1 · P1 · checkout returns 502");
    assert_eq!(entries(&world, "INC-1", "room.opened").await, 2);
    one.stop().await;
    two.stop().await;
    world.finish().await;
}

/// Nobody types faster, and Slack takes one message a second in a channel.
const TYPING: Duration = Duration::from_millis(400);

/// Types notes one after another until told to stop, and says how many. Each must be answered, and well.
async fn types(here: &Here<'_>, name: &str, enough: &CancellationToken) -> usize {
    let mut typed = 0;
    while !enough.is_cancelled() {
        let said = here.says(&format!("/inc note {name} {typed}.")).await;
        assert!(said.contains("L INC-1#"), "{name} {typed}: {said}");
        typed += 1;
        tokio::time::sleep(TYPING).await;
    }
    typed
}

async fn notes(world: &World) -> usize {
    let noted = world.database.count("select count(*) from dlog.entry where kind = 'incident.noted'").await;
    usize::try_from(noted).expect("a count")
}

/// The new bot comes up beside the old one, which is then told to end (SIGTERM), while people type on both platforms.
async fn deploy(transport: Transport) {
    let world = World::start(Clock::new(0)).await;
    let balancer = Balancer::start().await;
    let old = world.run_bot_over(transport).await;
    balancer.add(&old.url);
    if transport == Transport::Http {
        world.sandbox().deliver_to(&balancer.url).await.expect("both platforms take the endpoints");
    }
    world.person("tom").discord().says("/inc declare checkout returns 502 sev:sev2 svc:payments").await;
    shows(&world, "INC-1 · P2 · checkout returns 502").await;

    let enough = CancellationToken::new();
    let (ana, tom) = (world.person("ana").slack().at(ROOM), world.person("tom").discord().at(ROOM));
    let deployed = async {
        until("people type", async || notes(&world).await >= 4).await;
        let new = world.run_bot_over(transport).await;
        balancer.add(&new.url);
        let beside = notes(&world).await;
        until("both bots are at work", async || notes(&world).await >= beside + 6).await;
        // Both people have a note under way at that moment: what it needs is locked.
        let held = world.database.hold("select 1 from incident for update").await;
        let waits =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        until("both wait", async || world.database.count(waits).await >= 2).await;
        let stopping = tokio::spawn(old.stop());
        tokio::time::sleep(Duration::from_millis(200)).await;
        held.release().await;
        stopping.await.expect("it ended well");
        let alone = notes(&world).await;
        until("the new bot works alone", async || notes(&world).await >= alone + 6).await;
        enough.cancel();
        new
    };
    let (on_slack, on_discord, new) = tokio::join!(types(&ana, "ana", &enough), types(&tom, "tom", &enough), deployed);

    settled(&world).await;
    assert_eq!(notes(&world).await, on_slack + on_discord, "every note is there, and no other: {transport:?}");
    for (name, typed) in [("ana", on_slack), ("tom", on_discord)] {
        (0..typed).for_each(|number| once(&world, ROOM, &format!("notes: {name} {number}.")));
    }
    once(&world, ROOM, "INC-1 · P2 · checkout returns 502");
    assert!(!ana.private().contains("failed") && !tom.private().contains("did not respond"));
    new.stop().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_with_two_bots_alive_loses_nothing_and_doubles_nothing_over_sockets() {
    deploy(Transport::Sockets).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deploy_with_two_bots_alive_loses_nothing_and_doubles_nothing_over_requests() {
    deploy(Transport::Http).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_bot_that_was_killed_beside_another_is_taken_over_by_it() {
    let world = World::start(Clock::new(0)).await;
    let one = world.run_bot().await;
    world.slack.fault(SlackFault::Slow { method: "conversations.create".to_owned(), times: 1, millis: 30_000 });
    world.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    until("the room is being opened", async || {
        world.slack.calls().iter().any(|(call, _)| call == "conversations.create")
    })
    .await;
    let two = world.run_bot().await;
    one.kill().await;
    shows(&world, "INC-1 · P2 · checkout returns 502").await;
    settled(&world).await;
    two.stop().await;
    once(&world, ROOM, "INC-1 · P2 · checkout returns 502");
    world.finish().await;
}
