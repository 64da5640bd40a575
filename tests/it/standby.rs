//! The people on standby (rule 4.48): booked, asked in private on both platforms, and the start waits for them.

use insta::assert_snapshot;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, Here, holds, is_whole, without_hashes};

const ROOM: &str = "inc-1-cards-fail";
/// High risk, two days ahead: on 9 January from 10:00 to 12:00.
const MOVE: &str = "/change new move the queue svc:payments impact: none why: it is due plan: stop it @ana 5m; put the old \
                    one back @ana 10m fails: slow -> wait; wrong sums -> stop; disk full -> make room abort: wrong sums \
                    verify: the sums are right tested:yes data:3 availability:3 compliance:2 complexity:3 rollback:4 \
                    from:2030-01-09T10:00Z until:2030-01-09T12:00Z";
const FIX: &str = "/change emergency roll back 4.2 impact: cards fail why: each minute costs plan: deploy 4.2 again \
                   tested:yes data:2 availability:3 compliance:1 complexity:3 rollback:3";
const HOUR: i32 = 60;
const ASKED: &str = "Are you on standby for CHG-1";

fn told(bot: &Bot, key: &str) -> String {
    let (slack, discord) = (bot.person(key).slack().private(), bot.person(key).discord().private());
    (slack + &discord).replace('*', "")
}

async fn agree(bot: &Bot, channel: &str) {
    bot.person("raj")
        .discord()
        .at(channel)
        .says("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1")
        .await;
    bot.person("mia").slack().says("/change approve CHG-1").await;
    bot.person("tom").discord().says("/change approve change: CHG-1").await;
    bot.run_until_idle().await;
}

/// Ana's change of high risk is agreed to, for the day after tomorrow.
async fn planned(bot: &Bot) -> Here<'_> {
    let ana = bot.person("ana").slack();
    let asked = ana.says(MOVE).await;
    holds(
        &asked,
        &[
            "band *high*",
            "It does not start without somebody on standby for the owner of the rollback (rule 4.48)",
            "`/change plan standby CHG-1 rollback_owner:@…`",
        ],
    );
    agree(bot, "changes").await;
    bot.person("ines").slack().says("/change approve CHG-1").await;
    bot.run_until_idle().await;
    holds(
        &ana.says("/change show CHG-1").await,
        &["approved", "On standby:", "the owner of the rollback: *nobody yet*"],
    );
    ana
}

