//! Whose account is whose: by the organisation file, by a confirmed e-mail address, or by a code; never by a name.

use wardroom::sandbox::slack::SlackAccount;
use wardroom::trial::ORGANISATION;

use crate::harness::Bot;

const ROOM: &str = "inc-1-cards-fail";

/// The code that an answer shows.
fn code_in(answer: &str) -> String {
    let after = answer.split("Your code: `").nth(1).unwrap_or_else(|| panic!("no code in {answer}"));
    after.split('`').next().unwrap_or_default().to_owned()
}

async fn links(bot: &Bot) -> Vec<String> {
    let sql =
        "select concat_ws(' ', platform, account, source, active) from identity where source <> 'file' or not active";
    bot.database.texts(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_email_address_makes_an_account_its_persons_after_its_first_act() {
    let bot = Bot::start().await;
    bot.slack
        .change_account("pat", |account| account.email = Some("RAJ@Harbour.example".to_owned()))
        .await
        .expect("pat");
    let pat = bot.person("pat").slack();
    let declared = pat.says("/inc declare sev3 search is slow svc:shop").await;
    assert!(declared.contains("*pat* declared *INC-1*"), "{declared}");
    bot.run_until_idle().await;
    let told = pat.private();
    assert!(
        told.contains("You are *Raj Patel* now: this account has the e-mail address raj@harbour.example"),
        "{told}"
    );
    assert_eq!(links(&bot).await, ["slack U0PAT email t"]);
    assert!(bot.decision_log("ORG").await.contains("identity.linked by wardroom"));

    let whoami = pat.says("/admin whoami").await;
    assert!(whoami.contains("You are *Raj Patel*"), "{whoami}");
    assert!(whoami.contains("Slack `U0PAT`, linked by e-mail address"), "{whoami}");
    assert!(whoami.contains("Discord `100000000000000002`, linked by the organisation file"), "{whoami}");
    pat.says("/inc list").await;
    bot.run_until_idle().await;
    let asked = bot.slack.calls().into_iter().filter(|(method, _)| method == "users.info").count();
    assert_eq!(asked, 1, "Slack is asked once");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_counts_only_where_it_is_confirmed_a_members_and_one_persons() {
    let with_raj = |change: fn(&mut SlackAccount)| {
        let mut account = SlackAccount { email: Some("raj@harbour.example".to_owned()), ..SlackAccount::default() };
        change(&mut account);
        account
    };
    for (why, account) in [
        ("nobody has it", SlackAccount::default()),
        ("it was never confirmed", with_raj(|account| account.email_unconfirmed = true)),
        ("the account is a guest's", with_raj(|account| account.restricted = true)),
        ("the name alone says nothing", SlackAccount { name: Some("Ana Ruiz".to_owned()), ..SlackAccount::default() }),
    ] {
        let bot = Bot::start().await;
        bot.slack.change_account("pat", |changed| *changed = account).await.expect("pat");
        let pat = bot.person("pat").slack();
        pat.says("/admin whoami").await;
        bot.run_until_idle().await;
        assert_eq!(links(&bot).await, Vec::<String>::new(), "{why}");
        let refused = pat.says("/inc list").await;
        assert!(refused.contains("I don't know who you are yet, so you cannot see this record."), "{why}: {refused}");
        assert!(refused.contains("`/admin link` shows how"), "{why}: {refused}");
        bot.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_with_one_address_are_nobody() {
    let bot = Bot::start().await;
    let twice = ORGANISATION.replace("sam@harbour.example", "Raj@harbour.example");
    bot.app.apply_organisation(&twice, false).await.expect("it is applied");
    bot.slack
        .change_account("pat", |account| account.email = Some("raj@harbour.example".to_owned()))
        .await
        .expect("pat");
    bot.person("pat").slack().says("/admin whoami").await;
    bot.run_until_idle().await;
    assert_eq!(links(&bot).await, Vec::<String>::new());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_nobodys_may_declare_note_and_ask_who_it_is() {
    let bot = Bot::start().await;
    for here in [bot.person("pat").slack(), bot.person("pat").discord()] {
        let declared = here.says("/inc declare sev: sev3 svc: shop title: search is slow").await;
        assert!(declared.contains("declared **INC-") || declared.contains("declared *INC-"), "{declared}");
        for text in ["/inc note incident: INC-1 text: still slow", "/admin whoami", "/inc help", "/admin link"] {
            let answer = here.says(text).await;
            assert!(!answer.contains("I don't know who you are") && !answer.is_empty(), "{text}: {answer}");
        }
        for text in ["/inc panel", "/inc list", "/change list", "/log verify", "/inc lead incident: INC-1"] {
            let answer = here.says(text).await;
            assert!(
                answer.contains("I don't know who you are yet") && answer.contains("/admin link"),
                "{text}: {answer}"
            );
        }
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_typed_on_the_other_platform_links_an_account_once() {
    let bot = Bot::start().await;
    let (pat, lena) = (bot.person("pat").discord(), bot.person("lena").slack());
    let code = code_in(&pat.says("/admin link").await);
    assert_eq!(code.len(), 8);
    let kept = bot
        .database
        .texts("select reply::text from delivery union all select encode(hash, 'escape') from link_code")
        .await;
    assert!(!kept.join(" ").contains(&code), "the code itself is nowhere: {kept:?}");

    let same = pat.says(&format!("/admin link code: {code}")).await;
    assert!(same.contains("cannot vouch for another"), "{same}");
    let linked = lena.says(&format!("/admin link {}", code.to_lowercase())).await;
    assert!(linked.contains("linked the Discord account `100000000000000099` to"), "{linked}");
    assert_eq!(links(&bot).await, ["discord 100000000000000099 code t"]);
    let whoami = pat.says("/admin whoami").await;
    assert!(whoami.contains("You are **Lena Fischer**"), "{whoami}");

    let again = bot.person("ines").slack().says(&format!("/admin link {code}")).await;
    assert!(again.contains("used already"), "{again}");
    assert!(bot.decision_log("ORG").await.contains("identity.linked by lena"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_ten_minutes_and_wrong_ones_are_few() {
    let bot = Bot::start().await;
    let (pat, lena) = (bot.person("pat").discord(), bot.person("lena").slack());
    let late = code_in(&pat.says("/admin link").await);
    bot.pass(11).await;
    let refused = lena.says(&format!("/admin link {late}")).await;
    assert!(refused.contains("older than ten minutes"), "{refused}");
    for _ in 0..4 {
        lena.says("/admin link ABCDEFGH").await;
    }
    let good = code_in(&pat.says("/admin link").await);
    let barred = lena.says(&format!("/admin link {good}")).await;
    assert!(barred.contains("Too many wrong codes"), "{barred}");
    assert_eq!(links(&bot).await, Vec::<String>::new());
    bot.pass(11).await;
    let fresh = code_in(&pat.says("/admin link").await);
    assert!(lena.says(&format!("/admin link {fresh}")).await.contains("linked the Discord account"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_a_person_made_outlives_the_file_until_they_unlink_it() {
    let bot = Bot::start().await;
    let (pat, lena) = (bot.person("pat").discord(), bot.person("lena").slack());
    let code = code_in(&pat.says("/admin link").await);
    lena.says(&format!("/admin link {code}")).await;

    let applied = bot.app.apply_organisation(ORGANISATION, false).await.expect("it is applied");
    assert_eq!(applied.changes, [], "the file changes nothing");
    let kept: Vec<String> = applied.kept.iter().map(ToString::to_string).collect();
    assert_eq!(kept, ["= link Discord 100000000000000099 of lena (by code)"]);
    let changed = ORGANISATION.replace("Lena Fischer", "Lena Fischer-Koch");
    assert_eq!(bot.app.apply_organisation(&changed, false).await.expect("it is applied").changes.len(), 1);
    assert_eq!(links(&bot).await, ["discord 100000000000000099 code t"]);
    // The file may not give it to somebody else behind their back.
    let taken = ORGANISATION.replace("slack = \"U0INES\"", "slack = \"U0INES\"\ndiscord = \"100000000000000099\"");
    let refused = bot.app.apply_organisation(&taken, false).await.expect_err("two people").to_string();
    assert!(refused.contains("given to ines, but lena has linked it (by code)"), "{refused}");

    assert!(pat.says("/admin unlink confirm: yes").await.contains("unlinked the Discord account"));
    assert_eq!(links(&bot).await, Vec::<String>::new());
    assert!(pat.says("/admin whoami").await.contains("not linked to a person"));
    assert!(bot.decision_log("ORG").await.contains("identity.unlinked by lena"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unlinking_asks_first_and_is_not_undone_by_the_next_word() {
    let bot = Bot::start().await;
    bot.slack
        .change_account("pat", |account| account.email = Some("raj@harbour.example".to_owned()))
        .await
        .expect("pat");
    let pat = bot.person("pat").slack();
    pat.says("/admin whoami").await;
    bot.run_until_idle().await;
    assert_eq!(pat.says("/admin unlink").await, "(a form)");
    pat.fills(&[("confirm", "yes")]).await;
    assert_eq!(links(&bot).await, Vec::<String>::new());
    pat.says("/admin whoami").await;
    bot.run_until_idle().await;
    assert_eq!(links(&bot).await, Vec::<String>::new(), "what its person unlinked stays so");
    // Their own wish looks again.
    pat.says("/admin link").await;
    bot.run_until_idle().await;
    assert_eq!(links(&bot).await, ["slack U0PAT email t"]);
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivated_account_does_nothing_and_is_asked_nothing() {
    let bot = Bot::start().await;
    bot.slack.set_deactivated("mia", true).await.expect("mia");
    bot.slack.set_deactivated("mia", true).await.expect("mia");
    assert_eq!(links(&bot).await, ["slack U0MIA file f"]);
    assert_eq!(bot.decision_log("ORG").await.matches("identity.deactivated").count(), 1);
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_idle().await;
    let calls = bot.slack.calls();
    let invited = calls.iter().filter(|(method, _)| method == "conversations.invite");
    assert!(
        invited.clone().count() > 0 && !invited.map(|(_, sent)| sent.to_string()).any(|sent| sent.contains("U0MIA"))
    );
    // Whatever still arrives in its name is refused; on Discord mia is herself.
    let room = bot.slack.view("ana")["channels"].as_array().and_then(|all| all.last().cloned()).expect("a room");
    let message = |text: &str| {
        serde_json::json!({"type": "message", "channel": room["id"], "channel_type": "channel", "user": "U0MIA",
            "text": text, "ts": "1893506400.000100", "event_ts": "1893506400.000100"})
    };
    bot.slack.tell_event(message("!inc note I was never here")).await;
    bot.person("mia").discord().at(ROOM).says("/inc note text: from Discord").await;
    bot.run_until_idle().await;
    let log = bot.person("ana").slack().at(ROOM).says("/inc timeline").await;
    assert!(log.contains("from Discord") && !log.contains("never here"), "{log}");
    bot.slack.set_deactivated("mia", false).await.expect("mia");
    assert_eq!(links(&bot).await, Vec::<String>::new());
    assert!(bot.decision_log("ORG").await.contains("identity.reactivated"));
    bot.finish().await;
}
