//! Rule 4.22: whom we ask, in which order.

use super::Ruling;

words! {
    /// Why somebody is asked. In the order of asking.
    Source {
        Primary = "primary", "on call";
        Secondary = "secondary", "second on call";
        /// A valid delegate of the primary; the delegation counts as the grant.
        Delegate = "delegate", "delegate of the person on call";
        TeamLead = "team_lead", "team lead";
        ServiceOwner = "service_owner", "service owner";
        DutyManager = "duty_manager", "duty manager";
    }
}

words! {
    /// As what somebody is asked. In the order of asking.
    AskedAs {
        OnCall = "on_call", "on call";
        Delegate = "delegate", "standing in for somebody";
        Team = "team", "speaking for the team";
        Owner = "owner", "owning the service";
        Role = "role", "having the role";
        Roster = "roster", "being on the roster";
        /// By the decision authority, to vote.
        Appointed = "appointed", "being appointed to vote";
        /// Above the owner of a service, who has not answered.
        Deputy = "deputy", "standing above whoever owns the service";
        /// Rule 4.16, on a decision that nobody made in time; as the words of `NextHop`.
        NextAuthority = "next_authority", "being the next authority";
        Manager = "manager", "managing whoever has not decided";
        ChangeManager = "change_manager", "managing changes";
        Executive = "executive", "being an executive";
    }
}

impl AskedAs {
    /// Whether they are asked because nobody decided in time.
    pub fn is_after_miss(self) -> bool {
        match self {
            AskedAs::NextAuthority | AskedAs::Manager | AskedAs::ChangeManager | AskedAs::Executive => true,
            AskedAs::OnCall
            | AskedAs::Delegate
            | AskedAs::Team
            | AskedAs::Owner
            | AskedAs::Role
            | AskedAs::Roster
            | AskedAs::Appointed
            | AskedAs::Deputy => false,
        }
    }
}

impl From<Source> for AskedAs {
    fn from(source: Source) -> AskedAs {
        match source {
            Source::Primary | Source::Secondary => AskedAs::OnCall,
            Source::Delegate => AskedAs::Delegate,
            Source::TeamLead => AskedAs::Team,
            Source::ServiceOwner => AskedAs::Owner,
            Source::DutyManager => AskedAs::Role,
        }
    }
}

words! {
    /// Why somebody who could be asked is not.
    Obstacle {
        Inactive = "inactive", "no longer active";
        Absent = "absent", "absent";
        /// Rule 4.15.
        ExcludedByDuties = "excluded_by_duties", "excluded by another duty";
        WithoutGrant = "without_grant", "without the right";
        Declined = "declined", "declined";
    }
}

/// Somebody who may be asked. `P` is whatever names a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<P> {
    pub person: P,
    pub source: Source,
    pub obstacles: Vec<Obstacle>,
}

impl<P> Candidate<P> {
    fn can_be_asked(&self) -> bool {
        self.obstacles.iter().all(|obstacle| match obstacle {
            Obstacle::WithoutGrant => self.source == Source::Delegate,
            Obstacle::Inactive | Obstacle::Absent | Obstacle::ExcludedByDuties | Obstacle::Declined => false,
        })
    }
}

/// The people to ask, first one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates<P> {
    pub people: Vec<P>,
    /// An emergency seat with fewer than two people: a warning, not an obstacle.
    pub single_point: bool,
}

/// An emergency seat always knows two people, so that one silence does not stop it.
const EMERGENCY_PEOPLE_MIN: usize = 2;

/// Rule 4.22: the people to ask, in order, each once.
pub fn resolve<P: Clone + PartialEq>(candidates: &[Candidate<P>], emergency: bool) -> Ruling<Candidates<P>> {
    let mut able: Vec<&Candidate<P>> = candidates.iter().filter(|candidate| candidate.can_be_asked()).collect();
    able.sort_by_key(|candidate| candidate.source);
    let mut people: Vec<P> = Vec::new();
    for candidate in able {
        if !people.contains(&candidate.person) {
            people.push(candidate.person.clone());
        }
    }
    let single_point = emergency && people.len() < EMERGENCY_PEOPLE_MIN;
    let sentence = match (people.len(), single_point) {
        (0, _) => "Nobody can be asked; the decision authority is next.".to_owned(),
        (1, true) => "Only one person can be asked: a single point.".to_owned(),
        (1, false) => "One person can be asked.".to_owned(),
        (count, _) => format!("{count} people can be asked."),
    };
    Ruling::new("4.22", Candidates { people, single_point }, sentence)
}

/// Rule 4.22: a delegate acts when the delegator is absent, or silent for the time to answer.
pub fn delegate_may_act(delegator_absent: bool, silent_minutes: u32, ack_minutes: u32) -> bool {
    delegator_absent || silent_minutes >= ack_minutes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegate_acts_after_the_time_to_answer() {
        assert!(delegate_may_act(true, 0, 5));
        assert!(!delegate_may_act(false, 4, 5));
        assert!(delegate_may_act(false, 5, 5), "exactly at the end of the time");
    }
}
