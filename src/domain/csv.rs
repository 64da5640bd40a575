//! Values between separators, as RFC 4180 says, and as spreadsheets and chat programs hand them over: with semicolons or
//! tabs, and with quotation marks that were made curly on the way.

use std::iter::Peekable;
use std::str::Chars;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvRecord {
    /// The line on which it begins; the first is 1.
    pub line: usize,
    /// Without the spaces around them.
    pub cells: Vec<String>,
}

/// What cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvError {
    pub line: usize,
    pub what: &'static str,
}

/// The records of a text; empty lines are none.
///
/// # Errors
/// A quotation mark that is never closed, or a text behind one that closes.
pub fn read(text: &str, separator: char) -> Result<Vec<CsvRecord>, CsvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest: text.chars().peekable(), line: 1, separator };
    let mut records = Vec::new();
    while reader.rest.peek().is_some() {
        let record = reader.record()?;
        if record.cells.iter().any(|cell| !cell.is_empty()) {
            records.push(record);
        }
    }
    Ok(records)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
    separator: char,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<CsvRecord, CsvError> {
        let (line, mut cells) = (self.line, Vec::new());
        loop {
            cells.push(self.cell()?);
            if self.next() != Some(self.separator) {
                return Ok(CsvRecord { line, cells });
            }
        }
    }

    /// Up to the separator or the end of the line, which is left.
    fn cell(&mut self) -> Result<String, CsvError> {
        while self.rest.next_if_eq(&' ').is_some() {}
        if let Some(quote) = self.rest.next_if(|c| is_quote(*c)) {
            return self.quoted(quote);
        }
        let mut cell = String::new();
        while let Some(c) = self.rest.next_if(|c| *c != self.separator && *c != '\n') {
            cell.push(c);
        }
        Ok(cell.trim().to_owned())
    }

    fn quoted(&mut self, quote: char) -> Result<String, CsvError> {
        let opened = self.line;
        // What began straight ends straight: a curly one within it is text.
        let closes = |c: char| if quote == '"' { c == '"' } else { is_quote(c) };
        let mut cell = String::new();
        loop {
            let Some(c) = self.next() else {
                return Err(CsvError { line: opened, what: "a quotation mark is opened here and never closed" });
            };
            if !closes(c) {
                cell.push(c);
            } else if let Some(doubled) = self.rest.next_if(|c| closes(*c)) {
                cell.push(doubled);
            } else {
                break;
            }
        }
        while self.rest.next_if(|c| matches!(*c, ' ' | '\r')).is_some() {}
        match self.rest.peek() {
            None | Some('\n') => {}
            Some(c) if *c == self.separator => {}
            Some(_) => {
                let what = "something stands behind a closing quotation mark; one within a text is written twice";
                return Err(CsvError { line: self.line, what });
            }
        }
        Ok(cell.trim().to_owned())
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        let records = read(text, ',').expect("it can be read");
        records.into_iter().map(|record| (record.line, record.cells)).collect()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn records_are_lines_and_cells_stand_between_commas() {
        assert_eq!(cells("a,b\r\nc , d,\n"), [row(1, &["a", "b"]), row(2, &["c", "d", ""])]);
        assert_eq!(cells("\u{feff}a,b\n\n,\n \nc,d"), [row(1, &["a", "b"]), row(5, &["c", "d"])]);
        assert_eq!(cells(""), []);
        assert_eq!(read("a;b,c", ';').expect("it is read")[0].cells, ["a", "b,c"]);
        assert_eq!(read("a\tb c\n\td", '\t').expect("it is read")[1].cells, ["", "d"]);
    }

    #[test]
    fn in_quotation_marks_stand_commas_lines_and_quotation_marks() {
        assert_eq!(cells("\"a, b\",\"c \"\"d\"\" e\"\n"), [row(1, &["a, b", "c \"d\" e"])]);
        assert_eq!(cells("x,\"two\nlines\" \r\ny,z"), [row(1, &["x", "two\nlines"]), row(3, &["y", "z"])]);
        assert_eq!(cells("x,\"\",y"), [row(1, &["x", "", "y"])]);
        assert_eq!(cells("a 12\" disk,b"), [row(1, &["a 12\" disk", "b"])], "within a text it is text");
        assert_eq!(cells("“a, b”,”c“"), [row(1, &["a, b", "c"])], "chat programs make them curly");
        assert_eq!(cells("\"say “hi” to them\",b"), [row(1, &["say “hi” to them", "b"])]);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        let fails = |text: &str| read(text, ',').expect_err("it cannot be read").line;
        assert_eq!(fails("a,b\nc,\"d\ne,f"), 2);
        assert_eq!(fails("a,b\nc,d\n\"e\" f,g"), 3);
        assert!(read("\"", ',').is_err());
    }
}
