//! Whether what somebody notes in an incident is a step that changes configuration.
//!
//! One table of commands and one of verbs. A step is believed only where it begins with what was done, and either sets
//! something, is a command that does, or names a service that is known: what people see and suspect is no step.

use std::collections::BTreeMap;

use super::Service;

/// Parts of a text that are looked at, and words of each.
const CLAUSES_MAX: usize = 8;
const WORDS_MAX: usize = 60;
/// Words that may name a setting.
const SETTING_WORDS_MAX: usize = 4;

/// A step, as far as its words tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationStep {
    /// The service that it names.
    pub service: Option<String>,
    /// The part that it names beside a service: `db-1`.
    pub item: Option<String>,
    /// How to get back, as far as that follows from the step.
    pub back: Option<String>,
    /// A word of the categories that have a checklist.
    pub area: Option<&'static str>,
}

/// A program, and what it is told to do where that changes something; none: it always does.
struct Tool {
    name: &'static str,
    does: &'static [&'static str],
    area: Option<&'static str>,
}

const fn tool(name: &'static str, does: &'static [&'static str], area: Option<&'static str>) -> Tool {
    Tool { name, does, area }
}

const TOOLS: &[Tool] = &[
    tool(
        "kubectl",
        &[
            "annotate", "apply", "cordon", "delete", "drain", "edit", "label", "patch", "replace", "rollout", "scale",
            "set", "uncordon",
        ],
        None,
    ),
    tool("helm", &["install", "rollback", "uninstall", "upgrade"], Some("release")),
    tool("terraform", &["apply", "destroy", "import", "taint"], None),
    tool("ansible-playbook", &[], None),
    tool("systemctl", &["disable", "enable", "mask", "reload", "restart", "start", "stop"], None),
    tool("service", &["reload", "restart", "start", "stop"], None),
    tool("docker", &["kill", "restart", "rm", "run", "start", "stop", "update"], None),
    tool("sysctl", &["-w"], None),
    tool("iptables", &["-a", "-d", "-f", "-i", "-r"], Some("network")),
    tool("ufw", &["allow", "delete", "deny"], Some("network")),
    tool("alter", &["database", "index", "role", "system", "table", "user"], Some("database")),
    tool("create", &["index"], Some("database")),
    tool("drop", &["column", "constraint", "index", "table"], Some("database")),
    tool("grant", &["all", "insert", "select", "update"], Some("access")),
    tool("revoke", &["all", "insert", "select", "update"], Some("access")),
];

/// A verb in its forms, and what it needs beside its object.
struct Action {
    forms: &'static [&'static str],
    /// A value: `=`, or "to" with something like a number.
    valued: bool,
    back: Option<&'static str>,
    area: Option<&'static str>,
}

const fn action(forms: &'static [&'static str], back: &'static str, area: Option<&'static str>) -> Action {
    Action { forms, valued: false, back: Some(back), area }
}

const fn setter(forms: &'static [&'static str]) -> Action {
    Action { forms, valued: true, back: None, area: None }
}

const ACTIONS: &[Action] = &[
    setter(&["set", "setting"]),
    setter(&["change", "changed", "changing", "adjust", "adjusted", "update", "updated", "tune", "tuned"]),
    setter(&["raise", "raised", "increase", "increased", "bump", "bumped"]),
    setter(&["lower", "lowered", "decrease", "decreased", "reduce", "reduced"]),
    Action {
        forms: &["restart", "restarted", "restarting", "reboot", "rebooted", "bounce", "bounced", "reload", "reloaded"],
        valued: false,
        back: None,
        area: None,
    },
    action(&["scale", "scaled", "scaling", "resize", "resized"], "Scale it back to what it was", None),
    action(
        &["deploy", "deployed", "deploying", "redeploy", "redeployed", "upgrade", "upgraded"],
        "Deploy the version that ran before",
        Some("release"),
    ),
    action(
        &["roll back", "rolled back", "rolling back", "rollback", "revert", "reverted", "downgrade", "downgraded"],
        "Deploy the version that ran before this step",
        None,
    ),
    action(&["patch", "patched", "hotfix", "hotfixed"], "Deploy the version without the patch", Some("release")),
    action(
        &["disable", "disabled", "disabling", "turn off", "turned off", "switch off", "switched off"],
        "Turn it on again",
        None,
    ),
    action(
        &["enable", "enabled", "enabling", "turn on", "turned on", "switch on", "switched on", "toggle", "toggled"],
        "Turn it off again",
        None,
    ),
    action(
        &["fail over", "failed over", "failing over", "failover"],
        "Fail back once the first side is well",
        Some("failover"),
    ),
    action(&["drain", "drained", "cordon", "cordoned"], "Let it take traffic again", None),
    action(&["throttle", "throttled", "rate-limit", "rate-limited"], "Take the limit away", None),
    action(&["block", "blocked"], "Take the block away", Some("network")),
    action(&["unblock", "unblocked"], "Block it again", Some("network")),
];

