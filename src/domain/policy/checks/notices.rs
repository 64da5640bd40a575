//! Plans of notices that would tell nobody anything, or the same twice.

use super::{Found, sensible};
use crate::domain::policy::{NoticeMark, Policy};
use crate::domain::rules::ChangeKind;

pub(super) fn check(policy: &Policy, found: &mut Found) {
    let notices = &policy.notices;
    for kind in [ChangeKind::Standard, ChangeKind::Normal, ChangeKind::Expedited, ChangeKind::Emergency] {
        let (marks, place) = (notices.of(kind), format!("notices.{}", kind.as_str()));
        found.needs(!marks.is_empty(), place.as_str(), "it is empty: nobody would hear of such a change.");
        let is_once = marks.iter().enumerate().all(|(at, mark)| !marks[..at].contains(mark));
        let offsets = notices.offsets(kind, &policy.windows);
        let is_once = is_once && offsets.iter().enumerate().all(|(at, span)| !offsets[..at].contains(span));
        found.needs(is_once, place.as_str(), "the same notice stands twice.");
        for mark in marks {
            if let NoticeMark::Before(span) = mark {
                sensible(*span, &place, found);
            }
        }
        let is_told_late = kind == ChangeKind::Emergency && marks.iter().any(|mark| mark.is_ahead());
        found.needs(
            !is_told_late,
            place.as_str(),
            "an emergency begins with its approval: nothing is told ahead of it.",
        );
    }
    sensible(notices.reminder.emergency, "notices.reminder.emergency", found);
    sensible(notices.reminder.otherwise, "notices.reminder.otherwise", found);
    sensible(notices.preview, "notices.preview", found);
}
