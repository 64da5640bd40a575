//! The few system calls that std does not offer.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Asks the postmaster to end sessions, write a checkpoint and leave ("fast shutdown").
pub(super) const SHUT_DOWN: i32 = libc::SIGINT;
/// Asks the postmaster to leave at once; the next start replays the write-ahead log.
pub(super) const QUIT: i32 = libc::SIGQUIT;
/// Ends a process without asking.
pub(super) const KILL: i32 = libc::SIGKILL;

/// Returns the effective user id of this process.
pub(super) fn effective_uid() -> u32 {
    #[expect(unsafe_code, reason = "geteuid has no preconditions and cannot fail")]
    unsafe {
        libc::geteuid()
    }
}

/// Sends a signal to one process; a process that has gone already is no error.
pub(super) fn signal(pid: u32, signal: i32) {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return };
    // 0 and below would address whole groups of processes.
    if pid > 0 {
        #[expect(unsafe_code, reason = "kill takes two integers and touches no memory of ours")]
        unsafe {
            libc::kill(pid, signal);
        }
    }
}

/// Makes the child get a fast-shutdown signal when the thread that spawns it ends, also by `kill -9`.
///
/// The signal belongs to the spawning thread, not to the process, so that thread must live as long as the child should.
/// Elsewhere than on Linux there is no such signal; the next start stops what was left behind.
pub(super) fn end_with_this_thread(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        let parent = std::process::id();
        let in_child = move || {
            #[expect(unsafe_code, reason = "prctl and getppid are async-signal-safe and take no pointers")]
            let (set, now) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT), libc::getppid()) };
            if set != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died before the request was made; then no signal will ever come.
            if u32::try_from(now).is_ok_and(|now| now == parent) {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(libc::ESRCH))
            }
        };
        #[expect(unsafe_code, reason = "between fork and exec, the closure makes async-signal-safe calls only")]
        unsafe {
            command.pre_exec(in_child);
        }
    }
    // A group of its own, so that Ctrl-C in a terminal reaches us first and the bot can finish before its database.
    command.process_group(0);
}
