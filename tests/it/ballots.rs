//! Votes under a crowd: whatever is clicked in whatever order, and everybody at once.
//!
//! `WARDROOM_VOTES=50 cargo test --test it ballots -- --nocapture` holds so many random votes; `WARDROOM_VOTES_SEED`
//! throws the same dice again, though not the same race. `WARDROOM_VOTERS=500` has so many vote at once.

mod recount;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use recount::Known;
use wardroom::app::{Act, Inbound, Reply};
use wardroom::domain::{Account, Place, Platform, Standing, Subject};
use wardroom::language::presses::{Press, PressAction};
use wardroom::store::LogEntry;
use wardroom::trial::ORGANISATION;

use crate::harness::Bot;

const ROOM: &str = "inc-1-cards-fail";

/// Votes in a plain run of all tests.
const VOTES: u64 = 4;

/// Rounds of clicks in a vote, each of a crowd at once; between two of them time passes or the roster changes.
const ROUNDS: usize = 6;
const CROWD: usize = 12;

/// Voters at once in a plain run of all tests.
const VOTERS: u64 = 120;

/// Longer than any vote of this test lasts.
const PAST_ITS_END: i32 = 31;

/// And longer than the whole chain of the decision authority is asked after it, a quarter of an hour each.
const PAST_ALL_RULINGS: i32 = PAST_ITS_END + 60;

const HIGH: &str = "data:2 availability:3 compliance:1 complexity:3 rollback:3";
const CRITICAL: &str = "data:2 availability:3 compliance:1 complexity:5 rollback:4";

/// What people say of CHG-1; a word with * is another one each time.
const CALLS: [(&str, &str); 15] = [
    ("change", "approve CHG-1"),
    ("change", "approve CHG-1 why: looks right"),
    ("change", "reject CHG-1 no proof"),
    ("change", "abstain CHG-1"),
    ("cab", "recuse CHG-1 I wrote it"),
    ("change", "review ok CHG-1 target:yes rollback:yes effects:yes"),
    ("change", "accept-risk CHG-1 waiting costs more alternatives:none"),
    ("cab", "concern CHG-1 nobody tried it"),
    ("cab", "resolved CHG-1 tried"),
    ("cab", "delegate to:sam until:+9m"),
    ("cab", "delegate to:sam until:+40m"),
    ("cab", "delegate to:omar until:+20m"),
    ("cab", "delegate end"),
    ("change", "edit CHG-1 plan: deploy build *"),
    ("change", "withdraw CHG-1 fixed otherwise"),
];

/// Sam votes for others only, so he tries twice as often.
const PEOPLE: [&str; 10] = ["mia", "tom", "ines", "kim", "ana", "raj", "zoe", "omar", "sam", "sam"];

const MEMBERS: &str = "[\"mia\", \"tom\", \"ines\", \"kim\"]";

/// Rosters that take turns. On the last are too few to vote at all.
const ROSTERS: [&[&str]; 4] = [
    &["mia", "tom", "ines", "kim"],
    &["mia", "tom", "ines", "kim", "zoe", "omar"],
    &["mia", "tom", "ines", "ana"],
    &["ines"],
];

async fn requested(bot: &Bot, risk: &str) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let request =
        "/change emergency roll back impact: cards fail why: every minute costs plan: deploy again tested:yes";
    let told = ana.at(ROOM).says(&format!("{request} {risk}")).await;
    assert!(told.contains("CHG-1") && told.contains("the vote of the E-CAB"), "{told}");
}

fn says(account: Account, delivery: String, command: &str, text: &str) -> Inbound {
    acts(account, delivery, Act::Says { command: command.to_owned(), text: text.to_owned() })
}

fn acts(account: Account, delivery: String, act: Act) -> Inbound {
    let channel = if account.platform == Platform::Slack { "C0INCIDENTS" } else { "200000000000000001" };
    let place = Place { platform: account.platform, workspace: account.workspace.clone(), channel: channel.to_owned() };
    let account_name = account.id.clone();
    Inbound { delivery, place, account, account_name, standing: Standing::Member, message: None, act }
}

