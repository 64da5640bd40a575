//! The way of one command: what came in, the one transaction, what is answered.

mod amendments;
mod answer;
mod archive;
mod archive_views;
mod asks;
mod batch_run;
mod batch_standby;
mod batch_views;
mod batches;
mod calendar;
mod cards;
mod catalogue;
mod charters;
mod checking;
mod checklists;
mod claims;
mod conflicts;
mod custom_fields;
mod delegations;
mod doubts;
mod drafts;
mod effects;
mod exceptions;
mod export;
mod failures;
mod feed;
mod field_reports;
mod freeze_views;
mod freezes;
mod halts;
mod handle;
mod history;
mod holds;
mod home;
pub mod inbound;
mod intake;
mod keeping;
mod linking;
mod links;
mod lists;
mod log;
mod meetings;
mod news;
mod notice_answers;
mod notices;
mod offers;
mod peer_reviews;
mod pirs;
mod plans;
mod prefill;
mod privacy;
mod proposals;
mod questions;
mod reach;
mod recent;
mod redactions;
mod rehearsals;
mod reminders;
mod reports;
mod responsibilities;
mod retention;
mod retros;
mod rollbacks;
mod rulings;
mod seats;
mod settling;
mod setup;
mod simulations;
mod slots;
mod standards;
mod standby;
mod suspects;
mod target;
mod tenant;
mod turns;
mod validations;
mod verifying;
mod windows;

use std::sync::{Arc, RwLock};

pub use archive::{SealError, SealOutcome};
pub use batch_run::BatchMoved;
pub use cards::card_message;
pub use export::{Bundle, Exported, Files};
pub use handle::HandleError;
pub use home::home_message;
pub use inbound::{Act, FieldError, Inbound, Reply};
pub use keeping::SEAL_PATIENCE;
pub use linking::linked_message;
pub use reminders::{BallotWanted, voter_message};
pub use setup::{Applied, PolicyLoad, SetupError};
pub use simulations::{SIMULATED_DAYS, SIMULATED_DAYS_MAX};
pub use tenant::Tenant;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::domain::Platform;
use crate::host_token::HostTokens;
use crate::ledger::anchors::Anchors;
use crate::ledger::archive::Archive;
use crate::render::Renderer;
use crate::store::{Databases, Store};

/// Everything that a command needs. Cheap to clone, the same for adapters, jobs and pages.
#[derive(Debug, Clone)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub renderer: Arc<Renderer>,
    /// The platforms that this process serves, also while one of them has lost the bot: nothing is kept for others.
    pub platforms: Vec<Platform>,
    /// What is kept of the log outside the database, for a check of the log.
    pub anchors: Option<Anchors>,
    /// Where records that have ended are sealed; `None` where this process knows no such folder.
    pub archive: Option<Archive>,
    /// What checks of changes may read beside what is on the network.
    pub databases: Databases,
    /// What services that run pipelines are asked with.
    pub host_tokens: HostTokens,
    /// Where this process is reached from outside, without a slash at its end; `None` where nobody has said so.
    pub public_url: Option<String>,
    /// One check of the log at a time: it reads much.
    verifying: Arc<Semaphore>,
    tenants: Arc<RwLock<tenant::Cache>>,
    recent: Arc<recent::Recent>,
    turns: Arc<turns::Turns>,
}

impl App {
    pub fn new(store: Store, clock: Clock, renderer: Renderer, platforms: Vec<Platform>) -> App {
        let (verifying, recent) = (Arc::new(Semaphore::new(1)), Arc::default());
        let renderer = Arc::new(renderer);
        let (tenants, turns) = (Arc::default(), Arc::default());
        App {
            store,
            clock,
            renderer,
            platforms,
            anchors: None,
            archive: None,
            databases: Databases::default(),
            host_tokens: HostTokens::default(),
            public_url: None,
            verifying,
            tenants,
            recent,
            turns,
        }
    }

    /// Takes the place of another bot, whose deliveries may come again.
    #[must_use]
    pub fn after_another(mut self) -> App {
        self.recent = Arc::new(recent::Recent::after_another());
        self
    }
}
