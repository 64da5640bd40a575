//! The workspace across restarts.

use serde_json::{Value, json};

use super::SlackWorkspace;
use super::state::Live;
use super::world::World;

/// Changes when an older snapshot can no longer be read.
const VERSION: u64 = 1;

impl SlackWorkspace {
    /// All that outlives a restart: channels, members, messages, pins. Open forms and one-time ids do not.
    pub fn snapshot(&self) -> Value {
        self.with(|state| json!({"version": VERSION, "team_id": self.cast.team_id, "world": state.world}))
    }

    /// Puts back what [`Self::snapshot`] gave. Channels and people that the cast has gained since are added.
    pub fn restore(&self, mut value: Value) -> Result<(), String> {
        if value["version"] != VERSION {
            return Err(format!("the Slack snapshot has version {}, not {VERSION}", value["version"]));
        }
        if value["team_id"] != self.cast.team_id.as_str() {
            return Err(format!("the Slack snapshot is of workspace {}", value["team_id"]));
        }
        let mut world: World = serde_json::from_value(value["world"].take())
            .map_err(|error| format!("the Slack snapshot cannot be read: {error}"))?;
        world.add_seeds(&self.cast, self.now());
        self.with(|state| {
            let connections = std::mem::take(&mut state.live.connections);
            state.live = Live { connections, ..Live::default() };
            state.world = world;
            state.changed = true;
        });
        Ok(())
    }
}