fn account(bot: &Bot, key: &str, on_slack: bool) -> Option<Account> {
    let (slack, discord) = bot.accounts(key);
    let (platform, workspace, id) = if on_slack {
        (Platform::Slack, "T0HARBOUR", slack)
    } else {
        (Platform::Discord, "900000000000000001", discord)
    };
    (!id.is_empty()).then(|| Account { platform, workspace: workspace.to_owned(), id })
}

/// All at once, each as a task of its own; what each was told.
async fn at_once(bot: &Bot, all: Vec<Inbound>) -> Vec<String> {
    let tasks = all.into_iter().map(|inbound| {
        let app = bot.app.clone();
        tokio::spawn(async move { app.handle(inbound).await.expect("it is answered") })
    });
    let replies = join_all(tasks).await.into_iter().map(|reply| reply.expect("nothing panicked"));
    let told = |reply| match reply {
        Reply::Tell { message } => serde_json::to_string(&message).expect("plain data"),
        other => panic!("each is answered: {other:?}"),
    };
    replies.map(told).collect()
}

/// Whether an answer says that a ballot was cast.
fn is_ballot(told: &str) -> bool {
    told.contains("voted ") && told.contains("L CHG-1#") && !told.contains("nothing was changed")
}

/// Ballots of the log, of the answers and of the table are the same.
async fn no_ballot_is_lost(bot: &Bot, told: &[String]) {
    let answered = told.iter().filter(|told| is_ballot(told)).count();
    let entries = bot.database.count("select count(*) from dlog.entry where kind = 'ballot.cast'").await;
    let rows = bot.database.count("select count(*) from ballot").await;
    assert_eq!((i64::try_from(answered), rows), (Ok(entries), entries), "answered, kept, logged");
}

async fn log_of(bot: &Bot, subject: Subject) -> Vec<LogEntry> {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    tx.log_page(&[subject], 0, 10_000).await.expect("the log can be read").entries
}

/// The log of the change adds up, with what the log of the organisation says of who stands in for whom.
async fn adds_up(bot: &Bot, known: &mut Known) -> Vec<LogEntry> {
    let log = log_of(bot, Subject::Change(1)).await;
    known.delegations = recount::delegations(&log_of(bot, Subject::Organisation).await, &known.keys);
    recount::check(&log, known);
    log
}

async fn keys(bot: &Bot) -> BTreeMap<String, String> {
    let rows = bot.database.texts("select id || ' ' || key from person").await;
    rows.iter().filter_map(|row| row.split_once(' ')).map(|(id, key)| (id.to_owned(), key.to_owned())).collect()
}

/// A ballot by button is one for the revision that was looked at.
fn nobody_votes_on_what_they_did_not_see(log: &[LogEntry], pressed: &[(i32, String)]) {
    for (seen, told) in pressed.iter().filter(|(_, told)| is_ballot(told)) {
        let receipt = told.split("L CHG-1#").nth(1).and_then(|rest| rest.split(' ').next());
        let seq: i32 = receipt.and_then(|seq| seq.parse().ok()).unwrap_or_else(|| panic!("a receipt: {told}"));
        let entry = log.iter().rev().find(|entry| entry.seq <= seq && entry.kind == "ballot.cast").expect("it is kept");
        assert_eq!(entry.data["revision"].as_i64(), Some((*seen).into()), "{told}");
    }
}

/// Whose call it mostly is: others are refused.
fn expert(text: &str) -> Option<&'static str> {
    let experts = [
        ("edit", "ana"),
        ("withdraw", "ana"),
        ("review", "raj"),
        ("accept-risk", "zoe"),
        ("resolved", "ines"),
        ("delegate to:sam", "tom"),
        ("delegate to:omar", "kim"),
        ("delegate end", "tom"),
    ];
    experts.into_iter().find(|(verb, _)| text.starts_with(verb)).map(|(_, who)| who)
}

