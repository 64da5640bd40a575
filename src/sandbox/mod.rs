//! A local Slack workspace and Discord server that speak the real wire protocols, and a page to type in.

mod api;
pub mod cast;
pub mod discord;
mod host;
mod keep;
mod page;
pub mod slack;
mod witness;

pub use host::{ClockControl, FirstPeople, Sandbox, SandboxError, SandboxOptions};
pub use witness::{Exchange, Token, Witness};
