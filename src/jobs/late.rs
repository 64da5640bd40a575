//! How late a message is, and why: said with it, and measured.

use chrono::TimeDelta;

use crate::domain::Platform;
use crate::platform::SendError;

/// What arrives within this time is on time: nobody in a room notices.
pub const PROMPT: TimeDelta = TimeDelta::seconds(10);

/// What a message had to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The platform asked to wait.
    Paced,
    /// The platform did not answer.
    Unanswered,
    Refused,
}

impl Held {
    pub fn by(error: &SendError) -> Held {
        match error {
            SendError::RateLimited { .. } => Held::Paced,
            SendError::Unclear { .. } => Held::Unanswered,
            SendError::Refused { .. } => Held::Refused,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Held::Paced => "paced",
            Held::Unanswered => "unanswered",
            Held::Refused => "refused",
        }
    }

    pub fn parse(word: &str) -> Option<Held> {
        [Held::Paced, Held::Unanswered, Held::Refused].into_iter().find(|held| held.as_str() == word)
    }
}

/// The small print of a message that is late; `None` for one on time.
pub fn phrase(late: TimeDelta, held: Option<Held>, platform: Platform) -> Option<String> {
    if late <= PROMPT {
        return None;
    }
    let by = match (late.num_seconds(), late.num_minutes(), late.num_hours()) {
        (seconds, 0, _) => format!("{seconds} s"),
        (_, minutes, 0) => format!("{minutes} min"),
        (_, _, hours) => format!("{hours} h"),
    };
    let platform = platform.name();
    Some(match held {
        Some(Held::Paced) => format!("{by} late: {platform} asked to wait"),
        Some(Held::Unanswered) => format!("{by} late: {platform} did not answer"),
        Some(Held::Refused) => format!("{by} late: {platform} did not let Wardroom write here"),
        None => format!("{by} late"),
    })
}

/// Measures how long a message took from its decision to its place.
pub fn record(late: TimeDelta, platform: Platform) {
    let seconds = late.as_seconds_f64().max(0.0);
    metrics::histogram!("wardroom_delivery_delay_seconds", "platform" => platform.as_str()).record(seconds);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_says_how_late_and_why() {
        let phrase = |seconds, held| phrase(TimeDelta::seconds(seconds), held, Platform::Slack);
        assert_eq!(phrase(10, Some(Held::Paced)), None);
        let said = [
            phrase(40, Some(Held::Paced)),
            phrase(61, Some(Held::Unanswered)),
            phrase(3_599, None),
            phrase(7_300, Some(Held::Refused)),
        ];
        insta::assert_debug_snapshot!(said.map(Option::unwrap_or_default), @r#"
        [
            "40 s late: Slack asked to wait",
            "1 min late: Slack did not answer",
            "59 min late",
            "2 h late: Slack did not let Wardroom write here",
        ]
        "#);
    }

    #[test]
    fn every_reason_is_read_back() {
        for held in [Held::Paced, Held::Unanswered, Held::Refused] {
            assert_eq!(Held::parse(held.as_str()), Some(held));
        }
    }
}
