//! Where something stands in a file.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Knows the line of every byte of a text.
pub(super) struct Lines {
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Lines {
    pub(super) fn of(source: &str) -> Lines {
        Lines { ends: source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(place, _)| place).collect() }
    }

    /// The number of the line that this byte is on, from 1.
    pub(super) fn at(&self, byte: usize) -> usize {
        self.ends.partition_point(|end| *end < byte) + 1
    }

    /// The line of an error; the first where it has none.
    pub(super) fn of_error(&self, error: &toml::de::Error) -> usize {
        error.span().map_or(1, |span| self.at(span.start))
    }

    /// The line of the longest part of a dotted place that the document has; `None` where it has none of it.
    pub(super) fn of_place(&self, document: &DeTable, place: &str) -> Option<usize> {
        let mut table = document;
        let mut found = None;
        for key in place.split('.') {
            let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == key) else { break };
            found = Some(name.span().start);
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => break,
            }
        }
        found.map(|byte| self.at(byte))
    }
}

/// True where the first stretch lies within the second.
pub(super) fn lies_in(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
