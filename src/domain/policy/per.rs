//! Tables with one entry for every value of an enum: a missing row does not load.

use serde::Deserialize;

use crate::domain::rules::{Band, EmergencyCase, Impact, TechnicalImpact};

/// One entry per band.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerBand<T> {
    pub low: T,
    pub medium: T,
    pub high: T,
    pub critical: T,
}

impl<T> PerBand<T> {
    pub fn of(&self, band: Band) -> &T {
        match band {
            Band::Low => &self.low,
            Band::Medium => &self.medium,
            Band::High => &self.high,
            Band::Critical => &self.critical,
        }
    }
}

/// One entry per technical impact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerTechnicalImpact<T> {
    pub outage: T,
    pub partial: T,
    pub degraded: T,
    pub none_visible: T,
}

impl<T> PerTechnicalImpact<T> {
    pub fn of(&self, technical: TechnicalImpact) -> &T {
        match technical {
            TechnicalImpact::Outage => &self.outage,
            TechnicalImpact::Partial => &self.partial,
            TechnicalImpact::Degraded => &self.degraded,
            TechnicalImpact::NoneVisible => &self.none_visible,
        }
    }
}

/// One entry per impact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
pub struct PerImpact<T> {
    pub i1: T,
    pub i2: T,
    pub i3: T,
    pub i4: T,
}

impl<T> PerImpact<T> {
    pub fn of(&self, impact: Impact) -> &T {
        match impact {
            Impact::I1 => &self.i1,
            Impact::I2 => &self.i2,
            Impact::I3 => &self.i3,
            Impact::I4 => &self.i4,
        }
    }
}

/// One entry per clock of an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerCase<T> {
    pub p1: T,
    pub p2: T,
    pub exploit: T,
}

impl<T> PerCase<T> {
    pub fn of(&self, case: EmergencyCase) -> &T {
        match case {
            EmergencyCase::P1 => &self.p1,
            EmergencyCase::P2 => &self.p2,
            EmergencyCase::Exploit => &self.exploit,
        }
    }
}