/// What one round's crowd does; buttons with the revision on them.
fn crowd(bot: &Bot, dice: &mut StdRng, round: &str, revision: i32) -> Vec<(Option<i32>, Inbound)> {
    let mut crowd = Vec::new();
    while crowd.len() < CROWD {
        let who = PEOPLE[dice.random_range(0..PEOPLE.len())];
        let Some(clicker) = account(bot, who, dice.random_bool(0.5)) else { continue };
        let delivery = format!("test:{round}:{}", crowd.len());
        if dice.random_bool(0.3) {
            // Sometimes a card that was shown before the newest revision, or one from nowhere.
            let seen = if dice.random_bool(0.8) { revision } else { dice.random_range(1..=revision + 1) };
            let actions = [PressAction::Approve, PressAction::Approve, PressAction::Abstain];
            let action = actions[dice.random_range(0..actions.len())];
            let press = Press::on(action, Subject::Change(1), Some(seen));
            crowd.push((Some(seen), acts(clicker, delivery, Act::Presses { button: press.id() })));
            continue;
        }
        // Mostly what decides, seldom what ends it.
        let call = if dice.random_bool(0.5) { 0 } else { dice.random_range(0..CALLS.len()) };
        let is_end = CALLS[call].1.starts_with("reject") || CALLS[call].1.starts_with("withdraw");
        let call = if is_end && dice.random_bool(0.7) { 1 } else { call };
        let account = expert(CALLS[call].1)
            .filter(|_| dice.random_bool(0.7))
            .and_then(|who| account(bot, who, true).or_else(|| account(bot, who, false)))
            .unwrap_or(clicker);
        let (command, text) = CALLS[call];
        let text = text.replace('*', &dice.random::<u16>().to_string());
        crowd.push((None, says(account, delivery, command, &text)));
    }
    crowd
}

/// One round: a crowd at once while timers run, and sometimes a new roster is loaded. What each was told.
async fn round(bot: &Bot, dice: &mut StdRng, name: &str, known: &mut Known) -> Vec<(Option<i32>, String)> {
    let newest = bot.database.count("select max(seq)::bigint from dlog.entry where subject = 'CHG-1'").await;
    let newest = i32::try_from(newest).expect("a short log");
    let revision = bot.database.count("select revision::bigint from change").await;
    let (seen, all): (Vec<_>, Vec<_>) =
        crowd(bot, dice, name, i32::try_from(revision).expect("a few")).into_iter().unzip();
    match dice.random_range(0..12) {
        0 | 1 => bot.pass(dice.random_range(1..12)).await,
        // It ends while the crowd is still clicking.
        2 => bot.sleep_through(PAST_ITS_END).await,
        _ => {}
    }
    let next = dice.random_bool(0.3).then(|| ROSTERS[dice.random_range(0..ROSTERS.len())]);
    let before = known.rosters.last().map(|(_, rosters)| rosters[rosters.len() - 1].clone()).expect("one is in force");
    if let Some(members) = next {
        let members: Vec<String> = members.iter().map(ToString::to_string).collect();
        known.rosters.push((newest, vec![before, members]));
    } else {
        known.rosters.push((newest, vec![before]));
    }
    let reorganise = async {
        if let Some(members) = next {
            let file = ORGANISATION.replace(MEMBERS, &format!("{members:?}"));
            bot.app.apply_organisation(&file, false).await.expect("it can be applied");
        }
    };
    let (told, (), ()) = tokio::join!(at_once(bot, all), bot.run_until_idle(), reorganise);
    seen.into_iter().zip(told).collect()
}

