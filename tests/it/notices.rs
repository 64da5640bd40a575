//! Change notices: whoever owns what a change touches hears of it in time, once, on both platforms.

use crate::harness::{Bot, Here};

/// Ana asks; Mia owns the service, Raj reviews, Inês manages changes.
pub async fn agreed(bot: &Bot, window: &str) {
    let asked = bot
        .person("ana")
        .slack()
        .says(&format!(
            "/change new rotate the certificate svc:payments impact: cards may fail for a minute why: it expires \
             plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail \
             tested: yes data: 1 availability: 2 compliance: 1 complexity: 2 rollback: 2 {window}"
        ))
        .await;
    assert!(asked.contains("CHG-1"), "{asked}");
    bot.run_until_idle().await;
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
}

pub fn watched(bot: &Bot) -> [Here<'_>; 2] {
    [bot.person("tom").slack().at("changes"), bot.person("raj").discord().at("changes")]
}

pub fn times(text: &str, words: &str) -> usize {
    text.matches(words).count()
}

pub async fn announced(bot: &Bot) -> Vec<String> {
    let sql = "select to_char(at::timestamptz at time zone 'UTC', 'Dy DD HH24:MI') || ' '
                 || coalesce(convert_from(body, 'UTF8')::jsonb #>> '{data,left}', 'late')
               from dlog.entry where kind = 'change.announced' order by id";
    bot.database.texts(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_is_told_at_its_approval_ahead_at_its_start_and_at_its_end() {
    let bot = Bot::start().await;
    agreed(&bot, "from:2030-01-15T10:00Z until:+1h").await;
    bot.pass(6 * 24 * 60).await;
    // Another process goes on where this one ends.
    let bot = bot.again().await;
    bot.pass(2 * 24 * 60 - 4 * 60 + 5).await;
    assert_eq!(
        announced(&bot).await,
        ["Tue 08 10:00 5 business days", "Mon 14 10:00 1 business day", "Tue 15 09:00 1 hour"]
    );
    let ana = bot.person("ana").slack();
    ana.says("/change start CHG-1").await;
    ana.says("/change done CHG-1").await;
    bot.run_until_idle().await;
    for here in watched(&bot) {
        let told = here.sees();
        for words in ["CHG-1 is approved.", ", in 5 business days;", ", in 1 business day;", ", in 1 hour;"] {
            assert_eq!(times(&told, words), 1, "{words} in\n{told}");
        }
        // Mia owns the service, Yuki one that depends on it; both are called each time, and told what it is.
        assert_eq!(times(&told, "For @mia, "), 6, "{told}");
        assert_eq!(times(&told, "rotate the certificate · Card payments"), 6, "{told}");
        assert!(told.contains(" started CHG-1\n") && told.contains(" finished CHG-1\n"), "{told}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_is_corrected_and_announced_anew_and_what_is_withdrawn_is_not_announced() {
    let bot = Bot::start().await;
    agreed(&bot, "from:2030-01-15T10:00Z until:+1h").await;
    bot.pass(24 * 60).await;
    assert_eq!(announced(&bot).await, ["Tue 08 10:00 5 business days"]);
    let ana = bot.person("ana").slack();
    let moved = ana.says("/change sched CHG-1 from:2030-01-16T10:00Z until:+1h").await;
    assert!(moved.contains("is at revision 2: window:"), "{moved}");
    bot.run_until_idle().await;
    for here in watched(&bot) {
        let told = here.sees();
        let correction = told.lines().skip_while(|line| !line.contains("is at revision 2: window:")).nth(1);
        assert!(correction.is_some_and(|line| line.contains("For @mia")), "{told}");
    }
    // Nobody has agreed to the new time, so it is not announced.
    bot.pass(24 * 60).await;
    assert_eq!(announced(&bot).await.len(), 1);
    bot.person("mia").discord().says("/change approve CHG-1").await;
    bot.person("raj")
        .discord()
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.pass(6 * 24 * 60).await;
    assert_eq!(announced(&bot).await[1..], ["Tue 15 10:00 1 business day"], "the first is over when it is agreed to");
    ana.says("/change withdraw CHG-1 the vendor renews it").await;
    bot.pass(24 * 60).await;
    assert_eq!(announced(&bot).await.len(), 2);
    for here in watched(&bot) {
        let told = here.sees();
        let gone = told.lines().skip_while(|line| !line.contains("withdrew CHG-1: the vendor renews it")).nth(1);
        assert!(gone.is_some_and(|line| line.contains("For @mia")), "{told}");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_folded_into_one_and_says_what_is_left() {
    let bot = Bot::start().await;
    agreed(&bot, "from:2030-01-15T10:00Z until:+1h").await;
    bot.sleep_through(7 * 24 * 60).await;
    bot.run_until_idle().await;
    assert_eq!(announced(&bot).await, ["Mon 14 14:00 1 business day"]);
    bot.sleep_through(20 * 60 + 10).await;
    bot.run_until_idle().await;
    assert_eq!(announced(&bot).await[1..], ["Tue 15 10:10 late"]);
    let told = watched(&bot)[0].sees();
    assert!(told.contains("*CHG-1* may run since 15 Jan 10:00 UTC; its window closes at 15 Jan 11:00 UTC"), "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_agreed_to_shortly_before_its_window_is_announced_by_its_approval_alone() {
    let bot = Bot::start().await;
    agreed(&bot, "from:+30m until:+1h").await;
    bot.pass(25).await;
    assert_eq!(announced(&bot).await, Vec::<String>::new());
    let told = watched(&bot)[0].sees();
    assert!(told.contains("rotate the certificate · Card payments · 7 Jan 14:30 UTC to 7 Jan 15:30 UTC"), "{told}");
    bot.finish().await;
}

/// It is never announced ahead; its room hears the same without anybody being called there.
#[tokio::test(flavor = "multi_thread")]
async fn the_owners_hear_of_an_emergency_at_its_approval_its_start_and_its_end() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev2 ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at("inc-1-ledger-is-slow");
    ana.says(
        "/change emergency restart the ledger impact: slow why: queues grow plan: start the old one tested:yes data:1 \
         availability:1 compliance:1 complexity:1 rollback:1",
    )
    .await;
    bot.run_until_idle().await;
    let room = "inc-1-ledger-is-slow";
    bot.person("raj").discord().at(room).reviews("CHG-1").await;
    bot.person("lena").slack().at(room).presses("Approve", "CHG-1").await;
    bot.person("tom").discord().at(room).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    ana.says("/change start CHG-1").await;
    ana.says("/change rollback it is slower now").await;
    bot.run_until_idle().await;
    assert_eq!(announced(&bot).await, Vec::<String>::new());
    for (here, room) in watched(&bot).iter().zip([ana, bot.person("raj").discord().at(room)]) {
        let (told, in_room) = (here.sees(), room.sees());
        for words in ["CHG-1 is approved.", " started CHG-1", " rolled CHG-1 back: it is slower now"] {
            assert_eq!((times(&told, words), times(&in_room, words)), (1, 1), "{words} in\n{told}\n{in_room}");
        }
        assert_eq!(times(&told, "restart the ledger · "), 3, "{told}");
        assert!(!in_room.contains("restart the ledger · Ledger database"), "{in_room}");
    }
    bot.finish().await;
}

/// The sample organisation, where the stakeholders hear of changes on the payments too.
fn subscribed() -> String {
    let file = wardroom::trial::ORGANISATION.replacen(
        "min_priority = \"P2\"\nservices = []",
        "min_priority = \"P2\"\nservices = [\"payments\"]\nchanges = true",
        1,
    );
    assert_ne!(file, wardroom::trial::ORGANISATION);
    file
}

fn audience(bot: &Bot) -> [String; 2] {
    ["ana", "raj"].map(|who| {
        let person = bot.person(who);
        let here = if who == "ana" { person.slack() } else { person.discord() };
        here.at("status-updates").sees()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscribed_audience_hears_what_is_planned_moved_and_done_and_nothing_technical() {
    let bot = Bot::start().await;
    bot.app.apply_organisation(&subscribed(), false).await.expect("it can be applied");
    agreed(&bot, "from:2030-01-15T10:00Z until:+1h").await;
    bot.pass(24 * 60).await;
    for told in audience(&bot) {
        assert_eq!(times(&told, "Planned change: Card payments"), 1, "{told}");
        assert_eq!(times(&told, "Planned change in 5 business days: Card payments"), 1, "{told}");
        assert!(told.contains("What it means: cards may fail for a minute"), "{told}");
        // Managers read no technical detail (rule 4.20), and no names.
        assert!(!told.contains("certificate") && !told.contains("Ana"), "{told}");
    }
    let ana = bot.person("ana").slack();
    ana.says("/change sched CHG-1 from:2030-01-16T10:00Z until:+1h").await;
    bot.run_until_idle().await;
    ana.says("/change withdraw CHG-1 the vendor renews it").await;
    bot.run_until_idle().await;
    for told in audience(&bot) {
        assert_eq!(times(&told, "Change planned anew, not at the time that was said: Card payments"), 1, "{told}");
    }
    // What is elsewhere is not theirs.
    let tom = bot.person("tom").slack();
    tom.says("/change std log-rotation keep_days:14 svc:reports").await;
    bot.run_until_idle().await;
    for told in audience(&bot) {
        assert!(!told.contains("CHG-2"), "{told}");
    }
    bot.finish().await;
}

/// An emergency on the payments that everybody has agreed to, of which the stakeholders are to hear. Raj speaks with them too.
async fn unplanned() -> Bot {
    let bot = Bot::start().await;
    let subscribed = subscribed();
    let speaks = "roles = [\"responder\", \"reviewer\"";
    assert!(subscribed.contains(speaks), "Raj is written like this");
    let file = subscribed.replacen(speaks, &format!("{speaks}, \"communication_lead\""), 1);
    bot.app.apply_organisation(&file, false).await.expect("it can be applied");
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let room = "inc-1-cards-fail";
    let ask = "/change emergency roll back 4.2 impact: cards fail why: every minute costs sales plan: deploy it again \
               tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";
    bot.person("ana").slack().at(room).says(ask).await;
    bot.run_until_idle().await;
    bot.person("raj").discord().at(room).reviews("CHG-1").await;
    bot.person("tom").slack().at(room).presses("Approve", "CHG-1").await;
    bot.person("mia").slack().at(room).presses("Approve", "CHG-1").await;
    bot.run_until_idle().await;
    bot
}

fn audience_reads(bot: &Bot, words: &str, often: usize) {
    for told in audience(bot) {
        assert_eq!(times(&told, words), often, "{words} in\n{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_audience_hears_of_an_unplanned_change_is_looked_at_first_and_the_change_waits_for_nothing() {
    let bot = unplanned().await;
    let ben = bot.person("ben").slack();
    let preview = ben.private();
    for words in
        ["will read this of CHG-1", "Unplanned change: Card payments", "every minute costs sales", "[Send] [Edit]"]
    {
        assert_eq!(times(&preview.replace('*', ""), words), 1, "{words} in\n{preview}");
    }
    assert!(preview.contains("What it means: cards fail") && preview.contains("Stakeholders"), "{preview}");
    audience_reads(&bot, "Unplanned change", 0);
    // The owners hear at once, and it starts.
    for here in watched(&bot) {
        assert_eq!(times(&here.sees(), "CHG-1 is approved."), 1, "{}", here.sees());
    }
    let ana = bot.person("ana").slack();
    assert!(ana.says("/change start CHG-1").await.contains("started CHG-1"));
    bot.run_until_idle().await;
    audience_reads(&bot, "Change under way", 0);
    let refused = bot.person("yuki").discord().says("/inc notice change: CHG-1").await;
    assert!(refused.contains("You cannot send this change notice"), "{refused}");
    let sent = ben.at("@wardroom").presses("Send", "CHG-1").await;
    assert!(sent.contains("The audiences are told of *CHG-1*"), "{sent}");
    bot.run_until_idle().await;
    let again = bot.person("raj").discord().at("@wardroom").presses("Send", "CHG-1").await;
    assert!(again.contains("No notice of CHG-1 waits to be sent"), "{again}");
    ana.says("/change done CHG-1").await;
    bot.pass(120).await;
    for words in ["Unplanned change under way: Card payments", "every minute costs sales", "Change done: Card payments"]
    {
        audience_reads(&bot, words, 1);
    }
    for told in audience(&bot) {
        assert!(told.contains("for INC-1") && !told.contains("deploy it again"), "{told}");
    }
    assert!(bot.decision_log("CHG-1").await.contains("notice.sent by ben"));
    let whole = bot.person("zoe").slack().says("/log verify").await;
    assert!(whole.contains("The log is whole."), "{whole}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_with_the_audiences_may_say_it_in_other_words() {
    let bot = unplanned().await;
    let raj = bot.person("raj").discord().at("@wardroom");
    assert_eq!(raj.presses("Edit", "CHG-1").await, "(a form)");
    let sent = raj.fills(&[("text", "Cards may fail until three; cash works <@U0TOM>")]).await;
    assert!(sent.contains("Cards may fail until three"), "{sent}");
    bot.run_until_idle().await;
    audience_reads(&bot, "Cards may fail until three; cash works", 1);
    audience_reads(&bot, "every minute costs sales", 0);
    audience_reads(&bot, "What it means", 0);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_sends_it_with_the_next_update_once_and_what_is_over_before_that_is_told_as_over() {
    let bot = unplanned().await.again().await;
    let due = "select extract(epoch from due_at) = extract(epoch from (select due_at from deadline where kind = 'update' \
               and state = 'armed')) from deadline where kind = 'notice_preview' and state = 'armed'";
    assert_eq!(bot.database.text(&format!("select ({due})::text")).await, "true");
    bot.pass(180).await;
    audience_reads(&bot, "Unplanned change: Card payments", 1);
    assert!(bot.decision_log("CHG-1").await.contains("notice.sent by wardroom"));
    bot.finish().await;

    let bot = unplanned().await;
    let ana = bot.person("ana").slack();
    ana.says("/change start CHG-1").await;
    ana.says("/change rollback it is slower now change: CHG-1").await;
    bot.pass(180).await;
    audience_reads(&bot, "Change taken back: Card payments", 1);
    audience_reads(&bot, "every minute costs sales", 1);
    audience_reads(&bot, "Unplanned change", 0);
    assert!(!bot.decision_log("CHG-1").await.contains("notice.sent"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_a_change_that_nobody_else_is_told_of_is_told_that() {
    let bot = Bot::start().await;
    let yuki = bot.person("yuki").discord();
    yuki.says("/change std entry: log-rotation with: keep_days:14 svc: reports").await;
    bot.run_until_idle().await;
    let told = yuki.private();
    assert!(told.contains("Nobody else is told of CHG-1"), "{told}\n{}", bot.decision_log("CHG-1").await);
    bot.finish().await;
}
