//! What people wrote can be forgotten, lawfully and by two people; what must not be forgotten is held; what is old goes by
//! itself. The log is whole throughout.

use wardroom::domain::Subject;
use wardroom::domain::policy::DEFAULT_TOML;
use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, without_hashes};

const ROOM: &str = "inc-1-checkout-is-down";
const SECRET: &str = "the card of Erika Mustermann, 4111 1111 1111 1111, was charged twice";

/// An incident with a note that should not have been written.
async fn story(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout is down svc:payments").await;
    bot.run_until_idle().await;
    let noted = ana.at(ROOM).says(&format!("/inc note {SECRET}")).await;
    assert!(noted.contains("INC-1#5"), "{noted}");
    bot.run_until_idle().await;
}

async fn findings(bot: &Bot) -> Vec<String> {
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    let verdict = tx.verify_log(None).await.expect("the log can be read");
    verdict.findings.iter().map(ToString::to_string).collect()
}

/// Every table and column of the database in which some words stand, apart from what was deleted.
async fn where_stands(bot: &Bot, words: &str) -> Vec<String> {
    let tables = bot
        .database
        .texts(
            "select relnamespace::regnamespace || '.' || relname from pg_class
             where relnamespace in ('public'::regnamespace, 'dlog'::regnamespace, 'graphile_worker'::regnamespace)
               and relkind = 'r' order by 1",
        )
        .await;
    let mut found = Vec::new();
    for table in tables {
        let value = match table.as_str() {
            "dlog.disclosure" => "convert_from(disclosure, 'UTF8')",
            "dlog.entry" => "convert_from(body, 'UTF8')",
            _ => "t::text",
        };
        let sql = format!("select count(*) from {table} t where position('{words}' in {value}) > 0");
        if bot.database.count(&sql).await > 0 {
            found.push(table);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_entry_says_is_erased_by_two_people_and_the_log_stays_whole() {
    let bot = Bot::start().await;
    story(&bot).await;
    assert_eq!(where_stands(&bot, "Mustermann").await, ["dlog.disclosure", "public.delivery", "public.say"]);
    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").discord());

    let refused = bot.person("ana").slack().says("/log erase INC-1#5 basis: please").await;
    assert!(refused.contains("You cannot have names or texts erased."), "{refused}");
    assert!(refused.contains("A compliance officer or the privacy officer can."), "{refused}");

    let asked = zoe.says("/log erase INC-1#5 basis: GDPR Art. 17(1)(b)").await;
    insta::assert_snapshot!(without_hashes(&asked), @"
    *Zoe Laurent* asks to erase the texts of INC-1#5 under GDPR Art. 17(1)(b) · a second officer must approve
    It waits for a second compliance or privacy officer, other than you and whoever wrote it: `/log approve INC-1#5`.
      `/log decline INC-1#5` takes it back · `L INC-1#7 ……`
    ");
    bot.run_until_idle().await;
    let told = bot.slack.private("kim");
    assert!(told.contains("/log approve INC-1#5"), "{told}");

    let alone = zoe.says("/log approve INC-1#5").await;
    assert!(alone.contains("You asked for this, so somebody else approves it."), "{alone}");
    assert!(alone.contains("Rule 4.15"), "{alone}");
    assert!(!where_stands(&bot, "Mustermann").await.is_empty(), "nothing goes by one alone");

    let approved = kim.says("/log approve INC-1#5").await;
    assert!(approved.contains("approved by @kim, under GDPR Art. 17(1)(b)"), "{approved}");
    assert!(approved.contains("The log stays whole"), "{approved}");
    assert_eq!(where_stands(&bot, "Mustermann").await, Vec::<String>::new());
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    let verified = zoe.says("/log verify").await;
    assert!(verified.contains("The log is whole"), "{verified}");

    let shown = zoe.says("/log show INC-1").await;
    assert!(!shown.contains("Mustermann"), "{shown}");
    let words = "by Kim Novak, asked for by Zoe Laurent, under GDPR Art. 17(1)(b)";
    let note = shown.lines().find(|line| line.contains("INC-1#5 ")).expect("the note's line");
    assert!(note.contains("Ana Ruiz") && note.contains("erased on") && note.contains(words), "{note}");
    let again = zoe.says("/log erase INC-1#5 basis: once more").await;
    assert!(again.contains("INC-1#5 holds no text that could be erased"), "{again}");
    let proof = zoe.says("/log erase INC-1#9 basis: hide it").await;
    assert!(proof.contains("INC-1#9 says why something was erased, so it stays"), "{proof}");
    insta::assert_snapshot!(bot.decision_log("INC-1").await, @"
    INC-1#1 incident.declared by ana
    INC-1#2 update.sent by ana
    INC-1#3 room.opened by wardroom
    INC-1#4 room.opened by wardroom
    INC-1#5 incident.noted by ana
    INC-1#6 refused by ana
    INC-1#7 erasure.requested by zoe
    INC-1#8 refused by zoe
    INC-1#9 payload.erased by kim
    INC-1#10 refused by zoe
    ");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_goes_from_the_record_and_its_cards_and_whoever_wrote_it_does_not_approve() {
    let bot = Bot::start().await;
    let kim = bot.person("kim").slack();
    kim.says("/inc declare sev2 customer Erika Mustermann cannot pay svc:payments").await;
    bot.run_until_idle().await;
    let zoe = bot.person("zoe").slack();
    zoe.says("/log erase INC-1#1 basis: GDPR Art. 17").await;
    let author = kim.says("/log approve INC-1#1").await;
    assert!(author.contains("You wrote this, so somebody else approves that it goes."), "{author}");
    let declined = kim.says("/log decline INC-1#1").await;
    assert!(declined.contains("Everything stays as it is"), "{declined}");
    kim.says("/log erase INC-1#1 basis: GDPR Art. 17").await;
    zoe.says("/log approve").await;
    bot.run_until_idle().await;
    assert_eq!(where_stands(&bot, "Mustermann").await, Vec::<String>::new());
    assert!(zoe.says("/inc list").await.contains("[erased]"));
    assert!(zoe.sees().contains("[erased]"), "the card shows it too");
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_has_left_is_a_pseudonym_everywhere() {
    let bot = Bot::start().await;
    let mia = bot.person("mia").slack();
    mia.says("/inc declare sev2 checkout is down svc:payments").await;
    bot.run_until_idle().await;
    mia.at(ROOM).says("/inc note I have seen it twice").await;
    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").slack());
    let still_here = zoe.says("/log erase person:mia basis: GDPR Art. 17").await;
    assert!(still_here.contains("Mia Chen is in the organisation file"), "{still_here}");

    let gone = without_mia();
    bot.app.apply_organisation(&gone, false).await.expect("Mia leaves");
    let asked = zoe.says("/log erase person:mia basis: GDPR Art. 17").await;
    assert!(asked.contains("asks to erase the name of"), "{asked}");
    zoe.says("/log hold INC-1 why: the regulator has asked").await;
    let held = kim.says("/log approve person:mia").await;
    assert!(held.contains("INC-1 is on legal hold, placed by Zoe Laurent on 7 January 2030"), "{held}");
    assert!(held.contains("Rule 4.34"), "{held}");
    let not_theirs = kim.says("/log release INC-1 why: I want to").await;
    assert!(not_theirs.contains("A compliance officer can."), "{not_theirs}");
    zoe.says("/log release INC-1 why: the case is closed").await;
    kim.says("/log approve person:mia").await;
    bot.run_until_idle().await;
    assert_eq!(where_stands(&bot, "Mia Chen").await, Vec::<String>::new());
    assert_eq!(where_stands(&bot, "mia@harbour.example").await, Vec::<String>::new());
    assert_eq!(bot.database.texts("select name from person where not active").await, ["[erased]"]);
    assert_eq!(where_stands(&bot, "seen it twice").await, ["dlog.disclosure"], "only the name was meant");
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    let org = bot.decision_log("ORG").await;
    assert!(org.ends_with("person.erased by wardroom"), "{org}");
    assert_eq!(bot.database.texts("select state from erasure").await, ["done"]);
    bot.finish().await;
}

fn without_mia() -> String {
    let (before, rest) = ORGANISATION.split_once("[[person]]\nkey = \"mia\"").expect("Mia is in the sample");
    let after = rest.split_once("[[person]]").expect("and others after her").1;
    format!("{before}[[person]]{after}").replace("\"mia\", ", "").replace(", \"mia\"", "").replace("\"mia\"", "\"tom\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_loses_its_texts_at_night_once_the_rules_are_confirmed_and_not_while_it_is_held() {
    let bot = Bot::start().await;
    let (ana, zoe) = (bot.person("ana").slack(), bot.person("zoe").slack());
    for title in ["alpha is down", "beta is down"] {
        ana.says(&format!("/inc declare sev3 {title} svc:reports")).await;
        bot.run_until_idle().await;
    }
    for incident in ["INC-1", "INC-2"] {
        ana.says(&format!("/inc lead {incident} me")).await;
        let resolved = ana.says(&format!("/inc cancel {incident} nothing was broken")).await;
        assert!(resolved.contains("cancelled"), "{resolved}");
    }
    zoe.says("/log hold INC-2 why: the regulator has asked").await;
    bot.run_until_idle().await;
    bot.sleep_through(1_200 * 24 * 60).await;
    bot.app.retain(1).await.expect("the night passes");
    bot.run_until_idle().await;
    assert!(!where_stands(&bot, "alpha is down").await.is_empty(), "the first night only looks");
    let told = zoe.private();
    assert!(told.contains("something of 1 records; nothing was"), "{told}");
    let shown = zoe.says("/admin retention").await;
    assert!(shown.contains("INC-1 · incident"), "{shown}");
    assert!(shown.contains("INC-2 since"), "{shown}");
    bot.app.retain(1).await.expect("another night passes");
    assert!(!where_stands(&bot, "alpha is down").await.is_empty(), "nothing goes before somebody confirms it");

    let by_ana = ana.says("/admin retention confirm").await;
    assert!(by_ana.contains("A compliance officer can."), "{by_ana}");
    zoe.says("/admin retention confirm").await;
    bot.app.retain(1).await.expect("a night passes");
    bot.run_until_idle().await;
    assert_eq!(where_stands(&bot, "alpha is down").await, Vec::<String>::new());
    assert_eq!(
        where_stands(&bot, "beta is down").await,
        ["dlog.disclosure", "public.delivery", "public.incident"],
        "a hold stops it"
    );
    assert_eq!(
        bot.database.count("select count(*) from say where subject <> 'INC-2'").await,
        0,
        "old messages are gone"
    );
    assert!(
        bot.database.count("select count(*) from say where subject = 'INC-2'").await > 0,
        "but not of what is held"
    );
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    let listed = ana.says("/inc list").await;
    assert!(listed.contains("INC-1") && listed.contains("[erased]"), "it still counts: {listed}");
    let line = zoe.says("/log show INC-1 page:1").await;
    assert!(line.contains("because of its age (rule 4.34, incident)"), "{line}");

    let shorter = DEFAULT_TOML.replace(
        "hot_days = 396, until_days = 1096, then = \"anonymise\"",
        "hot_days = 30, until_days = 30, then = \"anonymise\"",
    );
    bot.app.load_policy(&shorter).await.expect("the policy is sound");
    zoe.says("/log release INC-2 why: the case is closed").await;
    bot.app.retain(1).await.expect("a night passes");
    assert!(!where_stands(&bot, "beta is down").await.is_empty(), "changed rules are only looked at");
    zoe.says("/admin retention confirm").await;
    bot.app.retain(1).await.expect("a night passes");
    assert_eq!(where_stands(&bot, "beta is down").await, Vec::<String>::new());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_refuses_to_let_a_text_go_that_no_entry_of_the_same_transaction_names() {
    let bot = Bot::start().await;
    story(&bot).await;
    let tenant = "begin; set local wardroom.tenant = '1'; ";
    let entry = |digests: &str| {
        format!(
            "insert into dlog.entry (tenant_id, subject, seq, kind, body) select 1, 'INC-1', max(seq) + 1, 'payload.erased',
             convert_to('{{\"data\":{{\"digests\":[' || ({digests}) || ']}}}}', 'UTF8') from dlog.entry where subject = 'INC-1'; "
        )
    };
    let named = "select string_agg('\"' || encode(d.digest, 'base64') || '\"', ',') from dlog.disclosure d \
                 join dlog.entry e on e.id = d.entry_id where e.subject = 'INC-1' and e.seq = 5";
    let of_note = "delete from dlog.disclosure where entry_id = (select id from dlog.entry where subject = 'INC-1' and seq = 5); ";
    let refused = [
        format!("{tenant}{of_note}commit"),
        format!("{tenant}{}{of_note}commit", entry("select ''")),
        format!("{tenant}{}delete from dlog.disclosure; commit", entry(named)),
        format!("{tenant}{}update dlog.disclosure set person = null; commit", entry(named)),
        format!(
            "{tenant}{}update ballot set why = null, version = version; truncate dlog.disclosure; commit",
            entry(named)
        ),
    ];
    for sql in refused {
        let refusal = bot.as_app(&sql).await.expect_err(&sql);
        assert!(refusal.contains("payload.erased") || refusal.contains("permission denied"), "{sql}\n{refusal}");
    }
    assert!(where_stands(&bot, "Mustermann").await.contains(&"dlog.disclosure".to_owned()));
    assert_eq!(bot.as_app(&format!("{tenant}{}{of_note}commit", entry(named))).await, Ok(()), "named, it may go");
    assert_eq!(bot.database.count("select count(*) from dlog.entry where kind = 'payload.erased'").await, 1);
    let mut tx = bot.app.store.begin(1).await.expect("Postgres answers");
    assert!(
        tx.entry_texts(Subject::Incident(1), 5).await.expect("it can be read").expect("it is there").digests.is_empty()
    );
    drop(tx);
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_says_and_why_people_voted_goes_and_the_votes_still_count() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout is down svc:payments").await;
    bot.run_until_idle().await;
    let request = "/change emergency roll back for Erika Mustermann impact: Erika Mustermann cannot pay why: Erika \
                   Mustermann calls plan: redeploy for Erika Mustermann tested:yes data:2 availability:3 compliance:1 \
                   complexity:3 rollback:3";
    let ana = ana.at(ROOM);
    assert!(ana.says(request).await.contains("CHG-1"));
    ana.says("/change plan checklist CHG-1 access").await;
    ana.says("/change plan tick CHG-1 holder_list Erika Mustermann has the key").await;
    bot.person("tom").slack().at(ROOM).says("/change approve CHG-1 Erika Mustermann is important").await;
    bot.person("mia").slack().at(ROOM).says("/change approve CHG-1 Erika Mustermann has waited for long").await;
    bot.run_until_idle().await;
    let reasons =
        "select count(*) from (select why from ballot union all select why from approval) reason where why is not null";
    assert_eq!(bot.database.count(reasons).await, 2, "{}", bot.decision_log("CHG-1").await);
    let standing = bot.person("ines").slack().says("/cab status CHG-1").await;

    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").slack());
    let entries = bot.decision_log("CHG-1").await.lines().count();
    for seq in 1..=entries {
        zoe.says(&format!("/log erase CHG-1#{seq} basis: GDPR Art. 17")).await;
        kim.says(&format!("/log approve CHG-1#{seq}")).await;
    }
    bot.run_until_idle().await;
    assert_eq!(where_stands(&bot, "Mustermann").await, Vec::<String>::new());
    assert_eq!(bot.database.count(reasons).await, 0);
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    let still = bot.person("ines").slack().says("/cab status CHG-1").await;
    let counted = |told: &str| told.lines().last().map(str::to_owned).unwrap_or_default();
    assert_eq!(counted(&still), counted(&standing), "{still}");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_of_nobody_wrote_is_found_by_the_account() {
    let bot = Bot::start().await;
    let pat = bot.person("pat").slack();
    pat.says("/inc declare sev3 the quetzal cannot log in svc:accounts").await;
    bot.run_until_idle().await;
    let whose = "select string_agg(distinct person, ' ') from dlog.disclosure where convert_from(disclosure, 'UTF8') like '%quetzal%'";
    assert_eq!(bot.database.text(whose).await, "slack:U0PAT");
    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").slack());
    let nobody = zoe.says("/log erase person:slack:U0NOBODY basis: GDPR Art. 17").await;
    assert!(nobody.contains("Nothing of slack:U0NOBODY stands beside the log."), "{nobody}");
    let asked = zoe.says("/log erase person:slack:U0PAT what:all basis: GDPR Art. 17").await;
    assert!(asked.contains("/log approve person:slack:U0PAT"), "{asked}");
    kim.says("/log approve person:slack:U0PAT").await;
    bot.run_until_idle().await;
    assert_eq!(where_stands(&bot, "quetzal").await, Vec::<String>::new());
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    assert_eq!(bot.database.texts("select state from erasure").await, ["done"]);
    bot.finish().await;
}

/// Of a freeze, the reason of it and of an exception that was asked from it: gone from the rows, the cards and the log.
#[tokio::test(flavor = "multi_thread")]
async fn the_reasons_of_a_freeze_and_of_its_exceptions_are_erased_and_held_like_others() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 checkout is down svc:payments").await;
    bot.run_until_idle().await;
    let fix = "/change emergency restart the gateway impact: none why: queues grow plan: start the old one \
               tested:yes data:1 availability:1 compliance:1 complexity:1 rollback:1";
    let asked = bot.person("ana").slack().at(ROOM).says(fix).await;
    assert!(asked.contains("CHG-1"), "{asked}");
    let ines = bot.person("ines").slack();
    let frozen = ines.says("/freeze on svc:payments hard:yes until:+4h why: Max Mustermann counts the money").await;
    assert!(frozen.contains("FRZ-1"), "{frozen}");
    let excepted =
        bot.person("ana").slack().says("/freeze except CHG-1 why: the queue of Moritz Mustermann is full").await;
    assert!(excepted.contains("FRZ-1"), "{excepted}");
    bot.run_until_idle().await;
    assert!(bot.person("ana").slack().at("changes").sees().contains("Max Mustermann"));

    let (zoe, kim) = (bot.person("zoe").slack(), bot.person("kim").slack());
    zoe.says("/log hold FRZ-1 why: the regulator has asked").await;
    let held = zoe.says("/log erase FRZ-1#1 basis: GDPR Art. 17").await;
    assert!(held.contains("FRZ-1 is on legal hold"), "{held}");
    zoe.says("/log release FRZ-1 why: they have it").await;
    for entry in ["FRZ-1#1", "FRZ-1#2"] {
        zoe.says(&format!("/log erase {entry} basis: GDPR Art. 17")).await;
        let approved = kim.says(&format!("/log approve {entry}")).await;
        assert!(approved.contains("The log stays whole"), "{approved}");
    }
    bot.run_until_idle().await;
    assert_eq!(where_stands(&bot, "Max Mustermann").await, Vec::<String>::new());
    assert_eq!(where_stands(&bot, "Moritz Mustermann").await, Vec::<String>::new());
    let channel = bot.person("ana").slack().at("changes").sees();
    let cards = channel.matches("[erased]").count();
    assert!(cards >= 3, "the freeze's card, and the exception's: {channel}");
    assert!(ana.says("/freeze list").await.contains("[erased]"));
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    ines.says("/freeze off FRZ-1 why: counted").await;
    assert_eq!(findings(&bot).await, Vec::<String>::new());
    bot.finish().await;
}
