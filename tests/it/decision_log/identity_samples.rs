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
