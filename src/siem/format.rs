//! Records as lines: JSON, RFC 5424 with structured data, and CEF.

use std::fmt::Write;

use super::ocsf::class_of;
use super::record::Record;

/// How the message of a syslog line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object
    Json,
    /// RFC 5424 with its structured data
    Rfc5424,
    /// Common Event Format
    Cef,
}

/// Facility 13, "log audit".
const FACILITY: u32 = 13;
const NOTICE: u32 = 5;
const WARNING: u32 = 4;
/// A private enterprise number of documentation (RFC 5612): structured data of one's own has to name one.
const SD_ID: &str = "wardroom@32473";
/// RFC 5424's limits of its header's fields.
const HOST_MAX: usize = 255;
const MSGID_MAX: usize = 32;

/// One line of syslog, as RFC 5424 has it.
pub fn syslog(record: &Record, format: Format) -> String {
    let class = class_of(&record.kind);
    let is_refused = record.kind == "refused";
    let priority = FACILITY * 8 + if is_refused { WARNING } else { NOTICE };
    // The host is the log, which several machines may serve.
    let host = header(&record.log.replace('/', "."), HOST_MAX);
    let message_id = header(&record.kind, MSGID_MAX);
    let at = if record.at.is_empty() { "-" } else { &record.at };
    let mut line = format!("<{priority}>1 {at} {host} wardroom - {message_id} ");
    match format {
        Format::Json => {
            let _ = write!(line, "- {}", record.json());
        }
        Format::Rfc5424 => {
            let _ = write!(line, "[{SD_ID}");
            for (name, value) in record.facts() {
                let _ = write!(line, " {name}=\"{}\"", sd_escaped(&value));
            }
            let _ = write!(line, "] {}#{} {}", record.subject, record.seq, record.kind);
        }
        Format::Cef => {
            let _ = write!(line, "- {}", cef(record, class.severity_id));
        }
    }
    line
}

/// The Common Event Format: a header between bars, then `key=value` pairs.
fn cef(record: &Record, severity: u32) -> String {
    // CEF counts to ten: 3 is low, 5 medium.
    let severity = if severity > 1 { 5 } else { 3 };
    let mut cef = format!(
        "CEF:0|Wardroom|Wardroom|{}|{}|{}|{severity}|",
        cef_header(env!("CARGO_PKG_VERSION")),
        cef_header(&record.kind),
        cef_header(&format!("{} {}", record.subject, record.kind)),
    );
    let class = class_of(&record.kind);
    let mut fields: Vec<(&str, String)> = vec![
        ("externalId", record.index.to_string()),
        ("suser", record.actor.clone()),
        ("outcome", if record.kind == "refused" { "failure" } else { "success" }.to_owned()),
        ("cs1Label", "leafHash".to_owned()),
        ("cs1", record.leaf_hash.clone()),
        ("cs2Label", "subject".to_owned()),
        ("cs2", record.subject.clone()),
        ("cs3Label", "log".to_owned()),
        ("cs3", record.log.clone()),
        ("cs4Label", "ocsfType".to_owned()),
        ("cs4", class.type_uid().to_string()),
        ("cs5Label", "data".to_owned()),
        ("cs5", serde_json::Value::Object(record.data.clone()).to_string()),
        ("cn1Label", "seq".to_owned()),
        ("cn1", record.seq.to_string()),
    ];
    if let Ok(at) = record.at.parse::<chrono::DateTime<chrono::Utc>>() {
        fields.insert(0, ("rt", at.timestamp_millis().to_string()));
    }
    if let Some(texts) = &record.texts {
        fields.push(("msg", serde_json::Value::Object(texts.clone()).to_string()));
    }
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", cef_value(value))).collect();
    cef.push_str(&pairs.join(" "));
    cef
}

/// A field of a header: printable ASCII without spaces, and "-" for nothing.
fn header(text: &str, max: usize) -> String {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(max).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

/// RFC 5424, 6.3.3: a quotation mark, a backslash and a closing bracket are escaped, and nothing else.
fn sd_escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '"' | '\\' | ']') {
            escaped.push('\\');
        }
        // A line is a message to many receivers.
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

/// In CEF's header a bar and a backslash are escaped.
fn cef_header(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    one_line.replace('\\', "\\\\").replace('|', "\\|")
}

/// In CEF's extension an equals sign and a backslash are escaped, and a new line is written as `\n`.
fn cef_value(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('=', "\\=").replace('\r', "\\r").replace('\n', "\\n");
    escaped.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in super::super) fn record() -> Record {
        Record {
            log: "wardroom/harbour".into(),
            index: 41,
            leaf_hash: "4jlD/tdS=".into(),
            subject: "INC-7".into(),
            seq: 3,
            kind: "incident.noted".into(),
            at: "2030-01-07T14:00:00.000000Z".into(),
            actor: "p_1".into(),
            platform: Some("slack".into()),
            data: json!({"rule": "4.13"}).as_object().cloned().unwrap_or_default(),
            texts: json!({"text": "a \"quote\" ] and \\ and = and | and\na line"}).as_object().cloned(),
        }
    }

    #[test]
    fn a_line_of_syslog_keeps_to_rfc_5424() {
        assert_eq!(
            syslog(&record(), Format::Rfc5424),
            r#"<109>1 2030-01-07T14:00:00.000000Z wardroom.harbour wardroom - incident.noted [wardroom@32473 log="wardroom/harbour" index="41" leafHash="4jlD/tdS=" subject="INC-7" seq="3" kind="incident.noted" actor="p_1" ocsfClass="2005" ocsfActivity="2" platform="slack" data="{\"rule\":\"4.13\"}" texts="{\"text\":\"a \\\"quote\\\" \] and \\\\ and = and | and\\na line\"}"] INC-7#3 incident.noted"#
        );
        let refused = Record { kind: "refused".into(), at: String::new(), ..record() };
        assert!(syslog(&refused, Format::Json).starts_with("<108>1 - wardroom.harbour wardroom - refused - {"));
    }

    #[test]
    fn cef_escapes_its_header_and_its_values_each_in_its_way() {
        let line = syslog(&record(), Format::Cef);
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            line.split_once(" - incident.noted - ").expect("a header").1,
            format!(
                r#"CEF:0|Wardroom|Wardroom|{version}|incident.noted|INC-7 incident.noted|3|rt=1894024800000 externalId=41 suser=p_1 outcome=success cs1Label=leafHash cs1=4jlD/tdS\= cs2Label=subject cs2=INC-7 cs3Label=log cs3=wardroom/harbour cs4Label=ocsfType cs4=200502 cs5Label=data cs5={{"rule":"4.13"}} cn1Label=seq cn1=3 msg={{"text":"a \\"quote\\" ] and \\\\ and \= and | and\\na line"}}"#
            )
        );
        assert_eq!(cef_header("a|b\\c\n"), "a\\|b\\\\c ");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_in_a_value_it_ends_where_it_should(value in "\\PC{0,40}") {
            let escaped = sd_escaped(&value);
            let mut chars = escaped.chars();
            let mut read = String::new();
            while let Some(c) = chars.next() {
                proptest::prop_assert!(!matches!(c, '"' | ']'), "{escaped}");
                read.push(if c == '\\' { chars.next().expect("something is escaped") } else { c });
            }
            let one_line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            proptest::prop_assert_eq!(read, one_line);
        }
    }
}
