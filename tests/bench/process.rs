//! What the kernel says of a process.

use std::time::Duration;

/// Linux counts a process's time in hundredths of a second, whatever the machine.
const TICK: Duration = Duration::from_millis(10);

/// In KiB, as the kernel counts it.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    rss: u64,
    pss: u64,
    private: u64,
}

impl Memory {
    pub fn cells(&self) -> Vec<String> {
        [self.rss, self.pss, self.private].map(|kib| format!("{}.{} MB", kib / 1024, kib % 1024 / 103)).to_vec()
    }
}

pub fn memory(process: u32) -> Memory {
    let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("the process runs");
    let kib = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(name)).expect("the kernel says so");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    };
    Memory { rss: kib("Rss:"), pss: kib("Pss:"), private: kib("Private_Clean:") + kib("Private_Dirty:") }
}

/// The most memory that a process has held so far, in KiB; nothing once it has ended.
pub fn memory_most(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Processor time so far of a process, of all its threads, in user and kernel mode.
pub fn cpu(process: u32) -> Duration {
    stat(process).map_or(Duration::ZERO, |stat| stat.own)
}

/// The same of a process and all its children, also of those that have ended.
pub fn cpu_of_family(parent: u32) -> Duration {
    let Some(own) = stat(parent) else { return Duration::ZERO };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = processes.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?));
    own.own
        + own.ended_children
        + children.filter(|child| child.parent == parent).map(|child| child.own).sum::<Duration>()
}

struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

fn stat(process: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may hold spaces; the parent is field 4, the times are fields 14 to 17.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    Some(Stat {
        parent: number(4),
        own: TICK * (number(14) + number(15)),
        ended_children: TICK * (number(16) + number(17)),
    })
}
