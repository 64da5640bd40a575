//! iCalendar (RFC 5545), as far as it is written here: events with a beginning and an end, for calendar programs to fetch.

use std::fmt::Write;

use chrono::{DateTime, Utc};

/// Octets of a line without its end (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;
const PRODUCT: &str = "-//Wardroom//Change calendar//EN";
/// How often programs that ask are told to fetch it: often enough for a change that is planned an hour ahead.
const REFRESH: &str = "PT15M";

/// A calendar, as a program shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ICalendar {
    pub name: String,
    pub events: Vec<ICalendarEvent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ICalendarEvent {
    /// The same for ever, and nobody else's: a program knows the event by it.
    pub uid: String,
    /// Grows with every revision.
    pub sequence: i32,
    pub revised_at: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub status: ICalendarStatus,
    pub summary: String,
    pub description: String,
    pub category: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ICalendarStatus {
    Tentative,
    Confirmed,
    Cancelled,
}

impl ICalendarStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            ICalendarStatus::Tentative => "TENTATIVE",
            ICalendarStatus::Confirmed => "CONFIRMED",
            ICalendarStatus::Cancelled => "CANCELLED",
        }
    }
}

impl ICalendar {
    /// The whole text, each line with its CRLF.
    pub fn text(&self) -> String {
        let mut lines = Lines(String::new());
        lines.put("BEGIN", "VCALENDAR");
        lines.put("VERSION", "2.0");
        lines.put("PRODID", PRODUCT);
        lines.put("CALSCALE", "GREGORIAN");
        // RFC 7986, and the names that were in use before it.
        for name in ["NAME", "X-WR-CALNAME"] {
            lines.put(name, &escaped(&self.name));
        }
        for name in ["REFRESH-INTERVAL;VALUE=DURATION", "X-PUBLISHED-TTL"] {
            lines.put(name, REFRESH);
        }
        lines.zone();
        for event in &self.events {
            lines.event(event);
        }
        lines.put("END", "VCALENDAR");
        lines.0
    }
}

struct Lines(String);

impl Lines {
    /// One content line, folded. `value` is escaped where its type asks for it.
    fn put(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A calendar has at least one component, also where nothing is planned: the zone in which every moment stands.
    fn zone(&mut self) {
        for (name, value) in [
            ("BEGIN", "VTIMEZONE"),
            ("TZID", "Etc/UTC"),
            ("BEGIN", "STANDARD"),
            ("DTSTART", "19700101T000000"),
            ("TZOFFSETFROM", "+0000"),
            ("TZOFFSETTO", "+0000"),
            ("END", "STANDARD"),
            ("END", "VTIMEZONE"),
        ] {
            self.put(name, value);
        }
    }

    fn event(&mut self, event: &ICalendarEvent) {
        let (revised, starts) = (moment(event.revised_at), moment(event.starts_at));
        for (name, value) in [
            ("BEGIN", "VEVENT"),
            ("UID", &escaped(&event.uid)),
            ("DTSTAMP", &revised),
            ("LAST-MODIFIED", &revised),
            ("SEQUENCE", &event.sequence.to_string()),
            ("DTSTART", &starts),
            ("DTEND", &moment(event.ends_at.max(event.starts_at))),
            ("STATUS", event.status.as_str()),
            // Nobody is busy because a change is planned.
            ("TRANSP", "TRANSPARENT"),
            ("CATEGORIES", event.category),
            ("SUMMARY", &escaped(&event.summary)),
            ("DESCRIPTION", &escaped(&event.description)),
            ("END", "VEVENT"),
        ] {
            self.put(name, value);
        }
    }
}

/// In UTC, so that no program needs to know a zone.
fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The type TEXT (RFC 5545, 3.3.11). What it has no sign for is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                let _ = write!(escaped, "\\{c}");
            }
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push(c),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn event(summary: &str) -> ICalendarEvent {
        let at = |hour| Utc.with_ymd_and_hms(2030, 1, 7, hour, 0, 0).single().expect("a moment");
        ICalendarEvent {
            uid: "CHG-1@wardroom/harbour".to_owned(),
            sequence: 7,
            revised_at: at(14),
            starts_at: at(22),
            ends_at: at(23),
            status: ICalendarStatus::Confirmed,
            summary: summary.to_owned(),
            description: "normal change\nmedium risk".to_owned(),
            category: "CHANGE",
        }
    }

    /// As a program reads it: (name, value) of each line, unfolded (RFC 5545, 3.1).
    fn read(text: &str) -> Vec<(String, String)> {
        let unfolded = text.replace("\r\n ", "");
        let lines = unfolded.split_terminator("\r\n");
        lines.map(|line| line.split_once(':').map(|(n, v)| (n.to_owned(), v.to_owned())).expect(line)).collect()
    }

    fn unescaped(value: &str) -> String {
        let mut text = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next().expect("an escape stands for something") {
                    'n' | 'N' => text.push('\n'),
                    c @ ('\\' | ';' | ',') => text.push(c),
                    other => panic!("\\{other} stands for nothing"),
                },
                ';' | ',' => panic!("{c} ends a value"),
                c => text.push(c),
            }
        }
        text
    }

    #[test]
    fn an_event_is_written_line_by_line() {
        let calendar = ICalendar { name: "Harbour Pay".to_owned(), events: vec![event("CHG-1, rotate; twice")] };
        let lines = calendar.text().replace("\r\n", "\n");
        insta::assert_snapshot!(lines, @r"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Wardroom//Change calendar//EN
        CALSCALE:GREGORIAN
        NAME:Harbour Pay
        X-WR-CALNAME:Harbour Pay
        REFRESH-INTERVAL;VALUE=DURATION:PT15M
        X-PUBLISHED-TTL:PT15M
        BEGIN:VTIMEZONE
        TZID:Etc/UTC
        BEGIN:STANDARD
        DTSTART:19700101T000000
        TZOFFSETFROM:+0000
        TZOFFSETTO:+0000
        END:STANDARD
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:CHG-1@wardroom/harbour
        DTSTAMP:20300107T140000Z
        LAST-MODIFIED:20300107T140000Z
        SEQUENCE:7
        DTSTART:20300107T220000Z
        DTEND:20300107T230000Z
        STATUS:CONFIRMED
        TRANSP:TRANSPARENT
        CATEGORIES:CHANGE
        SUMMARY:CHG-1\, rotate\; twice
        DESCRIPTION:normal change\nmedium risk
        END:VEVENT
        END:VCALENDAR
        ");
    }

    proptest! {
        #[test]
        fn whatever_somebody_wrote_is_one_value_that_reads_back_the_same(written in "(?s).{0,400}") {
            let text = ICalendar { name: "x".to_owned(), events: vec![event(&written)] }.text();
            prop_assert!(text.ends_with("\r\n"));
            for line in text.split_terminator("\r\n") {
                prop_assert!(line.len() <= LINE_OCTETS_MAX, "{} octets: {line}", line.len());
                prop_assert!(!line.contains(['\r', '\n']), "{line:?}");
            }
            let lines = read(&text);
            prop_assert_eq!(lines.iter().filter(|(name, value)| name == "END" && value == "VEVENT").count(), 1);
            let summary = lines.iter().find(|(name, _)| name == "SUMMARY").map(|(_, value)| unescaped(value));
            let kept = |c: &char| matches!(c, '\n' | '\t') || !c.is_control();
            prop_assert_eq!(summary, Some(written.chars().filter(kept).collect::<String>()));
        }
    }
}
