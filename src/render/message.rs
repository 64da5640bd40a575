//! The neutral shape of a message: what is said, not how a platform writes it down.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::Account;

/// One message, as both platforms can show it.
///
/// Stored as JSON when a sentence is fixed before the commit, so its shape is a promise: a change needs a migration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub blocks: Vec<Block>,
    /// The accounts that this message may ping. Everybody else is shown by name only; nothing in user text ever pings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pings: Vec<Account>,
    /// Colour of the card's edge, 0xRRGGBB, where the platform has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<u32>,
    /// The command that shows what a platform has no room for, such as `/inc list page:2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<String>,
}

/// A run of text with its marks.
pub type Text = Vec<Inline>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// The first line of a card.
    Heading {
        text: Text,
    },
    /// A paragraph; `Inline::Break` breaks the line.
    Paragraph {
        text: Text,
    },
    /// Short facts side by side: (label, value).
    Fields {
        fields: Vec<(String, Text)>,
    },
    /// A bulleted list.
    List {
        items: Vec<Text>,
    },
    /// Small print under a message: sources, receipts, how to undo.
    Context {
        text: Text,
    },
    /// A row of at most five buttons.
    Actions {
        buttons: Vec<Button>,
    },
    Divider,
    /// Lines as they stand, in fixed width: for what a program reads. Kept whole or left out.
    Code {
        text: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Inline {
    /// Literal text: whatever it contains, it is shown as it stands and never interpreted or pinged.
    Plain {
        text: String,
    },
    Bold {
        text: String,
    },
    /// Fixed width, for what a person types: commands, identifiers, receipts.
    Code {
        text: String,
    },
    /// A person, by their accounts: shown as the platform shows a mention where one of them lives there, and by name
    /// elsewhere. It pings only where `Message::pings` names the account.
    Mention {
        accounts: Vec<Account>,
        name: String,
    },
    /// A channel, shown as a link on its own platform and by name elsewhere.
    Channel {
        place: crate::domain::Place,
        name: String,
    },
    /// A moment: each reader sees it in their own time zone.
    Time {
        at: DateTime<Utc>,
        style: TimeStyle,
    },
    Link {
        url: String,
        text: String,
    },
    Break,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStyle {
    /// `14:30`
    Clock,
    /// `24 Nov 14:30`
    Date,
    /// `in 12 minutes`, where the platform keeps it up to date; otherwise the clock.
    Relative,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the click names: under 40 characters, never state or authority (`b1.approve.CHG-88.2`).
    pub id: String,
    pub label: String,
    #[serde(default)]
    pub style: ButtonStyle,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    #[default]
    Plain,
    Primary,
    Danger,
}

impl Message {
    /// The message as one plain string: Slack's notification text, log lines, tests.
    pub fn plain(&self) -> String {
        let lines: Vec<String> = self.blocks.iter().filter_map(Block::plain).collect();
        lines.join("\n")
    }
}

impl Block {
    pub fn plain(&self) -> Option<String> {
        match self {
            Block::Heading { text } | Block::Paragraph { text } | Block::Context { text } => Some(plain(text)),
            Block::Fields { fields } => {
                let lines: Vec<String> =
                    fields.iter().map(|(label, value)| format!("{label}: {}", plain(value))).collect();
                Some(lines.join("\n"))
            }
            Block::List { items } => {
                let lines: Vec<String> = items.iter().map(|item| format!("• {}", plain(item))).collect();
                Some(lines.join("\n"))
            }
            Block::Code { text } => Some(text.clone()),
            Block::Actions { .. } | Block::Divider => None,
        }
    }
}

/// Stands for the items of a list that were left out, with the command that shows them: `… and 88 more: /inc list`.
pub fn left_out(items: usize, rest: Option<&str>) -> Text {
    let more = format!("… and {items} more");
    match rest {
        None => vec![Inline::Plain { text: more }],
        Some(command) => {
            vec![Inline::Plain { text: format!("{more}: ") }, Inline::Code { text: command.to_owned() }]
        }
    }
}

/// A run of text without its marks. Times are written in UTC.
pub fn plain(text: &[Inline]) -> String {
    text.iter()
        .map(|inline| match inline {
            Inline::Plain { text } | Inline::Bold { text } | Inline::Code { text } | Inline::Link { text, .. } => {
                text.clone()
            }
            Inline::Mention { name, .. } => name.clone(),
            Inline::Channel { name, .. } => format!("#{name}"),
            Inline::Time { at, style } => match style {
                TimeStyle::Clock | TimeStyle::Relative => at.format("%H:%M UTC").to_string(),
                TimeStyle::Date => at.format("%-d %b %H:%M UTC").to_string(),
            },
            Inline::Break => "\n".to_owned(),
        })
        .collect()
}
