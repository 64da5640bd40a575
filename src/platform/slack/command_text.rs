//! The text of a slash command, back to what the person typed.

/// Slack sends what it recognised as `<…>` and escapes the rest. Mentions become the neutral spelling `<@slack:U1>`,
/// channels `<#slack:C1>`, links and groups what was typed. Escapes are undone outside `<…>` in the same pass, so text
/// that only looks like a token (`&lt;@U1&gt;`) never becomes one of Slack's.
pub(super) fn neutral(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&unescape(before));
        let Some((token, following)) = after.split_once('>') else {
            out.push('<');
            rest = after;
            continue;
        };
        out.push_str(&spelt(token));
        rest = following;
    }
    out.push_str(&unescape(rest));
    out
}

/// Undoes Slack's three escapes; the ampersand last, or `&amp;lt;` would become `<`.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn spelt(token: &str) -> String {
    let (target, label) = match token.split_once('|') {
        Some((target, label)) => (target, Some(unescape(label)).filter(|label| !label.is_empty())),
        None => (token, None),
    };
    if let Some(user) = target.strip_prefix('@') {
        return format!("<@slack:{user}>");
    }
    if let Some(channel) = target.strip_prefix('#') {
        return format!("<#slack:{channel}>");
    }
    if let Some(special) = target.strip_prefix('!') {
        let name = label.unwrap_or_else(|| special.split('^').next().unwrap_or_default().to_owned());
        return format!("@{}", name.trim_start_matches('@'));
    }
    link(&unescape(target), label)
}

/// Slack turns `pay.example.com` into `<http://pay.example.com|pay.example.com>`; the label is what was typed, unless
/// it says something else than the address.
fn link(url: &str, label: Option<String>) -> String {
    match label {
        None => url.strip_prefix("mailto:").unwrap_or(url).to_owned(),
        Some(label) if url.ends_with(&label) => label,
        Some(label) => format!("{label} {url}"),
    }
}