/// Lena, who is not on call for the payments, carries out an emergency.
async fn urgent(bot: &Bot) -> Here<'_> {
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let lena = bot.person("lena").slack().at(ROOM);
    let asked = lena.says(FIX).await;
    holds(&asked, &["*Ana Ruiz* is on call, and booked to stand by for CHG-1 as rollback owner · asked just now"]);
    bot.run_until_idle().await;
    agree(bot, ROOM).await;
    lena
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_by_is_asked_a_day_and_an_hour_before_and_the_start_waits_for_both_words() {
    let bot = Bot::watched().await;
    let ana = planned(&bot).await;
    let booked = ana.says("/change plan standby CHG-1 rollback_owner:@raj").await;
    holds(&booked, &["*Raj Patel* is booked to stand by for CHG-1", "asked a day and an hour before it starts 9 Jan"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "raj"), &["You are booked to stand by for CHG-1", "[Cannot] [Details]"]);
    let raj = bot.person("raj").discord().at("@wardroom");
    let early = bot.person("raj").discord().says("/change plan standby change: CHG-1 do: ready").await;
    holds(&early, &["You are asked on 8 Jan 10:00"]);

    bot.pass(20 * HOUR).await;
    holds(&told(&bot, "raj"), &[ASKED, "It does not start without you.", "[I am on standby] [Cannot] [Details]"]);
    bot.pass(HOUR).await;
    holds(&told(&bot, "ana"), &["CHG-1 needs a word: Raj Patel has not confirmed"]);
    let first = raj.presses("I am on standby", ASKED).await;
    holds(&first, &["is on standby for CHG-1", "You are asked once more an hour before it starts"]);
    holds(&raj.presses("I am on standby", ASKED).await, &["You said so already for CHG-1."]);
    holds(&ana.says("/change plan standby CHG-1").await, &["the owner of the rollback* · *Raj Patel*, confirmed once"]);

    bot.pass(22 * HOUR + 20).await;
    holds(&told(&bot, "ines"), &["CHG-1 cannot start: Raj Patel has not confirmed to stand by as"]);
    bot.pass(45).await;
    let refused = ana.says("/change start CHG-1").await;
    assert_snapshot!(without_hashes(&refused), @"
    CHG-1 cannot start without the people on standby: the owner of the rollback: Raj Patel has not confirmed again, an hour before the start.
    Raj Patel can press I am on standby; or `/change plan standby CHG-1 rollback_owner:me` takes it upon you.
      Rule 4.48 · nothing was changed · `L CHG-1#18 ……`
    ");
    holds(&ana.says("/freeze check CHG-1").await, &["cannot start without the people on standby"]);
    holds(&raj.presses("I am on standby", ASKED).await, &["confirmed again"]);
    holds(&ana.says("/freeze check CHG-1").await, &["Nothing is frozen while it may run."]);
    bot.person("ines").slack().says("/change plan rehearse CHG-1 do:waive why: it was tried last week").await;
    holds(&ana.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    holds(&ana.says("/change show CHG-1").await, &["the owner of the rollback: *Raj Patel*, stands by"]);
    let log = bot.decision_log("CHG-1").await;
    let said: Vec<&str> = log.lines().filter(|line| line.contains("standby.") || line.contains("started")).collect();
    assert_snapshot!(said.join("\n"), @"
    CHG-1#8 standby.booked by ana
    CHG-1#10 standby.asked by wardroom
    CHG-1#11 standby.alerted by wardroom
    CHG-1#12 standby.confirmed by raj
    CHG-1#15 standby.asked by wardroom
    CHG-1#16 standby.alerted by wardroom
    CHG-1#17 standby.alerted by wardroom
    CHG-1#19 standby.confirmed by raj
    CHG-1#21 change.started by ana
    ");
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_there_is_replaced_by_whoever_is_on_call_with_a_click() {
    let bot = Bot::watched().await;
    let ana = planned(&bot).await;
    let other = bot.person("lena").slack().says("/change plan standby CHG-1 rollback_owner:@raj").await;
    holds(&other, &["CHG-1 was asked for by Ana Ruiz.", "Ana Ruiz or a change manager can say who stands by."]);
    bot.person("ines").slack().says("/change plan standby CHG-1 rollback_owner:@mia").await;
    bot.run_until_idle().await;
    let mia = bot.person("mia").slack().at("@wardroom");
    let cannot = mia.presses("Cannot", "You are booked to stand by").await;
    holds(&cannot, &["*Mia Chen* cannot stand by for CHG-1", "on call: *Ana Ruiz*"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "ana"), &["Mia Chen cannot stand by for CHG-1", "[Book who is on call] [Details]"]);
    // Whoever is absent is not proposed: whoever stands in is.
    bot.person("ana").slack().says("/cab delegate to:@lena until:+4d why: a flight").await;
    bot.run_until_idle().await;
    let shown = ana.says("/change plan standby CHG-1").await;
    holds(&shown, &["nobody is booked", "on call: *Lena Fischer*"]);
    let booked = bot.person("ana").slack().at("@wardroom").presses("Book who is on call", "cannot stand by").await;
    holds(&booked, &["*Lena Fischer* is on call, and booked to stand by for CHG-1"]);
    holds(&mia.presses("Cannot", "You are booked to stand by").await, &["You are not booked to stand by for CHG-1"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_moves_voids_what_was_said_and_two_at_once_are_a_conflict() {
    let bot = Bot::watched().await;
    let ana = planned(&bot).await;
    ana.says("/change plan standby CHG-1 rollback_owner:@sam").await;
    bot.pass(20 * HOUR).await;
    let sam = bot.person("sam").discord().at("@wardroom");
    holds(&sam.presses("I am on standby", ASKED).await, &["is on standby for CHG-1"]);
    let moved = ana.says("/change sched CHG-1 from:2030-01-09T14:00Z until:2030-01-09T16:00Z").await;
    holds(&moved, &["The time of CHG-1 has moved to 9 Jan", "*Sam Osei* is asked anew"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "sam"), &["The time of CHG-1 has moved", "confirm a day before"]);
    holds(&ana.says("/change plan standby CHG-1").await, &["*Sam Osei*, has not confirmed yet"]);

    // A second change at the same time, with the same person.
    let second =
        MOVE.replace("svc:payments", "svc:checkout").replace("T10:00Z", "T15:00Z").replace("T12:00Z", "T17:00Z");
    let tom = bot.person("tom").slack();
    holds(&tom.says(&second.replace("@ana", "@tom")).await, &["CHG-2"]);
    let booked = tom.says("/change plan standby CHG-2 rollback_owner:@sam").await;
    holds(&booked, &["Sam Osei stands by for CHG-1: a conflict", "Ana Ruiz, on call, is free."]);
    bot.run_until_idle().await;
    holds(&tom.says("/change plan standby CHG-2").await, &["Sam Osei stands by for CHG-1", "on call: *Ana Ruiz*"]);
    holds(
        &bot.person("raj").discord().says("/change show change: CHG-2").await,
        &["**On standby:** the owner of the rollback: @sam, has not confirmed yet"],
    );
    let replaced = tom.says("/change plan standby CHG-2 do:oncall").await;
    holds(&replaced, &["*Sam Osei* need not stand by for CHG-2", "*Ana Ruiz* is on call, and booked"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_emergency_whoever_is_on_call_is_asked_at_once_and_after_five_minutes_the_next() {
    let bot = Bot::watched().await;
    let lena = urgent(&bot).await;
    holds(&told(&bot, "ana"), &[ASKED, "after 5 minutes of silence the next on call is asked", "[I am on standby]"]);
    let refused = lena.says("/change start CHG-1").await;
    holds(
        &refused,
        &[
            "CHG-1 cannot start without the people on standby: the owner of the rollback: Ana Ruiz has not confirmed.",
            "Ana Ruiz can press I am on standby; or `/change plan standby CHG-1 rollback_owner:me` takes it upon you.",
            "Rule 4.48",
        ],
    );
    bot.pass(5).await;
    holds(&told(&bot, "raj"), &[ASKED]);
    for room in [lena.sees(), bot.person("raj").discord().at(ROOM).sees()] {
        holds(
            &room.replace('*', ""),
            &["has not answered whether they stand by for CHG-1 as rollback owner: the next on call is asked"],
        );
    }
    holds(&lena.says("/change start CHG-1").await, &["Raj Patel has not confirmed", "Rule 4.48"]);
    // Whoever was too slow may still come: the other is told that it is not needed any more.
    let late = bot.person("ana").slack().at("@wardroom").presses("I am on standby", ASKED).await;
    holds(&late, &["is on standby for CHG-1", "need not stand by for CHG-1"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "lena"), &["is on standby for CHG-1 as rollback owner"]);
    holds(&lena.says("/change start CHG-1").await, &["started CHG-1"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_on_call_is_left_somebody_takes_it_upon_them_or_the_authority_rules() {
    let bot = Bot::watched().await;
    let lena = urgent(&bot).await;
    bot.person("ana").slack().at("@wardroom").presses("Cannot", ASKED).await;
    bot.run_until_idle().await;
    let none = bot.person("raj").discord().at("@wardroom").presses("Cannot", ASKED).await;
    holds(&none, &["cannot stand by for CHG-1", "nobody else on call is free"]);
    bot.run_until_idle().await;
    let refused = lena.says("/change start CHG-1").await;
    holds(&refused, &["nobody is booked", "Nobody on call is free.", "`/cab escalate CHG-1` and why", "Rule 4.48"]);
    holds(&lena.says("/cab escalate CHG-1 nobody is there").await, &["(*standby*)", "Omar Haddad"]);
    bot.run_until_idle().await;
    holds(&told(&bot, "omar"), &["cannot start without the people on standby"]);
    let ruled =
        bot.person("omar").discord().says("/cab rule change: CHG-1 verdict: allow why: I watch it myself").await;
    holds(&ruled, &["CHG-1 may start without the people on standby."]);
    let started = lena.says("/change start CHG-1").await;
    holds(&started, &["started CHG-1", "The people on standby: passed by ruling of Omar Haddad."]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_starts_an_emergency_may_take_it_upon_them_and_an_exception_sets_it_aside() {
    let bot = Bot::watched().await;
    let lena = urgent(&bot).await;
    lena.says("/cab exception ask CHG-1 rule:standby until:+2h control: mia watches why: nobody answers").await;
    bot.run_until_idle().await;
    holds(&lena.says("/change start CHG-1").await, &["Rule 4.48"]);
    let taken = lena.says("/change plan standby CHG-1 rollback_owner:me").await;
    holds(&taken, &["*Ana Ruiz* need not stand by", "*Lena Fischer* stands ready for CHG-1"]);
    holds(&lena.says("/change plan standby CHG-1 do:cannot").await, &["*Lena Fischer* cannot stand by"]);
    holds(&lena.says("/change start CHG-1").await, &["Rule 4.48"]);
    holds(&bot.person("ines").slack().says("/cab exception approve").await, &["approves *EXC-1*"]);
    holds(&lena.says("/change start CHG-1").await, &["started CHG-1", "passed by *EXC-1*"]);
    bot.run_until_idle().await;
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_on_call_and_carries_it_out_says_so_by_starting_it() {
    let bot = Bot::watched().await;
    bot.person("mia").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").discord().at(ROOM);
    bot.person("ana").slack().at(ROOM).says(FIX).await;
    bot.run_until_idle().await;
    agree(&bot, ROOM).await;
    let shown = ana.says("/change show change: CHG-1").await;
    holds(&shown, &["the owner of the rollback: @ana, on call, confirms by starting it"]);
    let started = ana.says("/change start change: CHG-1").await;
    holds(&started, &["stands ready for CHG-1 as rollback owner", "started CHG-1"]);
    bot.run_until_idle().await;
    holds(&bot.decision_log("CHG-1").await, &["standby.taken by ana", "change.started by ana"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_changes_need_nobody() {
    let bot = Bot::watched().await;
    let ana = bot.person("ana").slack();
    let small = MOVE.replace("complexity:3", "complexity:1").replace("rollback:4", "rollback:2");
    let asked = ana.says(&small).await;
    assert!(!asked.contains("standby"), "{asked}");
    holds(&ana.says("/change plan standby CHG-1").await, &["Nobody needs to be on standby", "high risk"]);
    let refused = bot.person("ana").discord().says("/change plan standby change: CHG-1 rollback_owner: @raj").await;
    holds(&refused, &["CHG-1 needs nobody on standby (rule 4.48)"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_a_tier_1_service_down_as_a_whole_needs_somebody_however_small_it_is() {
    let bot = Bot::watched().await;
    let ana = bot.person("ana").slack();
    let small = MOVE.replace("complexity:3", "complexity:1").replace("rollback:4", "rollback:2");
    let outage = small.replace("availability:3", "availability:5");
    let asked = ana.says(&outage).await;
    assert!(!asked.contains("band *high*") && !asked.contains("band *critical*"), "{asked}");
    holds(&asked, &["It does not start without somebody on standby for the owner of the rollback (rule 4.48)"]);
    holds(
        &bot.person("ana").discord().says("/change plan standby change: CHG-1").await,
        &["the owner of the rollback", "nobody is booked"],
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_booked_and_is_absent_or_commands_an_incident_by_then_holds_up_the_start() {
    let bot = Bot::watched().await;
    let ana = planned(&bot).await;
    bot.person("ines").slack().says("/change plan rehearse CHG-1 do:waive why: it was tried last week").await;
    ana.says("/change plan standby CHG-1 rollback_owner:@raj").await;
    bot.pass(20 * HOUR).await;
    let raj = bot.person("raj").discord();
    holds(&raj.says("/change plan standby change: CHG-1 do: ready").await, &["is on standby for CHG-1"]);
    raj.says("/cab delegate to: @sam until: +4d why: a flight").await;
    bot.run_until_idle().await;
    let absent = bot.person("ana").discord().says("/change plan standby change: CHG-1").await;
    holds(&absent, &["Raj Patel is absent, Sam Osei stands in"]);

    ana.says("/change plan standby CHG-1 rollback_owner:@tom").await;
    bot.pass(23 * HOUR + 5).await;
    let tom = bot.person("tom").slack();
    holds(&tom.says("/change plan standby CHG-1 do:ready").await, &["is on standby for CHG-1"]);
    bot.pass(HOUR).await;
    tom.says("/inc declare sev3 the ledger is slow svc:ledger").await;
    bot.run_until_idle().await;
    bot.person("tom").slack().at("inc-1-the-ledger-is-slow").says("/inc lead").await;
    let refused = ana.says("/change start CHG-1").await;
    holds(&refused, &["cannot start without the people on standby", "Tom Okafor commands INC-1", "Rule 4.48"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_says_by_role_who_is_on_call_away_booked_and_free_in_the_coming_week() {
    let bot = Bot::watched().await;
    let bare = bot.person("omar").discord().at("changes").says("/change plan standby").await;
    holds(&bare, &["Standby · the next 7 days", "@tom · Data, Platform · first on call · **free**"]);
    let ana = planned(&bot).await;
    ana.says("/change plan standby CHG-1 rollback_owner:@raj").await;
    bot.person("tom").discord().says("/cab delegate do: away until: +2d why: leave").await;
    bot.person("sam").discord().says("/cab delegate to: @mia from: +1d until: +3d why: a flight").await;
    ana.says("/inc declare sev4 a pump rattles svc:shop").await;
    bot.run_until_idle().await;
    bot.person("ana").slack().at("inc-1-a-pump-rattles").says("/inc lead").await;
    bot.run_until_idle().await;
    let pool = bot.person("lena").slack().says("/change plan standby do:pool").await;
    holds(
        &pool,
        &[
            "*Raj Patel* · Payments · *CHG-1* 9 Jan 10:00 UTC to 9 Jan 12:00 UTC, has not confirmed yet",
            "*Tom Okafor* · Data, Platform · first on call · away 7 Jan 14:00 UTC to 9 Jan 14:00 UTC",
            "· away 8 Jan 14:00 UTC to 10 Jan 14:00 UTC, *Mia Chen* stands in",
            "*Ana Ruiz* · Payments · first on call · commands INC-1",
            "*Yuki Tanaka* · Data · first on call · *free*",
        ],
    );
    let same = bot.person("raj").discord().says("/change plan standby do: pool").await;
    holds(&same, &["**CHG-1** 10:00 UTC to 12:00 UTC", "has not confirmed yet", "**free**"]);
    bot.pass(8 * 24 * HOUR).await;
    let later = bot.person("lena").slack().says("/change plan standby do:pool").await;
    assert!(!later.contains("CHG-1") && !later.contains("away"), "what is over keeps nobody busy: {later}");
    bot.finish().await;
}

/// More people than fit a page.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_many_is_shown_a_page_at_a_time() {
    let bot = Bot::start().await;
    let keys: Vec<String> = (0..20).map(|number| format!("extra{number:02}")).collect();
    let person = |key: &String| {
        format!(
            "[[person]]\nkey = \"{key}\"\nname = \"{key}\"\nteam = \"payments\"\nroles = [\"responder\"]\nslack = \"U{key}\"\n\n"
        )
    };
    let people: String = keys.iter().map(person).collect();
    let on_call = format!("on_call = [\"ana\", \"raj\", \"{}\"]\n", keys.join("\", \""));
    let file = ORGANISATION.replacen("on_call = [\"ana\", \"raj\"]\n", &on_call, 1);
    let file = file.replacen("[[team]]", &format!("{people}[[team]]"), 1);
    bot.app.apply_organisation(&file, false).await.expect("it is applied");
    let lena = bot.person("lena");
    let first = lena.slack().says("/change plan standby do:pool").await;
    holds(&first, &["extra00", "more: `/change plan standby do:pool page:2`"]);
    assert!(!first.contains("extra02"), "{first}");
    holds(&bot.person("raj").discord().says("/change plan standby do: pool page: 2").await, &["extra02"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_away_at_any_time_of_the_window_cannot_stand_by_and_another_ones_turn_is_said() {
    let bot = Bot::watched().await;
    let ana = planned(&bot).await;
    let people = "on_call = [\"ana\", \"raj\"]\n";
    let rota = format!("{people}rota = {{ since = \"2030-01-07T09:00\", days = 1 }}\n");
    let file = ORGANISATION.replacen(people, &rota, 1);
    bot.app.apply_organisation(&file, false).await.expect("it is applied");
    // From nine on 9 January it is Ana's turn again.
    let off = ana.says("/change plan standby CHG-1 rollback_owner:@raj").await;
    holds(&off, &["*Raj Patel* is booked", "Raj Patel is off shift then, Ana Ruiz is on call for Payments."]);
    let shown = bot.person("ana").discord().says("/change plan standby change: CHG-1").await;
    holds(&shown, &["has not confirmed yet", "Raj Patel is off shift then, Ana Ruiz is on call for Payments"]);
    let turn = ana.says("/change plan standby CHG-1 rollback_owner:@ana").await;
    assert!(!turn.contains("off shift"), "{turn}");

    // She leaves half way through, and nobody stands in.
    let away = "/cab delegate do: away from: 2030-01-09T11:00Z until: 2030-01-10T11:00Z why: leave";
    bot.person("ana").discord().says(away).await;
    let shown = bot.person("raj").discord().says("/change plan standby change: CHG-1").await;
    holds(&shown, &["Ana Ruiz is away from 9 Jan 11:00 UTC until 10 Jan 11:00 UTC"]);
    is_whole(&bot).await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_on_call_a_planned_start_is_refused_and_the_decision_authority_is_offered() {
    let bot = Bot::watched().await;
    let ana = planned(&bot).await;
    bot.person("ines").slack().says("/change plan rehearse CHG-1 do:waive why: it was tried last week").await;
    for key in ["ana", "raj"] {
        bot.person(key).discord().says("/cab delegate do: away until: +5d why: leave").await;
    }
    let none = ana.says("/change plan standby CHG-1 do:oncall").await;
    let offered = "Nobody on call is free. `/change plan standby CHG-1 rollback_owner:me` takes it upon you; `/cab escalate CHG-1` \
                   and why asks the decision authority.";
    holds(&none, &["Nobody on call is free to stand by for CHG-1.", offered, "Rule 4.48"]);
    bot.pass(44 * HOUR + 5).await;
    let refused = ana.says("/change start CHG-1").await;
    holds(&refused, &["cannot start without the people on standby", "nobody is booked", offered, "Rule 4.48"]);
    holds(&ana.says("/cab escalate CHG-1 nobody is there").await, &["(*standby*)"]);
    is_whole(&bot).await;
    bot.finish().await;
}
