//! The decision log as a stream for a SIEM: every entry in the order of the tree, at least once, resumed where it was
//! left off. Each carries its place in the tree, so that a repetition is known as one.

mod format;
pub mod ocsf;
mod record;
mod sink;
mod stream;

pub use format::{Format, syslog};
pub use record::Record;
pub use sink::{Sink, SinkError, SinkSettings, Way};
pub use stream::{Pace, Streamer};
