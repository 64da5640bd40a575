//! What must be true at the end: everything that was accepted is there once, everywhere, in order; nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use wardroom::app::card_message;
use wardroom::domain::{Place, Platform, Subject};
use wardroom::sandbox::Posted;

use super::crowd::{Act, What, is_waiting, told};
use super::weather::Weather;
use super::{Town, figures};
use crate::harness::World;

/// Memory may grow by so much, and by so many bytes at least, before it counts as a leak.
const GROWTH_PERCENT_MAX: u64 = 25;
const GROWTH_BYTES_MAX: u64 = 8 << 20;

/// More than these of one kind say no more than these.
const SHOWN_MAX: usize = 8;

/// The platforms' own words where they wait no longer, and Wardroom's where it cannot know.
const GIVEN_UP: [&str; 5] =
    ["did not respond", "operation_timeout", "dispatch_failed", "trouble", "cannot tell whether it was done"];

/// Wardroom's words where a form may have opened all the same.
const NO_FORM: &str = "did not open the form";

/// An entry of the decision log.
#[derive(Debug, Deserialize)]
pub struct Entry {
    subject: String,
    kind: String,
    receipt: String,
    cmd: String,
    actor: String,
    texts: String,
}

/// A sentence or a card, as the database knows it.
#[derive(Debug, Deserialize)]
struct Sent {
    id: i64,
    card: bool,
    /// Sentences of one urgency are said in order; a decision overtakes a note.
    urgency: i16,
    platform: String,
    workspace: String,
    channel: String,
    message: Option<String>,
    subject: String,
    kind: String,
    shown: String,
}

/// What became of an act, as the person was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With the receipts of the log.
    Accepted(Vec<String>),
    /// It did not work, or was refused: nothing may have changed.
    NothingChanged,
    /// Something else was said: what stands, or what was asked for.
    Told,
    /// The platform gave the bot up, or nothing new was said: the act may or may not have happened.
    GivenUp,
    Silent,
}

/// What people were told about each act, in the order of the acts.
pub fn outcomes(world: &World, acts: &[Act]) -> Vec<Outcome> {
    let mut known: BTreeSet<(String, bool, String)> = BTreeSet::new();
    let mut outcome = |act: &Act, next: Option<&Act>| {
        let until = next.map(|next| next.after.as_str());
        let number = |id: &str| id.replace('.', "").parse::<u64>().unwrap_or(0);
        let mut texts = told(world, &act.seat, &act.after);
        texts.retain(|(id, _)| until.is_none_or(|until| number(id) <= number(until)));
        let is_silent = texts.is_empty() && act.platform_said.is_none() && act.took.is_none();
        // What was said word for word before may be about an earlier act, and that no form came is about the click.
        texts.retain(|(_, text)| {
            !is_waiting(text)
                && !text.contains(NO_FORM)
                && known.insert((act.seat.key.clone(), act.seat.on_slack, text.clone()))
        });
        let mut text: String = texts.into_iter().map(|(_, text)| text).collect();
        text.push_str(act.platform_said.as_deref().unwrap_or_default());
        match (is_silent, text.is_empty()) {
            (true, _) => Outcome::Silent,
            (false, true) => Outcome::GivenUp,
            (false, false) => read(&text),
        }
    };
    acts.iter()
        .enumerate()
        .map(|(i, act)| outcome(act, acts[i + 1..].iter().find(|next| next.seat == act.seat)))
        .collect()
}

fn read(text: &str) -> Outcome {
    let receipts: Vec<String> = receipts(text);
    let is_unchanged = text.contains("othing was changed");
    let is_given_up = GIVEN_UP.iter().any(|words| text.contains(words));
    match (receipts.is_empty(), is_unchanged, is_given_up) {
        (false, false, _) => Outcome::Accepted(receipts),
        (_, _, true) => Outcome::GivenUp,
        (_, true, false) => Outcome::NothingChanged,
        (true, false, false) => Outcome::Told,
    }
}

