//! The adapter against handwritten payloads and a small Slack of its own.

mod fake;
mod fuzz;
mod holding;
mod inbound;
mod listening;
mod outbound;
mod requests;
mod writing;
