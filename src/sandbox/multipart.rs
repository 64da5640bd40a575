//! Bodies in parts (`multipart/form-data`, RFC 7578): how clients send files.

use axum::body::Bytes;

/// One part: a field of a form, or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub name: String,
    /// Present where the part is a file.
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub content: Bytes,
}

/// The boundary that a content type names, where a body is in parts.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(named.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// Takes a body apart; `None` where it is not what its boundary promises.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter begins the body, and so has no line before it that it ends.
    let mut at = if body.starts_with(&delimiter.as_bytes()[2..]) {
        delimiter.len() - 2
    } else {
        find(body, 0, delimiter.as_bytes())? + delimiter.len()
    };
    let mut parts = Vec::new();
    while !body[at..].starts_with(b"--") {
        let head = find(body, at, b"\r\n")? + 2;
        let content = find(body, head, b"\r\n\r\n")?;
        let end = find(body, content + 2, delimiter.as_bytes())?;
        let headers = std::str::from_utf8(&body[head..content]).ok()?;
        parts.push(part(headers, body.slice((content + 4).min(end)..end))?);
        at = end + delimiter.len();
    }
    Some(parts)
}

fn part(headers: &str, content: Bytes) -> Option<Part> {
    let header = |wanted: &str| {
        headers.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: quoted(disposition, "name")?,
        filename: quoted(disposition, "filename"),
        content_type: header("content-type").map(ToOwned::to_owned),
        content,
    })
}

/// A parameter of `Content-Disposition`. Clients write a quote and line breaks in it as `%22`, `%0D` and `%0A`.
fn quoted(disposition: &str, parameter: &str) -> Option<String> {
    let begins = format!("; {parameter}=\"");
    let (_, rest) = disposition.split_once(&begins)?;
    let value = rest.split('"').next()?;
    Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
}

fn find(body: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let found = body.get(from..)?.windows(wanted.len()).position(|window| window == wanted)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_apart() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\r\n\r\n{}\
                    \r\n--x\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a %22b%22.bin\"\r\n\r\n\
                    \0\r\n--y\r\n--x--\r\n";
        let parts = parts(&Bytes::from(body), "x").unwrap();
        assert_eq!((parts[0].name.as_str(), &parts[0].content[..]), ("payload_json", &b"{}"[..]));
        assert_eq!(parts[0].content_type.as_deref(), Some("application/json"));
        assert_eq!(parts[1].filename.as_deref(), Some("a \"b\".bin"));
        assert_eq!(&parts[1].content[..], b"\0\r\n--y");
    }

    #[test]
    fn a_body_that_breaks_off_is_refused() {
        for body in ["", "--x", "--x\r\n", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", "--y--"] {
            assert_eq!(parts(&Bytes::from(body), "x"), None, "{body}");
        }
        assert_eq!(parts(&Bytes::from("--x--"), "x"), Some(Vec::new()));
    }

    proptest::proptest! {
        #[test]
        fn whatever_arrives_is_taken_apart_or_refused(pieces in proptest::collection::vec(0..7_usize, 0..24)) {
            let pieces: String = pieces
                .into_iter()
                .map(|piece| ["--x", "\r\n", "--", "Content-Disposition: form-data; name=\"a\"", ":", "\r\n--x", "é"][piece])
                .collect();
            parts(&Bytes::from(pieces), "x");
        }
    }

    #[test]
    fn only_form_data_has_a_boundary() {
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=x"), Some("x"));
        assert_eq!(boundary("application/json; boundary=x"), None);
        assert_eq!(boundary("multipart/form-data"), None);
    }
}
