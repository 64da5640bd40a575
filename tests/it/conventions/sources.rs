//! The sources as the conventions look at them.

use std::path::{Path, PathBuf};

use super::root;

/// A file of the repository.
pub struct Source {
    pub path: PathBuf,
    /// `src/domain/mod.rs`
    pub name: String,
    pub text: String,
}

pub fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            let picture = path.extension().is_some_and(|extension| extension == "png");
            match path.is_dir() {
                _ if hidden || picture => {}
                true => folders.push(path),
                false => found.push(Source::read(&path)),
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

pub fn rust_sources(folder: &str) -> Vec<Source> {
    let mut sources = sources(folder);
    sources.retain(|source| source.path.extension().is_some_and(|extension| extension == "rs"));
    sources
}

impl Source {
    pub fn read(path: &Path) -> Source {
        let name = path.strip_prefix(root()).expect("inside the repository").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Source { path: path.to_owned(), name, text }
    }

    /// The first name below `src`: `domain` for a folder, `cli` for a file.
    pub fn folder(&self) -> &str {
        let below = self.name.trim_start_matches("src/");
        below.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    pub fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.name.starts_with(folder))
    }

    /// The lines with their numbers, without comments.
    pub fn code(&self) -> Vec<(usize, String)> {
        let lines = self.text.lines().enumerate();
        lines.map(|(i, line)| (i + 1, line.split("//").next().unwrap_or_default().to_owned())).collect()
    }

    /// Tests stand at the end of their file, or in a file of their own.
    pub fn code_without_tests(&self) -> Vec<(usize, String)> {
        if self.name.ends_with("tests.rs") {
            return Vec::new();
        }
        let mut code = self.code();
        let tests = self.text.lines().position(|line| line == "mod tests {").unwrap_or(code.len());
        code.truncate(tests);
        let only_for_tests: Vec<usize> = (0..code.len()).filter(|i| code[*i].1.trim() == "#[cfg(test)]").collect();
        for start in only_for_tests {
            let indent: String = code[start].1.chars().take_while(|c| *c == ' ').collect();
            let end = (start..code.len()).find(|i| code[*i].1 == format!("{indent}}}")).unwrap_or(start);
            code[start..=end].iter_mut().for_each(|(_, line)| line.clear());
        }
        code
    }

    /// Whether `super`s climb out of the folder. A module inside a file may climb one more.
    pub fn escapes(&self, code: &str) -> bool {
        let below = self.name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let inside = usize::from(code.starts_with(' '));
        let depth = below.split('/').count() - 1 + inside;
        below.contains('/') && code.contains(&"super::".repeat(depth + 1))
    }

    /// The line, name and length of every function, by the indentation that rustfmt gives.
    pub fn functions(&self) -> Vec<(usize, String, usize)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut found = Vec::new();
        for (start, line) in lines.iter().enumerate() {
            let Some(name) = function_name(line) else { continue };
            let indent = &line[..line.len() - line.trim_start().len()];
            let opens = lines[start..].iter().position(|line| line.ends_with(['{', ';', '}'])).unwrap_or(0);
            let end = if lines[start + opens].ends_with('{') {
                let closing = format!("{indent}}}");
                let length = lines[start..].iter().position(|line| *line == closing);
                start + length.unwrap_or_else(|| panic!("{}:{}: {name} does not end", self.name, start + 1))
            } else {
                start + opens
            };
            let code = end - start + 1 - snapshot_lines(&lines[start..=end]);
            found.push((start + 1, name.to_owned(), code));
        }
        found
    }
}

/// Lines of inline snapshots: what a test expects to see is not code.
pub fn snapshot_lines(lines: &[&str]) -> usize {
    let mut inside = false;
    let mut count = 0;
    for line in lines {
        if inside {
            count += 1;
            inside = !matches!(line.trim(), "\");" | "\"#);");
        } else {
            inside = line.ends_with("@\"") || line.ends_with("@r#\"");
        }
    }
    count
}

/// `decide`, for a line that begins a function.
pub fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
    if !before.split_whitespace().all(|word| qualifiers.contains(&word)) {
        return None;
    }
    let end = after.find(['(', '<'])?;
    Some(&after[..end])
}

/// The names that follow a prefix: `store` after `crate::`.
pub fn words_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).filter_map(move |(at, _)| {
        let before = code[..at].chars().next_back();
        let word = code[at + prefix.len()..].split(|c: char| !is_of_word(c)).next()?;
        (!before.is_some_and(is_of_word) && !word.is_empty()).then_some(word)
    })
}

/// The names of `use prefix::{A, B};` or of `prefix::A`.
pub fn named_in_braces<'a>(code: &'a str, prefix: &'a str) -> Vec<&'a str> {
    let Some((_, after)) = code.split_once(prefix) else { return Vec::new() };
    match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
        Some((names, _)) => names.split(',').map(str::trim).collect(),
        None => after.split(|c: char| !is_of_word(c)).take(1).collect(),
    }
}

pub fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_of_word) && !after.is_some_and(is_of_word)
    })
}

pub fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
