//! The change calendar: in chat, and fetched by a calendar program.

use insta::assert_snapshot;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};
use wardroom::app::{Act, Inbound, Reply};
use wardroom::domain::{Account, Place, Platform, Standing};

use crate::harness::{Bot, Here, Transport, without_hashes};

/// The rest of a request for a change on a service that hurts nobody.
const REST: &str = "impact: none why: it expires plan: put the old one back @ana fails: handshakes fail -> put it back abort: cards fail tested: yes data: 1 availability: 2 \
                    compliance: 1 complexity: 2 rollback: 2";

async fn asks(here: &Here<'_>, title: &str, service: &str, window: &str) {
    let asked = here.says(&format!("/change new {title} svc:{service} {REST} {window}")).await;
    assert!(asked.contains("asks for") || asked.contains("asked for"), "{asked}");
}

/// Mia owns the service, Raj reviews, Inês manages changes.
async fn agree(bot: &Bot, change: &str) {
    bot.run_until_idle().await;
    bot.person("mia").discord().says(&format!("/change approve {change}")).await;
    bot.person("raj")
        .discord()
        .says(&format!("/change review verdict: ok target: yes rollback: yes effects: yes change: {change}"))
        .await;
    bot.person("ines").slack().says(&format!("/change approve {change}")).await;
    bot.run_until_idle().await;
}

