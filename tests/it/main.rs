//! One integration binary. People, not payloads, are the subjects; the world is read back as text.

mod harness;

mod browser;
mod contract;
mod conventions;
mod decision_log;
mod deliveries;
mod doctor;
mod forms;
mod pace;
mod refusals;
mod registration;
mod restarts;
mod second_person;
mod sends;
mod story;
mod templates;
mod windows;
