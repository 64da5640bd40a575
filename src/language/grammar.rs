//! Text to a call: verb first, typed words next, free text to the end, keys anywhere.

use super::call::{Call, Misunderstood};
use super::catalogue::{self, Arg, ArgKind, COMMANDS, KeyOf, Verb};
use super::nearest::nearest;
use crate::domain::contingency::PART_WORDS;
use crate::domain::rules::Priority;
use crate::domain::{KindWord, Subject, When};

/// Longest value that is taken, in characters: what both platforms can show in one message.
pub const VALUE_CHARS_MAX: usize = 2_000;
/// The items of a batch, all of them in one value: 200 with 30 characters each.
pub const ITEMS_CHARS_MAX: usize = 6_000;

/// Characters that the value of an argument may have.
pub fn chars_max(argument: &str) -> usize {
    if argument == "items" { ITEMS_CHARS_MAX } else { VALUE_CHARS_MAX }
}

/// Reads what follows a slash command.
pub fn parse(command: &str, text: &str) -> Result<Call, Misunderstood> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if word.is_empty() {
        return catalogue::bare(command).map(Call::new).ok_or_else(|| unknown_command(command));
    }
    if let Some(verb) = catalogue::find(command, word) {
        return parse_args(verb, rest);
    }
    if catalogue::group_of(command, word).next().is_some() {
        return parse_in_group(command, word, rest);
    }
    // `/inc INC-7`: the bare command, about that.
    match catalogue::bare(command) {
        Some(bare) if rest.is_empty() && Subject::parse(word).is_some() => parse_args(bare, word),
        Some(_) => Err(unknown_verb(command, word)),
        None => Err(unknown_command(command)),
    }
}

/// Reads what follows the word of a group: `risk CHG-88` after `/change plan`.
fn parse_in_group(command: &str, group: &str, text: &str) -> Result<Call, Misunderstood> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let verbs = || catalogue::group_of(command, group);
    if let Some(verb) = verbs().find(|verb| verb.word().eq_ignore_ascii_case(word)) {
        return parse_args(verb, rest);
    }
    let words: Vec<&str> = verbs().map(Verb::word).collect();
    Err(Misunderstood {
        sentence: format!("/{command} {} goes on with one of: {}.", group.to_lowercase(), words.join(", ")),
        examples: verbs().take(3).map(|verb| verb.example.to_owned()).collect(),
    })
}

/// Reads named options, as Discord sends them.
pub fn from_options<'a>(
    command: &str,
    verb: &str,
    options: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Result<Call, Misunderstood> {
    let verb = catalogue::find(command, verb).ok_or_else(|| unknown_verb(command, verb))?;
    let mut call = Call::new(verb);
    for (name, value) in options {
        if let Some(arg) = verb.arg(name) {
            give(&mut call, arg, value)?;
        }
    }
    Ok(call)
}

fn parse_args(verb: &'static Verb, text: &str) -> Result<Call, Misunderstood> {
    let mut call = Call::new(verb);
    let mut free = Vec::new();
    // The key that is taking words now, with where its value began.
    let mut open: Option<&Arg> = None;
    let mut taken: Vec<&str> = Vec::new();
    // Without a free text there is nothing that a typed word could belong to, wherever it stands.
    let has_text = verb.args.iter().any(|arg| arg.kind == ArgKind::Text);
    let mut leading = true;
    for token in text.split_inclusive(char::is_whitespace) {
        let word = token.trim_end();
        if let Some(arg) = plan_of(verb, word) {
            if open.is_none_or(|open| open.name != arg.name) {
                close(&mut call, open.take(), &mut taken)?;
            }
            leading = !has_text;
            open = Some(arg);
            taken.push(token);
        } else if let Some((arg, value)) = key_of(verb, word) {
            close(&mut call, open.take(), &mut taken)?;
            leading = !has_text;
            taken.push(&token[token.len() - (token.len() - word.len()) - value.len()..]);
            if takes_one_word(arg) && !value.is_empty() {
                close(&mut call, Some(arg), &mut taken)?;
            } else {
                open = Some(arg);
            }
        } else if let Some(arg) = open {
            taken.push(token);
            if takes_one_word(arg) && !word.is_empty() {
                close(&mut call, open.take(), &mut taken)?;
            }
        } else if word.is_empty() {
            free.push(token);
        } else if let Some(arg) = leading.then(|| typed_by(verb, &call, word)).flatten() {
            give(&mut call, arg, word)?;
        } else {
            leading = false;
            free.push(token);
        }
    }
    close(&mut call, open, &mut taken)?;
    give_free_text(&mut call, verb, free.concat().trim())?;
    Ok(call)
}

