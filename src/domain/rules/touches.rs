//! What a change touches, where that asks for more than its risk alone does (rules 4.7 and 4.10).

use serde::{Deserialize, Serialize};

use super::Flag;
use super::ruling::listed;

words! {
    /// Something that a change touches.
    Touch {
        /// Access, the network boundary, secrets, or data protection.
        Security = "security", "access, network boundary, secrets or data protection";
        /// Privileged accounts or cryptographic keys.
        Privileged = "privileged", "privileged accounts or keys";
        /// Data is moved, or made over.
        Migration = "migration", "data that is moved";
        /// Somebody outside the house carries it out.
        Vendor = "vendor", "a vendor's work";
    }
}

impl Touch {
    /// What it adds seats as.
    pub fn flag(self) -> Flag {
        match self {
            Touch::Security => Flag::TouchesSecurity,
            Touch::Privileged => Flag::Privileged,
            Touch::Migration => Flag::Irreversible,
            Touch::Vendor => Flag::Vendor,
        }
    }

    fn bit(self) -> u8 {
        match self {
            Touch::Security => 1,
            Touch::Privileged => 2,
            Touch::Migration => 4,
            Touch::Vendor => 8,
        }
    }
}

/// Each touch once, in the order of [`Touch::ALL`]. Kept as its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Touch>", from = "Vec<Touch>")]
pub struct Touches {
    bits: u8,
}

impl Touches {
    /// What is said where nothing of it is touched.
    pub const NOTHING: &str = "none";

    pub fn has(self, touch: Touch) -> bool {
        self.bits & touch.bit() != 0
    }

    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    #[must_use]
    pub fn with(self, other: Touches) -> Touches {
        Touches { bits: self.bits | other.bits }
    }

    #[must_use]
    pub fn without(self, other: Touches) -> Touches {
        Touches { bits: self.bits & !other.bits }
    }

    pub fn iter(self) -> impl Iterator<Item = Touch> {
        Touch::ALL.into_iter().filter(move |touch| self.has(*touch))
    }

    /// Reads `security,privileged`, in any order. `Err`: the first word that is none.
    pub fn read(text: &str) -> Result<Touches, &str> {
        let words = text.split([',', '+', ' ']).filter(|word| !word.is_empty());
        let words = words.filter(|word| !word.eq_ignore_ascii_case(Touches::NOTHING));
        words.map(|word| Touch::parse(word).ok_or(word)).collect::<Result<Vec<Touch>, &str>>().map(Touches::from)
    }

    /// As it is typed: `security,privileged`.
    pub fn typed(self) -> String {
        if self.is_empty() { Touches::NOTHING.to_owned() } else { self.words().join(",") }
    }

    pub fn words(self) -> Vec<String> {
        self.iter().map(|touch| touch.as_str().to_owned()).collect()
    }

    /// For people: "privileged accounts or keys and a vendor's work".
    pub fn phrase(self) -> String {
        let phrases: Vec<&str> = self.iter().map(Touch::phrase).collect();
        listed(&phrases, "and")
    }

    /// Everything that may be chosen from a list, as it is typed, with what it means: nothing, each alone, then together.
    pub fn choices() -> Vec<(String, String)> {
        let mut all: Vec<Touches> =
            (0..=Touches::from(Touch::ALL.to_vec()).bits).map(|bits| Touches { bits }).collect();
        all.sort_by_key(|touches| touches.bits.count_ones());
        let meaning = |touches: &Touches| match touches.bits.count_ones() {
            0 => "none · nothing of these".to_owned(),
            1 => format!("{} · {}", touches.typed(), touches.phrase()),
            _ => touches.words().join(" + "),
        };
        all.iter().map(|touches| (touches.typed(), meaning(touches))).collect()
    }
}

impl From<Vec<Touch>> for Touches {
    fn from(touches: Vec<Touch>) -> Touches {
        Touches { bits: touches.into_iter().fold(0, |bits, touch| bits | touch.bit()) }
    }
}

impl From<Touches> for Vec<Touch> {
    fn from(touches: Touches) -> Vec<Touch> {
        touches.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_in_any_order_and_kept_in_one() {
        let read = Touches::read("Vendor,security").expect("known words");
        assert_eq!((read.typed(), read.has(Touch::Vendor)), ("security,vendor".to_owned(), true));
        assert_eq!(read.phrase(), "access, network boundary, secrets or data protection and a vendor's work");
        assert_eq!(Touches::read("none"), Ok(Touches::default()));
        assert_eq!(Touches::read("security,keys"), Err("keys"));
        assert_eq!(serde_json::to_string(&read).expect("plain data"), r#"["security","vendor"]"#);
        assert_eq!(serde_json::from_str::<Touches>(r#"["vendor","security"]"#).expect("it is read"), read);
    }

    #[test]
    fn a_list_offers_every_set_of_them_once_and_each_is_read_back() {
        let choices = Touches::choices();
        assert_eq!(choices.len(), 16);
        assert_eq!(choices[1].1, "security · access, network boundary, secrets or data protection");
        assert_eq!(choices[15].0, "security,privileged,migration,vendor");
        for (typed, _) in &choices {
            assert_eq!(&Touches::read(typed).expect("it is offered").typed(), typed);
        }
    }
}
