//! The queue as it runs in service: woken, and not by the clock.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use wardroom::jobs::{Jobs, Slots, Worker};

use crate::harness::Bot;

const ROOM: &str = "inc-1-checkout-returns-502";
/// A worker that looks by itself only after the test is over.
const NEVER: Duration = Duration::from_hours(1);

/// Waits until nothing is left that could be done now, for as long as a test may take.
async fn until_nothing_waits(bot: &Bot) {
    let all_done = async {
        while bot.app.store.jobs_due().await.expect("Postgres answers") > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all_done).await.expect("no job waits for the clock");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_decision_has_to_say_in_many_places_waits_for_no_clock() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout returns 502 svc:payments").await;
    bot.run_until_done().await;

    let shutdown = CancellationToken::new();
    let jobs = Jobs { app: bot.app.clone(), adapters: bot.adapters.clone() };
    let slots = Slots { at_a_time: 6, poll: NEVER };
    let worker = Worker::start(jobs, slots, shutdown.clone()).await.expect("the queue is there");
    let running = tokio::spawn(async move { worker.run().await });
    let ana = ana.at(ROOM);
    ana.says("/inc note the queue is awake").await;
    until_nothing_waits(&bot).await;
    // Cards, sentences and private questions in eight places and more, each a channel of its own in the queue.
    ana.says(
        "/change emergency Roll back to 4.1 impact: cards fail why: sales plan: deploy again tested: yes data: 2 avail: 3 \
         compliance: 1 complexity: 3 rollback: 3",
    )
    .await;
    until_nothing_waits(&bot).await;
    shutdown.cancel();
    running.await.expect("it does not panic").expect("it ends well");
    bot.finish().await;
}
