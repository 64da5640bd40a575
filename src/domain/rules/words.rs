//! Enums whose members are words: the same word in SQL, the log, the policy file and the code.

/// An enum whose members are words, for whatever reads or lists any of them alike.
pub trait Word: Copy + 'static {
    /// Every word, in order.
    fn words() -> Vec<&'static str>;

    /// Reads a word in any case.
    fn of_word(word: &str) -> Option<Self>;

    fn word(self) -> &'static str;
}

/// Declares an enum with its word (SQL, log, policy file) and its phrase for people.
///
/// Gives `ALL`, `as_str`, `phrase`, `parse` (any case, also the aliases after `|`) and a `Display` that writes the
/// phrase, so that a sentence can simply name the value.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $alias:literal)*, $phrase:literal;)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: [$name; [$($word),+].len()] = [$($name::$variant),+];

            /// The word used in SQL, in log entries and in the policy file.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// The words for people.
            pub fn phrase(self) -> &'static str {
                match self {
                    $($name::$variant => $phrase,)+
                }
            }

            /// Reads a word in any case.
            pub fn parse(word: &str) -> Option<$name> {
                let words: &[(&str, $name)] = &[$(($word, $name::$variant), $(($alias, $name::$variant),)*)+];
                words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, value)| *value)
            }
        }

        impl $crate::domain::rules::Word for $name {
            fn words() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.as_str()).collect()
            }

            fn of_word(word: &str) -> Option<Self> {
                Self::parse(word)
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.phrase())
            }
        }
    };
}
