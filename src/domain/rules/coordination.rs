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