/// `L INC-7#3 4jlD/tdS`, wherever it stands in code.
fn receipts(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|code| code.starts_with("L ") && code.contains('#')).map(str::to_owned).collect()
}

/// Everything that is not as it should be, in sentences.
pub async fn wrongs(
    world: &World,
    town: &Town,
    acts: &[Act],
    weather: &Weather,
    drained: Option<Duration>,
) -> Vec<String> {
    let mut wrong = Wrong::default();
    if drained.is_none() {
        wrong.all("still to do", world.unfinished().await);
    }
    let entries = entries(world).await;
    let sent = sent(world).await;
    let outcomes = outcomes(world, acts);
    log_and_people_agree(&mut wrong, world, town, acts, &outcomes, &entries);
    deliveries_acted_once(&mut wrong, &entries);
    let slack = (world.slack.said_by_bot(), world.slack.said_in_private());
    let discord = (world.discord.said_by_bot(), world.discord.said_in_private());
    for (platform, (posted, private)) in [("slack", slack), ("discord", discord)] {
        let sent: Vec<&Sent> = sent.iter().filter(|sent| sent.platform == platform).collect();
        rooms_hold_what_was_sent(&mut wrong, platform, &sent, &posted, &private);
        lines_are_there_once(&mut wrong, platform, &entries, &sent, &posted);
    }
    let posted: BTreeMap<String, String> = [world.slack.said_by_bot(), world.slack.said_in_private()]
        .into_iter()
        .chain([world.discord.said_by_bot(), world.discord.said_in_private()])
        .flatten()
        .map(|posted| (posted.id, posted.text))
        .collect();
    cards_show_the_newest(&mut wrong, world, &sent, &posted).await;
    let verdict = world.app.store.begin(1).await.expect("Postgres answers").verify_log(None).await.expect("readable");
    wrong.all("the log is not whole", verdict.findings.iter().map(|finding| format!("{finding:?}")));
    let (slack, discord) = (world.slack.connections(), world.discord.connections());
    if (slack, discord) != (2, 1) {
        wrong.one(format!("{slack} sockets to Slack and {discord} to Discord instead of 2 and 1"));
    }
    if weather.ended_by_itself > 0 {
        wrong.one(format!("the bot ended by itself {} times", weather.ended_by_itself));
    }
    if let Some((first, last)) = figures::quarters(weather)
        && last > first + GROWTH_BYTES_MAX.max(first * GROWTH_PERCENT_MAX / 100)
    {
        wrong.one(format!("memory grew from {first} to {last} bytes"));
    }
    wrong.0
}

fn log_and_people_agree(
    wrong: &mut Wrong,
    world: &World,
    town: &Town,
    acts: &[Act],
    outcomes: &[Outcome],
    entries: &[Entry],
) {
    let receipts: BTreeSet<&str> = entries.iter().map(|entry| entry.receipt.as_str()).collect();
    let mut marks: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.kind.contains("refused")) {
        for mark in marks_in(&entry.texts) {
            *marks.entry(mark).or_default() += 1;
        }
    }
    let (mut missing, mut miscounted, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for (act, outcome) in acts.iter().zip(outcomes) {
        let name = format!("{} {:?} {} {outcome:?}", act.seat.key, act.what, act.mark);
        let times = marks.get(act.mark.as_str()).copied().unwrap_or_default();
        let is_right = match outcome {
            Outcome::Accepted(_) => times == 1,
            Outcome::NothingChanged | Outcome::Told => times == 0,
            Outcome::GivenUp | Outcome::Silent => times <= 1,
        };
        if act.what.is_marked() && !is_right {
            miscounted.push(format!("{name}: {times} entries; {:?}", told(world, &act.seat, &act.after).first()));
        }
        if let Outcome::Accepted(receipts_told) = outcome {
            missing.extend(
                receipts_told.iter().filter(|told| !receipts.contains(told.as_str())).map(|r| format!("{name}: {r}")),
            );
        }
        if *outcome == Outcome::Silent && !town.had_an_outage(act.began, act.ended) {
            silent.push(format!("{name} on {}", if act.seat.on_slack { "Slack" } else { "Discord" }));
        }
    }
    wrong.all("a receipt that is not in the log", missing);
    wrong.all("not what the person was told", miscounted);
    wrong.all("never answered", silent);
    let ballots = entries.iter().filter(|entry| entry.kind == "ballot.cast").count();
    let votes = |wanted: fn(&Outcome) -> bool| {
        acts.iter().zip(outcomes).filter(|(act, outcome)| act.what == What::Vote && wanted(outcome)).count()
    };
    let sure = votes(|outcome| matches!(outcome, Outcome::Accepted(_)));
    let unsure = votes(|outcome| matches!(outcome, Outcome::GivenUp | Outcome::Silent));
    if !(sure..=sure + unsure).contains(&ballots) {
        wrong.one(format!("{ballots} ballots for {sure} votes that were accepted and {unsure} that may have been"));
    }
}

