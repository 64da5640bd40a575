//! Policy files and files of cases, as people write them: reads them, and says everything that is wrong with its line.

mod case_table;
mod cases;
mod differences;
mod policy_file;
mod redaction;
mod repair;
mod report;
mod spot;

pub use cases::{Format, read_cases};
pub use differences::{Difference, differences};
pub use policy_file::{FileProblem, complete_policy, read_policy, unknown_services};
pub use redaction::{PERSON, Redacted, Redactor, suspicious};
pub use report::{report, sheet};

#[cfg(test)]
mod tests;
