//! The SIEM, where one is set: do the settings make sense, and does anybody answer there?

use super::Finding;
use crate::config::RunSettings;
use crate::siem::Sink;

pub(super) async fn examine(settings: &RunSettings) -> Option<Finding> {
    let sink = match settings.siem.settings() {
        Ok(sink) => sink?,
        Err(problem) => return Some(Finding::wrong(format!("SIEM: {problem}."))),
    };
    let reached = match Sink::new(sink.way) {
        Ok(sink) => sink.reach().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    Some(match reached {
        Ok(()) if sink.with_texts => {
            Finding::good("The SIEM answers. It gets names and texts, as WARDROOM_SIEM_WITH_TEXTS says.")
        }
        Ok(()) => Finding::good("The SIEM answers. It gets no name and no text."),
        Err(problem) => {
            Finding::wrong(format!("SIEM: {problem}. The log is sent on from where it stopped once it answers."))
        }
    })
}
