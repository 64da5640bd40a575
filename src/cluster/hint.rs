//! The one command that installs Postgres on this machine.

use std::fs;

use super::os;

/// Says that Postgres is missing and which one command helps here.
pub(super) fn not_installed() -> String {
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    sentence(std::env::consts::OS, &os_release, os::effective_uid() == 0)
}

fn sentence(os: &str, os_release: &str, root: bool) -> String {
    let Some((command, needs_root)) = install_command(os, os_release) else {
        return "PostgreSQL is not installed: install its server with your package manager, or set DATABASE_URL to an \
                existing PostgreSQL."
            .to_owned();
    };
    let sudo = if needs_root && !root { "sudo " } else { "" };
    format!("PostgreSQL is not installed: run `{sudo}{command}`, or set DATABASE_URL to an existing PostgreSQL.")
}

/// Returns the command and whether it needs root.
fn install_command(os: &str, os_release: &str) -> Option<(&'static str, bool)> {
    if os == "macos" {
        return Some(("brew install postgresql@17", false));
    }
    let families = families(os_release);
    let is = |names: &[&str]| families.iter().any(|family| names.contains(&family.as_str()));
    if is(&["debian", "ubuntu"]) {
        Some(("apt-get install -y --no-install-recommends postgresql", true))
    } else if is(&["fedora", "rhel", "centos", "amzn"]) {
        Some(("dnf install -y postgresql-server", true))
    } else if is(&["alpine"]) {
        Some(("apk add postgresql", true))
    } else if is(&["arch"]) {
        Some(("pacman -S --needed --noconfirm postgresql", true))
    } else if is(&["suse", "opensuse"]) {
        Some(("zypper --non-interactive install postgresql-server", true))
    } else {
        None
    }
}

/// Reads the system's name and the names of its ancestors.
fn families(os_release: &str) -> Vec<String> {
    os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches(['"', '\'']).split_whitespace())
        .map(str::to_ascii_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_missing_postgresql_is_one_sentence_with_the_one_command_that_helps() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
        assert_eq!(
            sentence("linux", debian, true),
            "PostgreSQL is not installed: run `apt-get install -y --no-install-recommends postgresql`, or set \
             DATABASE_URL to an existing PostgreSQL."
        );
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert!(
            sentence("linux", mint, false).contains("`sudo apt-get install -y --no-install-recommends postgresql`")
        );
        assert!(sentence("linux", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", true).contains("`dnf install"));
        assert!(sentence("linux", "ID=alpine", true).contains("`apk add postgresql`"));
        assert!(sentence("macos", "", false).contains("`brew install"));
        assert!(sentence("linux", "ID=plan9", true).contains("your package manager"));
    }
}