/// What comes before what was done.
const LEADING: &[&str] = &[
    "i", "we", "i've", "we've", "i'll", "we'll", "i'm", "we're", "have", "had", "will", "am", "are", "going", "to",
    "just", "now", "then", "also", "next", "finally", "please", "let's", "lets", "step", "ran", "run", "running",
    "executed", "did", "use", "used", "$", ">", "#", "-", "*", "sudo",
];

/// After these the word before was a noun: "the deploy of", "restarted at".
const NO_OBJECT: &[&str] = &[
    "after", "and", "as", "at", "because", "before", "by", "did", "during", "failed", "for", "from", "has", "have",
    "in", "is", "itself", "looks", "of", "seems", "since", "than", "was", "were", "when", "while", "with",
];

/// What is raised and set in an incident without a change to anything.
const OF_THE_INCIDENT: &[&str] =
    &["alarm", "alert", "case", "concern", "priority", "question", "sev", "severity", "status", "ticket", "title"];

/// What a note says of a change to configuration; `None` where it says none.
pub fn configuration_step(text: &str, services: &BTreeMap<String, Service>) -> Option<ConfigurationStep> {
    let text = text.to_lowercase();
    clauses(&text).take(CLAUSES_MAX).find_map(|clause| step_in(&words(clause), services))
}

/// Its sentences, without those that ask.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';']).flat_map(|line| line.split(". ")).map(str::trim).filter(|clause| !clause.ends_with('?'))
}

fn words(clause: &str) -> Vec<&str> {
    let bare = |word: &'_ str| !word.is_empty();
    let trimmed =
        clause.split_whitespace().map(|word| word.trim_matches(['`', '"', '\'', ',', ':', '(', ')', '“', '”', '.']));
    let words: Vec<&str> = trimmed.filter(|word| bare(word)).take(WORDS_MAX).collect();
    let begins = words.iter().position(|word| !LEADING.contains(word)).unwrap_or(words.len());
    words[begins..].to_vec()
}

fn step_in(words: &[&str], services: &BTreeMap<String, Service>) -> Option<ConfigurationStep> {
    let service = named(words, services);
    let item = item(words, service.as_deref());
    let setting = setting(words);
    if let Some(tool) = tool_of(words) {
        let back = setting.map(|setting| put_back(setting, item.as_deref().or(service.as_deref())));
        return Some(ConfigurationStep { service, item, back, area: tool.area });
    }
    let (action, object) = action_of(words)?;
    let first = object.first()?;
    let speaks_of_it =
        NO_OBJECT.contains(first) || OF_THE_INCIDENT.iter().any(|noun| object.iter().take(2).any(|word| word == noun));
    if speaks_of_it || (first.ends_with("ing") && !first.contains(['_', '=', '-'])) {
        return None;
    }
    // Without a service that is known only what is plainly set to something is believed.
    let is_plain =
        setting.is_some_and(|setting| setting.contains(['_', '.']) || words.iter().any(|word| is_assignment(word)));
    let is_step = if action.valued { setting.is_some() && (is_plain || service.is_some()) } else { service.is_some() };
    let back = match (setting, action.back) {
        (Some(setting), _) if action.valued => Some(put_back(
            &before_to(object).unwrap_or_else(|| setting.to_owned()),
            item.as_deref().or(service.as_deref()),
        )),
        (_, back) => back.map(|back| format!("{back}.")),
    };
    is_step.then_some(ConfigurationStep { service, item, back, area: action.area })
}

fn tool_of(words: &[&str]) -> Option<&'static Tool> {
    let (first, rest) = words.split_first()?;
    let first = first.rsplit('/').next().unwrap_or(first);
    TOOLS.iter().find(|tool| {
        tool.name == first && (tool.does.is_empty() || rest.iter().take(3).any(|word| tool.does.contains(word)))
    })
}

/// The verb that it begins with, and what follows.
fn action_of<'a>(words: &'a [&'a str]) -> Option<(&'static Action, &'a [&'a str])> {
    let begins_with = |form: &str| {
        let form: Vec<&str> = form.split(' ').collect();
        words.starts_with(&form).then(|| &words[form.len()..])
    };
    ACTIONS.iter().find_map(|action| {
        let rest = action.forms.iter().find_map(|form| begins_with(form))?;
        let rest = rest.strip_prefix(&["the"]).unwrap_or(rest);
        Some((action, rest))
    })
}

/// `max_connections=500`
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(key, value)| {
        key.trim_start_matches('-').starts_with(char::is_alphabetic) && !value.is_empty() && !value.starts_with('=')
    })
}

/// What is set: what stands before `=`, or before "to 500".
fn setting<'a>(words: &[&'a str]) -> Option<&'a str> {
    let assigned = words.iter().find(|word| is_assignment(word)).and_then(|word| word.split('=').next());
    let to = words.windows(3).find(|three| three[1] == "to" && is_value(three[2])).map(|three| three[0]);
    assigned.or(to).map(|setting| setting.trim_start_matches('-'))
}

/// "the pool size" of "the pool size to 40".
fn before_to(object: &[&str]) -> Option<String> {
    let to = object.windows(2).position(|two| two[0] == "to" && is_value(two[1]))?;
    (1..=SETTING_WORDS_MAX).contains(&to).then(|| object[..to].join(" "))
}

