//! Rule 4.3, second half: who may set a priority other than the computed one.

use super::ruling::{capitalised, listed};
use super::{Denial, Exposure, Priority, Role};

/// Somebody asks for another priority.
#[derive(Debug, Clone, Copy)]
pub struct OverrideRequest<'a> {
    pub from: Priority,
    pub to: Priority,
    pub exposure: Exposure,
    /// The caller's roles on this incident.
    pub roles: &'a [Role],
    /// The roles of a second, different person who agreed (rule 4.15 sees to it that they differ).
    pub second: Option<&'a [Role]>,
    pub has_reason: bool,
}

/// What has to happen for the priority to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverrideVerdict {
    /// It is that already.
    Stands,
    Allowed,
    NeedsReason,
    /// A second person in one of these roles has to agree.
    NeedsSecond {
        roles: &'static [Role],
    },
}

const RULE: &str = "4.3";
const LOWER: &[Role] = &[Role::Commander, Role::DutyManager, Role::ServiceOwner];

/// A row of the override table: who may ask, and who has to agree.
struct Row {
    ask: &'static [Role],
    second: &'static [Role],
}

/// Rule 4.3: may the caller set this priority?
pub fn may_override(request: &OverrideRequest) -> Result<OverrideVerdict, Denial> {
    if request.from == request.to {
        return Ok(OverrideVerdict::Stands);
    }
    let row = row_of(request);
    if !request.roles.iter().any(|role| row.ask.contains(role)) {
        let who: Vec<&str> = row.ask.iter().map(|role| role.phrase()).collect();
        let direction = if request.to < request.from { "raise" } else { "lower" };
        return Err(Denial::new(
            RULE,
            format!("You cannot {direction} the priority from {} to {}.", request.from, request.to),
            format!("{} can.", capitalised(&listed(&who, "or"))),
        ));
    }
    if !request.has_reason {
        return Ok(OverrideVerdict::NeedsReason);
    }
    let agreed = request.second.is_some_and(|roles| roles.iter().any(|role| row.second.contains(role)));
    if row.second.is_empty() || agreed {
        Ok(OverrideVerdict::Allowed)
    } else {
        Ok(OverrideVerdict::NeedsSecond { roles: row.second })
    }
}

fn row_of(request: &OverrideRequest) -> Row {
    if request.to < request.from {
        return Row { ask: &[Role::Responder, Role::Triager, Role::Commander, Role::ServiceOwner], second: &[] };
    }
    match (request.exposure, request.from) {
        // Exposure is the stricter row: it comes before the row of P1.
        (Exposure::Suspected | Exposure::Confirmed, _) => {
            Row { ask: &[Role::Privacy, Role::Security], second: &[Role::Commander] }
        }
        (Exposure::None, Priority::P1) => Row { ask: &[Role::Commander, Role::DutyManager], second: LOWER },
        (Exposure::None, Priority::P2 | Priority::P3 | Priority::P4) => Row { ask: LOWER, second: &[] },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_override_says_who_can() {
        let request = OverrideRequest {
            from: Priority::P1,
            to: Priority::P2,
            exposure: Exposure::None,
            roles: &[Role::Responder],
            second: None,
            has_reason: true,
        };
        let denial = may_override(&request).expect_err("a responder cannot lower P1");
        assert_eq!(denial.sentence, "You cannot lower the priority from P1 to P2.");
        assert_eq!(denial.who_can, "The incident commander or the duty manager can.");
    }
}
