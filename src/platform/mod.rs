//! Slack and Discord: wire payloads in, neutral messages out. No business rule lives here.

mod adapter;
pub mod discord;
mod ignored;
pub mod outbound;
mod pulse;
pub mod refusal;
mod request;
pub mod slack;

pub use adapter::{Adapter, Adapters};
pub use outbound::{Attachment, MessageRef, NewRoom, Outbound, SendError, Sending};
pub use refusal::{Cause, Meaning};
