//! The rows that a record's entries add up to.

use std::collections::BTreeMap;

use super::{Kind, Part, Replay, Row};

impl Replay {
    /// The rows that there must be: each with 0, or with the entry that made it.
    pub fn rows(self) -> BTreeMap<(Part, i32), Row> {
        let marks = self.marks.into_iter().map(|((part, seq), words)| ((part, seq), Row { version: seq, words }));
        let overrides = self.overrides.into_iter().map(|one| {
            let row = Row { version: one.version, words: one.words() };
            ((Part::Override, one.version), row)
        });
        let turn = self.record.as_ref().and_then(|record| self.turn.row(record.version));
        let record = self.record.map(|record| {
            let part = match record.of {
                Kind::Incident { .. } => Part::Incident,
                Kind::Change { .. } => Part::Change,
                Kind::Freeze { .. } => Part::Freeze,
                Kind::Meeting(_) => Part::Meeting,
                Kind::Exception { .. } => Part::Exception,
                Kind::Batch(_) => Part::Batch,
            };
            ((part, 0), Row { version: record.version, words: record.words() })
        });
        let pir = self.pir.map(|pir| ((Part::Pir, 0), Row { version: pir.version, words: pir.words() }));
        let spells = self.spells.rows();
        let proposals = self.proposals.rows().map(|row| ((Part::Proposal, row.version), row));
        let links = self.links.rows().map(|row| ((Part::Link, row.version), row));
        let archives = self.archives.rows();
        let rulings = self.rulings.rows().map(|row| ((Part::Escalation, row.version), row));
        let conflicts = self.conflicts.rows().map(|row| ((Part::Conflict, row.version), row));
        let standby = self.standby.rows().map(|row| ((Part::Standby, row.version), row));
        let answers = self.answers.rows().map(|row| ((Part::NoticeAnswer, row.version), row));
        let many = overrides.chain(spells).chain(proposals).chain(links).chain(archives).chain(rulings);
        let rehearsals = self.rehearsals.rows().map(|row| ((Part::Rehearsal, row.version), row));
        let claims = self.claims.rows().map(|row| ((Part::Claim, row.version), row));
        let many = many.chain(conflicts).chain(standby).chain(rehearsals).chain(answers).chain(claims);
        let amendments = self.amendments.rows().map(|row| ((Part::Amendment, row.version), row));
        let many = many.chain(amendments);
        let turn = turn.map(|row| ((Part::Slot, 0), row));
        marks.chain(many).chain(record).chain(pir).chain(turn).collect()
    }
}
