//! One integration binary. People, not payloads, are the subjects; the world is read back as text.

mod harness;

mod browser;
mod clients;
mod connections;
mod contract;
mod conventions;
mod corpus;
mod crashes;
mod decision_log;
mod deliveries;
mod doctor;
mod events;
mod extreme;
mod forms;
mod identity;
mod kills;
mod late;
mod offers;
mod pace;
mod policies;
mod privacy;
mod refusals;
mod registration;
mod rendering;
mod requests;
mod restarts;
mod second_person;
mod sends;
mod soak;
mod story;
mod templates;
mod units;
mod upgrade;
mod windows;
