//! The bot as a process of its own, which can be killed.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use wardroom::sandbox::cast;
use wardroom::sandbox::discord::DiscordServer;
use wardroom::sandbox::slack::SlackWorkspace;

use super::{Transport, World};

/// A bot that was started as `wardroom run`. It ends with the test, whatever becomes of that.
pub struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
    slack: Arc<SlackWorkspace>,
    discord: Arc<DiscordServer>,
    transport: Transport,
    /// Where it is reached.
    pub url: String,
}

impl World {
    /// Starts a bot beside those that run, and waits until it listens.
    pub async fn run_bot(&self) -> Process {
        self.run_bot_over(Transport::Sockets).await
    }

    /// Starts a bot that is reached so. Over HTTP the platforms must be told where: [`Sandbox::deliver_to`].
    pub async fn run_bot_over(&self, transport: Transport) -> Process {
        let beside = self.discord.connections();
        let process = self.start_bot(transport, beside + 1).await;
        if transport == Transport::Sockets {
            self.wait_until_connected(beside + 1).await;
        }
        process
    }

    /// The same, where Slack may not let it in: waits for so many connections to Discord.
    pub async fn run_bot_on(&self, discord_connections: usize) -> Process {
        self.start_bot(Transport::Sockets, discord_connections).await
    }

    async fn start_bot(&self, transport: Transport, discord_connections: usize) -> Process {
        let port = free_port();
        let mut child = self
            .command("run", transport)
            .env("PORT", port.to_string())
            .env("WARDROOM_SANDBOX", "true") // it ends when its standard input does, and reads the kept clock
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary can be started");
        let said = Arc::new(Mutex::new(String::new()));
        tokio::spawn(keep(child.stderr.take().expect("it is piped"), Arc::clone(&said)));
        let (slack, discord) = (Arc::clone(&self.slack), Arc::clone(&self.discord));
        let url = format!("http://127.0.0.1:{port}");
        let mut process = Process { child, said, slack, discord, transport, url };
        process.wait_until_ready().await;
        if transport == Transport::Http {
            return process;
        }
        for _ in 0..1_500 {
            if self.discord.connections() >= discord_connections {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the bot did not connect to Discord:\n{}", process.said());
    }

    /// What `wardroom doctor` says of a bot that is reached so.
    pub async fn doctor(&self, transport: Transport) -> String {
        let said = self.command("doctor", transport).output().await.expect("the binary can be started");
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    fn command(&self, name: &str, transport: Transport) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardroom"));
        let others = ["RUST_LOG", "WARDROOM_POLICY", "WARDROOM_TEMPLATES", "WARDROOM_LISTEN"];
        let ways = ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "DISCORD_PUBLIC_KEY"];
        for variable in others.into_iter().chain(ways) {
            command.env_remove(variable);
        }
        match transport {
            Transport::Sockets => command.env("SLACK_APP_TOKEN", cast::SLACK_APP_TOKEN),
            Transport::Http => command
                .env("SLACK_SIGNING_SECRET", self.slack.signing_secret())
                .env("DISCORD_PUBLIC_KEY", self.discord.public_key()),
        };
        match &self.ledger {
            Some(folder) => command.env("WARDROOM_LEDGER", folder),
            None => command.env_remove("WARDROOM_LEDGER"),
        };
        command
            .arg(name)
            .env("DATABASE_URL", self.database.url())
            .env("WARDROOM_CONNECTIONS", "10")
            .env("SLACK_API_URL", self.sandbox().slack_api_url())
            .env("SLACK_BOT_TOKEN", cast::SLACK_BOT_TOKEN)
            .env("DISCORD_API_URL", self.sandbox().discord_api_url())
            .env("DISCORD_TOKEN", cast::DISCORD_TOKEN);
        command
    }
}

impl Process {
    /// `kill -9`: no farewell, nothing finished. Returns once the platforms have noticed.
    pub async fn kill(mut self) {
        self.kill_now().await;
    }

    /// The same, for whoever puts another in its place.
    pub async fn kill_now(&mut self) {
        let (sockets, sessions) = (self.slack.connections(), self.discord.connections());
        self.child.kill().await.expect("it can be killed");
        if self.transport == Transport::Http {
            return; // nothing is open that a platform could notice
        }
        for _ in 0..500 {
            if self.slack.connections() <= sockets.saturating_sub(2)
                && self.discord.connections() <= sessions.saturating_sub(1)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the platforms did not notice that a bot is gone");
    }

    /// What a service manager does: asks it to end (SIGTERM), and it does, having finished what it began.
    #[expect(unsafe_code, reason = "a signal to a child of our own that was not waited for yet")]
    pub async fn stop(mut self) {
        let id = self.child.id().expect("it runs");
        let sent = unsafe { libc::kill(id.cast_signed(), libc::SIGTERM) };
        assert_eq!(sent, 0, "it can be signalled");
        // Held until the end: waiting for a child closes its input, which would end it as well.
        let _input = self.child.stdin.take();
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        let status = ended.expect("it ends when told").expect("it can be waited for");
        assert!(status.success(), "it ended with {status}:\n{}", self.said());
    }

    /// Holds it where it is, its connections open, or lets it go on.
    #[expect(unsafe_code, reason = "a signal to a child of our own that was not waited for yet")]
    pub fn hold(&self, is_held: bool) {
        let id = self.child.id().expect("it runs");
        let signal = if is_held { libc::SIGSTOP } else { libc::SIGCONT };
        let sent = unsafe { libc::kill(id.cast_signed(), signal) };
        assert_eq!(sent, 0, "it can be signalled");
    }

    /// What it answers whoever asks whether it is ready.
    pub async fn readiness(&self) -> String {
        let url = format!("{}/readyz", self.url);
        let answer = reqwest::get(&url).await.expect("it answers");
        answer.text().await.expect("it answers in words")
    }

    /// What it wrote to its log.
    pub fn said(&self) -> String {
        self.said.lock().expect("not poisoned").clone()
    }

    /// All series of a metric, with their values.
    pub async fn series(&self, name: &str) -> Vec<(String, u64)> {
        let url = format!("{}/metrics", self.url);
        let text = reqwest::get(&url).await.expect("it answers").text().await.expect("text");
        let own = text.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        own.filter_map(|line| line.rsplit_once(' '))
            .map(|(name, n)| (name.to_owned(), n.parse().unwrap_or(0)))
            .collect()
    }

    /// Whether it runs; a bot never ends by itself.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("it can be looked at").is_none()
    }

    /// The memory that it holds, in bytes; `None` once it ended.
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kilobytes * 1_024)
    }

    async fn wait_until_ready(&mut self) {
        let url = format!("{}/readyz", self.url);
        for _ in 0..600 {
            if let Ok(answer) = reqwest::get(&url).await
                && answer.status().is_success()
            {
                return;
            }
            let ended = self.child.try_wait().expect("it can be looked at");
            assert!(ended.is_none(), "the bot ended while it was starting ({ended:?}):\n{}", self.said());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the bot did not become ready:\n{}", self.said());
    }
}

async fn keep(log: ChildStderr, said: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(log).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut said = said.lock().expect("not poisoned");
        said.push_str(&line);
        said.push('\n');
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it has an address").port()
}
