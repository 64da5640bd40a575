//! The chat language: one catalogue of verbs; text or options to a command. Pure, like the domain.
//!
//! `call = command [ verb ] { arg }`, `arg = ref | word | key ":" value | text`: verb first, object by context, free
//! text to the end, quotes never needed, keys in any order.

pub mod call;
pub mod catalogue;
mod filled;
pub mod forms;
pub mod grammar;
pub mod message_text;
pub mod nearest;
pub mod parameters;
pub mod presses;
pub mod severity;
pub mod understand;

pub use call::{Call, Misunderstood};
pub use catalogue::{Arg, ArgKind, KeyOf, Need, Verb, VerbId};
pub use filled::Filled;
pub use understand::{Listener, Understanding, understand};
