//! Shares as exact fractions of integers, so that 2/3 of 6 is 4 and never 3.9999.

use serde::Deserialize;

/// A share such as `50%` or `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Ratio {
    pub parts: u32,
    pub of: u32,
}

impl Ratio {
    /// This share of a whole, rounded up: 50% of 5 is 3.
    pub fn of_rounded_up(self, whole: u32) -> u32 {
        let exact = (u64::from(self.parts) * u64::from(whole)).div_ceil(u64::from(self.of));
        u32::try_from(exact).unwrap_or(u32::MAX)
    }

    /// In percent, rounded down: 2/3 is 66.
    pub fn percent(self) -> i32 {
        i32::try_from(u64::from(self.parts) * 100 / u64::from(self.of)).unwrap_or(i32::MAX)
    }

    /// True for more than nothing and at most the whole.
    pub fn is_share(self) -> bool {
        self.parts > 0 && self.parts <= self.of
    }
}

impl TryFrom<String> for Ratio {
    type Error = String;

    fn try_from(text: String) -> Result<Ratio, String> {
        let text = text.trim();
        let (parts, of) = match text.strip_suffix('%') {
            Some(percent) => (percent, "100"),
            None => text.split_once('/').ok_or_else(|| wrong_ratio(text))?,
        };
        let number = |part: &str| part.trim().parse::<u32>().map_err(|_| wrong_ratio(text));
        match (number(parts)?, number(of)?) {
            (_, 0) => Err(wrong_ratio(text)),
            (parts, of) => Ok(Ratio { parts, of }),
        }
    }
}

fn wrong_ratio(text: &str) -> String {
    format!("a share is written as 50% or 2/3, not {text:?}")
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.of {
            100 => write!(f, "{}%", self.parts),
            of => write!(f, "{}/{of}", self.parts),
        }
    }
}

/// What share of approve + reject must approve: `more than 1/2`, `at least 2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Threshold {
    MoreThan(Ratio),
    AtLeast(Ratio),
}

impl Threshold {
    pub fn ratio(self) -> Ratio {
        match self {
            Threshold::MoreThan(ratio) | Threshold::AtLeast(ratio) => ratio,
        }
    }

    /// True where this many approvals against this many rejections are enough. Without any ballot nothing is.
    pub fn is_met(self, approve: u32, reject: u32) -> bool {
        let ratio = self.ratio();
        let cast = u64::from(approve) + u64::from(reject);
        let got = u64::from(approve) * u64::from(ratio.of);
        let asked = u64::from(ratio.parts) * cast;
        cast > 0
            && match self {
                Threshold::MoreThan(_) => got > asked,
                Threshold::AtLeast(_) => got >= asked,
            }
    }
}

impl TryFrom<String> for Threshold {
    type Error = String;

    fn try_from(text: String) -> Result<Threshold, String> {
        let ratio = |share: &str| Ratio::try_from(share.to_owned());
        if let Some(share) = text.strip_prefix("more than ") {
            return Ok(Threshold::MoreThan(ratio(share)?));
        }
        if let Some(share) = text.strip_prefix("at least ") {
            return Ok(Threshold::AtLeast(ratio(share)?));
        }
        Err(format!("a threshold is written as \"more than 1/2\" or \"at least 2/3\", not {text:?}"))
    }
}

impl std::fmt::Display for Threshold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Threshold::MoreThan(ratio) => write!(f, "more than {ratio}"),
            Threshold::AtLeast(ratio) => write!(f, "at least {ratio}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Result<Ratio, String> {
        Ratio::try_from(text.to_owned())
    }

    fn threshold(text: &str) -> Threshold {
        Threshold::try_from(text.to_owned()).expect(text)
    }

    #[test]
    fn shares_round_up() {
        let rows =
            [("50%", 5, 3), ("50%", 6, 3), ("60%", 6, 4), ("60%", 5, 3), ("2/3", 6, 4), ("100%", 7, 7), ("50%", 0, 0)];
        assert_eq!(ratio("2/3").expect("a share").percent(), 66);
        for (share, whole, expected) in rows {
            assert_eq!(ratio(share).expect(share).of_rounded_up(whole), expected, "{share} of {whole}");
        }
    }

    #[test]
    fn a_threshold_is_exact_at_its_edge() {
        let rows = [
            ("more than 1/2", 2, 2, false),
            ("more than 1/2", 3, 2, true),
            ("at least 2/3", 4, 2, true),
            ("at least 2/3", 3, 2, false),
            ("at least 2/3", 1_999_999_999, 1_000_000_000, false),
            ("at least 2/3", 0, 0, false),
            ("more than 1/2", 0, 0, false),
        ];
        for (text, approve, reject, met) in rows {
            assert_eq!(threshold(text).is_met(approve, reject), met, "{approve} to {reject}, {text}");
            assert_eq!(threshold(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_not_a_share_is_refused_in_words() {
        for text in ["", "half", "1/0", "-1/2", "50", "%", "1/2/3"] {
            assert!(ratio(text).is_err(), "{text:?}");
        }
        assert!(Threshold::try_from("1/2".to_owned()).is_err());
        assert!(!ratio("101%").expect("a number").is_share() && !ratio("0%").expect("a number").is_share());
    }
}
