//! Where a text may be cut: never inside what a reader sees as one character, such as a family of emoji, a flag, or a
//! letter with its accents.

use unicode_normalization::char::is_combining_mark;

/// Joins what stands on both sides of it into one picture.
const JOINER: char = '\u{200d}';
/// What is taken for one character, however it goes on: accents can be heaped without end.
const CHARACTER_MAX: usize = 32;

/// The beginning of a text up to `at` bytes or a little less. `at` lies between two code points.
pub fn cut(text: &str, at: usize) -> &str {
    let mut places = text[..at].char_indices().rev().map(|(place, _)| place).take(CHARACTER_MAX);
    if !joins(text, at) {
        return &text[..at];
    }
    places.find(|place| !joins(text, *place)).map_or(&text[..at], |place| &text[..place])
}

/// The first `most` code points of a text, or a little less.
pub fn first_chars(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((at, _)) => cut(text, at),
        None => text,
    }
}

/// The first visible character of a text, at most 32 code points.
pub fn first_character(text: &str) -> &str {
    let ends = text.char_indices().map(|(at, _)| at).skip(1).take(CHARACTER_MAX);
    let end = ends.into_iter().find(|at| !joins(text, *at));
    end.map_or_else(|| text.char_indices().nth(CHARACTER_MAX).map_or(text, |(at, _)| &text[..at]), |at| &text[..at])
}

/// Whether the code points before and after a place belong to one visible character.
pub fn joins(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text[..at].chars().next_back(), text[at..].chars().next()) else {
        return false;
    };
    before == JOINER
        || after == JOINER
        || extends(after)
        || (before == '\r' && after == '\n')
        || (is_half_of_flag(after) && text[..at].chars().rev().take_while(|c| is_half_of_flag(*c)).count() % 2 == 1)
}

/// Accents, the choice between text and picture, the colours of skin, the tags of a region's flag.
fn extends(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

fn is_half_of_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_as_one_is_kept_or_left_out_as_one() {
        for (text, most, left) in [
            ("abc", 2, "ab"),
            ("abc", 3, "abc"),
            ("a👩‍👩‍👧‍👦b", 4, "a"),
            ("a👩‍👩‍👧‍👦b", 8, "a👩‍👩‍👧‍👦"),
            ("🇩🇪🇫🇷", 3, "🇩🇪"),
            ("🇩🇪🇫🇷", 1, ""),
            ("e\u{301}e\u{301}", 3, "e\u{301}"),
            ("👍🏽!", 1, ""),
            ("1\u{fe0f}\u{20e3}", 2, ""),
        ] {
            assert_eq!(first_chars(text, most), left, "{most} of {text}");
        }
        assert_eq!(first_character("👩‍👩‍👧‍👦b"), "👩‍👩‍👧‍👦");
        assert_eq!(first_character("🇩🇪🇫🇷"), "🇩🇪");
        assert_eq!(first_character(""), "");
    }

    #[test]
    fn heaped_accents_are_cut_all_the_same() {
        let heap = format!("a{}", "\u{301}".repeat(5_000));
        assert_eq!(first_chars(&heap, 2_000).chars().count(), 2_000);
        assert_eq!(first_character(&heap).chars().count(), CHARACTER_MAX);
    }
}
