//! The way of one command: what came in, the one transaction, what is answered.

mod answer;
mod cards;
mod effects;
mod export;
mod handle;
mod home;
pub mod inbound;
mod intake;
mod linking;
mod lists;
mod log;
mod news;
mod offers;
mod questions;
mod setup;
mod target;
mod tenant;

use std::sync::{Arc, RwLock};

pub use cards::card_message;
pub use export::Bundle;
pub use handle::HandleError;
pub use home::home_message;
pub use inbound::{Act, FieldError, Inbound, Reply};
pub use linking::linked_message;
pub use setup::{Applied, SetupError};
pub use tenant::Tenant;

use crate::clock::Clock;
use crate::domain::Platform;
use crate::ledger::anchors::Anchors;
use crate::render::Renderer;
use crate::store::Store;

/// Everything that a command needs. Cheap to clone, the same for adapters, jobs and pages.
#[derive(Debug, Clone)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub renderer: Arc<Renderer>,
    /// The platforms that this process serves, also while one of them has lost the bot: nothing is kept for others.
    pub platforms: Vec<Platform>,
    /// What is kept of the log outside the database, where this process knows it.
    pub anchors: Option<Anchors>,
    tenants: Arc<RwLock<tenant::Cache>>,
}

impl App {
    pub fn new(store: Store, clock: Clock, renderer: Renderer, platforms: Vec<Platform>) -> App {
        App { store, clock, renderer: Arc::new(renderer), platforms, anchors: None, tenants: Arc::default() }
    }
}
