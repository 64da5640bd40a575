//! A local Slack workspace and Discord server that speak the real wire protocols, and a page to type in.

mod api;
pub mod cast;
mod delivery;
pub mod discord;
mod files;
mod host;
mod keep;
mod multipart;
mod page;
pub mod slack;
mod trouble;
mod witness;

pub use delivery::{DeliveryFault, Posted};
pub use host::{ClockControl, FirstPeople, Sandbox, SandboxError, SandboxOptions};
pub use witness::{Exchange, Token, Witness};
