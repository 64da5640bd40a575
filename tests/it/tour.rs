//! The tour that the sandbox's page offers, played line by line in the sandbox's world: nothing in it may have gone stale.

use crate::harness::{Bot, holds};
use crate::story::{ANSWERS, ROOM};

/// The page's own list of what is typed and pressed.
const TOUR: &str = include_str!("../../src/sandbox/page/tour.js");
const README: &str = include_str!("../../README.md");

/// Moves of the tour when this was written: a move that is not read is not played.
const MOVES_MIN: usize = 25;

/// Something that the tour asks a newcomer to do, as the page's script writes it: `{ ...room, type: "/inc lead me" }`.
struct Move(&'static str);

impl Move {
    fn all() -> Vec<Move> {
        let lines = TOUR.lines().map(str::trim).filter(|line| !line.starts_with("text:") && !line.starts_with("const"));
        let moves = lines.flat_map(|line| line.split("{ ").skip(1)).filter_map(|rest| Some(rest.rsplit_once(" }")?.0));
        moves.map(Move).collect()
    }

    /// `type: "/inc lead me"`
    fn text(&self, name: &str) -> Option<&'static str> {
        let (_, rest) = self.0.split_once(&format!("{name}: \""))?;
        rest.split('"').next()
    }

    async fn play(&self, bot: &Bot) -> String {
        if self.0.starts_with("clock: 10") {
            bot.pass(10).await;
            return String::new();
        }
        let name = self.0.trim_start_matches("...").split([',', '(']).next().unwrap_or_default();
        let (key, channel) = match name {
            "onDiscord" => (self.0.split('"').nth(1).unwrap_or_default(), self.text("channel")),
            "room" => ("ana", Some("room")),
            person => (person, self.text("channel")),
        };
        let person = bot.person(key);
        let here = if name == "onDiscord" { person.discord() } else { person.slack() };
        let here = here.at(channel.filter(|channel| *channel != "room").unwrap_or(ROOM));
        let told = match (self.text("type"), self.text("press")) {
            (Some(text), _) => match here.says(text).await {
                form if form == "(a form)" => here.fills(&ANSWERS).await,
                told => told,
            },
            (None, Some("Peer review OK")) => here.reviews("CHG-1").await,
            (None, Some(label)) => here.presses(label, "CHG-1").await,
            (None, None) => panic!("the tour has a move that nobody can make: {}", self.0),
        };
        bot.run_until_idle().await;
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_and_button_of_the_tour_does_what_it_says() {
    let bot = Bot::watched().await;
    let mut told = Vec::new();
    for step in Move::all().iter().filter(|step| step.text("shell").is_none()) {
        let answer = step.play(&bot).await;
        assert!(!answer.is_empty() || step.0.starts_with("clock"), "nothing answers {}", step.0);
        told.push(answer);
    }
    assert!(told.len() >= MOVES_MIN, "{} moves were read", told.len());
    let told = told.join("\n");
    holds(&told, &["you asked for it and carry it out", "Your ballot on CHG-1 stands", "*The log is whole.*"]);
    assert_eq!(told.matches("nothing was changed").count(), 1, "Ana's own approval is all that is refused:\n{told}");
    let room = bot.person("ana").slack().at(ROOM).sees();
    holds(&room, &["Status: *resolved*", "band high · completed"]);
    holds(&bot.decision_log("INC-2").await, &["incident.declared by raj"]);
    bot.finish().await;
}

#[test]
fn the_readme_tells_the_same_tour() {
    let (_, tour) = README.split_once("## The three-minute tour").expect("the README has a tour");
    let (tour, _) = tour.split_once("Declared by mistake?").expect("and it ends");
    let tour = tour.split_whitespace().collect::<Vec<_>>().join(" ");
    for step in Move::all() {
        let line = step.text("type").map(|text| format!("`{text}`"));
        let line = line.or_else(|| step.text("press").map(|label| format!("**{label}**")));
        let line = line.or_else(|| step.text("shell").map(|line| format!("`{line}`")));
        assert!(line.as_ref().is_none_or(|line| tour.contains(line)), "the README's tour has no {line:?}");
    }
}
