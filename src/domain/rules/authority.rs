//! What the decision authority rules on (rule 4.35 says what nobody may set aside).

use serde::Deserialize;

use super::Span;

words! {
    /// What stands in the way of a change, so that the authority may be asked to rule on it.
    Dispute {
        Freeze = "freeze", "a freeze that made no exception";
        Turn = "turn", "its turn in the line";
        Window = "window", "a window that got more time as often as policy allows";
        Concern = "concern", "a voter's concern";
        Veto = "veto", "security's veto";
        Review = "review", "a review that is overdue";
        Conflict = "conflict", "another change in its way";
        Objection = "objection", "an objection of an owner";
        Standby = "standby", "the people on standby";
        /// Rule 4.16: of an emergency, whose time to decide is over.
        Decision = "decision", "a decision that nobody made in time";
        /// Rule 4.13: somebody has to be appointed to vote.
        Roster = "roster", "a roster that is too small to vote";
        /// Rule 4.10: whoever rules fills it.
        Seat = "seat", "a seat that nobody may fill";
    }
}

words! {
    /// What the authority says.
    RulingVerdict {
        Allow = "allow", "allowed";
        Deny = "deny", "denied";
        /// Neither: the reason says which way to take.
        Other = "other", "another way";
    }
}

words! {
    EscalationState {
        Open = "open", "open";
        Allowed = "allowed", "allowed";
        Denied = "denied", "denied";
        Other = "other", "another way";
        /// Nobody of the chain ruled in time, which is a no.
        Unanswered = "unanswered", "unanswered, which is a no";
        /// Those who were asked first decided while the authority was asked.
        Lapsed = "lapsed", "decided without a ruling";
    }
}

impl Dispute {
    /// Whether the ruling is the decision on the change itself: a no ends it, and so does silence to the end of the chain.
    pub fn decides(self) -> bool {
        match self {
            Dispute::Decision | Dispute::Roster | Dispute::Seat => true,
            Dispute::Freeze
            | Dispute::Turn
            | Dispute::Window
            | Dispute::Concern
            | Dispute::Veto
            | Dispute::Review
            | Dispute::Conflict
            | Dispute::Objection
            | Dispute::Standby => false,
        }
    }
}

impl RulingVerdict {
    /// What an escalation is once this was said.
    pub fn state(self) -> EscalationState {
        match self {
            RulingVerdict::Allow => EscalationState::Allowed,
            RulingVerdict::Deny => EscalationState::Denied,
            RulingVerdict::Other => EscalationState::Other,
        }
    }
}

/// How long one authority is left to rule before the next in the chain is asked (timer `decision_authority`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulingClock {
    /// While an incident is open that the change belongs to.
    pub incident: Span,
    pub otherwise: Span,
}

impl Default for RulingClock {
    fn default() -> RulingClock {
        RulingClock { incident: Span::Minutes(15), otherwise: Span::BusinessDays(1) }
    }
}

/// Who is asked next: the first of the chain who was not asked yet, and is no party.
pub fn next_authority<'a, P: PartialEq>(chain: &'a [P], asked: &[P], parties: &[P]) -> Option<&'a P> {
    chain.iter().find(|person| !asked.contains(person) && !parties.contains(person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_asked_in_its_order_and_a_party_is_skipped() {
        let chain = ["omar", "zoe", "kim"];
        assert_eq!(next_authority(&chain, &[], &[]), Some(&"omar"));
        assert_eq!(next_authority(&chain, &[], &["omar"]), Some(&"zoe"));
        assert_eq!(next_authority(&chain, &["zoe"], &["omar"]), Some(&"kim"));
        assert_eq!(next_authority(&chain, &["omar", "zoe"], &["kim"]), None);
    }
}
