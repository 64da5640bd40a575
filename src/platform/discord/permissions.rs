//! The permissions that the bot needs, and those that it has, computed as Discord does: roles, then overwrites.
//!
//! <https://docs.discord.com/developers/topics/permissions>

use std::collections::BTreeSet;

use serde_json::Value;

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    pub bit: u64,
    /// As Discord's settings write it.
    pub name: &'static str,
    pub why: &'static str,
}

const ADMINISTRATOR: u64 = 1 << 3;

/// What the bot is invited with. The bits are our own: the client library knows nothing of "Pin Messages".
pub const PERMISSIONS: [Permission; 6] = [
    Permission { bit: 1 << 10, name: "View Channels", why: "to see where it is spoken to" },
    Permission { bit: 1 << 4, name: "Manage Channels", why: "to open war rooms" },
    Permission { bit: 1 << 11, name: "Send Messages", why: "to speak" },
    Permission { bit: 1 << 14, name: "Embed Links", why: "to show cards" },
    Permission {
        bit: 1 << 16,
        name: "Read Message History",
        why: "to look a message up before it is sent a second time",
    },
    Permission { bit: 1 << 51, name: "Pin Messages", why: "to pin a room's card" },
];

/// What is needed in a channel that exists already: there is nothing to open in it, and nothing to pin.
const IN_CHANNEL: [&str; 4] = ["View Channels", "Send Messages", "Embed Links", "Read Message History"];

/// The address by which an administrator brings the bot into a server, with the permissions that it needs.
pub fn invitation(application: &str) -> String {
    let permissions = PERMISSIONS.iter().fold(0, |bits, permission| bits | permission.bit);
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands&permissions={permissions}"
    )
}

/// A server with the bot in it, as the API describes it.
#[derive(Debug)]
pub struct Server {
    pub name: String,
    guild: Value,
    member: Value,
    channels: Vec<Value>,
}

impl Server {
    pub(super) fn new(guild: Value, member: Value, channels: Vec<Value>) -> Server {
        Server { name: guild["name"].as_str().unwrap_or_default().to_owned(), guild, member, channels }
    }

    /// What the bot needs in the server and does not have.
    pub fn lacks(&self) -> Vec<&'static Permission> {
        let has = self.base();
        PERMISSIONS.iter().filter(|permission| has & permission.bit == 0).collect()
    }

    /// A channel's name, and what the bot needs there and does not have; `None` where there is no such channel.
    pub fn lacks_in(&self, channel: &str) -> Option<(&str, Vec<&'static Permission>)> {
        let channel = self.channels.iter().find(|known| known["id"] == channel)?;
        let has = self.within(channel);
        let needed = PERMISSIONS.iter().filter(|permission| IN_CHANNEL.contains(&permission.name));
        Some((channel["name"].as_str().unwrap_or_default(), needed.filter(|p| has & p.bit == 0).collect()))
    }

    fn roles(&self) -> BTreeSet<&str> {
        let member = self.member["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // `@everyone` has the id of the server.
        member.chain(self.guild["id"].as_str()).collect()
    }

    fn base(&self) -> u64 {
        if self.guild["owner_id"] == self.member["user"]["id"] {
            return u64::MAX;
        }
        let roles = self.roles();
        let all = self.guild["roles"].as_array().into_iter().flatten();
        let held = all.filter(|role| role["id"].as_str().is_some_and(|id| roles.contains(id)));
        let bits = held.fold(0, |bits, role| bits | mask(&role["permissions"]));
        if bits & ADMINISTRATOR != 0 { u64::MAX } else { bits }
    }

    fn within(&self, channel: &Value) -> u64 {
        let base = self.base();
        if base == u64::MAX {
            return base;
        }
        let (everyone, me) = (self.guild["id"].as_str(), self.member["user"]["id"].as_str());
        let roles = self.roles();
        let overwrites = channel["permission_overwrites"].as_array().map(Vec::as_slice).unwrap_or_default();
        let apply = |bits: u64, applies: &dyn Fn(&str) -> bool| {
            let of = overwrites.iter().filter(|overwrite| overwrite["id"].as_str().is_some_and(applies));
            let (deny, allow) = of.fold((0, 0), |(deny, allow), overwrite| {
                (deny | mask(&overwrite["deny"]), allow | mask(&overwrite["allow"]))
            });
            (bits & !deny) | allow
        };
        let bits = apply(base, &|id| Some(id) == everyone);
        let bits = apply(bits, &|id| Some(id) != everyone && roles.contains(id));
        apply(bits, &|id| Some(id) == me)
    }
}

fn mask(bits: &Value) -> u64 {
    bits.as_str().and_then(|bits| bits.parse().ok()).or_else(|| bits.as_u64()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(overwrites: &Value, roles: &Value) -> Server {
        let all = PERMISSIONS.iter().fold(0, |bits, permission| bits | permission.bit);
        let guild = json!({"id": "1", "name": "Harbour Pay", "owner_id": "9", "roles": [
            {"id": "1", "permissions": "1024"},
            {"id": "2", "permissions": (all & !(1 << 51)).to_string()},
            {"id": "3", "permissions": "8"},
        ]});
        let member = json!({"user": {"id": "5"}, "roles": roles});
        Server::new(guild, member, vec![json!({"id": "7", "name": "ops", "permission_overwrites": overwrites})])
    }

    fn names(permissions: &[&Permission]) -> Vec<&'static str> {
        permissions.iter().map(|permission| permission.name).collect()
    }

    #[test]
    fn roles_add_up_and_an_administrator_has_all() {
        let held = |roles: Value| names(&server(&json!([]), &roles).lacks());
        assert_eq!(held(json!(["2"])), ["Pin Messages"]);
        assert_eq!(held(json!([])).len(), 5);
        assert_eq!(held(json!(["3"])), Vec::<&str>::new());
    }

    #[test]
    fn a_role_is_let_in_where_everyone_is_shut_out_and_the_member_counts_most() {
        let shut = json!({"id": "1", "deny": "1024", "allow": "0"});
        let let_in = json!({"id": "2", "deny": "0", "allow": "1024"});
        let mute = json!({"id": "5", "deny": "2048", "allow": "0"});
        let lacks = |overwrites: Value| {
            let server = server(&overwrites, &json!(["2"]));
            server.lacks_in("7").map(|(name, lacks)| (name.to_owned(), names(&lacks)))
        };
        assert_eq!(lacks(json!([shut])), Some(("ops".to_owned(), vec!["View Channels"])));
        assert_eq!(lacks(json!([let_in, shut])), Some(("ops".to_owned(), vec![])));
        assert_eq!(lacks(json!([mute, let_in, shut])), Some(("ops".to_owned(), vec!["Send Messages"])));
        assert!(server(&json!([]), &json!([])).lacks_in("8").is_none());
    }
}
