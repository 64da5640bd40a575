//! What is asked or said of the charters of teams.

use super::Reader;
use crate::domain::charter::CharterCommand;
use crate::domain::{Ask, Command, Question};
use crate::language::nearest::nearest;

impl Reader<'_> {
    /// Without more it is a question.
    pub(super) fn charter(&mut self) -> Option<Ask> {
        let team = self.team();
        if self.call.get("do").is_none() {
            return Some(Ask::Question(Question::Charters { team }));
        }
        Some(Ask::Command(match self.choice("do")?.as_str() {
            "reviewed" => Command::Charter(CharterCommand::Review { team }),
            _ => Command::Charter(CharterCommand::Acknowledge { team }),
        }))
    }

    fn team(&mut self) -> Option<String> {
        let word = self.call.get("team")?.to_owned();
        let teams = &self.listener.organisation.teams;
        let is_it = |key: &str, name: &str| key.eq_ignore_ascii_case(&word) || name.eq_ignore_ascii_case(&word);
        if let Some(team) = teams.values().find(|team| is_it(&team.key, &team.name)) {
            return Some(team.key.clone());
        }
        let near = nearest(&word, teams.keys().map(String::as_str), 3);
        let offer = if near.is_empty() { teams.keys().map(String::as_str).take(3).collect() } else { near };
        self.wanting("team", &format!("There is no team “{word}”. Nearest: {}.", offer.join(", ")))
    }
}