/// One delivery makes an entry of each kind at most once.
fn deliveries_acted_once(wrong: &mut Wrong, entries: &[Entry]) {
    let mut seen = BTreeSet::new();
    let people = entries.iter().filter(|entry| entry.actor != "wardroom");
    let again = people.filter(|entry| !seen.insert((&entry.cmd, &entry.kind, &entry.subject)));
    wrong.all("acted twice", again.map(|entry| format!("{} {} by {}", entry.subject, entry.kind, entry.cmd)));
}

/// Every message of the bot is one that the database knows, every one it knows is there, and sentences are in order.
fn rooms_hold_what_was_sent(wrong: &mut Wrong, platform: &str, sent: &[&Sent], posted: &[Posted], private: &[Posted]) {
    let known: BTreeMap<(&str, &str), &Sent> =
        sent.iter().filter_map(|sent| Some(((sent.channel.as_str(), sent.message.as_deref()?), *sent))).collect();
    let there: BTreeSet<(&str, &str)> =
        posted.iter().chain(private).map(|posted| (posted.channel.as_str(), posted.id.as_str())).collect();
    let line = |posted: &Posted| posted.text.lines().next().unwrap_or_default().to_owned();
    let doubled = posted.iter().filter(|posted| !known.contains_key(&(posted.channel.as_str(), posted.id.as_str())));
    wrong.all(&format!("{platform}: a message too many"), doubled.map(line));
    let vanished = known.iter().filter(|(at, _)| !there.contains(*at));
    wrong.all(&format!("{platform}: a message is gone"), vanished.map(|(_, sent)| format!("{sent:?}")));
    let unsaid = sent.iter().filter(|sent| sent.message.is_none());
    wrong.all(&format!("{platform}: never sent"), unsaid.map(|sent| format!("{sent:?}")));
    let mut last: BTreeMap<(&str, i16), i64> = BTreeMap::new();
    for posted in posted {
        let Some(say) = known.get(&(posted.channel.as_str(), posted.id.as_str())).filter(|sent| !sent.card) else {
            continue;
        };
        let before = last.insert((posted.channel.as_str(), say.urgency), say.id).unwrap_or(0);
        if before > say.id {
            wrong.one(format!("{platform}: out of order: {}", line(posted)));
        }
    }
}

/// What was noted is a line of its room once; what stakeholders were told is said once to each audience.
fn lines_are_there_once(wrong: &mut Wrong, platform: &str, entries: &[Entry], sent: &[&Sent], posted: &[Posted]) {
    let cards: BTreeSet<&str> = sent.iter().filter(|s| s.card).filter_map(|s| s.message.as_deref()).collect();
    let mut lines: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut channels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for posted in posted.iter().filter(|posted| !cards.contains(posted.id.as_str())) {
        for mark in marks_in(&posted.text) {
            *lines.entry((posted.channel.as_str(), mark)).or_default() += 1;
            channels.entry(mark).or_default().insert(posted.channel.as_str());
        }
    }
    let told = || entries.iter().filter(|entry| entry.kind == "incident.noted" || entry.kind == "update.sent");
    let own: BTreeSet<&str> = told().flat_map(|entry| marks_in(&entry.texts)).collect();
    // The title of an incident stands in much that is said of it.
    let again = lines.iter().filter(|((_, mark), times)| **times > 1 && own.contains(mark));
    let doubled: Vec<String> =
        again.map(|((channel, mark), times)| format!("{mark} {times} times in {channel}")).collect();
    wrong.all(&format!("{platform}: said more than once"), doubled);
    let unsaid = told().flat_map(|entry| marks_in(&entry.texts)).filter(|mark| !channels.contains_key(mark));
    wrong.all(&format!("{platform}: never said"), unsaid.map(str::to_owned));
}

