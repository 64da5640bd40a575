//! Notices to messages, through `templates/`. [`Message`] is the neutral shape that both platforms can show.

pub mod cut;
pub mod fit;
pub mod form;
pub mod icalendar;
pub mod markup;
pub mod message;
pub mod renderer;
mod templates;

pub use fit::fit;
pub use form::{Field, FieldKind, Form};
pub use icalendar::{ICalendar, ICalendarEvent, ICalendarStatus};
pub use message::{Block, Button, ButtonStyle, Inline, Message, Text, TimeStyle};
pub use renderer::{RenderError, Renderer};
pub use templates::TEMPLATES;
