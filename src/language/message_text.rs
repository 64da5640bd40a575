//! Commands as message text: Slack knows no slash commands in threads.

use super::catalogue::COMMANDS;

/// Reads `!inc note …` as the command and what follows it. `None` for what people say to each other, which may well begin
/// with an exclamation mark.
pub fn command_in(text: &str) -> Option<(&'static str, &str)> {
    let text = text.trim_start().strip_prefix('!')?;
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (command, _) = COMMANDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name))?;
    Some((command, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_command_right_after_the_mark_is_one() {
        assert_eq!(command_in("!inc note disk is full"), Some(("inc", "note disk is full")));
        assert_eq!(command_in("  !Change approve CHG-1\n"), Some(("change", "approve CHG-1")));
        assert_eq!(command_in("!inc"), Some(("inc", "")));
        for text in ["inc note x", "! inc note x", "!important", "!incident", "do !inc note x", "!", "", "!!inc help"] {
            assert_eq!(command_in(text), None, "{text}");
        }
    }
}
