//! Discord's JSON error codes, what they mean here, and which permission each call needs.
//!
//! Codes: <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>. Where Discord gives none, the code
//! is the HTTP status.

use crate::platform::refusal::{Cause, Known};

pub(crate) const TABLE: &[Known] = &[
    Known {
        codes: &["401", "50014", "20012", "40001"],
        cause: Cause::Token,
        because: "Discord does not accept its token any more",
        remedy: "Whoever runs Wardroom can reset the token under Bot at discord.com/developers, set it as DISCORD_TOKEN and \
                 start it again.",
    },
    Known {
        codes: &["50013", "50001", "403"],
        cause: Cause::Right,
        because: "it lacks “{right}”",
        remedy: "An administrator of the server can give it under Server Settings, Roles, or in the channel's permissions.",
    },
    Known {
        codes: &["10004", "40007"],
        cause: Cause::Absent,
        because: "it is not in the server",
        remedy: "An administrator of the server can invite it again.",
    },
    Known {
        codes: &["50083", "160005"],
        cause: Cause::Archived,
        because: "the thread is archived or locked",
        remedy: "A moderator can open it again.",
    },
    Known {
        codes: &["10003", "50024", "404"],
        cause: Cause::NoChannel,
        because: "the channel is not there any more",
        remedy: "Correct the channel's id in the organisation file.",
    },
    Known {
        codes: &["10008", "50005", "50021"],
        cause: Cause::NoMessage,
        because: "the message is not there any more",
        remedy: "",
    },
    Known {
        codes: &["10013", "10007", "50033"],
        cause: Cause::NoAccount,
        because: "the account is gone or has left the server",
        remedy: "Correct the person's account in the organisation file.",
    },
    Known {
        codes: &["50007", "50278"],
        cause: Cause::Closed,
        because: "this person takes no direct messages from it",
        remedy: "They can allow direct messages in the server's privacy settings.",
    },
    Known {
        codes: &["30013", "30003", "160006", "30007"],
        cause: Cause::Full,
        because: "Discord's limit is reached",
        remedy: "A moderator can make room there: unpin or delete what nobody needs.",
    },
    Known {
        codes: &["150006", "20009", "20018", "20022", "20028", "40333", "50019", "20016"],
        cause: Cause::Rules,
        because: "the rules of the server do not let it",
        remedy: "An administrator of the server can allow it in the channel's settings.",
    },
    Known {
        codes: &["50035", "50006", "200000", "200001", "240000", "40005", "413", "50109", "400", "50008"],
        cause: Cause::Content,
        because: "Discord does not take what it has to say",
        remedy: "It is in the decision log; `/log show` shows it.",
    },
    Known {
        codes: &["10062", "10015", "50027"],
        cause: Cause::Lapsed,
        because: "Discord does not wait for it any more",
        remedy: "Use the command once more.",
    },
    Known { codes: &["40060"], cause: Cause::Done, because: "it is so already", remedy: "" },
];

/// The permission that a call needs, as Discord's settings write it.
pub(crate) fn permission_of(call: &str, code: &str) -> Option<&'static str> {
    // "Missing access" is always about seeing the channel at all.
    if code == "50001" {
        return Some("View Channels");
    }
    let permission = match call {
        "create channel" | "set topic" => "Manage Channels",
        "create message" | "edit message" => "Send Messages",
        "list messages" => "Read Message History",
        "pin message" => "Pin Messages",
        "list channels" => "View Channels",
        _ => return None,
    };
    Some(permission)
}
