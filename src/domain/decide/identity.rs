//! Decisions about accounts: whose they are, and whether the bot is still where they are.
//!
//! A person is who the organisation file, a confirmed e-mail address or a person already known says. A display name says
//! nothing: anybody can take any.

use super::standing::person;
use super::{logged, stands};
use crate::domain::rules::Action;
use crate::domain::{
    Account, Answer, Asked, Decision, Event, IdentityEvent, LinkSource, Person, Platform, Profile, Refusal, Standing,
    Subject, Target, TypedCode, World,
};

/// The code's account becomes another account of whoever typed the code.
pub(super) fn link_by_code(world: &World<'_>, asked: Asked<'_>) -> Result<Decision, Refusal> {
    let Some(speaking) = asked.by.account() else { return Err(Refusal::slip("Only a person can do this.", "")) };
    let Some(me) = world.organisation.person_of(speaking) else {
        return Err(Refusal::slip(
            "This account is not linked to you yet, so it cannot vouch for another.",
            "`/admin link` without a code shows one here; type it from an account that I know you by.",
        ));
    };
    let account = match &world.target {
        Target::Organisation { code: Some(TypedCode::For(account)), .. } => account,
        Target::Organisation { code: Some(TypedCode::Barred), .. } => {
            return Err(Refusal::by_rule(
                "4.23",
                "Too many wrong codes: none is looked at for ten minutes.",
                "After that, `/admin link` on the account that is to be linked shows a new one.",
            ));
        }
        _ => {
            return Err(Refusal::by_rule(
                "4.23",
                "I don't know this code: it may be mistyped, used already, or older than ten minutes.",
                "`/admin link` on the account that is to be linked shows a new one.",
            ));
        }
    };
    if let Some(owner) = world.organisation.owner_of(account) {
        return Ok(stands(asked, Subject::Organisation, format!("That account is linked to {} already.", owner.name)));
    }
    if account.platform == speaking.platform {
        return Err(Refusal::slip(
            format!("This code came from {0}, so it cannot be confirmed on {0}.", account.platform.name()),
            "Type it on the other platform.",
        ));
    }
    let platform = account.platform;
    let undo = format!("Not yours? `/admin unlink on:{} confirm:yes` takes it back", platform.as_str());
    let answer =
        Answer::undo(undo).also(format!("What you do there on {} counts as yours from now on.", platform.name()));
    Ok(linked(asked, me, account.clone(), LinkSource::Code, answer))
}

/// The platform vouches for an address that exactly one active person has.
pub(super) fn link_by_email(
    world: &World<'_>,
    asked: Asked<'_>,
    account: Account,
    profile: &Profile,
) -> Result<Decision, Refusal> {
    if world.organisation.owner_of(&account).is_some() {
        return Ok(stands(asked, Subject::Organisation, "This account is linked already."));
    }
    if profile.standing != Standing::Member || !profile.active {
        return Err(Refusal::slip("Guests, bots and deactivated accounts are not linked.", ""));
    }
    let email = profile.email.as_deref().filter(|email| profile.email_confirmed && !email.is_empty());
    let Some(email) = email else { return Err(Refusal::slip("No confirmed e-mail address is known.", "")) };
    match world.organisation.with_email(email).as_slice() {
        [person] => Ok(linked(asked, person, account, LinkSource::Email, Answer::default())),
        [] => Err(Refusal::slip("Nobody here has this e-mail address.", "")),
        _ => Err(Refusal::slip("More than one person here has this e-mail address.", "")),
    }
}

/// Removes the caller's own link. What the organisation file says, the next `org apply` says again.
pub(super) fn unlink(world: &World<'_>, asked: Asked<'_>, on: Option<Platform>) -> Result<Decision, Refusal> {
    let me = person(asked, Action::Link)?;
    let own = world.organisation.person(me).map(|me| me.identities.as_slice()).unwrap_or_default();
    let meant = |account: &Account| match on {
        Some(platform) => account.platform == platform,
        None => Some(account) == asked.by.account(),
    };
    let meant: Vec<_> = own.iter().filter(|identity| meant(&identity.account)).collect();
    if meant.is_empty() {
        let platform = on.map_or("this platform", Platform::name);
        return Err(Refusal::slip(
            format!("No account of yours on {platform} is linked."),
            "`/admin whoami` shows those that are.",
        ));
    }
    let mut answer = Answer::undo("`/admin link` on that account links it again");
    if meant.iter().any(|identity| identity.source == LinkSource::File) {
        answer = answer.also(
            "The organisation file names this account: unless it is taken out there, the next `wardroom org apply` links \
             it again.",
        );
    }
    let events = meant
        .into_iter()
        .map(|identity| {
            Event::Identity(IdentityEvent::Unlinked { person: me.clone(), account: identity.account.clone() })
        })
        .collect();
    Ok(logged(asked, Subject::Organisation, events, answer))
}

/// The platform's word on an account; of accounts that are nobody's there is nothing to remember.
pub(super) fn set_active(world: &World<'_>, asked: Asked<'_>, account: Account, active: bool) -> Decision {
    let changed = world.organisation.identity(&account).is_some_and(|identity| identity.active != active);
    let Some(owner) = world.organisation.owner_of(&account).filter(|_| changed) else {
        return stands(asked, Subject::Organisation, "That is known already.");
    };
    let person = owner.id.clone();
    let event = if active {
        IdentityEvent::Reactivated { person, account }
    } else {
        IdentityEvent::Deactivated { person, account }
    };
    logged(asked, Subject::Organisation, vec![Event::Identity(event)], Answer::default())
}

pub(super) fn lose(
    world: &World<'_>,
    asked: Asked<'_>,
    platform: Platform,
    workspace: String,
    why: String,
) -> Decision {
    if is_lost(world, platform, &workspace) != Some(false) {
        return stands(asked, Subject::Organisation, "That is known already.");
    }
    let event = IdentityEvent::WorkspaceLost { platform, workspace, why };
    logged(asked, Subject::Organisation, vec![Event::Identity(event)], Answer::default())
}

pub(super) fn regain(world: &World<'_>, asked: Asked<'_>, platform: Platform, workspace: String) -> Decision {
    if is_lost(world, platform, &workspace) != Some(true) {
        return stands(asked, Subject::Organisation, "That is known already.");
    }
    let event = IdentityEvent::WorkspaceRegained { platform, workspace };
    logged(asked, Subject::Organisation, vec![Event::Identity(event)], Answer::default())
}

/// `None` for a workspace that the organisation does not have.
fn is_lost(world: &World<'_>, platform: Platform, workspace: &str) -> Option<bool> {
    let mut workspaces = world.organisation.workspaces.iter();
    workspaces.find(|own| own.platform == platform && own.id == workspace).map(|own| own.lost.is_some())
}

fn linked(asked: Asked<'_>, person: &Person, account: Account, source: LinkSource, answer: Answer) -> Decision {
    let event = IdentityEvent::Linked { person: person.id.clone(), account, source };
    logged(asked, Subject::Organisation, vec![Event::Identity(event)], answer)
}
