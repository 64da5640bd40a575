//! What people were given in chat for an entry, read back.

use super::receipt;

/// `L INC-42#7 4jlD/tdS`: an entry, and the beginning of its hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenReceipt {
    pub subject: String,
    pub seq: i32,
    /// 8 characters of base64, 48 bits: too many to be met by chance, too few to be met by nobody who tries for long.
    hash: String,
}

impl GivenReceipt {
    /// Finds a receipt in a line as it was copied from chat.
    pub fn find(line: &str) -> Option<GivenReceipt> {
        let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == '`').collect();
        words.windows(3).find_map(|words| {
            let [mark, entry, hash] = words else { return None };
            let (subject, seq) = entry.split_once('#').filter(|_| *mark == "L")?;
            let seq: i32 = seq.parse().ok().filter(|seq| *seq > 0)?;
            let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
            let hash = hash.get(..8).filter(|start| start.chars().all(is_base64))?;
            Some(GivenReceipt { subject: subject.to_owned(), seq, hash: hash.to_owned() })
        })
    }

    /// Whether it was given for an entry with this leaf hash.
    pub fn fits(&self, leaf_hash: &[u8]) -> bool {
        receipt(&self.subject, self.seq, leaf_hash) == self.text()
    }

    pub fn text(&self) -> String {
        format!("L {}#{} {}", self.subject, self.seq, self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_as_it_was_given_and_as_it_was_copied() {
        let given = receipt("INC-42", 7, &[0xe2; 32]);
        for line in [given.clone(), format!("Ana declared INC-42 · `{given}`"), format!("  {given}  (copied)")] {
            let read = GivenReceipt::find(&line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((read.subject.as_str(), read.seq, read.text()), ("INC-42", 7, given.clone()));
            assert!(read.fits(&[0xe2; 32]) && !read.fits(&[0xe3; 32]));
        }
        for line in ["", "L INC-42#7", "L INC-42#0 4jlD/tdS", "X INC-42#7 4jlD/tdS", "L INC-42#7 4jlD…dS!"] {
            assert_eq!(GivenReceipt::find(line), None, "{line}");
        }
    }
}