async fn random_vote(seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    let bot = Bot::start().await;
    let is_critical = seed % 2 == 1;
    requested(&bot, if is_critical { CRITICAL } else { HIGH }).await;
    let first = ROSTERS[0].iter().map(ToString::to_string).collect();
    let keys = keys(&bot).await;
    let mut known = Known { keys, rosters: vec![(0, vec![first])], delegations: Vec::new(), is_critical };
    let mut told = Vec::new();
    for number in 0..ROUNDS {
        told.extend(round(&bot, &mut dice, &format!("{seed}:{number}"), &mut known).await);
        adds_up(&bot, &mut known).await;
    }
    bot.pass(PAST_ALL_RULINGS).await;
    let log = adds_up(&bot, &mut known).await;
    let waiting = bot.database.count("select count(*) from change where status = 'awaiting_approval'").await;
    assert_eq!(waiting, 0, "time ends every vote");
    let pressed: Vec<(i32, String)> = told.iter().filter_map(|(seen, told)| Some(((*seen)?, told.clone()))).collect();
    nobody_votes_on_what_they_did_not_see(&log, &pressed);
    let told: Vec<String> = told.into_iter().map(|(_, told)| told).collect();
    no_ballot_is_lost(&bot, &told).await;
    let kinds = |kind: &str| log.iter().filter(|entry| entry.kind == kind).count();
    let [ballots, revisions, approved] = ["ballot.cast", "change.revised", "change.approved"].map(kinds);
    let lent = log.iter().filter(|entry| entry.kind == "ballot.cast" && entry.data.contains_key("on_behalf")).count();
    let (entries, delegations) = (log.len(), known.delegations.len());
    eprintln!(
        "seed {seed}: {entries} entries, {ballots} ballots, {lent} of them by {delegations} delegations, \
         {revisions} edits, {approved} approved"
    );
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_clicks_whatever_whenever_a_vote_has_one_right_outcome_and_loses_no_ballot() {
    let seed = number("WARDROOM_VOTES_SEED").unwrap_or_else(|| rand::random::<u64>() >> 32);
    let votes = number("WARDROOM_VOTES").unwrap_or(VOTES);
    eprintln!("votes: {votes}, WARDROOM_VOTES_SEED={seed}");
    for vote in 0..votes {
        Box::pin(random_vote(seed.wrapping_add(vote))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_votes_at_once_and_all_are_answered_and_there_is_one_outcome() {
    let voters = usize::try_from(number("WARDROOM_VOTERS").unwrap_or(VOTERS)).expect("a crowd");
    let bot = Bot::start().await;
    crowded_board(&bot, voters).await;
    requested(&bot, HIGH).await;
    let voter = |number: usize| {
        let (platform, workspace) = (Platform::Slack, "T0HARBOUR".to_owned());
        let account = Account { platform, workspace, id: format!("U0VOTER{number}") };
        // One against, so that nothing passes before nothing can change it any more.
        let call = if number == 0 { "reject CHG-1 not yet" } else { "approve CHG-1" };
        says(account, format!("test:{number}"), "change", call)
    };
    let began = Instant::now();
    let (told, noted) = tokio::join!(at_once(&bot, (0..voters).map(voter).collect()), notes_beside(&bot));
    eprintln!("{voters} voters at once: all answered after {:?}; a note beside them after {noted:?}", began.elapsed());
    no_ballot_is_lost(&bot, &told).await;
    let ballots = bot.database.count("select count(distinct person) from ballot").await;
    assert_eq!(usize::try_from(ballots), Ok(voters), "every ballot counts: the seats are still missing");
    for key in ["mia", "tom"] {
        let account = account(&bot, key, true).expect("they are on Slack");
        at_once(&bot, vec![says(account, format!("test:{key}"), "change", "approve CHG-1")]).await;
    }
    let log = bot.database.count("select count(*) from dlog.entry where kind = 'vote.closed'").await;
    let outcome = bot.database.texts("select vote->'outcome'->>'outcome' from change").await;
    assert_eq!((log, outcome), (1, vec!["passed(early)".to_owned()]));
    bot.leave().await;
}

/// So many more people, all of them on the board.
async fn crowded_board(bot: &Bot, voters: usize) {
    let (mut file, mut members) =
        (ORGANISATION.to_owned(), vec!["mia".to_owned(), "tom".to_owned(), "ines".to_owned()]);
    for number in 0..voters {
        writeln!(
            file,
            "[[person]]\nkey = \"voter{number}\"\nname = \"Voter {number}\"\nemail = \"v{number}@harbour.example\"\n\
             team = \"payments\"\nroles = [\"responder\"]\nslack = \"U0VOTER{number}\""
        )
        .expect("a string takes it");
        members.push(format!("voter{number}"));
    }
    let file = file.replace(MEMBERS, &format!("{members:?}"));
    bot.app.apply_organisation(&file, false).await.expect("it can be applied");
}

/// Whoever speaks of something else does not wait for the crowd. How long it took.
async fn notes_beside(bot: &Bot) -> Duration {
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    let ana = account(bot, "ana", true).expect("she is on Slack");
    let told = at_once(bot, vec![says(ana, "test:note".to_owned(), "inc", "note INC-1 they are voting")]).await;
    assert!(told[0].contains("L INC-1#"), "{told:?}");
    began.elapsed()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}
