//! Rule 4.33, its last sentence: whether one desk, the teams, or both should coordinate incidents.

words! {
    /// Who gets an incident first.
    CoordinationMode {
        Federated = "federated", "federated: the team that owns the service";
        Hybrid = "hybrid", "hybrid: a central desk for P1 and P2, the teams for the rest";
        Central = "central", "central: one desk for everything";
    }
}

/// What the recommendation rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complexity {
    pub teams: u32,
    pub regions: u32,
    /// Somebody sits at a desk around the clock.
    pub desk_around_the_clock: bool,
    /// 1 (by hand) to 5 (automated).
    pub tooling: u32,
}

/// Ten times `teams/5 + regions + (1 if a desk around the clock) - tooling/2`: whole numbers have no rounding.
pub fn complexity_tenths(of: Complexity) -> i64 {
    let desk = if of.desk_around_the_clock { 10 } else { 0 };
    i64::from(of.teams) * 2 + i64::from(of.regions) * 10 + desk - i64::from(of.tooling.clamp(1, 5)) * 5
}

/// Rule 4.33: below 2 federated, 2 to 4 hybrid, above 4 central.
pub fn coordination_mode(of: Complexity) -> CoordinationMode {
    match complexity_tenths(of) {
        ..20 => CoordinationMode::Federated,
        20..=40 => CoordinationMode::Hybrid,
        41.. => CoordinationMode::Central,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recommendation_follows_the_score_at_its_borders() {
        #[rustfmt::skip]
        let vectors = [
            (5, 1, false, 2, 10, CoordinationMode::Federated),   // 1 + 1 + 0 - 1
            (0, 0, false, 5, -25, CoordinationMode::Federated),
            (12, 1, false, 3, 19, CoordinationMode::Federated),  // 2.4 + 1 - 1.5
            (10, 1, false, 2, 20, CoordinationMode::Hybrid),     // 2 + 1 - 1
            (10, 2, true, 2, 40, CoordinationMode::Hybrid),      // 2 + 2 + 1 - 1
            (13, 2, true, 3, 41, CoordinationMode::Central),     // 2.6 + 2 + 1 - 1.5
            (40, 3, true, 1, 115, CoordinationMode::Central),
            (5, 1, false, 9, -5, CoordinationMode::Federated),   // a level above five counts as five
        ];
        for (teams, regions, desk_around_the_clock, tooling, tenths, mode) in vectors {
            let of = Complexity { teams, regions, desk_around_the_clock, tooling };
            assert_eq!(complexity_tenths(of), tenths, "{of:?}");
            assert_eq!(coordination_mode(of), mode, "{of:?}");
        }
    }
}
