//! Which notices of a change its owners and subscribers get, for each kind of change.

use serde::Deserialize;

use super::WindowPolicy;
use crate::domain::rules::{ChangeKind, Span};

/// Absent in a policy that is older than it: then every kind is told of everything, an emergency nothing ahead.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticePolicy {
    pub standard: Vec<NoticeMark>,
    pub normal: Vec<NoticeMark>,
    pub expedited: Vec<NoticeMark>,
    pub emergency: Vec<NoticeMark>,
    pub reminder: NoticeReminder,
    /// How long what audiences are told of an unplanned change waits for a look, where no update of its incident is due.
    pub preview: Span,
}

/// How long after the approval an owner who has not acknowledged it is reminded, once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoticeReminder {
    pub emergency: Span,
    pub otherwise: Span,
}

impl Default for NoticeReminder {
    fn default() -> NoticeReminder {
        NoticeReminder { emergency: Span::Minutes(15), otherwise: Span::BusinessDays(1) }
    }
}

impl Default for NoticePolicy {
    fn default() -> NoticePolicy {
        use NoticeMark::{Ahead, Approval, Cancelled, End, Moved, Start};
        let all = vec![Approval, Ahead, Start, End, Moved, Cancelled];
        NoticePolicy {
            standard: all.clone(),
            normal: all.clone(),
            expedited: all,
            emergency: vec![Approval, Start, End, Moved, Cancelled],
            reminder: NoticeReminder::default(),
            preview: Span::Minutes(15),
        }
    }
}

/// A moment of a change that others hear of: `approval`, `ahead`, `5bd`, `1h`, `30m`, `start`, `end`, `moved`, `cancelled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum NoticeMark {
    Approval,
    /// At the moments of `windows.announced_business_days` and `windows.announced_minutes`.
    Ahead,
    /// So long before the window opens.
    Before(Span),
    /// It begins, or goes on after it was halted.
    Start,
    /// It is done, taken back or halted.
    End,
    Moved,
    Cancelled,
}

impl NoticeMark {
    /// As it is told: "1 hour before".
    fn phrase(self, windows: &WindowPolicy) -> Vec<String> {
        match self {
            NoticeMark::Approval => vec!["when it is approved".to_owned()],
            NoticeMark::Ahead => offsets_of(windows).map(|span| format!("{span} before")).collect(),
            NoticeMark::Before(span) => vec![format!("{span} before")],
            NoticeMark::Start => vec!["when it begins".to_owned()],
            NoticeMark::End => vec!["when it ends".to_owned()],
            NoticeMark::Moved => vec!["when it is moved".to_owned()],
            NoticeMark::Cancelled => vec!["when it is called off".to_owned()],
        }
    }

    /// Whether it comes before the window.
    pub fn is_ahead(self) -> bool {
        matches!(self, NoticeMark::Ahead | NoticeMark::Before(_))
    }
}

impl TryFrom<String> for NoticeMark {
    type Error = String;

    fn try_from(word: String) -> Result<NoticeMark, String> {
        let unknown = || {
            format!(
                "\"{word}\" is none of: approval, ahead, start, end, moved, cancelled, or a time before like 5bd, 1h or 30m"
            )
        };
        Ok(match word.as_str() {
            "approval" => NoticeMark::Approval,
            "ahead" => NoticeMark::Ahead,
            "start" => NoticeMark::Start,
            "end" => NoticeMark::End,
            "moved" => NoticeMark::Moved,
            "cancelled" => NoticeMark::Cancelled,
            before => {
                let unit = before.trim_start_matches(|letter: char| letter.is_ascii_digit());
                let count = before[..before.len() - unit.len()].parse::<u32>().map_err(|_| unknown())?;
                NoticeMark::Before(match unit {
                    "bd" => Span::BusinessDays(count),
                    "h" => Span::Minutes(count.checked_mul(60).ok_or_else(unknown)?),
                    "m" => Span::Minutes(count),
                    _ => return Err(unknown()),
                })
            }
        })
    }
}

impl NoticePolicy {
    /// What is told of a change of this kind. One that is recorded after the fact is told when it is recorded, and of nothing
    /// that lies ahead.
    pub fn of(&self, kind: ChangeKind) -> &[NoticeMark] {
        match kind {
            ChangeKind::Standard => &self.standard,
            ChangeKind::Normal => &self.normal,
            ChangeKind::Expedited => &self.expedited,
            ChangeKind::Emergency => &self.emergency,
            ChangeKind::Retroactive => &[],
        }
    }

    /// How long before its window a change of this kind is announced.
    pub fn offsets(&self, kind: ChangeKind, windows: &WindowPolicy) -> Vec<Span> {
        let spans = |mark: &NoticeMark| match mark {
            NoticeMark::Ahead => offsets_of(windows).collect(),
            NoticeMark::Before(span) => vec![*span],
            _ => Vec::new(),
        };
        self.of(kind).iter().flat_map(spans).collect()
    }

    /// In words, a line for each kind.
    pub fn describe(&self, windows: &WindowPolicy) -> Vec<String> {
        let kinds = [ChangeKind::Standard, ChangeKind::Normal, ChangeKind::Expedited, ChangeKind::Emergency];
        let line = |kind: &ChangeKind| {
            let told: Vec<String> = self.of(*kind).iter().flat_map(|mark| mark.phrase(windows)).collect();
            format!("{}: {}", kind.as_str(), told.join(", "))
        };
        kinds.iter().map(line).collect()
    }
}

fn offsets_of(windows: &WindowPolicy) -> impl Iterator<Item = Span> {
    let days = windows.announced_business_days.iter().map(|days| Span::BusinessDays(*days));
    days.chain(windows.announced_minutes.iter().map(|minutes| Span::Minutes(*minutes)))
}
