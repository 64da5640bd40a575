//! Rule 4.11: whether a freeze lets a change through. The first row that fits decides; of several freezes the strictest.

use chrono::{DateTime, Utc};

use super::ruling::capitalised;
use super::{Band, ChangeKind, Priority, Ruling};

words! {
    /// Why nothing may change.
    FreezeKind {
        Major = "major", "a freeze for a major incident";
        Stabilising = "stabilising", "a freeze while things settle after a major incident";
        /// From the calendar: payroll, the end of a month.
        Business = "business", "a freeze of the business calendar";
        Manual = "manual", "a freeze by hand";
    }
}

words! {
    /// In the order of strictness.
    FreezeVerdict {
        Allow = "allow", "is allowed";
        AllowNotify = "allow_notify", "is allowed, and whoever keeps the freeze is told";
        Override = "override", "needs an exception";
        BlockHard = "block_hard", "is held up";
    }
}

/// What a freeze is, as far as it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreezeFacts {
    pub kind: FreezeKind,
    /// Of a business freeze: only an emergency for a P1 passes.
    pub hard: bool,
    /// Of a major: changes of high and critical risk are held up everywhere.
    pub tenant_wide: bool,
}

/// What a change is to one freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of rule 4.11, each true or not by itself")]
pub struct FrozenChange {
    pub kind: ChangeKind,
    pub band: Band,
    /// A standard change whose catalogue entry says that it is safe in a freeze.
    pub freeze_safe: bool,
    /// Of a type that the freeze leaves alone.
    pub spared: bool,
    /// It resolves the freeze's own incident; while things settle, a confirmed relation is enough.
    pub linked: bool,
    /// The open incident that it is an emergency for, where it is one for another.
    pub urgent_for: Option<Priority>,
    /// On one of the services of the freeze, or one step of dependency from it.
    pub inside: bool,
}

/// A row of the table: what it says of a change inside the scope, and of one outside.
struct Row {
    change: &'static str,
    inside: FreezeVerdict,
    outside: FreezeVerdict,
}

const fn row(change: &'static str, inside: FreezeVerdict, outside: FreezeVerdict) -> Row {
    Row { change, inside, outside }
}

/// Rule 4.11: does this freeze let this change through?
pub fn freeze_verdict(freeze: FreezeFacts, change: FrozenChange) -> Ruling<FreezeVerdict> {
    let row = match freeze.kind {
        _ if change.spared => {
            row("a change of a type that it leaves alone", FreezeVerdict::Allow, FreezeVerdict::Allow)
        }
        FreezeKind::Major => during_major(freeze.tenant_wide, change),
        FreezeKind::Stabilising => while_settling(change),
        FreezeKind::Business | FreezeKind::Manual => during_business(freeze, change),
    };
    let (verdict, place) = if change.inside { (row.inside, "inside") } else { (row.outside, "outside") };
    let sentence = capitalised(&format!("{} {place} the scope of {} {verdict}.", row.change, freeze.kind));
    Ruling::new("4.11", verdict, sentence)
}

fn during_major(tenant_wide: bool, change: FrozenChange) -> Row {
    use FreezeVerdict::{Allow, AllowNotify, Override};
    match change.kind {
        _ if change.linked => row("a change that resolves its incident", Allow, Allow),
        ChangeKind::Emergency if change.is_urgent() => row("an emergency for another P1 or P2", Override, AllowNotify),
        ChangeKind::Standard if change.freeze_safe => {
            row("a standard change that is safe in a freeze", Override, Allow)
        }
        ChangeKind::Standard => row("a standard change", Override, Allow),
        ChangeKind::Normal | ChangeKind::Expedited | ChangeKind::Emergency | ChangeKind::Retroactive => {
            if change.band >= Band::High {
                let outside = if tenant_wide { Override } else { Allow };
                row("a change of high or critical risk", Override, outside)
            } else {
                row("a change of low or medium risk", Override, Allow)
            }
        }
    }
}

fn while_settling(change: FrozenChange) -> Row {
    use FreezeVerdict::{Allow, AllowNotify, Override};
    match change.kind {
        _ if change.linked => row("a change that resolves its incident or follows from it", Allow, Allow),
        ChangeKind::Standard if change.freeze_safe => row("a standard change that is safe in a freeze", Allow, Allow),
        ChangeKind::Emergency if change.is_urgent() => row("an emergency for another P1 or P2", Override, AllowNotify),
        ChangeKind::Standard
        | ChangeKind::Normal
        | ChangeKind::Expedited
        | ChangeKind::Emergency
        | ChangeKind::Retroactive => row("any other change", Override, Allow),
    }
}

fn during_business(freeze: FreezeFacts, change: FrozenChange) -> Row {
    use FreezeVerdict::{Allow, AllowNotify, BlockHard, Override};
    let is_emergency = change.kind == ChangeKind::Emergency;
    let for_a_p1 = is_emergency && change.urgent_for == Some(Priority::P1);
    match change.kind {
        _ if freeze.hard && !for_a_p1 => row("anything but an emergency for a P1", BlockHard, Allow),
        ChangeKind::Emergency if change.is_urgent() => row("an emergency for an open P1 or P2", AllowNotify, Allow),
        ChangeKind::Standard if change.freeze_safe => row("a standard change that is safe in a freeze", Allow, Allow),
        ChangeKind::Standard
        | ChangeKind::Normal
        | ChangeKind::Expedited
        | ChangeKind::Emergency
        | ChangeKind::Retroactive => row("any other change", Override, Allow),
    }
}

impl FrozenChange {
    fn is_urgent(self) -> bool {
        self.urgent_for.is_some_and(|priority| priority <= Priority::P2)
    }
}

/// Whether a freeze reaches into a planned stretch of time: one that has begun does, and one that begins before its end.
/// At exactly the moment of its end a freeze is over.
pub fn freeze_meets(
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    planned: (DateTime<Utc>, DateTime<Utc>),
) -> bool {
    (from <= planned.0 || from < planned.1) && until.is_none_or(|until| planned.0 < until)
}

#[cfg(test)]
mod tests;
