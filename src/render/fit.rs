//! Lists of lines that fit one message: where they would not, the longest are shortened, and none is left out.

use super::cut::first_chars;
use super::message::{Inline, Text, plain};

/// Characters of a list that both platforms show whole (an embed of Discord takes 4,096, marks included).
const LIST_MAX: usize = 3_600;
/// What a line costs besides its words: a mention or a moment is longer than it looks, marks are escaped.
const LINE_COST: usize = 60;
/// A line keeps this much, however many there are.
const LINE_MIN: usize = 20;

/// Shortens the longest lines, all to the same length, until they fit together.
pub fn fit(lines: Vec<Text>) -> Vec<Text> {
    let lengths: Vec<usize> = lines.iter().map(|line| plain(line).chars().count()).collect();
    let room = LIST_MAX.saturating_sub(lines.len() * LINE_COST);
    let fits = |cap: &usize| lengths.iter().map(|length| length.min(cap)).sum::<usize>() <= room;
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let cap = (LINE_MIN..=longest.max(LINE_MIN)).rev().find(fits).unwrap_or(LINE_MIN);
    lines.into_iter().map(|line| shorten(line, cap)).collect()
}

/// The first `max` characters of a text; what is left out is marked with "…".
pub fn shorten(text: Text, max: usize) -> Text {
    let mut short = Vec::with_capacity(text.len());
    let mut room = max;
    for mut inline in text {
        let length = plain(std::slice::from_ref(&inline)).chars().count();
        if length <= room {
            room -= length;
            short.push(inline);
            continue;
        }
        if let Inline::Plain { text } | Inline::Bold { text } | Inline::Code { text } = &mut inline {
            *text = first_chars(text, room.saturating_sub(1)).to_owned();
            short.push(inline);
        }
        short.push(Inline::Plain { text: "…".to_owned() });
        break;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(length: usize) -> Text {
        vec![Inline::Bold { text: "Ana".to_owned() }, Inline::Plain { text: "x".repeat(length - 3) }]
    }

    fn lengths(lines: &[Text]) -> Vec<usize> {
        lines.iter().map(|line| plain(line).chars().count()).collect()
    }

    #[test]
    fn lines_that_fit_stay_as_they_are() {
        let lines = vec![line(30), line(3_000)];
        assert_eq!(fit(lines.clone()), lines);
        assert_eq!(fit(Vec::new()), Vec::<Text>::new());
    }

    #[test]
    fn only_the_longest_are_shortened_and_none_is_left_out() {
        let mut lines = vec![line(50); 20];
        lines[3] = line(2_500);
        lines[7] = line(2_500);
        let fitted = fit(lines);
        let mut expected = vec![50; 20];
        (expected[3], expected[7]) = (750, 750);
        assert_eq!(lengths(&fitted), expected);
        assert!(plain(&fitted[3]).ends_with("x…"));
    }

    #[test]
    fn many_long_lines_keep_their_beginning() {
        let fitted = fit(vec![line(2_000); 60]);
        assert_eq!(lengths(&fitted), vec![LINE_MIN; 60]);
        assert!(plain(&fitted[59]).starts_with("Anaxx"));
    }
}
