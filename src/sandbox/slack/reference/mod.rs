//! What Slack's documentation says of its methods and of Block Kit, as data with a source each, and the checks that read
//! it. Here is what the documentation says; what the workspace holds besides (who is in a channel) is the methods' own.

mod block_kit;
mod methods;

pub(super) use block_kit::{BlockKit, Kind, Shape, block_kit};
pub use methods::{Fault, check_call, documents};
pub(super) use methods::{Owner, method};