fn is_value(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit()) || matches!(word, "on" | "off" | "true" | "false" | "none" | "debug")
}

fn put_back(setting: &str, on: Option<&str>) -> String {
    let on = on.map(|on| format!(" on {on}")).unwrap_or_default();
    format!("Put {setting}{on} back to what it was before this step.")
}

/// The service that the words name, by its key or its name; the longest, so that no name hides in another.
fn named(words: &[&str], services: &BTreeMap<String, Service>) -> Option<String> {
    let parts: Vec<&str> = words.iter().flat_map(|word| word.split('/')).collect();
    let is_named = |name: &str| {
        let name = name.to_lowercase();
        let name: Vec<&str> = name.split_whitespace().collect();
        !name.is_empty() && parts.windows(name.len()).any(|window| window == name.as_slice())
    };
    let found = services.values().filter(|service| is_named(&service.key) || is_named(&service.name));
    found.max_by_key(|service| service.key.len()).map(|service| service.key.clone())
}

/// The part that stands after "on" or the like and is no service, time or share: `db-1`.
fn item(words: &[&str], service: Option<&str>) -> Option<String> {
    let looks_like_one = |word: &&str| {
        let has_mark = word.contains(['-', '_', '.']) || word.contains(|c: char| c.is_ascii_digit());
        has_mark && word.starts_with(char::is_alphabetic) && !word.contains(['=', ':', '%']) && Some(*word) != service
    };
    let mut after =
        words.windows(2).filter(|two| matches!(two[0], "on" | "in" | "at" | "for" | "of")).map(|two| two[1]);
    after.rfind(looks_like_one).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::decide::test_world::organisation;
    use super::*;

    /// `cards`, and beside it `payments` (Card payments) and `ledger` (Ledger database).
    fn services() -> BTreeMap<String, Service> {
        let mut services = organisation().services;
        let cards = services["cards"].clone();
        for (key, name) in [("payments", "Card payments"), ("ledger", "Ledger database")] {
            services.insert(key.into(), Service { key: key.into(), name: name.into(), ..cards.clone() });
        }
        services
    }

    fn read(text: &str) -> Option<String> {
        let step = configuration_step(text, &services())?;
        let or = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
        Some(format!("{} {} {}", or(step.service), or(step.item), step.area.unwrap_or("-")))
    }

    #[test]
    fn what_changes_configuration_is_a_step() {
        for (text, expected) in [
            ("set max_connections=500 on db-1", "- db-1 -"),
            ("Set max_connections to 500 on ledger", "ledger - -"),
            ("I've raised pool_size to 40 on payments-3", "- payments-3 -"),
            ("we raised the pool size to 40 on Card payments", "payments - -"),
            ("restarted payments at 14:03", "payments - -"),
            ("Restart the payments workers", "payments - -"),
            ("rolled back payments to 4.1", "payments - -"),
            ("errors at 80 %. Rolled back payments to 4.1", "payments - -"),
            ("turned off the new-checkout flag on payments", "payments - -"),
            ("then failed over ledger to the second site", "ledger - failover"),
            ("scaled payments to 6", "payments - -"),
            ("blocked 10.0.0.0/8 on payments", "payments - network"),
            ("ran `kubectl scale deploy/payments --replicas=6`", "payments - -"),
            ("sudo systemctl restart nginx on edge-2", "- edge-2 -"),
            ("$ terraform apply", "- - -"),
            ("helm rollback payments 41", "payments - release"),
            ("alter table card add column note text", "- - database"),
            ("sysctl -w net.core.somaxconn=1024", "- - -"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_seen_asked_or_suspected_is_none() {
        for text in [
            "errors began at 14:02 with the deploy",
            "deploy of payments at 13:58 looks suspicious",
            "payments restarted by itself",
            "restart of payments failed",
            "restarted at 14:03 by the orchestrator",
            "should we restart payments?",
            "restart payments?",
            "don't restart payments",
            "raised the severity to 1",
            "raised a ticket with the vendor of payments",
            "raised payments with the vendor",
            "changed shifts, Mia takes over",
            "started looking at payments",
            "set up a bridge call",
            "increase in errors on payments",
            "scale of the problem is 40 % of card payments",
            "deploying is not possible",
            "kubectl get pods shows payments pending",
            "terraform plan shows nothing",
            "the ledger is at 95 % of max_connections",
            "updated the status to mitigated",
            "status page updated for payments",
            "a==b on payments",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_way_back_follows_from_the_step_where_it_can() {
        let back = |text: &str| configuration_step(text, &services()).and_then(|step| step.back);
        let set = "Put max_connections on db-1 back to what it was before this step.";
        assert_eq!(back("set max_connections=500 on db-1").as_deref(), Some(set));
        assert_eq!(back("disabled the flag on payments").as_deref(), Some("Turn it on again."));
        assert_eq!(back("restarted payments"), None, "a restart has no way back");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = configuration_step(&text, &services());
        }
    }
}
