//! Far more than anybody should write or have: all of it is answered and shown, within what both platforms take, with a
//! way to the rest. Whatever is sent is held against the specifications when each world ends.

use std::fmt::Write;

use wardroom::trial::ORGANISATION;

use crate::harness::{Bot, Here};

const TITLE: &str = "checkout";

/// What people might paste, cut to the 2,000 characters that a value holds.
fn pasted() -> Vec<(&'static str, String)> {
    let of = |piece: &str| -> String { piece.chars().cycle().take(2_000).collect() };
    vec![
        ("words", of("the pump is down and nobody knows why ")),
        ("families", of("👩‍👩‍👧‍👦")),
        ("flags", of("🇩🇪🇫🇷🇵🇹")),
        ("right to left", of("مرحبا بالعالم \u{202e}שלום\u{202c} ")),
        ("accents", of("e\u{301}\u{323}\u{302}o\u{308}")),
        // Shorter, since Discord's client makes more of a name that it knows.
        (
            "calls",
            of("@everyone @here <!channel> <!subteam^S1> <@U0MIA> <@100000000000000003> <@&1> ")[..1_500].to_owned(),
        ),
        ("links", of("[x](javascript:alert(1)) <http://a.example|b> https://c.example/d_e ")),
        ("marks", of("`tick` ```block``` **bold** *it* _u_ ~~s~~ ||spoiler|| > q # h - i ")),
        ("escapes", of("&<>&amp;&lt;\\")),
        ("one word", of("x")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_two_thousand_characters_are_shown_on_both_platforms() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    assert!(ana.says(&format!("/inc declare sev2 {TITLE} svc:payments")).await.contains("INC-1"));
    bot.run_until_done().await;
    let here = |key: &str, on_slack: bool| -> Here<'_> {
        let person = bot.person(key);
        if on_slack { person.slack() } else { person.discord() }.at("inc-1-checkout")
    };
    for (name, text) in pasted() {
        let noted = here("ana", true).says(&format!("/inc note {text}")).await;
        assert!(noted.contains("L INC-1#"), "{name}: {noted}");
        let decided = here("tom", false).says(&format!("/inc decide {text} chose: yes why: it must stop")).await;
        assert!(decided.contains("L INC-1#"), "{name}: {decided}");
        let updated = here("ana", true).says(&format!("/inc update {text}")).await;
        assert!(updated.contains("L INC-1#"), "{name}: {updated}");
    }
    bot.run_until_done().await;
    for on_slack in [true, false] {
        for asked in ["/inc sum", "/inc timeline", "/log show", "/inc panel"] {
            let told = here("ana", on_slack).says(asked).await;
            assert!(told.contains("INC-1"), "{asked}: {told}");
            whole_characters(&told);
        }
        whole_characters(&here("ana", on_slack).sees());
    }
    bot.finish().await;
}

/// No flag was cut in two, and no picture left with a joiner at its end.
fn whole_characters(shown: &str) {
    assert!(!shown.contains("\u{200d}…"), "a picture was cut in two: {shown}");
    for line in shown.lines() {
        for part in line.split(|c: char| !matches!(c, '\u{1f1e6}'..='\u{1f1ff}')) {
            assert_eq!(part.chars().count() % 2, 0, "a flag was cut in two: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_of_three_hundred_characters_is_whole_below_its_heading() {
    let bot = Bot::start().await;
    let title: String = "Kartenzahlungen schlagen fehl 👩‍👩‍👧‍👦 <!channel> ".chars().cycle().take(300).collect();
    let title = title.trim();
    let ana = bot.person("ana").slack();
    assert!(ana.says(&format!("/inc declare sev1 {title} svc:payments")).await.contains("INC-1"));
    bot.run_until_done().await;
    let room = bot.slack.channels().into_iter().find(|name| name.starts_with("inc-1")).expect("there is a room");
    let told = ana.at(&room).says("/inc sum").await;
    let seen = bot.person("tom").discord().at(&room).sees();
    let end: String = title.chars().skip(270).filter(|c| c.is_alphabetic()).collect();
    for shown in [told, seen] {
        let words: String = shown.chars().filter(|c| c.is_alphabetic()).collect();
        assert!(words.contains(&end), "“{end}” is shown: {shown}");
        whole_characters(&shown);
    }
    bot.person("ana").slack().at(&room).says("/inc list").await;
    bot.finish().await;
}

/// The sample organisation with so many more services, and so many more voters.
async fn grown(bot: &Bot, services: usize, voters: usize) {
    let mut file = ORGANISATION.to_owned();
    let mut members = vec!["mia".to_owned(), "tom".to_owned(), "ines".to_owned(), "kim".to_owned()];
    for number in 0..services {
        writeln!(file, "[[service]]\nkey = \"svc-{number:03}\"\nname = \"Regional settlement service {number:03}\"")
            .expect("a string takes it");
        writeln!(file, "tier = 2\nowner = \"mia\"\nteam = \"payments\"").expect("a string takes it");
    }
    for number in 0..voters {
        writeln!(file, "[[person]]\nkey = \"voter{number}\"\nname = \"Bartholomew van der Voter the {number}th\"")
            .expect("a string takes it");
        writeln!(file, "email = \"v{number}@harbour.example\"\nteam = \"payments\"\nroles = [\"responder\"]")
            .expect("a string takes it");
        writeln!(file, "slack = \"U0VOTER{number}\"\ndiscord = \"3000000000000{number:05}\"")
            .expect("a string takes it");
        members.push(format!("voter{number}"));
    }
    let roster = format!("members = {members:?}");
    let file = file.replace("members = [\"mia\", \"tom\", \"ines\", \"kim\"]", &roster);
    bot.app.apply_organisation(&file, false).await.expect("a large organisation can be loaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_on_a_hundred_services_names_ten_and_says_where_the_others_are() {
    let bot = Bot::start().await;
    grown(&bot, 100, 0).await;
    let services: Vec<String> = (0..100).map(|number| format!("svc-{number:03}")).collect();
    let ana = bot.person("ana").slack();
    let declared = ana.says(&format!("/inc declare sev1 everything is down svc:{}", services.join(","))).await;
    assert!(declared.contains("INC-1") && declared.contains("… and 92 more"), "{declared}");
    bot.run_until_done().await;
    let room = "inc-1-everything-is-down";
    for here in [bot.person("ana").slack().at(room), bot.person("tom").discord().at(room)] {
        let seen = here.sees();
        assert!(seen.contains("… and 90 more: `/inc sum INC-1`"), "{seen}");
        let told = here.says("/inc sum").await;
        for number in [0, 55, 99] {
            let name = format!("Regional settlement service {number:03}");
            assert!(told.contains(&name), "{name} is in the summary: {told}");
        }
        assert!(here.says("/inc timeline").await.contains("INC-1"));
        assert!(here.says("/inc declare sev3 x").await.len() > 5, "a form with more services than a select takes");
        bot.dismiss("ana");
        bot.dismiss("tom");
    }
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_voters_fit_the_card_of_a_change() {
    let bot = Bot::start().await;
    grown(&bot, 0, 60).await;
    bot.person("ana").slack().says("/inc declare sev2 cards fail svc:payments").await;
    bot.run_until_done().await;
    let room = "inc-1-cards-fail";
    let plan = "stop, take a breath, and put back what was there before. ".repeat(34);
    let asked = format!(
        "/change emergency roll back impact:{plan} why:{plan} plan:{plan} tested:yes data:2 availability:3 compliance:1 \
         complexity:3 rollback:3"
    );
    let told = bot.person("ana").slack().at(room).says(&asked).await;
    assert!(told.contains("CHG-1"), "{told}");
    bot.run_until_done().await;
    for here in [bot.person("mia").slack().at(room), bot.person("tom").discord().at(room)] {
        let seen = here.sees();
        assert!(seen.contains("0 of 64 voted") && seen.contains("not yet"), "{seen}");
        assert!(here.presses("Approve", "CHG-1").await.contains("voted"));
        let status = here.says("/cab status CHG-1").await;
        assert!(status.contains("64") && !status.contains('…'), "all are shown: {status}");
        assert!(here.says("/change show CHG-1").await.contains("CHG-1"));
    }
    let refused = bot.person("ben").slack().at(room).says("/change approve CHG-1").await;
    assert!(refused.contains("56 more can"), "{refused}");
    bot.run_until_done().await;
    assert!(bot.person("tom").discord().at(room).sees().contains("2 of 64 voted"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_open_incidents_are_listed_page_by_page() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    for number in 1..=200 {
        let told = ana.says(&format!("/inc declare sev4 pump {number} rattles svc:reports")).await;
        assert!(told.contains(&format!("INC-{number}*")), "{told}");
    }
    for here in [bot.person("ana").slack(), bot.person("ana").discord()] {
        let first = here.says("/inc list").await;
        assert!(first.contains("INC-200") && first.contains("… and 185 more: `/inc list page:2`"), "{first}");
        assert!(!first.contains("INC-185"), "{first}");
    }
    let second = ana.says("/inc list page:2").await;
    assert!(second.contains("INC-185") && second.contains("… and 170 more: `/inc list page:3`"), "{second}");
    let last = bot.person("ana").discord().says("/inc list page: 14").await;
    assert!(last.contains("INC-1 ") || last.contains("INC-1**"), "{last}");
    assert!(!last.contains("more:"), "{last}");
    bot.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_entries_are_told_in_pages_and_the_newest_decision_is_in_the_summary() {
    let bot = Bot::start().await;
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 cards fail svc:payments").await;
    for number in 0..500 {
        ana.says(&format!("/inc note INC-1 reading {number}")).await;
    }
    for number in 0..25 {
        ana.says(&format!("/inc decide INC-1 turn valve {number}? chose:yes why: pressure")).await;
    }
    for here in [bot.person("ana").slack(), bot.person("ana").discord()] {
        let told = here.says("/inc sum").await;
        assert!(told.contains("turn valve 24?") && !told.contains("turn valve 4?"), "{told}");
        assert!(told.contains("the newest of 25"), "{told}");
        let newest = here.says("/log show").await;
        assert!(newest.contains("turn valve 24?") && newest.contains("older: "), "{newest}");
        assert!(here.says("/inc timeline").await.contains("older entries: "));
    }
    let page = ana.says("/log show INC-1 page:3").await;
    assert!(page.contains("Page 3 of"), "{page}");
    bot.leave().await;
}
