//! Meetings of the board: opened in chat, attended from both platforms, led from change to change, closed with minutes.

use insta::assert_snapshot;
use wardroom::jobs::Jobs;

use crate::harness::{Bot, holds, without_hashes};

const ROOM: &str = "inc-1-cards-fail";

/// Low risk.
const SMALL: &str = "/change emergency restart the queue impact: slow why: queues grow plan: start the old one \
                     tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";
/// High risk: the board votes.
const RISKY: &str = "/change emergency roll back 4.2 impact: cards fail why: each minute costs plan: deploy 4.2 again \
                     tested:yes data:2 availability:3 compliance:1 complexity:3 rollback:3";

/// CHG-1 is small and older, CHG-2 is risky.
async fn two_changes(bot: &Bot) {
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    for request in [SMALL, RISKY] {
        holds(&bot.person("ana").slack().at(ROOM).says(request).await, &["CHG-"]);
        bot.run_until_idle().await;
    }
}

async fn opened(bot: &Bot, channel: &str) {
    two_changes(bot).await;
    let said = bot.person("ines").slack().at(channel).says("/cab open").await;
    holds(
        &said,
        &[
            "opened *CAB-1*",
            "CHG-2, CHG-1",
            "15 min in all",
            "Not quorate: 1 of 4 members is here",
            "incident management is not here",
        ],
    );
    holds(&said, &["Votes go on without the meeting"]);
    bot.run_until_idle().await;
}

