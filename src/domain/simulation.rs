//! What a policy would have made of what was decided: the same facts, asked under two policies.

use super::Subject;

/// What of a record can come out differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    Risk,
    Type,
    Approvals,
    Freeze,
    Priority,
}

impl Facet {
    pub const ALL: [Facet; 5] = [Facet::Risk, Facet::Type, Facet::Approvals, Facet::Freeze, Facet::Priority];

    /// For people: "the risk".
    pub fn phrase(self) -> &'static str {
        match self {
            Facet::Risk => "risk",
            Facet::Type => "type",
            Facet::Approvals => "approvals",
            Facet::Freeze => "freezes",
            Facet::Priority => "priority",
        }
    }
}

/// How a record comes out under one policy: a sentence for each facet that applies to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sight(pub Vec<(Facet, String)>);

/// A record that comes out differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    pub subject: Subject,
    /// What differs, before and after.
    pub facets: Vec<(Facet, String, String)>,
}

/// What the records of some days add up to. Only counts and the first few that differ are kept, however many there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulation {
    pub days: u32,
    pub changes: u32,
    pub incidents: u32,
    pub changes_differ: u32,
    pub incidents_differ: u32,
    /// How many differ, by facet, in their order.
    pub counts: [u32; Facet::ALL.len()],
    /// The newest that differ.
    pub rows: Vec<Otherwise>,
    /// There were more records than were looked at.
    pub cut: bool,
    rows_max: usize,
}

impl Simulation {
    pub fn of(days: u32, rows_max: usize) -> Simulation {
        Simulation { days, rows_max, ..Simulation::default() }
    }

    /// Counts one record, as it comes out under the policy in force and under the other.
    pub fn add(&mut self, subject: Subject, before: &Sight, after: &Sight) {
        let facets = differing(before, after);
        let differs = u32::from(!facets.is_empty());
        if matches!(subject, Subject::Incident(_)) {
            self.incidents += 1;
            self.incidents_differ += differs;
        } else {
            self.changes += 1;
            self.changes_differ += differs;
        }
        for (facet, ..) in &facets {
            self.counts[*facet as usize] += 1;
        }
        if !facets.is_empty() && self.rows.len() < self.rows_max {
            self.rows.push(Otherwise { subject, facets });
        }
    }

    /// How many records came out otherwise.
    pub fn differ(&self) -> u32 {
        self.changes_differ + self.incidents_differ
    }

    /// "3 of 41 changes and 0 of 7 incidents"
    pub fn counted(&self) -> String {
        format!(
            "{} of {} changes and {} of {} incidents",
            self.changes_differ, self.changes, self.incidents_differ, self.incidents
        )
    }

    /// "approvals 3, risk 2"; empty where nothing differs.
    pub fn by_facet(&self) -> String {
        let mut counted: Vec<(Facet, u32)> = Facet::ALL.into_iter().zip(self.counts).collect();
        counted.retain(|(_, count)| *count > 0);
        counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counted.iter().map(|(facet, count)| format!("{} {count}", facet.phrase())).collect::<Vec<_>>().join(", ")
    }
}

/// A facet that only one of them has differs too: a request that is refused says nothing of approvals.
fn differing(before: &Sight, after: &Sight) -> Vec<(Facet, String, String)> {
    let said = |sight: &Sight, facet: Facet| {
        sight.0.iter().find(|(of, _)| *of == facet).map(|(_, words)| words.clone()).unwrap_or_default()
    };
    Facet::ALL
        .into_iter()
        .map(|facet| (facet, said(before, facet), said(after, facet)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(risk: &str) -> Sight {
        Sight(vec![(Facet::Risk, risk.to_owned()), (Facet::Type, "a normal change".to_owned())])
    }

    #[test]
    fn a_simulation_counts_everything_and_keeps_a_few() {
        let mut simulation = Simulation::of(90, 2);
        for number in 1..=5 {
            simulation.add(Subject::Change(number), &sight("low risk"), &sight("high risk"));
        }
        simulation.add(Subject::Change(6), &sight("low risk"), &sight("low risk"));
        simulation.add(Subject::Incident(1), &Sight::default(), &Sight(vec![(Facet::Priority, "P1".to_owned())]));
        assert_eq!(simulation.counted(), "5 of 6 changes and 1 of 1 incidents");
        assert_eq!(simulation.by_facet(), "risk 5, priority 1");
        assert_eq!((simulation.differ(), simulation.rows.len()), (6, 2));
        assert_eq!(simulation.rows[0].facets, [(Facet::Risk, "low risk".to_owned(), "high risk".to_owned())]);
    }
}
