//! Slack's error codes, what they mean here, and which scope each method needs.
//!
//! Codes: the "Errors" table of each method at <https://docs.slack.dev/reference/methods>. Scopes: "Required scopes" there.

use crate::platform::refusal::{Cause, Known};

const APP_PAGE: &str =
    "Whoever runs Wardroom can set a valid token and start it again; `wardroom doctor` says which one is wrong.";

pub(crate) const TABLE: &[Known] = &[
    Known {
        codes: &[
            "invalid_auth",
            "not_authed",
            "token_revoked",
            "token_expired",
            "account_inactive",
            "org_login_required",
        ],
        cause: Cause::Token,
        because: "Slack does not accept its token any more",
        remedy: APP_PAGE,
    },
    Known {
        codes: &["not_allowed_token_type"],
        cause: Cause::Token,
        because: "its token is of the wrong kind",
        remedy: APP_PAGE,
    },
    Known {
        codes: &["missing_scope", "no_permission", "no_scopes"],
        cause: Cause::Right,
        because: "the app lacks the scope {right}",
        remedy: "An administrator of the workspace can add it at api.slack.com/apps under OAuth & Permissions and install \
                 the app again.",
    },
    Known {
        codes: &["not_in_channel", "user_not_in_channel"],
        cause: Cause::Absent,
        because: "it is not in the channel",
        remedy: "Anybody there can bring it back with /invite @wardroom.",
    },
    Known {
        codes: &["is_archived", "channel_is_archived"],
        cause: Cause::Archived,
        because: "the channel is archived",
        remedy: "A member can unarchive it in the channel's settings.",
    },
    Known {
        codes: &["channel_not_found", "invalid_channel", "method_not_supported_for_channel_type"],
        cause: Cause::NoChannel,
        because: "the channel is not there, or is private and without Wardroom",
        remedy: "Invite @wardroom there, or correct the channel's id in the organisation file.",
    },
    Known {
        codes: &["message_not_found", "cant_update_message", "edit_window_closed", "no_item_specified"],
        cause: Cause::NoMessage,
        because: "the message is not there any more",
        remedy: "",
    },
    Known {
        codes: &[
            "user_not_found",
            "users_not_found",
            "user_disabled",
            "user_not_visible",
            "no_user",
            "cant_invite",
            "cant_invite_self",
            "user_is_restricted",
            "user_is_ultra_restricted",
            "user_team_not_in_channel",
            "ura_max_channels",
        ],
        cause: Cause::NoAccount,
        because: "the account is gone, deactivated or a guest",
        remedy: "Correct the person's account in the organisation file.",
    },
    Known {
        codes: &["cannot_dm_bot", "messages_tab_disabled"],
        cause: Cause::Closed,
        because: "it cannot write to this person",
        remedy: "An administrator can allow messages to the app at api.slack.com/apps under App Home.",
    },
    Known {
        codes: &["name_taken"],
        cause: Cause::NameTaken,
        because: "other channels have every name for it",
        remedy: "Somebody can rename one of them.",
    },
    Known {
        codes: &["limit_reached", "too_many_members", "max_channel_limit_reached", "too_many_convos_for_team"],
        cause: Cause::Full,
        because: "Slack's limit is reached",
        remedy: "Somebody can make room there: unpin or archive what nobody needs.",
    },
    Known {
        codes: &[
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "restricted_action_non_threadable_channel",
            "restricted_action_thread_locked",
            "permission_denied",
            "not_authorized",
            "access_denied",
            "team_access_not_granted",
            "ekm_access_denied",
            "user_is_bot",
            "posting_to_general_channel_denied",
            "posting_to_channel_denied",
            "team_not_found",
        ],
        cause: Cause::Rules,
        because: "the rules of the workspace do not let it",
        remedy: "An administrator can allow it: in the channel's posting permissions, or under Settings & administration.",
    },
    Known {
        codes: &[
            "invalid_blocks",
            "invalid_blocks_format",
            "msg_blocks_too_long",
            "msg_too_long",
            "message_truncated",
            "no_text",
            "invalid_metadata_format",
            "metadata_too_large",
            "too_long",
            "invalid_arguments",
            "invalid_arg_name",
            "invalid_name",
            "invalid_name_maxlength",
            "invalid_name_specials",
            "invalid_name_punctuation",
            "invalid_name_required",
            "view_too_large",
            "duplicate_message_not_allowed",
        ],
        cause: Cause::Content,
        because: "Slack does not take what it has to say",
        remedy: "It is in the decision log; `/log show` shows it.",
    },
    Known {
        codes: &[
            "expired_trigger_id",
            "exchanged_trigger_id",
            "invalid_trigger_id",
            "trigger_expired",
            "push_limit_reached",
            "expired_url",
            "used_url",
            "hash_conflict",
            "view_not_found",
            "not_found",
        ],
        cause: Cause::Lapsed,
        because: "Slack does not wait for it any more",
        remedy: "Type the command once more.",
    },
    Known {
        codes: &["already_pinned", "already_in_channel", "already_archived", "already_reacted"],
        cause: Cause::Done,
        because: "it is so already",
        remedy: "",
    },
];

/// The scope that a method needs for what is asked of it here: public channels, direct messages, pins.
pub(crate) fn scope_of(call: &str) -> Option<&'static str> {
    let scope = match call {
        "chat.postMessage" | "chat.postEphemeral" | "chat.update" | "chat.delete" => "chat:write",
        "conversations.create"
        | "conversations.invite"
        | "conversations.setTopic"
        | "conversations.setPurpose"
        | "conversations.archive" => "channels:manage",
        "conversations.join" => "channels:join",
        "conversations.list" | "conversations.info" | "conversations.members" => "channels:read",
        "conversations.history" | "conversations.replies" => "channels:history",
        "conversations.open" => "im:write",
        "pins.add" | "pins.remove" => "pins:write",
        "users.info" | "users.list" => "users:read",
        "users.lookupByEmail" => "users:read.email",
        "apps.connections.open" => "connections:write",
        _ => return None,
    };
    Some(scope)
}
