//! The contract: every verb and every button is answered on both platforms and over both transports, in the same words.

mod presses;

use std::fmt::Write;

use futures::future::join_all;
use insta::assert_snapshot;
use wardroom::language::{catalogue, grammar};

use crate::harness::{Bot, Transport, without_hashes};

const ROOM: &str = "inc-1-cards-fail";

/// Both people hold every role that an example needs; each acts on one platform only.
#[tokio::test(flavor = "multi_thread")]
async fn every_verb_is_answered_on_both_platforms_and_over_both_transports_in_the_same_words() {
    let ways =
        [(true, Transport::Sockets), (false, Transport::Sockets), (true, Transport::Http), (false, Transport::Http)];
    let told = join_all(ways.map(|(on_slack, transport)| told_on(on_slack, transport))).await;
    let (mut answers, mut unlike) = (String::new(), String::new());
    for (number, verb) in catalogue::verbs().enumerate() {
        let slack = &told[0][number];
        assert!(!slack.is_empty(), "{} is answered on Slack", verb.example);
        assert!(!slack.contains("could not do this"), "{}: {slack}", verb.example);
        for (way, told) in ways.iter().zip(&told) {
            if sorted(slack) != sorted(&told[number]) {
                writeln!(unlike, "{} {way:?}:\n{slack}\nand\n{}", verb.example, told[number]).expect("it takes it");
            }
        }
        writeln!(answers, "{} -> {}", verb.example, slack.lines().next().unwrap_or_default()).expect("it takes it");
    }
    assert_eq!(unlike, "", "each verb is answered alike");
    assert_snapshot!(answers, @"
    /inc declare sev2 checkout returns 502 svc:payments -> Ana Ruiz declared INC-2 as P2 on payments: checkout returns 502
    /inc panel -> INC-1 · P2 · cards fail
    /inc lead me -> Ana Ruiz leads as commander
    /inc note errors began at 14:02 with the deploy -> Ana Ruiz notes: errors began at 14:02 with the deploy
    /inc decide Roll back 4.2? chose:yes why: errors began with deploy -> Ana Ruiz decided: Roll back 4.2? yes, because errors began with deploy
    /inc sev 1 why: all regions -> Ana Ruiz raised the priority from P2 to P1: all regions
    /inc plan exposure suspected why: the bucket was public for an hour -> Data exposure suspected on INC-1, says Ana Ruiz: the bucket was public for an hour
    /inc status mitigated -> Ana Ruiz set the status to mitigated
    /inc update rollback is running, next check at 15:00 -> Ana Ruiz sent stakeholders an update: rollback is running, next check at 15:00
    /inc notice CHG-88 cards may fail for a minute -> No notice of CHG-1 waits to be sent; /change plan notices CHG-1 shows what went out.
    /inc sum -> INC-1 · P2 · cards fail
    /inc changes -> No change ran on Card payments, or on what that depends on, in the 72 hours before INC-1.
    /inc fill cause:config -> INC-1 has no field “cause”.
    /inc plan checklist breach -> Ana Ruiz puts the checklist breach on INC-1
    /inc plan tick containment the bucket is private since 14:10 -> INC-1 has no checklist.
    /inc plan untick containment a copy is still public -> INC-1 has no checklist.
    /inc plan waive lessons it was a drill -> INC-1 has no checklist.
    /inc link CHG-88 caused why: errors began when it started -> CHG-1 has not started, so it is hardly what broke it.
    /inc draft draft:2 none -> INC-1 has no draft 2.
    /inc timeline -> INC-1 · cards fail · timeline
    /inc resolve rolled back to 4.1, error rate is zero for 10 minutes -> INC-1 is declared; it cannot become resolved from there.
    /inc cancel a test alert, nothing was broken -> Ana Ruiz asks to cancel the incident: a test alert, nothing was broken · a second person must confirm
    /inc reopen cards fail again since 15:20 -> INC-1 is open: it is declared.
    /inc major all card payments fail, no workaround -> Ana Ruiz declared INC-1 a major incident: all card payments fail, no workaround
    /inc stand-down payments work again, we only watch -> You cannot stand this major incident down.
    /inc confirm -> Nothing on INC-1 waits for a second person.
    /inc decline -> Nothing on INC-1 waits for a second person.
    /inc list -> Incidents
    /inc help -> /inc
    /change new rotate the TLS certificate svc:payments from:22:00 until:23:00 -> (a form)
    /change emergency roll back 4.2 impact: all card payments fail -> (a form)
    /change std log-rotation keep_days:14 svc:ledger -> You cannot ask for a change.
    /change edit CHG-88 plan: deploy 4.1, then replay the queue -> CHG-1 is at revision 2: plan: redeploy → deploy 4.1, then replay the queue · risk 15, band high · needs a peer review and the vote of the E-CAB · asked: Raj Patel, Mia Chen, Tom Okafor
    /change sched CHG-88 from:22:00 until:23:30 -> CHG-1 is an emergency: its window opens when it is approved.
    /change review CHG-88 ok target:yes rollback:yes effects:yes -> You cannot review this change: you asked for it and carry it out.
    /change approve CHG-88 -> Tom Okafor voted approve on CHG-1
    /change reject CHG-88 no proof that 4.1 still reads the new rows -> Tom Okafor voted reject on CHG-1: no proof that 4.1 still reads the new rows
    /change abstain CHG-88 -> Tom Okafor voted abstain on CHG-1
    /change accept-risk CHG-88 a day without payments costs more alternatives:wait for the vendor until:+7d -> You cannot accept the risk of this change: you asked for it and carry it out.
    /change start -> CHG-1: It is not approved yet.
    /change done -> CHG-1 has not started; it is awaiting approval.
    /change rollback error rate doubled -> CHG-1 has not started; it is awaiting approval.
    /change halt CHG-88 why: the error rate doubles -> CHG-1 has not started; it is awaiting approval.
    /change extend the replay takes an hour longer -> CHG-1 does not run; it is awaiting approval.
    /change withdraw fixed by a config switch instead -> Ana Ruiz withdrew CHG-1: fixed by a config switch instead
    /change show CHG-88 -> CHG-1 · emergency change · band high · awaiting approval
    /change plan risk CHG-88 -> CHG-1 · risk 15, band high
    /change list -> Changes
    /change queue -> No change runs now.
    /change cal days:14 svc:payments -> Change calendar · 14 days · payments
    /change plan conflicts CHG-88 -> CHG-1 · roll back
    /change plan fill CHG-88 ticket:OPS-7 -> CHG-1 has no field “ticket”.
    /change plan checklist CHG-88 database_schema -> Ana Ruiz puts the checklist database_schema on CHG-1
    /change plan tick CHG-88 backup_verified https://backup.example/88 -> CHG-1 has no checklist.
    /change plan untick CHG-88 backup_verified the restore was of the wrong day -> CHG-1 has no checklist.
    /change plan waive CHG-88 lock_time_estimate the table is empty -> CHG-1 has no checklist.
    /change bulk patch night until:+4h items: ledger rotate the key; payments rotate the key -> (a form)
    /change plan batch BAT-2 show -> There is no BAT-2 here.
    /change plan yield CHG-88 why: theirs is more urgent -> CHG-1 is in nobody's way on record.
    /change plan coexist CHG-88 why: they touch different tables -> CHG-1 is in nobody's way on record.
    /change plan notices CHG-88 -> CHG-1 · notices
    /change plan ack CHG-88 -> CHG-1 waits for approval: nobody was told yet that it will come.
    /change plan object CHG-88 why: we close the books -> CHG-1 is your own change.
    /change plan unobject CHG-88 -> Nobody objects to CHG-1.
    /change plan standby CHG-88 rollback_owner:@tom -> Tom Okafor is booked to stand by for CHG-1 as rollback owner · asked just now
    /change plan rehearse CHG-88 env:staging observer:@tom minutes:15 -> Ana Ruiz plans a rehearsal of CHG-1 in staging: 15 minutes, watched by Tom Okafor, due 14:00 UTC
    /change after validate CHG-88 ok -> CHG-1 is awaiting approval; whether it works is not in question.
    /change after step CHG-88 done -> CHG-1 is not being taken back.
    /change after pir CHG-88 -> (a form)
    /change after retro restarted the gateway svc:payments at:-2h why: the lead was asleep -> (a form)
    /change help -> /change
    /freeze on svc:payments until:18:00 why: payroll run -> You cannot set or lift this freeze.
    /freeze off FRZ-9 why: payroll is through -> There is no FRZ-9 here.
    /freeze extend FRZ-9 until:20:00 why: payroll is late -> There is no FRZ-9 here.
    /freeze agree FRZ-9 -> There is no FRZ-9 here.
    /freeze object FRZ-9 why: we deploy the tax rates that night -> There is no FRZ-9 here.
    /freeze except CHG-88 why: the certificate expires tonight -> No freeze holds CHG-1 up.
    /freeze allow CHG-88 why: waiting is worse -> Nobody asks for an exception for CHG-1.
    /freeze deny CHG-88 why: tomorrow is early enough -> Nobody asks for an exception for CHG-1.
    /freeze list -> Nothing is frozen. /freeze on begins a freeze.
    /freeze check CHG-88 -> CHG-1 · roll back
    /freeze help -> /freeze
    /cab status CHG-88 -> CHG-1 · roll back
    /cab members CHG-88 -> CHG-1 · roll back · who votes
    /cab quorum CHG-88 -> CHG-1: 0 of 4 have voted, 2 make a quorum; it takes 2 approvals, and more than 1/2 of approve and reject. Open: 0 for, 0 against, 0 abstained, of 4; it waits for 2 more to take part, 2 more to approve and the yes of the service owner and the technical authority.
    /cab recuse CHG-88 I wrote the code in question -> Tom Okafor voted recuse on CHG-1: I wrote the code in question
    /cab concern CHG-88 nobody has tested this against the replica -> You cannot approve this change: you asked for it and carry it out.
    /cab resolved CHG-88 tested on the replica at 14:20 -> No concern about CHG-1 is open.
    /cab open -> You cannot open this meeting or set its agenda.
    /cab present -> No meeting is open.
    /cab agenda -> No meeting is open. /cab open would put on the agenda: CHG-1 (high risk, 10 min).
    /cab next -> No meeting is open.
    /cab defer CHG-88 why: the test report is missing -> No meeting is open.
    /cab decide two people read every rollback plan cites:P2 -> No meeting is open.
    /cab close -> No meeting is open.
    /cab minutes -> No meeting was closed yet, so there are no minutes.
    /cab risk CHG-88 band:high the replica was never tried with this load -> The risk of CHG-1 is a change manager's to move.
    /cab escalate CHG-88 why: the exception was denied, and the certificate expires tonight -> CHG-1 waits for the yes of others: peer reviewer, the vote. Nobody can set aside the peer review of high risk.
    /cab rule CHG-88 allow why: the risk of waiting is greater conditions: tom watches -> Nobody asks for a ruling on CHG-1.
    /cab exploit CHG-88 confirm -> Nobody claims that CHG-1 meets an exploit.
    /cab clear CHG-88 ask why: it only reads, and the partner waits for it -> CHG-1 is awaiting approval.
    /cab delegate to:@tom until:+4h why: a flight -> Ana Ruiz hands their duties to Tom Okafor from 14:00 UTC until 18:00 UTC: a flight
    /cab standard rate CHG-88 helpful:2 wrong:yes step 3 has the old path -> CHG-1 came from no entry of the catalogue.
    /cab standard suspend log-rotation why: the path in step 2 is gone -> log-rotation is kept by Tom Okafor.
    /cab standard resume log-rotation why: the path is back -> log-rotation is kept by Tom Okafor.
    /cab standard submit log-rotation -> The board does not vote on entries here: whoever signs the policy approves them.
    /cab standard draft CHG-88 -> CHG-1 as an entry of the catalogue, for the policy file:
    /cab exception ask CHG-88 rule:checklist_item until:+4h control: tom restores by hand why: the tool is down -> Ana Ruiz asks for EXC-1, an exception of the medium class for CHG-1 until 18:00 UTC: checklist item set aside, because the tool is down · instead: tom restores by hand
    /cab exception approve EXC-3 -> There is no EXC-3 here.
    /cab exception deny EXC-3 why: a restore takes ten minutes -> There is no EXC-3 here.
    /cab exception revoke EXC-3 why: the tool works again -> There is no EXC-3 here.
    /cab exception review EXC-3 kept:yes the tool is mended, nobody needs it again -> There is no EXC-3 here.
    /cab exception list -> No rule is set aside. /cab exception ask asks for an exception.
    /cab help -> /cab
    /report bypass days:30 -> You cannot see reports on changes and incidents.
    /report fields days:30 -> You cannot see reports on changes and incidents.
    /report found a firewall rule is open svc:payments evidence: the scan of tonight -> Ana Ruiz found a change that nobody recorded: CHG-2 on payments: a firewall rule is open · the scan of tonight · whoever made it claims it; a day after it was found the owner of the service is asked
    /report claim CHG-88 at:-3h why: the pager did not stop evidence: deploy 4711 -> (a form)
    /report help -> /report
    /log show INC-7 by:me kind:decided since:-2d -> Nothing was found in the log of INC-1, by Ana Ruiz, kind decided, since 5 Jan 2030 14:00 Europe/Lisbon (5 Jan 14:00 UTC).
    /log verify -> The log is whole. 8 entries of 5 records, none changed, removed or slipped in.
    /log export INC-7 -> Ana Ruiz exported the log of INC-1: 5 entries
    /log help -> /log
    /admin whoami -> You are Ana Ruiz, team payments.
    /admin check -> What hangs on one person
    /admin raci svc:payments -> Who answers for what · Card payments
    /admin charter payments -> Payments has no charter.
    /admin policy sign 4fd3a1b29c07 -> No policy waits for signatures.
    /admin propose audit two people agree to lift a freeze ref:F-12 why: one lifted it alone due:+14d -> Ana Ruiz asks for an amendment of the policy, AMD-1, for audit F-12, due 14:00 UTC: two people agree to lift a freeze · because one lifted it alone
    /admin link -> This account is yours already; /admin whoami shows all that are. /admin link on one that is not shows a code to type here.
    /admin unlink confirm:yes -> Ana Ruiz unlinked the account of Ana Ruiz
    /admin help -> /admin
    /log erase INC-7#3 basis: GDPR Art. 17(1)(b) -> You cannot have names or texts erased.
    /log approve INC-7#3 -> You cannot have names or texts erased.
    /log decline INC-7#3 -> No such erasure waits for a second person.
    /log hold INC-7 why: the regulator has asked for it -> You cannot put this record on hold or release it.
    /log release INC-7 why: the case is closed -> You cannot put this record on hold or release it.
    /log archive INC-7 -> INC-1 · archive
    /log redact INC-7 mark: project nightjar -> You cannot settle how long texts are kept.
    /admin retention confirm -> You cannot settle how long texts are kept.
    /admin tenant assess regions:2 desk:yes tooling:3 -> This is Harbour Pay (harbour). With 6 teams, 2 regions, a desk around the clock and tooling at level 3, the score is 2.7, which says hybrid: a central desk for P1 and P2, the teams for the rest. Rule 4.33: below 2 federated, 2 to 4 hybrid, above 4 central.
    ");
}

/// The answers to every verb, in the catalogue's order.
async fn told_on(on_slack: bool, transport: Transport) -> Vec<String> {
    let mut stage = Stage { on_slack, transport, bot: None };
    let mut told = Vec::new();
    for verb in catalogue::verbs() {
        told.push(bare(&stage.ask(verb).await));
    }
    if let Some(bot) = stage.bot {
        bot.finish().await;
    }
    told
}

/// A world with an incident in its room and a change that waits for approval. It serves one verb after another until one
/// of them leaves a trace in it; the next then has a world of its own.
struct Stage {
    on_slack: bool,
    transport: Transport,
    bot: Option<Bot>,
}

impl Stage {
    async fn ask(&mut self, verb: &'static catalogue::Verb) -> String {
        let bot = if let Some(bot) = self.bot.take() {
            bot
        } else {
            let bot = Bot::start_over(self.transport).await;
            prepare(&bot).await;
            bot
        };
        let before = traces(&bot).await;
        let person = bot.person(asker(verb));
        let here = if self.on_slack { person.slack() } else { person.discord() }.at(ROOM);
        let answer = here.says(&spoken(verb, self.on_slack)).await;
        // Discord shows a form's choices in a message first.
        let answer = if answer.contains("[Continue]") { "(a form)".to_owned() } else { without_hashes(&answer) };
        if traces(&bot).await == before {
            self.bot = Some(bot);
        } else {
            bot.finish().await;
        }
        answer
    }
}

/// How much was written that an answer may depend on.
async fn traces(bot: &Bot) -> i64 {
    let sql =
        "select (select count(*) from dlog.entry) + (select count(*) from form) + (select count(*) from deadline)";
    bot.database.count(sql).await
}

async fn prepare(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let ana = bot.person("ana").slack().at(ROOM);
    let request = "/change emergency roll back impact: cards fail why: now plan: redeploy tested:yes data:2 \
                   availability:3 compliance:1 complexity:3 rollback:3";
    let asked = ana.says(request).await;
    assert!(asked.contains("CHG-1"), "{asked}");
    bot.run_until_idle().await;
}

/// Who would say it: a voter votes, the requester starts, the commander leads.
fn asker(verb: &catalogue::Verb) -> &'static str {
    match (verb.command, verb.name) {
        ("change", "approve" | "reject" | "abstain") | ("cab", "recuse") => "tom",
        _ => "ana",
    }
}

