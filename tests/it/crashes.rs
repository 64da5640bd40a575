//! Postgres crashes under the bot and comes back; the bot goes on by itself.

use wardroom::clock::Clock;

use crate::harness::{Database, World};

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..1_500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{what}: not within 30 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_whose_postgres_crashes_again_and_again_goes_on_by_itself() {
    let world = World::start_over(Database::create_to_crash().await, Clock::new(0)).await;
    let mut bot = world.run_bot().await;
    let room = "inc-1-checkout-returns-502";
    let said = world.person("ana").slack().says("/inc declare sev2 checkout returns 502 svc:payments").await;
    assert!(said.contains("L INC-1#"), "{said}");
    let (ana, tom) = (world.person("ana").slack().at(room), world.person("tom").discord().at(room));
    until("both rooms are open", async || ana.sees().contains("INC-1 ·") && tom.sees().contains("INC-1 ·")).await;
    for number in 0..2 {
        world.database.crash_server().await;
        let said = ana.says(&format!("/inc note slack {number}.")).await;
        assert!(said.contains("L INC-1#"), "{said}\n{}", bot.said());
        world.database.crash_server().await;
        let said = tom.says(&format!("/inc note discord {number}.")).await;
        assert!(said.contains("L INC-1#"), "{said}\n{}", bot.said());
    }
    until("all is said", async || {
        world.hurry().await;
        [ana.sees(), tom.sees()].iter().all(|sees| sees.contains("slack 1.") && sees.contains("discord 1."))
    })
    .await;
    for sees in [ana.sees(), tom.sees()] {
        for number in 0..2 {
            assert_eq!(sees.matches(&format!("slack {number}.")).count(), 1, "{sees}");
            assert_eq!(sees.matches(&format!("discord {number}.")).count(), 1, "{sees}");
        }
    }
    until("the queue is empty", async || world.unfinished().await.is_empty()).await;
    assert!(bot.runs(), "it did not end by itself");
    bot.stop().await;
    world.finish().await;
}
