//! The content of uploaded files, for as long as the sandbox runs.

use std::collections::VecDeque;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What all files together may weigh, in bytes, before the oldest are forgotten.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// One file.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub content_type: String,
    pub content: Bytes,
}

/// The newest files, by id.
#[derive(Debug, Default)]
pub(super) struct Files(VecDeque<(String, File)>);

impl Files {
    pub fn insert(&mut self, id: String, file: File) {
        self.0.push_back((id, file));
        let weight = |files: &Files| files.0.iter().map(|(_, file)| file.content.len()).sum::<usize>();
        while weight(self) > KEPT_BYTES_MAX {
            self.0.pop_front();
        }
    }

    pub fn get(&self, id: &str) -> Option<&File> {
        self.0.iter().find(|(known, _)| known == id).map(|(_, file)| file)
    }
}

impl IntoResponse for File {
    /// A file is always saved, never run: it could be a page that plays people.
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.content_type.as_str()),
            (header::CONTENT_DISPOSITION, "attachment"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (StatusCode::OK, headers, self.content).into_response()
    }
}

/// The kind of a file after its name.
pub(super) fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("txt" | "log" | "md") => "text/plain",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        _ => "application/octet-stream",
    }
}

/// A file's name without what would need care in an address or a header.
pub(super) fn safe_name(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    name.chars().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_are_forgotten() {
        let mut files = Files::default();
        let heavy = || File { content_type: String::new(), content: Bytes::from(vec![0; KEPT_BYTES_MAX / 2]) };
        for id in ["a", "b", "c"] {
            files.insert(id.to_owned(), heavy());
        }
        assert!(files.get("a").is_none());
        assert!(files.get("b").is_some() && files.get("c").is_some());
    }
}