/// One change runs, one waits for its approval, one has no window; two freezes are planned, one is on.
async fn a_busy_week(bot: &Bot) {
    let ana = bot.person("ana").slack();
    asks(&ana, "rotate the certificate", "payments", "from:+1h until:+2h").await;
    agree(bot, "CHG-1").await;
    bot.pass(61).await;
    let started = ana.says("/change start CHG-1").await;
    assert!(started.contains("started CHG-1"), "{started}");
    asks(&bot.person("ines").slack(), "move the reports", "reports", "from:2030-01-09T22:00Z until:2030-01-10T02:00Z")
        .await;
    asks(&ana, "a bigger cache", "payments", "").await;
    agree(bot, "CHG-3").await;
    let ines = bot.person("ines").slack();
    ines.says("/freeze on svc:shop until:+4h why: the sale").await;
    ines.says("/freeze on svc:all hard:yes from:2030-01-12T08:00Z until:2030-01-12T20:00Z why: the audit").await;
    crate::freeze_calendar::agreed_by_all(bot, "FRZ-2").await;
    ines.says("/freeze on svc:payments from:2030-02-01T08:00Z until:2030-02-01T20:00Z why: far away").await;
    bot.run_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_ahead_are_told_day_by_day_on_both_platforms() {
    let bot = Bot::start().await;
    a_busy_week(&bot).await;
    assert_snapshot!(bot.person("tom").slack().says("/change cal").await, @"
    Change calendar · 7 days
    *Now*
    • *CHG-1* rotate the certificate · Card payments · normal, implementing · 7 Jan 15:00 UTC to 17:00 UTC
    • *FRZ-1* the sale · Web shop · freeze, active · 7 Jan 15:01 UTC to 19:01 UTC
    *Wed 9 Jan*
    • *CHG-2* move the reports · Finance reports · normal, awaiting approval · 9 Jan 22:00 UTC to 10 Jan 02:00 UTC
    *Sat 12 Jan*
    • *FRZ-2* the audit · everything · hard freeze, scheduled · 12 Jan 08:00 UTC to 20:00 UTC
    Approved, and without a window: CHG-3. `/change sched` gives them one.
      Days of Europe/Lisbon · `/change cal feed:new` puts this into your calendar program
    ");
    assert_snapshot!(bot.person("raj").discord().says("/change cal days: 2 svc: payments").await, @"
    ### Change calendar · 2 days · payments
      **Now**
      - **CHG-1** rotate the certificate · Card payments · normal, implementing · 15:00 UTC to 17:00 UTC
      Approved, and without a window: CHG-3. `/change sched` gives them one.
      -# Days of Europe/Lisbon · `/change cal feed:new` puts this into your calendar program
    ");
    // What runs past its window still runs, and is not planned any more.
    bot.pass(24 * 60).await;
    let late = bot.person("tom").slack().says("/change cal days:1").await;
    assert!(late.contains("*Now*\n• *CHG-1*") && late.contains("normal, window expired"), "{late}");
    // Checkout is next to payments, and no change is on it.
    let near = bot.person("tom").slack().says("/change cal svc:checkout days:30").await;
    assert!(near.contains("FRZ-3") && near.contains("FRZ-2") && !near.contains("CHG-1"), "{near}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_with_nothing_on_it_says_so_and_a_wrong_number_of_days_is_named() {
    let bot = Bot::start().await;
    for here in [bot.person("tom").slack(), bot.person("raj").discord()] {
        let empty = here.says("/change cal days: 1").await;
        assert!(empty.contains("1 day\n") && empty.contains("Nothing is planned, runs or is frozen."), "{empty}");
        for days in ["0", "93", "many"] {
            let wrong = here.says(&format!("/change cal days: {days}")).await;
            assert!(wrong.contains("is no number of days from 1 to 92"), "{days}: {wrong}");
        }
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_calendar_is_told_a_page_at_a_time() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    for day in 8..=13 {
        for hour in [8, 12, 16] {
            asks(&ines, "tidy up", "reports", &format!("from:2030-01-{day:02}T{hour:02}:00Z until:+1h")).await;
        }
    }
    let first = ines.says("/change cal svc:reports").await;
    assert_eq!(first.matches("• *CHG-").count(), 15, "{first}");
    assert!(first.contains("… and 3 more: `/change cal days:7 svc:reports page:2`"), "{first}");
    let second = ines.says("/change cal days:7 svc:reports page:2").await;
    assert_eq!(second.matches("• *CHG-").count(), 3, "{second}");
    bot.finish().await;
}

/// The address that an answer shows.
fn address_in(answer: &str) -> String {
    let after = answer.split('`').find(|part| part.contains("/calendar/"));
    after.unwrap_or_else(|| panic!("no address in {answer}")).to_owned()
}

async fn fetch(address: &str) -> Response {
    reqwest::get(address).await.expect("an answer")
}

async fn text(address: &str) -> String {
    let answer = fetch(address).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.expect("a text")
}

/// The lines of the event with this reference, unfolded.
fn event(calendar: &str, reference: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    let mut events = unfolded.split("BEGIN:VEVENT\r\n").skip(1).filter_map(|rest| rest.split("END:VEVENT").next());
    let found = events.find(|event| event.starts_with(&format!("UID:{reference}.")));
    found.map(|event| event.lines().map(str::to_owned).collect()).unwrap_or_default()
}

fn value<'a>(event: &'a [String], name: &str) -> &'a str {
    let found = event.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("no {name} in {event:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_program_fetches_what_is_planned_and_frozen() {
    let bot = Bot::start().await;
    a_busy_week(&bot).await;
    let told = bot.person("tom").slack().says("/change cal feed:new").await;
    assert_snapshot!(without_hashes(&told).replace(&address_in(&told), "(address)"), @"
    *Tom Okafor* made an address for their calendar
    Subscribe to this address in your calendar program: `(address)`
    Shown only now. Tell it nobody: whoever has it reads what is planned and frozen. It ends when your accounts here do.
      `/change cal feed:off` ends it · `L ORG#2 ……`
    ");
    let answer = fetch(&address_in(&told)).await;
    assert_eq!(answer.headers()[CONTENT_TYPE], "text/calendar; charset=utf-8");
    assert_eq!(answer.headers()[CACHE_CONTROL], "private, no-cache");
    let calendar = answer.text().await.expect("a text");
    assert!(calendar.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{calendar}");
    assert_snapshot!(event(&calendar, "CHG-1").join("\n"), @r"
    UID:CHG-1.harbour@wardroom
    DTSTAMP:20300107T150100Z
    LAST-MODIFIED:20300107T150100Z
    SEQUENCE:6
    DTSTART:20300107T150000Z
    DTEND:20300107T170000Z
    STATUS:CONFIRMED
    TRANSP:TRANSPARENT
    CATEGORIES:CHANGE
    SUMMARY:CHG-1 rotate the certificate (Card payments)
    DESCRIPTION:normal change on Card payments\, implementing\, band medium
    ");
    assert_snapshot!(event(&calendar, "CHG-2").join("\n"), @r"
    UID:CHG-2.harbour@wardroom
    DTSTAMP:20300107T150100Z
    LAST-MODIFIED:20300107T150100Z
    SEQUENCE:1
    DTSTART:20300109T220000Z
    DTEND:20300110T020000Z
    STATUS:TENTATIVE
    TRANSP:TRANSPARENT
    CATEGORIES:CHANGE
    SUMMARY:CHG-2 move the reports (Finance reports)
    DESCRIPTION:normal change on Finance reports\, awaiting approval\, band low
    ");
    assert_snapshot!(event(&calendar, "FRZ-2").join("\n"), @r"
    UID:FRZ-2.harbour@wardroom
    DTSTAMP:20300107T150100Z
    LAST-MODIFIED:20300107T150100Z
    SEQUENCE:5
    DTSTART:20300112T080000Z
    DTEND:20300112T200000Z
    STATUS:CONFIRMED
    TRANSP:TRANSPARENT
    CATEGORIES:FREEZE
    SUMMARY:FRZ-2 hard freeze: everything
    DESCRIPTION:the audit\nhard freeze\, scheduled
    ");
    assert_eq!(event(&calendar, "CHG-3"), Vec::<String>::new(), "it has no window");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_or_withdrawn_is_so_in_the_calendar_and_what_is_known_is_not_sent_again() {
    let bot = Bot::start_over(Transport::Http).await;
    let ana = bot.person("ana").slack();
    asks(&ana, "rotate; the \\ certificate, twice", "payments", "from:+24h until:+25h").await;
    let address = address_in(&bot.person("raj").discord().says("/change cal feed: new").await);
    let first = fetch(&address).await;
    let tag = first.headers()[ETAG].clone();
    let planned = event(&first.text().await.expect("a text"), "CHG-1");
    assert!(value(&planned, "SUMMARY").contains(r"rotate\; the \\ certificate\, twice"), "{planned:?}");
    let again = reqwest::Client::new().get(&address).header(IF_NONE_MATCH, &tag).send().await.expect("an answer");
    assert_eq!((again.status(), again.headers().get(ETAG)), (StatusCode::NOT_MODIFIED, Some(&tag)));
    assert_eq!(again.text().await.expect("a text"), "");

    ana.says("/change edit CHG-1 from:+48h until:+49h").await;
    let moved = reqwest::Client::new().get(&address).header(IF_NONE_MATCH, &tag).send().await.expect("an answer");
    assert_eq!(moved.status(), StatusCode::OK);
    let moved = event(&moved.text().await.expect("a text"), "CHG-1");
    assert_eq!((value(&planned, "DTSTART"), value(&moved, "DTSTART")), ("20300108T140000Z", "20300109T140000Z"));
    assert_eq!(value(&planned, "UID"), value(&moved, "UID"));
    let sequence = |event: &[String]| value(event, "SEQUENCE").parse::<i32>().expect("a number");
    assert!(sequence(&planned) < sequence(&moved), "{planned:?} {moved:?}");

    ana.says("/change withdraw CHG-1 not needed").await;
    let withdrawn = event(&text(&address).await, "CHG-1");
    assert_eq!(value(&withdrawn, "STATUS"), "CANCELLED");
    assert!(sequence(&moved) < sequence(&withdrawn));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_without_an_end_lasts_until_the_day_is_over_and_one_that_is_lifted_ends_there() {
    let bot = Bot::start().await;
    let ines = bot.person("ines").slack();
    bot.person("ana").slack().says("/inc declare sev1 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let omar = bot.person("omar").discord().at("inc-1-cards-fail");
    omar.says("/inc lead person: @omar").await;
    omar.says("/inc major why: all cards fail, no workaround").await;
    bot.run_until_idle().await;
    let address = address_in(&bot.person("tom").slack().says("/change cal feed:new").await);
    let open = event(&text(&address).await, "FRZ-1");
    assert_eq!(value(&open, "DTEND"), "20300108T000000Z", "Lisbon is at UTC in winter");
    assert!(value(&open, "DESCRIPTION").contains("until INC-1 is over"), "{open:?}");
    let told = bot.person("tom").slack().says("/change cal").await;
    assert!(told.contains("*Now*") && told.contains("until INC-1 is over"), "{told}");

    ines.says("/freeze on svc:shop until:+4h why: the sale").await;
    ines.says("/freeze on svc:shop from:+24h until:+25h why: another sale").await;
    bot.pass(60).await;
    for freeze in ["FRZ-2", "FRZ-3"] {
        let off = ines.says(&format!("/freeze off {freeze} why: it is cancelled")).await;
        assert!(off.contains(freeze), "{off}");
    }
    let calendar = text(&address).await;
    let (lifted, cancelled) = (event(&calendar, "FRZ-2"), event(&calendar, "FRZ-3"));
    assert_eq!((value(&lifted, "DTEND"), value(&lifted, "STATUS")), ("20300107T150000Z", "CONFIRMED"));
    assert_eq!(value(&cancelled, "STATUS"), "CANCELLED");
    let told = bot.person("tom").slack().says("/change cal").await;
    assert!(!told.contains("FRZ-2") && !told.contains("FRZ-3"), "{told}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_its_owners_alone_and_ends_when_they_say_so_or_are_gone() {
    let bot = Bot::start().await;
    let tom = bot.person("tom").slack();
    let old = address_in(&tom.says("/change cal feed:new").await);
    let renewed = tom.says("/change cal feed:new").await;
    assert!(
        renewed.contains("renewed the address of their calendar: the old one is not answered any more"),
        "{renewed}"
    );
    let new = address_in(&renewed);
    assert_eq!(fetch(&old).await.status(), StatusCode::NOT_FOUND);
    text(&new).await;
    let secret = new.rsplit('/').next().expect("a file").trim_end_matches(".ics").to_owned();
    let rows = bot
        .database
        .texts("select reply::text from delivery union all select convert_from(body, 'UTF8') from dlog.entry")
        .await;
    assert!(rows.len() > 3 && rows.iter().all(|row| !row.contains(&secret)), "the address is nowhere but in the chat");
    let hash = bot.database.texts("select encode(hash, 'hex') from calendar_feed").await;
    assert!(rows.iter().any(|row| row.contains(&hash[0])), "the log knows whose it is");

    for other in [new.replace(".ics", ""), new.replace(".ics", "A.ics"), new.replace("/calendar/", "/calendar/x")] {
        assert_eq!(fetch(&other).await.status(), StatusCode::NOT_FOUND, "{other}");
    }
    let ended = bot.person("tom").discord().says("/change cal feed: off").await;
    assert!(ended.contains("ended the address of their calendar"), "{ended}");
    assert_eq!(fetch(&new).await.status(), StatusCode::NOT_FOUND);
    let again = tom.says("/change cal feed:off").await;
    assert!(again.contains("Your calendar has no address"), "{again}");

    let mia = address_in(&bot.person("mia").slack().says("/change cal feed:new").await);
    text(&mia).await;
    bot.slack.set_deactivated("mia", true).await.expect("mia");
    text(&mia).await;
    bot.person("mia").discord().says("/admin unlink confirm: yes").await;
    assert_eq!(fetch(&mia).await.status(), StatusCode::NOT_FOUND);
    let refused = bot.person("pat").slack().says("/change cal feed:new").await;
    assert!(refused.contains("I don't know who you are yet") && !refused.contains("/calendar/"), "{refused}");
    bot.run_until_idle().await;
    let verified = tom.says("/log verify ORG").await;
    assert!(verified.contains("The log of ORG is whole"), "{verified}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_delivery_makes_no_second_address_and_shows_none() {
    let bot = Bot::start_over(Transport::Sockets).await;
    let tom = bot.person("tom").slack();
    let told = tom.says("/change cal feed:new").await;
    let before = tom.private();
    bot.slack.repeat_last_envelope().await;
    let again = tom.private().replacen(&before, "", 1);
    assert!(again.contains("shown once") && !again.contains("/calendar/"), "{again}");
    text(&address_in(&told)).await;
    assert_eq!(bot.decision_log("ORG").await.matches("feed.opened").count(), 1);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_has_said_how_the_bot_is_reached_that_is_said_and_nothing_is_written() {
    let bot = Bot::start().await;
    let mut app = bot.app.clone();
    app.public_url = None;
    let place = Place { platform: Platform::Slack, workspace: "T0HARBOUR".to_owned(), channel: "C0CHANGES".to_owned() };
    let account = Account { platform: Platform::Slack, workspace: "T0HARBOUR".to_owned(), id: "U0TOM".to_owned() };
    let act = Act::Says { command: "change".to_owned(), text: "cal feed:new".to_owned() };
    let (delivery, account_name) = ("slack:1.2".to_owned(), "tom".to_owned());
    let inbound = Inbound { delivery, place, account, account_name, standing: Standing::Member, message: None, act };
    let told = app.handle(inbound).await.expect("an answer");
    let Reply::Tell { message } = told else { panic!("{told:?}") };
    assert!(message.plain().contains("An operator can set WARDROOM_PUBLIC_URL"), "{}", message.plain());
    assert_eq!(bot.database.count("select count(*) from calendar_feed").await, 0);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_without_the_window_that_it_asked_for_is_not_shown_in_it() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    for (number, title) in ["rotate the certificate", "a bigger cache"].into_iter().enumerate() {
        asks(&ana, title, "payments", "from:+1h until:+2h").await;
        agree(&bot, &format!("CHG-{}", number + 1)).await;
    }
    let told = ana.says("/change cal").await;
    assert!(told.contains("• *CHG-1* rotate the certificate"), "{told}");
    assert!(!told.contains("• *CHG-2*") && told.contains("without a window: CHG-2."), "{told}");
    bot.finish().await;
}