/// The example about what there is; Discord's people name the options that Slack's leave out.
fn spoken(verb: &catalogue::Verb, on_slack: bool) -> String {
    let example = verb.example.replace("CHG-88", "CHG-1").replace("INC-7", "INC-1");
    if on_slack {
        return example;
    }
    let text = example.strip_prefix('/').expect("a slash");
    let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
    let call = grammar::parse(command, rest).expect("examples are understood");
    let options: Vec<String> = call.given.iter().map(|(name, value)| format!("{name}: {}", option(value))).collect();
    format!("/{command} {} {}", verb.name, options.join(" "))
}

/// Discord offers an account where Slack takes "me", and a list where Slack takes "1".
fn option(value: &str) -> String {
    match value {
        "me" => "@ana".to_owned(),
        "1" => "sev1".to_owned(),
        other => other.to_owned(),
    }
}

/// The words without either platform's marks, and people by their names: an account has that of its own platform.
fn bare(text: &str) -> String {
    let mut named = text.replace("21 Jan ", "").replace("7 Jan ", "");
    let people = "ana Ana Ruiz, raj Raj Patel, tom Tom Okafor, mia Mia Chen, kim Kim Novak, ben Ben Adler, \
                  ines Inês Duarte, lena Lena Fischer, sam Sam Osei";
    for (handle, name) in people.split(", ").filter_map(|one| one.split_once(' ')) {
        named = named.replace(&format!("@{handle}"), name);
    }
    for account in [
        "the Slack account U0ANA",
        "the Discord account 100000000000000001",
        "the Slack account `U0ANA`",
        "the Discord account `100000000000000001`",
    ] {
        named = named.replace(account, "the account");
    }
    let mark = |c: &char| !matches!(c, '*' | '`' | '\u{200b}' | '\u{feff}' | '\u{ad}');
    let words: String = named.chars().filter(mark).collect();
    words.lines().map(|line| line.trim_matches([' ', '•', '-', '#'])).collect::<Vec<_>>().join("\n")
}

/// An embed shows its fields below its text, Block Kit where they stand: the same lines in another order.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn every_button_of_the_cards_is_answered_on_both_platforms_and_over_both_transports() {
    let ways =
        [(true, Transport::Sockets), (false, Transport::Sockets), (true, Transport::Http), (false, Transport::Http)];
    join_all(ways.map(|(on_slack, transport)| presses::press_all(on_slack, transport))).await;
}

/// The same tests once more, in a process of their own.
#[test]
fn the_story_the_forms_and_the_repetitions_pass_over_signed_requests_too() {
    let tests = std::env::current_exe().expect("this program");
    let run = std::process::Command::new(tests)
        .args(["story::", "forms::", "deliveries::", "second_person::"])
        .env(Transport::VARIABLE, "true")
        .output()
        .expect("the tests can be started");
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(!told.contains(" 0 passed"), "{told}");
}
