//! Wardroom: incident command and change control in Slack and Discord, with a decision log that can be proven.
//!
//! # The way of one command
//!
//! A person says something in a place. `platform` turns the wire payload into an [`app::Inbound`]; `language` turns its
//! words into a [`domain::Command`]; `domain::decide` says what that changes (pure, no clock, no IO); `store::record`
//! writes the change, its decision-log entries, its deadlines and its jobs in one transaction; `jobs` then make every
//! place show it, through `platform` again.
//!
//! # Code map
//!
//! | folder | what it is for |
//! |---|---|
//! | [`domain`] | the rules and the nouns, pure |
//! | [`language`] | the catalogue of verbs; text or options to a command |
//! | [`app`] | the one transaction, and the questions that only read |
//! | [`store`] | all SQL |
//! | [`ledger`] | the decision log: encoding, chain, verification, export |
//! | [`render`] | notices to messages, through `templates/` |
//! | [`platform`] | Slack and Discord, in and out |
//! | [`jobs`] | what happens after the commit, and when time passes |
//! | [`doctor`] | what is wrong with a deployment, looked at live |
//! | [`web`] | health, readiness, metrics, the change calendar, the sandbox's clock; mounts the endpoints of the platforms |
//! | [`rulebook`] | policy files and files of cases: what is wrong with them, line by line |
//! | [`cluster`] | a private Postgres, started from the installed binaries |
//! | [`sandbox`] | a local Slack workspace and Discord server, and a page to type in |
//!
//! Arrows point one way: `platform, jobs, web, sandbox -> app -> store, render, ledger, language -> domain`.

mod address;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod doctor;
pub mod domain;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod fuzz_targets;
pub mod host_token;
pub mod jobs;
pub mod language;
pub mod ledger;
pub mod platform;
pub mod policies;
pub mod registration;
pub mod render;
pub mod rulebook;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod service;
pub mod siem;
pub mod store;
pub mod telemetry;
#[cfg(feature = "sandbox")]
pub mod trial;
pub mod web;