/// `why:` or `why:all`: a key of this verb, and what is attached to it.
fn key_of<'a>(verb: &'static Verb, word: &'a str) -> Option<(&'static Arg, &'a str)> {
    let (key, value) = word.split_once(':')?;
    let arg = verb.arg(&key.to_ascii_lowercase())?;
    Some((arg, value))
}

/// The plan of which `fails:` begins a part: the word stays in its text.
fn plan_of(verb: &'static Verb, word: &str) -> Option<&'static Arg> {
    let (key, _) = word.split_once(':')?;
    let is_part = PART_WORDS.iter().any(|part| part.eq_ignore_ascii_case(key));
    verb.args.iter().find(|arg| is_part && arg.kind == ArgKind::Plan)
}

fn takes_one_word(arg: &Arg) -> bool {
    match arg.kind {
        ArgKind::Text | ArgKind::Words | ArgKind::Plan => false,
        ArgKind::Severity
        | ArgKind::Services
        | ArgKind::Person
        | ArgKind::Subject
        | ArgKind::Change
        | ArgKind::Entry
        | ArgKind::YesNo
        | ArgKind::Scale(_)
        | ArgKind::Touches
        | ArgKind::Choice(_)
        | ArgKind::Number
        | ArgKind::Kind
        | ArgKind::Key(_)
        | ArgKind::When => true,
    }
}

fn close(call: &mut Call, arg: Option<&Arg>, taken: &mut Vec<&str>) -> Result<(), Misunderstood> {
    let value = std::mem::take(taken).concat();
    match arg {
        Some(arg) => give(call, arg, &value),
        None => Ok(()),
    }
}

/// The typed argument that a leading word fills: `sev2`, `CHG-88`, `mitigated`, `me`.
fn typed_by(verb: &'static Verb, call: &Call, word: &str) -> Option<&'static Arg> {
    let has_text = verb.args.iter().any(|arg| arg.kind == ArgKind::Text);
    verb.args.iter().filter(|arg| call.get(arg.name).is_none()).find(|arg| match arg.kind {
        // Where nothing else is said, whatever it is: the house may have a word of its own.
        ArgKind::Severity if !has_text => Subject::parse(word).is_none(),
        // "3 servers are down" is not a severity, "/inc sev 3" is.
        ArgKind::Severity => Priority::parse(word).is_some() && !word.bytes().all(|byte| byte.is_ascii_digit()),
        ArgKind::Subject => Subject::parse(word).is_some(),
        ArgKind::Change => matches!(Subject::parse(word), Some(Subject::Change(_))),
        ArgKind::Entry => Subject::parse_entry(word).is_some(),
        // “all databases” is what a batch is for.
        ArgKind::Choice(_) if arg.name == "stop" => false,
        ArgKind::Choice(choices) => choices.iter().any(|(choice, _)| choice.eq_ignore_ascii_case(word)),
        ArgKind::Person => {
            !has_text || word.eq_ignore_ascii_case("me") || word.starts_with('@') || word.starts_with("<@")
        }
        ArgKind::Kind => KindWord::parse(word).is_some(),
        // Which ones there are says the policy; `keep_days:14` is a value.
        ArgKind::Key(KeyOf::Entry | KeyOf::Item | KeyOf::Policy | KeyOf::Team) => !word.contains([':', '=']),
        ArgKind::Key(KeyOf::Category) => !has_text,
        // Within a text it is a word of it.
        ArgKind::When => !has_text && When::parse(word).is_some(),
        ArgKind::YesNo
        | ArgKind::Scale(_)
        | ArgKind::Touches
        | ArgKind::Text
        | ArgKind::Words
        | ArgKind::Plan
        | ArgKind::Services
        | ArgKind::Number => false,
    })
}

/// What no key claimed: the free text where the verb has one; otherwise a slip in a typed word.
fn give_free_text(call: &mut Call, verb: &'static Verb, text: &str) -> Result<(), Misunderstood> {
    if text.is_empty() {
        return Ok(());
    }
    if let Some(arg) = verb.args.iter().find(|arg| arg.kind == ArgKind::Text) {
        return if call.get(arg.name).is_some() { Ok(()) } else { give(call, arg, text) };
    }
    let open = verb.args.iter().find(|arg| call.get(arg.name).is_none() && arg.choices().is_some());
    let word = text.split_whitespace().next().unwrap_or(text);
    let sentence = match open.and_then(|arg| Some((arg, arg.choices()?))) {
        Some((arg, choices)) => {
            let words: Vec<&str> = choices.iter().map(|(word, _)| word.as_str()).collect();
            format!("“{word}” is no {}: {}.", arg.label.to_lowercase(), words.join(", "))
        }
        None => format!("“{word}” is not understood here."),
    };
    Err(Misunderstood { sentence, examples: vec![verb.example.to_owned()] })
}

/// Quotes are never needed, but people type them, and Slack makes them curly.
fn give(call: &mut Call, arg: &Arg, value: &str) -> Result<(), Misunderstood> {
    let value = value.trim();
    let bare = value
        .strip_prefix(['"', '“', '”'])
        .and_then(|value| value.strip_suffix(['"', '“', '”']))
        .filter(|inner| !inner.contains(['"', '“', '”']))
        .unwrap_or(value);
    let length = bare.chars().count();
    let most = chars_max(arg.name);
    if length > most {
        return Err(Misunderstood {
            sentence: format!("{} has {length} characters; {most} fit.", arg.label),
            examples: Vec::new(),
        });
    }
    // Other keys may stand between the parts of a plan.
    match call.get(arg.name).filter(|_| arg.kind == ArgKind::Plan) {
        Some(before) => call.give(arg.name, &format!("{before}\n{bare}")),
        None => call.give(arg.name, bare),
    }
    Ok(())
}

fn unknown_command(command: &str) -> Misunderstood {
    let names: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
    Misunderstood {
        sentence: format!("There is no /{command} here."),
        examples: names.iter().map(|name| format!("/{name} help")).collect(),
    }
}

fn unknown_verb(command: &str, word: &str) -> Misunderstood {
    let near = nearest(word, catalogue::verbs_of(command).map(Verb::word), 1);
    let near = near.first().and_then(|word| catalogue::find(command, word));
    let sentence = match near {
        Some(near) => format!("/{command} has no “{word}”. Did you mean “{}”?", near.name),
        None => format!("/{command} has no “{word}”."),
    };
    let rest = catalogue::verbs_of(command).filter(|verb| near.is_none_or(|near| near.id != verb.id));
    let examples = near.into_iter().chain(rest).take(3).map(|verb| verb.example.to_owned()).collect();
    Misunderstood { sentence, examples }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(command: &str, text: &str) -> String {
        match parse(command, text) {
            Ok(call) => {
                let given: Vec<String> = call.given.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{} {}", call.verb, given.join(" | "))
            }
            Err(misunderstood) => format!("? {}", misunderstood.sentence),
        }
    }

    #[test]
    fn what_people_type_is_understood() {
        for (command, text, expected) in [
            (
                "inc",
                "declare sev2 checkout returns 502 svc:payments",
                "declare sev=sev2 | svc=payments | title=checkout returns 502",
            ),
            ("inc", "declare checkout down svc: payments sev: 1", "declare sev=1 | svc=payments | title=checkout down"),
            (
                "inc",
                "declare svc:payments,checkout SEV1 is what it says",
                "declare svc=payments,checkout | title=SEV1 is what it says",
            ),
            ("inc", "declare 3 servers down", "declare title=3 servers down"),
            ("inc", "sev 1 why: all regions", "sev sev=1 | why=all regions"),
            ("inc", "sev why: all regions sev:P1", "sev sev=P1 | why=all regions"),
            ("inc", "lead me", "lead person=me"),
            ("inc", "lead <@slack:U1> INC-7", "lead incident=INC-7 | person=<@slack:U1>"),
            ("inc", "note see https://example.com/a?b:c now", "note text=see https://example.com/a?b:c now"),
            ("inc", "note foo: bar", "note text=foo: bar"),
            (
                "inc",
                "decide Roll back 4.2? chose:yes why: errors began with deploy",
                "decide chose=yes | question=Roll back 4.2? | why=errors began with deploy",
            ),
            (
                "inc",
                "decide Roll back 4.2? chose:yes, at once why:“it works”",
                "decide chose=yes, at once | question=Roll back 4.2? | why=it works",
            ),
            ("inc", "status mitigated", "status to=mitigated"),
            ("inc", "status mitigatd", "? “mitigatd” is no status: investigating, identified, mitigated, monitoring."),
            ("inc", "INC-7", "panel incident=INC-7"),
            ("inc", "", "panel "),
            ("change", "approve CHG-1", "approve change=CHG-1"),
            ("change", "reject CHG-1 not now: too risky", "reject change=CHG-1 | why=not now: too risky"),
            ("change", "review ok rollback:no", "review rollback=no | verdict=ok"),
            ("change", "plan risk CHG-1", "plan risk change=CHG-1"),
            ("change", "Plan Risk", "plan risk "),
            ("change", "risk CHG-1", "plan risk change=CHG-1"),
            ("change", "rsk CHG-1", "? /change has no “rsk”. Did you mean “plan risk”?"),
            (
                "change",
                "emergency roll back 4.2 impact: all card payments fail",
                "emergency impact=all card payments fail | title=roll back 4.2",
            ),
            (
                "change",
                "emergency fix tested:yes data:2 why: can't wait plan: redeploy 4.2",
                "emergency data=2 | plan=redeploy 4.2 | tested=yes | title=fix | why=can't wait",
            ),
            ("log", "show INC-7 page:2", "show about=INC-7 | page=2"),
            (
                "log",
                "show until:14:30 by:@mia INC-7 kind: vote since:-2h",
                "show about=INC-7 | by=@mia | kind=vote | since=-2h | until=14:30",
            ),
            ("log", "show refused -2h mia", "show by=mia | kind=refused | since=-2h"),
            ("log", "show until:15:30 INC-7 note", "show about=INC-7 | kind=note | until=15:30"),
            ("inc", "note line one\nline two", "note text=line one\nline two"),
            ("inc", "delcare x", "? /inc has no “delcare”. Did you mean “declare”?"),
            ("inc", "banana", "? /inc has no “banana”."),
            ("nope", "x", "? There is no /nope here."),
        ] {
            assert_eq!(given(command, text), expected, "/{command} {text}");
        }
    }

    #[test]
    fn the_parts_of_a_plan_stay_in_it_wherever_they_are_typed() {
        for (command, text, expected) in [
            (
                "change",
                "emergency fix plan: put 4.1 back @ana; wait fails: errors -> stop tested:yes abort:2 % errors",
                "emergency plan=put 4.1 back @ana; wait fails: errors -> stop\nabort:2 % errors | tested=yes | title=fix",
            ),
            ("change", "edit CHG-1 Fails: errors -> stop", "edit change=CHG-1 | plan=Fails: errors -> stop"),
            ("inc", "note it fails: always", "note text=it fails: always"),
        ] {
            assert_eq!(given(command, text), expected, "/{command} {text}");
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_refused_by_name() {
        let long = "x".repeat(VALUE_CHARS_MAX + 1);
        assert_eq!(given("inc", &format!("note {long}")), "? Note has 2001 characters; 2000 fit.");
        assert!(given("inc", &format!("note {}", &long[1..])).starts_with("note text=x"));
    }

    #[test]
    fn an_unknown_verb_offers_three_examples() {
        let misunderstood = parse("inc", "delcare").unwrap_err();
        assert_eq!(misunderstood.examples.len(), 3);
        assert!(misunderstood.examples[0].starts_with("/inc declare"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_grammar_panic(text in ".{0,200}") {
            for (command, _) in COMMANDS {
                let _ = parse(command, &text);
            }
        }
    }
}
