//! Reading the decision log: by record, person, kind and time, and only as far as rule 4.23 lets each.

use std::path::PathBuf;

use insta::assert_snapshot;
use wardroom::domain::KindWord;
use wardroom::render::TEMPLATES;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, without_hashes};

/// Zoe audits, and Omar only administers.
async fn with_an_auditor(bot: &Bot) {
    let file = ORGANISATION
        .replace(r#"roles = ["executive"]"#, r#"roles = ["executive", "auditor"]"#)
        .replace(r#"roles = ["duty_manager", "commander", "tenant_admin"]"#, r#"roles = ["tenant_admin"]"#);
    assert_ne!(file, ORGANISATION);
    bot.app.apply_organisation(&file, false).await.expect("the organisation can be loaded");
}

async fn two_incidents(bot: &Bot) {
    let (ana, tom) = (bot.person("ana").slack(), bot.person("tom").discord());
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    tom.says("/inc declare title: search is slow sev: sev3 svc: shop").await;
    bot.run_until_idle().await;
    ana.says("/inc note INC-1 errors began with the deploy").await;
    bot.sleep_through(180).await;
    tom.says("/inc note incident: INC-1 text: it is the cache").await;
    ana.says("/inc decide INC-1 Roll back? chose:yes why: the cache cannot be mended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_found_by_person_kind_and_time() {
    let bot = Bot::start().await;
    two_incidents(&bot).await;
    let ana = bot.person("ana").slack();
    assert_snapshot!(without_hashes(&ana.says("/log show by:@tom").await), @"
    Decision log
    • 7 Jan 14:00 UTC *Tom Okafor* declared *INC-2* as *P3* on shop: search is slow · on Discord `L INC-2#1 ……`
    • 7 Jan 17:00 UTC *Tom Okafor* notes: it is the cache · on Discord `L INC-1#6 ……`
      2 entries in incidents, the changes for them and your own records, by Tom Okafor
    ");
    assert_snapshot!(without_hashes(&ana.says("/log show kind:declared").await), @"
    Decision log
    • 7 Jan 14:00 UTC *Ana Ruiz* declared *INC-1* as *P2* on payments: cards fail · on Slack `L INC-1#1 ……`
    • 7 Jan 14:00 UTC *Tom Okafor* declared *INC-2* as *P3* on shop: search is slow · on Discord `L INC-2#1 ……`
      2 entries in incidents, the changes for them and your own records, kind declared
    ");
    assert_snapshot!(without_hashes(&ana.says("/log show INC-1 kind:note since:-1h by:tom").await), @"
    INC-1 · decision log
    • 7 Jan 17:00 UTC *Tom Okafor* notes: it is the cache · on Discord `L INC-1#6 ……`
      1 entry in the log of INC-1, by Tom Okafor, kind note, since 7 Jan 2030 16:00 Europe/Lisbon (7 Jan 16:00 UTC) · `/log verify INC-1`
    ");
    assert_snapshot!(without_hashes(&ana.says("/log show INC-1 until:15:30 note").await), @"
    INC-1 · decision log
    • 7 Jan 14:00 UTC *Ana Ruiz* notes: errors began with the deploy · on Slack `L INC-1#5 ……`
      1 entry in the log of INC-1, kind note, until 7 Jan 2030 15:30 Europe/Lisbon (7 Jan 15:30 UTC) · `/log verify INC-1`
    ");
    let timers = ana.says("/log show INC-1 by:wardroom").await;
    assert!(timers.contains("The war room on Slack is open") && !timers.contains("notes"), "{timers}");
    let on_discord = bot.person("ana").discord().says("/log show about: INC-1 kind: decided by: @ana").await;
    assert!(on_discord.contains("Roll back?") && !on_discord.contains("notes"), "{on_discord}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_nothing_says_what_was_searched_and_what_is_no_kind_names_those_that_are() {
    let bot = Bot::start().await;
    two_incidents(&bot).await;
    let ana = bot.person("ana").slack();
    assert_snapshot!(ana.says("/log show INC-1 kind:vote by:me since:2030-01-07 until:14:30").await, @"Nothing was found in the log of INC-1, by Ana Ruiz, kind vote, since 7 Jan 2030 00:00 Europe/Lisbon (7 Jan 00:00 UTC), until 7 Jan 2030 14:30 Europe/Lisbon (7 Jan 14:30 UTC).");
    assert_snapshot!(ana.says("/log show kind:votes").await, @"
    “votes” is no kind of entry: declared, severity, exposure, status, lead, note, decided, update, confirmation, resolved, reopened, cancelled, link, draft, room, requested, review, vote, risk, concern, approval, rejected, expired, edited, announced, held, started, done, validation, rollback, withdrawn, halted, window, slot, checklist, field, retro, catalogue, major, freeze, batch, exception, ruling, conflict, notice, standby, rehearsal, claim, pir, delegation, on_call, absence, meeting, refused, account, calendar, workspace, organisation, charter, signature, amendment, policy, clock, export, key, recovered, erased, hold, retention, archive, redaction.
    • /log show INC-7 by:me kind:decided since:-2d
    ");
    assert_snapshot!(ana.says("/log show since:yesterday").await, @"
    “yesterday” is no moment like -2h, +2h, 14:30, 2030-01-07 or 2030-01-07T14:30Z.
    • /log show INC-7 by:me kind:decided since:-2d
    ");
    assert_snapshot!(ana.says("/log show INC-99").await, @"
    There is no INC-99 here.
    `/inc list` shows them.
    ");
    assert_snapshot!(ana.says("/log show kind:note page:9").await, @"There is nothing older in incidents, the changes for them and your own records, kind note. The newest: `/log show kind:note`");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_open_as_far_as_rule_4_23_says() {
    let bot = Bot::start().await;
    with_an_auditor(&bot).await;
    two_incidents(&bot).await;
    // A viewer reads their own records, and this is none of them.
    let ben = bot.person("ben").slack();
    assert_snapshot!(without_hashes(&ben.says("/log show INC-1").await), @"
    You cannot read or export this log.
    A viewer (of what is theirs), a responder (of what is theirs), the incident commander (of what is theirs), a change requester (of what is theirs), the service owner (of what is theirs), a change manager, a member of the board where they vote, a compliance officer or an auditor can.
      Rule 4.23 · nothing was changed · `L WARDROOM#3 ……`
    ");
    assert_snapshot!(ben.says("/log show").await, @"Nothing was found in your own records, of which there are none.");
    // An attempt on a record does not make it theirs.
    ben.says("/inc note INC-1 let me in").await;
    assert!(ben.says("/log show INC-1").await.contains("Rule 4.23"));
    // An auditor reads all of it, and finds the attempts.
    let zoe = bot.person("zoe").slack();
    let refused = zoe.says("/log show kind:refused").await;
    assert!(refused.contains("log show") && refused.contains("inc note"), "{refused}");
    assert!(zoe.says("/log show ORG").await.contains("The organisation was loaded"));
    // An administrator sees who, when and what kind, and no word that anybody wrote.
    let omar = bot.person("omar").slack();
    assert_snapshot!(without_hashes(&omar.says("/log show INC-2").await), @"
    INC-2 · decision log
    • 7 Jan 14:00 UTC *Tom Okafor* · an incident declared · INC-2 `L INC-2#1 ……`
    • 7 Jan 14:00 UTC Wardroom · a war room opened · INC-2 `L INC-2#2 ……`
    • 7 Jan 14:00 UTC Wardroom · a war room opened · INC-2 `L INC-2#3 ……`
      The newest 3 of 3 entries · `/log verify INC-2`
    ");
    let all = omar.says("/log show kind:note").await;
    assert!(all.contains("a note · INC-1") && !all.contains("cache"), "{all}");
    // Responders read incidents, and nothing of the organisation.
    let raj = bot.person("raj").discord();
    let told = raj.says("/log show").await;
    assert!(told.contains("INC-1#") && told.contains("INC-2#") && !told.contains("ORG#"), "{told}");
    assert!(raj.says("/log show about: ORG").await.contains("Rule 4.23"));
    // Whose service it is, reads what concerns it.
    let mia = bot.person("mia").slack();
    assert!(mia.says("/log show INC-1").await.contains("errors began"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_entries_are_turned_back_page_by_page() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    for number in 0..45 {
        ana.says(&format!("/inc note INC-1 reading {number}.")).await;
    }
    let mut pages = Vec::new();
    for page in 1..=3 {
        pages.push(ana.says(&format!("/log show kind:note page:{page}")).await.replace('`', ""));
    }
    assert!(pages[0].contains("reading 44.") && pages[0].contains("older: /log show kind:note page:2"), "{}", pages[0]);
    assert!(pages[1].contains("reading 24.") && !pages[1].contains("reading 25."), "{}", pages[1]);
    assert!(pages[2].contains("reading 0.") && pages[2].contains("newer: /log show kind:note page:2"), "{}", pages[2]);
    assert!(!pages[2].contains("older:"), "{}", pages[2]);
    let told: usize = pages.iter().map(|page| page.matches("notes: reading").count()).sum();
    assert_eq!(told, 45, "none twice and none left out");
    let record = ana.says("/log show INC-1 page:3").await;
    assert!(record.contains("Page 3 of 3") && record.contains("declared"), "{record}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_are_offered_in_peoples_words() {
    let bot = Bot::start().await;
    let typed = std::collections::BTreeMap::from([("kind".to_owned(), "re".to_owned())]);
    let offers = bot.discord.autocomplete("ana", "incidents", &["log", "show"], typed, "kind").await.expect("offers");
    let names: Vec<&str> = offers.iter().filter_map(|offer| offer["name"].as_str()).collect();
    assert!(names.contains(&"refused · a refusal") && names.contains(&"review · a review"), "{names:?}");
    bot.finish().await;
}

#[test]
fn every_kind_of_entry_can_be_looked_for() {
    let kinds = TEMPLATES.iter().filter_map(|(name, _)| name.strip_prefix("line/"));
    let without: Vec<&str> = kinds.filter(|kind| KindWord::of(kind).is_none()).collect();
    assert_eq!(without, Vec::<&str>::new(), "each needs a word in src/domain/event/kind.rs");
}

/// Twenty thousand entries of two hundred incidents.
const MANY: &str = r#"insert into dlog.entry (tenant_id, subject, seq, kind, body)
    select 1, 'INC-' || n / 100 + 1000, n % 100 + 1, (array['incident.noted', 'incident.decided', 'ballot.cast'])[n % 3 + 1],
           convert_to(format('{"actor":"p_%s","agg":"INC-%s","at":"2029-01-01T%s.000000Z"}', n % 50, n / 100 + 1000,
                             to_char(n * interval '1 second', 'HH24:MI:SS')), 'UTF8')
    from generate_series(0, 19999) n"#;

/// The statements are those that the bot sends, with values in place of their parameters.
#[tokio::test(flavor = "multi_thread")]
async fn every_search_reads_an_index_and_never_the_whole_log() {
    let bot = Bot::start().await;
    bot.as_superuser(MANY).await;
    bot.as_superuser("analyze dlog.entry").await;
    let moments = ["''", "'~'"];
    let wide = |more: &[&str]| -> Vec<String> {
        let common = ["1", moments[0], moments[1], "true", "'{}'", "0", "21"];
        common.iter().chain(more).map(|value| (*value).to_owned()).collect()
    };
    let searches = [
        ("as of (subject) cross join lateral", "entry_tenant_id_subject_seq_key", {
            let values = ["1", "'{INC-1001,INC-1002}'", "null", "null", "false", "''", "'~'", "0", "21"];
            values.map(str::to_owned).to_vec()
        }),
        ("order by at desc, id desc offset $6 limit $7\n               ) found", "entry_at", wide(&[])),
        ("and actor = $8", "entry_by", wide(&["'p_7'", "null"])),
        ("as of (kind) cross join lateral", "entry_of_kind", wide(&["'{ballot.cast}'"])),
    ];
    for (mark, index, values) in searches {
        let query = statement(mark, values.len());
        let plan = bot.database.texts(explained(&query, &values).leak()).await.join("\n");
        assert!(plan.contains(index), "{index} is used:\n{plan}");
        assert!(!plan.contains("Seq Scan on entry"), "{plan}");
    }
    bot.leave().await;
}

/// The statement with these words and so many parameters, as it was prepared.
fn statement(mark: &str, parameters: usize) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = std::fs::read_dir(folder).expect("the prepared statements");
    let queries = files.map(|file| {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("it can be read");
        let prepared: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        prepared["query"].as_str().expect("a statement").to_owned()
    });
    let fits = |query: &String| {
        query.contains(mark)
            && query.contains(&format!("${parameters}"))
            && !query.contains(&format!("${}", parameters + 1))
    };
    let mut found: Vec<String> = queries.filter(fits).collect();
    assert_eq!(found.len(), 1, "{mark}: {found:?}");
    found.remove(0)
}

fn explained(query: &str, values: &[String]) -> String {
    let filled = values
        .iter()
        .enumerate()
        .rev()
        .fold(query.to_owned(), |query, (place, value)| query.replace(&format!("${}", place + 1), value));
    format!("explain {filled}")
}