fn plan(bot: &Bot) -> Jobs {
    Jobs { app: bot.app.clone(), adapters: bot.adapters.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_is_held_on_both_platforms_and_its_minutes_prove_themselves() {
    let bot = Bot::start().await;
    opened(&bot, "general").await;
    let ines = || bot.person("ines").slack().at("general");
    holds(&ines().says("/cab open").await, &["CAB-1 is open already since"]);

    // Everybody once, from either platform.
    bot.person("mia").slack().at("general").presses("Present", "CAB-1").await;
    holds(&bot.person("mia").discord().at("changes").presses("Present", "CAB-1").await, &["You are at CAB-1 since"]);
    let third = bot.person("kim").discord().at("changes").presses("Present", "CAB-1").await;
    holds(&third, &["Not quorate: incident management is not here."]);
    // Whoever opens it is there from the beginning.
    holds(&ines().says("/cab present").await, &["You are at CAB-1 since"]);
    let guest = bot.person("ana").discord().says("/cab present").await;
    holds(&guest, &["as a guest", "Quorate: 3 of 4 members are here."]);
    bot.run_until_idle().await;
    holds(&ines().sees(), &["Quorate: 3 of 4 members are here.", "Recurring changes for incidents", "2 changes"]);

    // The riskiest first, with its vote in the meeting's channel.
    let next = ines().presses("Next", "CAB-1").await;
    holds(&next, &["put *CHG-2* to the board", "10 min"]);
    bot.run_until_idle().await;
    bot.pass(3).await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-2").await;
    bot.person("mia").slack().at("general").presses("Approve", "CHG-2").await;
    bot.person("tom").discord().at("changes").says("/change approve change: CHG-2 why: proven in March").await;
    bot.run_until_idle().await;
    for here in [ines(), bot.person("raj").discord().at("changes")] {
        let channel = here.sees().replace('*', "");
        holds(&channel, &["☑ CHG-2", "approved", "☐ CHG-1", "Guests: ", "decide by"]);
    }

    let other = bot.person("tom").slack().says("/cab defer CHG-1 why: I say so").await;
    holds(&other, &["You cannot open this meeting or set its agenda", "Rule 4.23"]);
    let deferred = ines().says("/cab defer CHG-1 why: the test report is missing").await;
    holds(&deferred, &["deferred *CHG-1*", "the test report is missing"]);
    holds(&ines().says("/cab next").await, &["Nothing else on the agenda of CAB-1 waits"]);
    holds(&ines().says("/cab minutes").await, &["No meeting was closed yet"]);
    let closed = without_hashes(&ines().presses("Close", "CAB-1").await);
    holds(&closed, &["1 decided, 1 deferred, 0 not decided, 4 present", "L CAB-1#"]);
    bot.run_until_idle().await;
    over(&bot).await;
    bot.finish().await;
}

async fn over(bot: &Bot) {
    let ines = || bot.person("ines").slack().at("general");
    assert_snapshot!(ines().says("/cab minutes CAB-1").await, @r"
    Minutes of CAB-1
    Opened 7 Jan 2030 14:00 WET by Inês Duarte.
    Closed 7 Jan 2030 14:03 WET by Inês Duarte.
    Chair: Inês Duarte.
    Present: Inês Duarte (Slack, 14:00), Mia Chen (Slack, 14:00), Kim Novak (Discord, 14:00).
    Guests: Ana Ruiz (Discord, 14:00).
    Absent: Tom Okafor.
    Quorate: 3 of 4 members are here.
    Recurring: 2 changes for incidents of Card payments.
    1. CHG-2 roll back 4.2 · high risk, 10 min, from 14:00
    • Result: approved at 14:03
    • Raj Patel: yes as peer reviewer
    • Mia Chen: approve
    • Tom Okafor: approve: proven in March
    2. CHG-1 restart the queue · low risk, 5 min
    • Result: deferred by Inês Duarte at 14:03: the test report is missing
      sha256 `24e13f4ce2c22a7a7943ac3ff16a5473fc31e18c03979aa82ef84489e403b619` · `/log show CAB-1`
    ");
    let minutes = bot.person("raj").discord().says("/cab minutes").await;
    holds(&minutes, &["Minutes of CAB-1", "Tom Okafor: approve: proven in March"]);
    for here in [ines(), bot.person("raj").discord().at("changes")] {
        holds(&here.sees(), &["Minutes of CAB-1", "sha256"]);
    }
    holds(&ines().says("/cab close").await, &["CAB-1 was closed at", "by Inês Duarte"]);
    holds(&bot.person("raj").discord().says("/cab present").await, &["CAB-1 was closed at", "Nothing was changed"]);
    holds(&ines().says("/cab next").await, &["CAB-1 was closed at"]);
    let log = bot.decision_log("CAB-1").await;
    assert_eq!(log.matches("meeting.closed by ines").count(), 1, "{log}");
    assert_eq!(log.matches("meeting.attended by mia").count(), 1, "{log}");
    let proof = "select count(*) from dlog.entry e join dlog.disclosure d on d.entry_id = e.id
                 join cab_meeting m on m.subject = e.subject
                 where e.kind = 'meeting.closed' and convert_from(e.body, 'UTF8') like '%' || m.minutes_hash || '%'
                   and encode(sha256(convert_to(convert_from(d.disclosure, 'UTF8')::jsonb ->> 2, 'UTF8')), 'hex')
                       = m.minutes_hash";
    assert_eq!(bot.database.count(proof).await, 1, "the hash is that of the text beside the entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_takes_too_long_is_said_once_also_over_a_restart() {
    let bot = Bot::start().await;
    opened(&bot, "changes").await;
    bot.person("ines").slack().at("changes").says("/cab next").await;
    bot.run_until_idle().await;
    bot.sleep_through(11).await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    let bot = bot.again().await;
    bot.run_until_idle().await;
    for here in [bot.person("ines").slack().at("changes"), bot.person("raj").discord().at("changes")] {
        let channel = here.sees();
        assert_eq!(channel.matches("decide it, or defer it").count(), 1, "{channel}");
    }
    let ines = bot.person("ines").slack().at("changes");
    assert_eq!(ines.presses("Defer", "decide it, or defer it").await, "(a form)");
    holds(&ines.fills(&[("why", "no proof yet")]).await, &["deferred *CHG-2*", "no proof yet"]);
    holds(
        &bot.person("ines").slack().says("/cab defer CHG-2 why: again").await,
        &["CHG-2 was deferred by Inês Duarte"],
    );
    holds(&bot.person("ines").slack().says("/cab defer CHG-7 why: again").await, &["CHG-7 is not on the agenda"]);
    // The vote goes on: what the board defers may still be decided by its members.
    let log = bot.decision_log("CAB-1").await;
    assert_eq!(log.matches("meeting.item_time_over by wardroom").count(), 1, "{log}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_decided_in_time_is_not_pressed_for() {
    let bot = Bot::start().await;
    opened(&bot, "changes").await;
    bot.person("ines").slack().at("changes").says("/cab next").await;
    let withdrawn = bot.person("ana").slack().at(ROOM).says("/change withdraw change:CHG-2 why: a switch did it").await;
    holds(&withdrawn, &["withdrew CHG-2"]);
    bot.pass(11).await;
    let channel = bot.person("ines").slack().at("changes").sees();
    assert!(!channel.contains("decide it, or defer it"), "{channel}");
    holds(&channel.replace('*', ""), &["☑ CHG-2", "withdrawn"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_regular_meeting_is_announced_a_day_before_once_also_over_a_restart() {
    let bot = Bot::start().await;
    plan(&bot).plan().await.expect("it is planned");
    bot.run_until_idle().await;
    assert!(!bot.person("ana").slack().at("changes").sees().contains("CAB-1"), "on Monday nothing is said");
    // Monday 14:00, until Tuesday 14:30, with nobody there.
    bot.sleep_through(24 * 60 + 30).await;
    let bot = bot.again().await;
    for _ in 0..2 {
        plan(&bot).plan().await.expect("it is planned");
        bot.run_until_idle().await;
    }
    for here in [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")] {
        let channel = here.sees();
        assert_eq!(channel.matches("the regular meeting of the board, begins").count(), 1, "{channel}");
        holds(&channel, &["For ", "· announced"]);
    }
    let wednesday = "select count(*) from cab_meeting where starts_at = '2030-01-09T14:00:00Z' and number = 1";
    assert_eq!(bot.database.count(wednesday).await, 1);
    holds(&bot.person("tom").slack().says("/cab present").await, &["CAB-1 is not open yet"]);
    bot.pass(24 * 60).await;
    let channel = bot.person("ana").slack().at("changes").sees();
    assert_eq!(channel.matches("is to begin now").count(), 1, "{channel}");
    // Nobody opens it: a week later the next one takes its place.
    bot.pass(6 * 24 * 60).await;
    let log = bot.decision_log("CAB-1").await;
    assert_eq!(log.matches("meeting.called by wardroom").count(), 1, "{log}");
    holds(&log, &["meeting.missed by wardroom"]);
    let opened = bot.person("ines").slack().at("changes").says("/cab open").await;
    holds(&opened, &["opened *CAB-2*", "nothing awaits approval"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_change_manager_or_the_chair_opens_a_meeting_and_without_one_the_agenda_is_shown() {
    let bot = Bot::start().await;
    two_changes(&bot).await;
    let agenda = bot.person("tom").discord().says("/cab agenda").await;
    holds(&agenda, &["would put on the agenda: CHG-2 (high risk, 10 min), CHG-1 (low risk, 5 min)"]);
    let refused = bot.person("ana").slack().says("/cab open").await;
    holds(&refused, &["You cannot open this meeting", "A change manager or a member of the board in the chair can"]);
    holds(&bot.person("ines").slack().says("/cab close").await, &["No meeting is open"]);
    bot.finish().await;
}

/// Of a change that can wait, with all that high risk asks for.
const PLANNED: &str = "/change new move the queue svc:payments impact: none why: it is due plan: stop it @ana 5m; put the old \
                       one back @ana 10m fails: slow -> wait; wrong sums -> stop; disk full -> make room abort: wrong sums \
                       verify: the sums are right tested:yes";

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_the_board_is_decided_by_the_end_of_its_next_meeting_and_waits_for_the_next_where_that_is_missed()
{
    let bot = Bot::watched().await;
    let decide_by = "select to_char(decide_by at time zone 'UTC', 'Dy DD HH24:MI') from change order by number";
    let high = format!("{PLANNED} data:3 availability:3 compliance:2 complexity:3 rollback:4");
    let low = format!("{PLANNED} data:1 availability:1 compliance:1 complexity:1 rollback:1");
    // Monday 14:00: the meeting is on Wednesday at 14:00, and three business days end on Thursday.
    let asked = bot.person("ana").slack().says(&high).await;
    holds(&asked, &["high", "the vote of the CAB"]);
    bot.person("ana").slack().says(&low).await;
    assert_eq!(bot.database.texts(decide_by).await, ["Wed 09 15:00", "Wed 09 14:00"]);
    bot.run_until_idle().await;
    // Nobody opens it: what is on the agenda waits for the meeting after it, and the rest has a business day.
    bot.pass(2 * 24 * 60 + 61).await;
    let times = bot.database.texts(decide_by).await;
    assert_eq!(times[0], "Wed 16 15:00");
    let log = bot.decision_log("CHG-1").await;
    assert_eq!(log.matches("approval.prolonged by wardroom").count(), 1, "{log}");
    // While a meeting could be held its agenda is set: what is asked for now has its business days, which end first.
    bot.person("ana").slack().says(&high).await;
    assert_eq!(bot.database.texts(decide_by).await[2], "Mon 14 15:01");
    bot.finish().await;
}

/// Wednesday 6 February is the first of its month: what happened in January is told a day before, and decided on.
async fn in_february() -> Bot {
    let bot = Bot::start().await;
    two_changes(&bot).await;
    bot.person("raj").discord().at(ROOM).reviews("CHG-1").await;
    for key in ["tom", "mia"] {
        bot.person(key).slack().at(ROOM).says("/change approve CHG-1").await;
    }
    let ana = bot.person("ana").slack().at(ROOM);
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    holds(&ana.says("/change rollback it got worse change:CHG-1").await, &["rolled CHG-1 back"]);
    bot.run_until_idle().await;
    // Until Tuesday 5 February, 14:30.
    bot.sleep_through(29 * 24 * 60 + 30).await;
    let bot = bot.again().await;
    plan(&bot).plan().await.expect("it is planned");
    bot.run_until_idle().await;
    bot
}

#[tokio::test(flavor = "multi_thread")]
async fn the_monthly_meeting_has_a_data_pack_a_day_before_and_overdue_reviews_on_its_agenda_by_themselves() {
    let bot = in_february().await;
    let pack = [
        "Data pack of CAB-1: January 2030",
        "P1: 1 change ended: 1 emergency",
        "P2: 1 of 1 failed, were taken back or caused an incident (100 %)",
        "P4: services with the most failures: Card payments 1 of 1",
        "P8: 0 reviews closed, 0 of them late; 1 overdue at the end of the month",
        "sha256",
    ];
    for here in [bot.person("ana").slack().at("changes"), bot.person("raj").discord().at("changes")] {
        let channel = here.sees().replace('*', "");
        holds(&channel, &pack);
        holds(&channel, &["Overdue reviews are on the agenda of CAB-1: CHG-1", "☐ CHG-1 · due"]);
        assert_eq!(channel.matches("Data pack of CAB-1").count(), 1, "{channel}");
    }
    let proof = "select count(*) from dlog.entry e join dlog.disclosure d on d.entry_id = e.id
                 join cab_meeting m on m.subject = e.subject
                 where e.kind = 'meeting.pack_posted'
                   and convert_from(e.body, 'UTF8') like '%' || (m.pack ->> 'sha256') || '%'
                   and encode(sha256(convert_to(convert_from(d.disclosure, 'UTF8')::jsonb ->> 2, 'UTF8')), 'hex')
                       = m.pack ->> 'sha256'";
    assert_eq!(bot.database.count(proof).await, 1, "the hash is that of the text beside the entry");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_monthly_meeting_decides_names_a_figure_of_the_pack_and_the_next_one_looks_back_on_it() {
    let bot = in_february().await;
    let ines = || bot.person("ines").slack().at("changes");
    holds(&ines().says("/cab decide two people read each plan cites:P2").await, &["CAB-1 is not open yet"]);
    ines().says("/cab open").await;
    let early = ines().says("/cab decide two people read each plan cites:P2").await;
    holds(&early, &["Not quorate", "Nothing is decided in its name before", "Rule cab-meeting"]);
    for (key, discord) in [("mia", false), ("kim", true), ("ana", true)] {
        let person = bot.person(key);
        let here = if discord { person.discord() } else { person.slack() };
        here.says("/cab present").await;
    }
    let bare = ines().says("/cab decide two people read each plan").await;
    holds(&bare, &["goes by a figure of its data pack, and this names none", "Rule cab-meeting"]);
    holds(&bot.decision_log("CAB-1").await, &["refused by ines"]);
    holds(
        &ines().says("/cab decide two people read each plan cites:P99").await,
        &["“P99” is no item of the data pack"],
    );
    let other = bot.person("raj").discord().says("/cab decide what: I say so cites: P2").await;
    holds(&other, &["You cannot open this meeting or set its agenda", "Rule 4.23"]);
    let decided = ines().says("/cab decide two people read each plan cites:p2").await;
    holds(&decided, &["decided in *CAB-1*: two people read each plan", "goes by *P2* of its data pack", "L CAB-1#"]);
    holds(&ines().says("/cab decide two people read each plan cites:P2").await, &["It was decided at"]);
    bot.run_until_idle().await;
    holds(
        &bot.person("raj").discord().at("changes").sees().replace('*', ""),
        &["two people read each plan · goes by P2"],
    );
    ines().says("/cab close").await;
    bot.run_until_idle().await;
    let minutes = bot.person("raj").discord().says("/cab minutes").await;
    holds(&minutes, &["Data pack: January 2030, sha256", "Overdue review: CHG-1, due", "still open."]);
    holds(&minutes, &["two people read each plan (goes by P2: 1 of 1 failed", "by Inês Duarte at"]);
    holds(&ines().says("/log verify CAB-1").await, &["*The log of CAB-1 is whole.*"]);
    // Wednesday 6 March is the next first of a month.
    bot.sleep_through(28 * 24 * 60).await;
    let bot = bot.again().await;
    plan(&bot).plan().await.expect("it is planned");
    bot.run_until_idle().await;
    holds(&bot.person("ana").slack().at("changes").sees(), &["Decided in CAB-1", "Data pack of CAB-"]);
    bot.finish().await;
}
