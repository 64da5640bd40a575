//! The thread that owns the postmaster, from spawning it to its end.
//!
//! The signal by which the postmaster ends with us belongs to the thread that spawned it, so that thread lives as long
//! as the postmaster does, and does everything that may block.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::error::ClusterError;
use super::initialise::{self, Ready};
use super::options::ClusterOptions;
use super::{Place, log, os};

/// While starting and stopping, the end of the postmaster is noticed within this time.
const LOOK_OFTEN: Duration = Duration::from_millis(10);

/// While serving: rarely enough to cost nothing, often enough for a supervisor.
const LOOK_SELDOM: Duration = Duration::from_millis(500);

/// A fast shutdown writes one checkpoint, which takes long on a slow disk only.
const SHUT_DOWN_WAIT: Duration = Duration::from_secs(20);

/// An immediate shutdown writes nothing.
const QUIT_WAIT: Duration = Duration::from_secs(5);

/// Sessions of a killed postmaster notice its end within moments.
const FORMER_SESSIONS_WAIT: Duration = Duration::from_secs(10);

/// What the thread reports.
#[derive(Debug)]
pub(super) enum Event {
    Progress(String),
    Spawned(Place),
    Ended(ClusterError),
}

/// What the thread is told. Hearing nothing more means to stop, too.
#[derive(Debug, PartialEq, Eq)]
enum Order {
    Serving,
    Stop,
}

/// A handle on the thread; dropping it stops the postmaster and waits for its end.
#[derive(Debug)]
pub(super) struct Owner {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<Result<(), ClusterError>>>,
}

impl Owner {
    /// Starts the thread, which gets the data folder ready and spawns the postmaster.
    pub fn start(options: ClusterOptions, events: UnboundedSender<Event>) -> Result<Self, ClusterError> {
        let (orders, receiver) = channel();
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || own(&options, &events, &receiver))
            .map_err(ClusterError::io("start a thread"))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Tells the thread that connections are accepted.
    pub fn serving(&self) {
        self.order(Order::Serving);
    }

    /// Stops the postmaster and waits for its end; blocks.
    pub fn stop(&mut self) -> Result<(), ClusterError> {
        self.order(Order::Stop);
        self.orders = None;
        match self.thread.take() {
            Some(thread) => thread.join().map_err(|_| ClusterError::OwnerGone)?,
            None => Ok(()),
        }
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // A thread that has ended needs no orders.
            let _ = orders.send(order);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.thread.is_some()
            && let Err(error) = self.stop()
        {
            tracing::warn!(error = %error, "PostgreSQL did not end well: {error}");
        }
    }
}

fn own(
    options: &ClusterOptions,
    events: &UnboundedSender<Event>,
    orders: &Receiver<Order>,
) -> Result<(), ClusterError> {
    // A starter that is gone hears nothing; then the orders have ended too, and the postmaster is stopped.
    let tell = |event| drop(events.send(event));
    let ready = match initialise::prepare(options, &|line| tell(Event::Progress(line))) {
        Ok(ready) => ready,
        Err(error) => {
            tell(Event::Ended(error));
            return Ok(());
        }
    };
    match serve(&ready, &tell, orders) {
        Ok(mut child) => {
            let ended = end(&mut child);
            ready.folder.finish(&ready.socket);
            ended
        }
        Err(error) => {
            ready.folder.finish(&ready.socket);
            tell(Event::Ended(error));
            Ok(())
        }
    }
}

/// Runs the postmaster until it is to be stopped, and hands it over for that; one that ends by itself is an error.
fn serve(ready: &Ready, tell: &dyn Fn(Event), orders: &Receiver<Order>) -> Result<Child, ClusterError> {
    let log_path = ready.folder.log();
    let began = Instant::now();
    loop {
        log::bound(&log_path);
        let since = log::length(&log_path);
        let mut child = spawn(ready)?;
        tell(Event::Spawned(Place::new(ready, since)));
        let Some(status) = watch(&mut child, &log_path, orders)? else {
            return Ok(child);
        };
        let log = log::tail(&log_path, since);
        // The last sessions of a killed run may still be leaving; until then PostgreSQL rightly refuses.
        if !log.contains("is still in use") || began.elapsed() > FORMER_SESSIONS_WAIT {
            return Err(ClusterError::Ended { status: status.to_string(), log });
        }
        thread::sleep(LOOK_OFTEN * 10);
    }
}

fn spawn(ready: &Ready) -> Result<Child, ClusterError> {
    let program = ready.binaries.program("postgres");
    let log_path = ready.folder.log();
    let opening = || format!("open {}", log_path.display());
    let log = log::open(&log_path).map_err(ClusterError::io(opening()))?;
    let server = &ready.accounts.server;
    chown(&log_path, Some(server.uid), Some(server.gid)).map_err(ClusterError::io(opening()))?;
    let second = log.try_clone().map_err(ClusterError::io(opening()))?;
    let mut command = ready.accounts.command(&program);
    command.arg("-D").arg(ready.folder.pgdata()).stdout(log).stderr(second);
    command.spawn().map_err(ClusterError::io(format!("run {}", program.display())))
}

/// Waits until the postmaster ends (returns how) or is to be stopped (returns nothing).
fn watch(child: &mut Child, log: &Path, orders: &Receiver<Order>) -> Result<Option<ExitStatus>, ClusterError> {
    let mut look_every = LOOK_OFTEN;
    loop {
        match orders.recv_timeout(look_every) {
            Ok(Order::Serving) => look_every = LOOK_SELDOM,
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => log::bound(log),
        }
        if let Some(status) = child.try_wait().map_err(ClusterError::io("wait for PostgreSQL"))? {
            return Ok(Some(status));
        }
    }
}

/// Ends the postmaster: politely, then at once, then by force.
fn end(child: &mut Child) -> Result<(), ClusterError> {
    let waiting = || ClusterError::io("wait for PostgreSQL to end");
    for (signal, wait) in [(os::SHUT_DOWN, SHUT_DOWN_WAIT), (os::QUIT, QUIT_WAIT)] {
        os::signal(child.id(), signal);
        let began = Instant::now();
        while began.elapsed() < wait {
            if child.try_wait().map_err(waiting())?.is_some() {
                let polite = signal == os::SHUT_DOWN;
                return if polite {
                    Ok(())
                } else {
                    Err(ClusterError::Forced { waited_secs: SHUT_DOWN_WAIT.as_secs() })
                };
            }
            thread::sleep(LOOK_OFTEN);
        }
    }
    child.kill().and_then(|()| child.wait()).map_err(waiting())?;
    Err(ClusterError::Forced { waited_secs: (SHUT_DOWN_WAIT + QUIT_WAIT).as_secs() })
}
