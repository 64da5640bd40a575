//! Samples of what happens to the log itself.

use wardroom::domain::event::{LogEvent, Recovered, RecoveryCause};

use super::events::text;

pub fn kind_of(event: &LogEvent) -> &'static str {
    match event {
        LogEvent::Recovered(_) => "log.recovered",
        LogEvent::KeyRotated { .. } => "log.key_rotated",
    }
}

pub fn samples() -> Vec<LogEvent> {
    let vkey = "wardroom/harbour+ec520463+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs".to_owned();
    let recovered = Recovered {
        epoch: 2,
        cause: RecoveryCause::Backup,
        signed: 47,
        fits: 40,
        there: 42,
        statement: "0a1b2c".to_owned(),
        why: text("why"),
        declared_by: text("declared_by"),
        backup: Some(text("backup")),
    };
    vec![LogEvent::Recovered(Box::new(recovered)), LogEvent::KeyRotated { vkey: vkey.clone(), replaces: vkey }]
}
