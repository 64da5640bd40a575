//! Samples of who is who: accounts, workspaces, and the addresses that are somebody's own.

use wardroom::domain::event::{FeedEvent, IdentityEvent};
use wardroom::domain::{Account, LinkSource, Platform};

use super::events::somebody;

/// Of accounts and workspaces.
pub fn samples() -> Vec<IdentityEvent> {
    let account = Account { platform: Platform::Slack, workspace: "T0OTHER".to_owned(), id: "U0OTHER".to_owned() };
    let (platform, workspace) = (Platform::Discord, "900000000000000009".to_owned());
    vec![
        IdentityEvent::Linked { person: somebody(), account: account.clone(), source: LinkSource::Code },
        IdentityEvent::Unlinked { person: somebody(), account: account.clone() },
        IdentityEvent::Deactivated { person: somebody(), account: account.clone() },
        IdentityEvent::Reactivated { person: somebody(), account },
        IdentityEvent::WorkspaceLost { platform, workspace: workspace.clone(), why: "tokens_revoked".to_owned() },
        IdentityEvent::WorkspaceRegained { platform, workspace },
    ]
}

/// Of the addresses of calendars.
pub fn feed_samples() -> Vec<FeedEvent> {
    vec![
        FeedEvent::Opened { person: somebody(), hash: "0a1b2c".to_owned(), renewed: true },
        FeedEvent::Closed { person: somebody() },
    ]
}

pub fn kind_of(event: &IdentityEvent) -> &'static str {
    match event {
        IdentityEvent::Linked { .. } => "identity.linked",
        IdentityEvent::Unlinked { .. } => "identity.unlinked",
        IdentityEvent::Deactivated { .. } => "identity.deactivated",
        IdentityEvent::Reactivated { .. } => "identity.reactivated",
        IdentityEvent::WorkspaceLost { .. } => "workspace.lost",
        IdentityEvent::WorkspaceRegained { .. } => "workspace.regained",
    }
}

pub fn kind_of_feed(event: &FeedEvent) -> &'static str {
    match event {
        FeedEvent::Opened { .. } => "feed.opened",
        FeedEvent::Closed { .. } => "feed.closed",
    }
}
