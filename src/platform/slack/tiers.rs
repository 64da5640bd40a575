//! How often Slack lets a method be called: its tiers, and the pace of messages.
//!
//! Sources: <https://docs.slack.dev/apis/web-api/rate-limits> ("Tier 2: 20+ per minute", "one message per second per
//! channel", "several hundred messages per minute"), and each method's own page for its tier.

use std::time::Duration;

use crate::domain::Urgency;

/// So many at once, then one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Between two calls once the burst is used up.
    pub every: Duration,
    pub burst: u32,
    /// Of the burst, what only pressing calls may use.
    pub kept: u32,
}

impl Rate {
    /// A tier: so many in a minute, which may come at once.
    const fn a_minute(calls: u32) -> Rate {
        Rate { every: Duration::from_millis(60_000 / calls as u64), burst: calls, kept: calls / 10 }
    }

    /// How far ahead of its regular pace a call may be.
    pub fn slack(&self, urgency: Urgency) -> Duration {
        let burst = if urgency.presses() { self.burst } else { self.burst - self.kept };
        self.every * burst.saturating_sub(1)
    }
}

const TIER_1: Rate = Rate::a_minute(1);
const TIER_2: Rate = Rate::a_minute(20);
const TIER_3: Rate = Rate::a_minute(50);
const TIER_4: Rate = Rate::a_minute(100);

/// Messages in one channel: one a second. Short bursts are tolerated, since a room that opens gets its card, its panel
/// and its first notes at once.
pub const CHANNEL: Rate = Rate { every: Duration::from_secs(1), burst: 5, kept: 2 };

/// Messages in all channels together: "several hundred a minute", read as three hundred.
const MESSAGES: Rate = Rate::a_minute(300);

/// The pace of a method for the whole workspace; `None` for what Slack does not count (addresses to answer at).
pub fn rate_of(call: &str) -> Option<Rate> {
    let rate = match call {
        "chat.postMessage" => MESSAGES,
        "apps.connections.open" => TIER_1,
        "conversations.create"
        | "conversations.list"
        | "conversations.setTopic"
        | "conversations.setPurpose"
        | "conversations.archive"
        | "pins.add"
        | "pins.list"
        | "pins.remove"
        | "users.list" => TIER_2,
        "chat.update"
        | "chat.delete"
        | "conversations.info"
        | "conversations.invite"
        | "conversations.join"
        | "conversations.open"
        | "conversations.history"
        | "conversations.replies"
        | "users.lookupByEmail" => TIER_3,
        "chat.postEphemeral"
        | "files.completeUploadExternal"
        | "files.getUploadURLExternal"
        | "views.open"
        | "views.push"
        | "views.update"
        | "views.publish"
        | "users.info"
        | "conversations.members" => TIER_4,
        _ => return None,
    };
    Some(rate)
}