/// Every card shows what would be rendered now; `posted` is what is read there, by message.
async fn cards_show_the_newest(wrong: &mut Wrong, world: &World, sent: &[Sent], posted: &BTreeMap<String, String>) {
    let mut old = Vec::new();
    for card in sent.iter().filter(|sent| sent.card) {
        let place = Place {
            platform: Platform::parse(&card.platform).expect("a platform"),
            workspace: card.workspace.clone(),
            channel: card.channel.clone(),
        };
        let subject = Subject::parse(&card.subject).expect("a subject");
        let mut tx = world.app.store.begin(1).await.expect("Postgres answers");
        let message = card_message(&world.app, &mut tx, subject, &card.kind, &place).await.expect("it is rendered");
        let message = message.expect("its record is there");
        let newest = wardroom::ledger::hex(&Sha256::digest(serde_json::to_vec(&message).expect("plain data")));
        if card.shown != newest {
            let reads = card.message.as_ref().and_then(|id| posted.get(id)).map_or("", String::as_str);
            let newest = message.plain();
            old.push(format!(
                "{} {} on {}, which reads\n{reads}\ninstead of\n{newest}",
                card.subject, card.kind, card.platform
            ));
        }
    }
    wrong.all("a card shows something old", old);
}

async fn entries(world: &World) -> Vec<Entry> {
    let sql = "select json_build_object('subject', subject, 'kind', kind,
                   'receipt', 'L ' || subject || '#' || seq || ' ' || left(encode(leaf_hash, 'base64'), 8),
                   'cmd', convert_from(body, 'UTF8')::json->>'cmd', 'actor', convert_from(body, 'UTF8')::json->>'actor',
                   'texts', coalesce((select string_agg(convert_from(disclosure, 'UTF8'), ' ')
                                      from dlog.disclosure d where d.entry_id = entry.id), ''))::text
               from dlog.entry entry order by id";
    rows(world, sql).await
}

async fn sent(world: &World) -> Vec<Sent> {
    let sql = "select json_build_object('id', id, 'card', false, 'urgency', urgency, 'platform', platform, 'workspace', workspace,
                   'channel', channel, 'message', message, 'subject', subject, 'kind', '', 'shown', '')::text from say
               union all
               select json_build_object('id', id, 'card', true, 'urgency', 0, 'platform', platform, 'workspace', workspace,
                   'channel', channel, 'message', message, 'subject', subject, 'kind', kind,
                   'shown', coalesce(encode(shown, 'hex'), ''))::text from card";
    rows(world, sql).await
}

async fn rows<T: for<'de> Deserialize<'de>>(world: &World, sql: &'static str) -> Vec<T> {
    let rows = world.database.texts(sql).await;
    rows.iter().map(|row| serde_json::from_str(row).expect("as asked for")).collect()
}

/// The words that nobody else says: `m000042q`.
fn marks_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        let inner = word.strip_prefix('m').and_then(|rest| rest.strip_suffix('q'));
        inner.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn one(&mut self, what: String) {
        self.0.push(what);
    }

    fn all(&mut self, what: &str, found: impl IntoIterator<Item = String>) {
        let found: Vec<String> = found.into_iter().collect();
        self.0.extend(found.iter().take(SHOWN_MAX).map(|found| format!("{what}: {found}")));
        if found.len() > SHOWN_MAX {
            self.0.push(format!("{what}: {} more", found.len() - SHOWN_MAX));
        }
    }
}
