//! Medians and tables.

use std::io::Write;
use std::time::Duration;

/// What many measurements say.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub count: usize,
    pub median: Duration,
    pub p99: Duration,
    pub slowest: Duration,
    /// From the first to the last.
    pub took: Duration,
}

impl Figures {
    pub fn of(mut times: Vec<Duration>, took: Duration) -> Figures {
        assert!(!times.is_empty(), "something was measured");
        times.sort_unstable();
        let at = |hundredths: usize| times[(times.len() * hundredths / 100).min(times.len() - 1)];
        Figures { count: times.len(), median: at(50), p99: at(99), slowest: at(100), took }
    }

    pub fn per_second(&self) -> f64 {
        f64::from(u32::try_from(self.count).unwrap_or(u32::MAX)) / self.took.as_secs_f64()
    }

    /// For a table with the columns count, median, p99, slowest, per second.
    pub fn cells(&self) -> Vec<String> {
        vec![
            self.count.to_string(),
            milliseconds(self.median),
            milliseconds(self.p99),
            milliseconds(self.slowest),
            format!("{:.0}", self.per_second()),
        ]
    }

    /// Each one's part of a time that all of them took.
    pub fn each(&self, all: Duration) -> String {
        format!("{} µs", (all / u32::try_from(self.count).unwrap_or(u32::MAX)).as_micros())
    }
}

pub fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

/// Lines of cells, aligned.
pub struct Table {
    lines: Vec<Vec<String>>,
    title: String,
}

impl Table {
    pub fn new(title: &str, columns: &[&str]) -> Table {
        Table { title: title.to_owned(), lines: vec![columns.iter().map(|column| (*column).to_owned()).collect()] }
    }

    pub fn row(&mut self, name: &str, cells: &[String]) {
        self.lines.push(std::iter::once(name.to_owned()).chain(cells.iter().cloned()).collect());
    }

    pub fn print(&self) {
        let columns = self.lines.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            self.lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "\n{}\n", self.title);
        for line in &self.lines {
            let cells: Vec<String> = line
                .iter()
                .enumerate()
                .map(|(i, cell)| match i {
                    0 => format!("{cell:<width$}", width = widths[0]),
                    _ => format!("{cell:>width$}", width = widths[i]),
                })
                .collect();
            let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
        }
    }
}
