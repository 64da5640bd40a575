use super::*;
use crate::domain::{Account, Place};

fn shown(text: &str) -> String {
    render(&[Inline::Plain { text: text.into() }], Surface::Body, "\n").within(4000)
}

fn account(platform: Platform, id: &str) -> Account {
    Account { platform, workspace: "1".into(), id: id.into() }
}

#[test]
fn literal_text_is_never_interpreted() {
    for (said, written) in [
        ("plain words, nothing else.", "plain words, nothing else."),
        ("**bold** _it_ ~~no~~ `code` ||spoiler||", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \`code\` \|\|spoiler\|\|"),
        ("<@1> <@!1> <@&2> <#3>", r"\<@1> \<@!1> \<@&2> \<#3>"),
        ("<t:0:R> <:a:1> </inc:1>", r"\<t\:0:R> \<\:a:1> \</inc:1>"),
        (":fire: at 10:30", r"\:fire: at 10:30"),
        ("10:30:45", r"10\:30:45"),
        ("# big", r"\# big"),
        ("  ## big", r"  \## big"),
        ("-# small", r"\-# small"),
        ("- item\n* item\n+ item", "\\- item\n\\* item\n\\+ item"),
        ("1. one\n23) two", "1\\. one\n23\\) two"),
        ("1.5 s and a - b > c # d", r"1\.5 s and a - b > c # d"),
        ("> quote", r"\> quote"),
        (">>> quote", r"\>>> quote"),
        ("[click](https://evil.example)", r"\[click\](https://evil.example)"),
        ("see https://a.example/b_c?d=*", r"see https\://a.example/b\_c?d=\*"),
        ("see https://a.example/b_c_d ok", "see https://a.example/b_c_d ok"),
        ("https://a.example<@1>", r"https\://a.example\<@1>"),
        ("steam://run", r"steam\://run"),
        ("back\\slash", r"back\\slash"),
        ("bell\u{7}\r\nline", "bell\nline"),
    ] {
        assert_eq!(shown(said), written, "{said}");
    }
}

#[test]
fn nobody_is_called_by_text() {
    assert_eq!(shown("@everyone @HERE @hereby"), "@\u{200b}everyone @\u{200b}HERE @\u{200b}hereby");
    assert_eq!(shown("https://a.example/@everyone"), "https\\://a.example/@\u{200b}everyone");
    let parts = [Inline::Plain { text: "@every".into() }, Inline::Plain { text: "one".into() }];
    assert_eq!(render(&parts, Surface::Body, "\n").within(99), "@\u{200b}everyone");
    let code = [Inline::Code { text: "@here".into() }];
    assert_eq!(render(&code, Surface::Body, "\n").within(99), "`@\u{200b}here`");
}

#[test]
fn marks_hold_what_they_enclose() {
    let written = |inlines: &[Inline]| render(inlines, Surface::Body, "\n").within(4000);
    let bold = |text: &str| Inline::Bold { text: text.into() };
    let code = |text: &str| Inline::Code { text: text.into() };
    assert_eq!(written(&[bold("a**b\nhttps://x")]), r"**a\*\*b https\://x**");
    assert_eq!(written(&[bold("a"), bold("b")]), "**a**\u{200b}**b**");
    assert_eq!(written(&[bold("since "), Inline::Plain { text: "x".into() }]), "**since** x");
    assert_eq!(written(&[Inline::Plain { text: "x".into() }, bold(" since")]), "x **since**");
    assert_eq!(written(&[code("a`b")]), "``a`b``");
    assert_eq!(written(&[code("`")]), "`` ` ``");
    assert_eq!(written(&[code("```\nx")]), "``ˋˋ` x``");
    assert_eq!(written(&[bold(""), code(" ")]), "");
    let link = |url: &str, text: &str| Inline::Link { url: url.into(), text: text.into() };
    assert_eq!(written(&[link("https://a.example/x(1)", "a]b")]), r"[a\]b](https://a.example/x%281%29)");
    assert_eq!(written(&[link("javascript:alert(1)", "ok")]), "ok (javascript:alert(1))");
    assert_eq!(written(&[link("https://a.example", "https://b.example")]), "<https://a.example/>");
}

#[test]
fn accounts_and_channels_are_mentioned_where_they_live() {
    let mention = |account| Inline::Mention { accounts: vec![account], name: "Ana*".into() };
    let text = [
        mention(account(Platform::Discord, "42")),
        mention(account(Platform::Slack, "U1")),
        mention(account(Platform::Discord, "42> @everyone")),
    ];
    let written = render(&text, Surface::Body, "\n").within(4000);
    assert_eq!(written, "<@42>**Ana\\***\u{200b}**Ana\\***");
    assert_eq!(render(&text[..1], Surface::Title, " ").within(99), r"Ana\*");
    let place = Place { platform: Platform::Discord, workspace: "1".into(), channel: "7".into() };
    let channel = Inline::Channel { place, name: "ops".into() };
    assert_eq!(render(&[channel], Surface::Body, "\n").within(99), "<#7>");
}

#[test]
fn a_cut_closes_what_it_opened() {
    let bold = render(&[Inline::Bold { text: "x".repeat(50) }], Surface::Body, "\n");
    assert_eq!(bold.within(10), "**xxxxx…**");
    let text = [
        Inline::Plain { text: "ab".into() },
        Inline::Mention { accounts: vec![account(Platform::Discord, "123456789")], name: "Ana".into() },
    ];
    assert_eq!(render(&text, Surface::Body, "\n").within(8), "ab…");
    assert_eq!(shown("****").chars().count(), 8);
    assert_eq!(literal("****").within(6), r"\*\*…");
    assert_eq!(literal("abc").within(0), "");
}

#[test]
fn nothing_that_is_seen_as_one_character_is_cut_in_two() {
    for picture in ["👩‍👩‍👧‍👦", "🇩🇪", "e\u{301}\u{323}", "👍🏽"] {
        for limit in 20..60 {
            let words = picture.repeat(40);
            let plain = render(&[Inline::Plain { text: words.clone() }], Surface::Body, "\n").within(limit);
            let code = render(&[Inline::Code { text: words.clone() }], Surface::Body, "\n").within(limit);
            for cut in [plain, code, shorten(&words, limit)] {
                let whole = cut.trim_matches('`').strip_suffix('…').unwrap();
                assert_eq!(whole.replace(picture, ""), "", "{limit} of {picture}: {cut}");
            }
        }
    }
}
