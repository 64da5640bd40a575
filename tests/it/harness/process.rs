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

use super::World;

/// A bot that was started as `wardroom run`. It ends with the test, whatever becomes of that.
pub struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
    port: u16,
    slack: Arc<SlackWorkspace>,
    discord: Arc<DiscordServer>,
}

impl World {
    /// Starts a bot beside those that run, and waits until it listens.
    pub async fn run_bot(&self) -> Process {
        let beside = self.discord.connections();
        let process = self.run_bot_on(beside + 1).await;
        self.wait_until_connected(beside + 1).await;
        process
    }

    /// The same, where Slack may not let it in: waits for so many connections to Discord.
    pub async fn run_bot_on(&self, discord_connections: usize) -> Process {
        let port = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wardroom"))
            .arg("run")
            .env_remove("RUST_LOG")
            .env_remove("WARDROOM_POLICY")
            .env_remove("WARDROOM_TEMPLATES")
            .env_remove("WARDROOM_LISTEN")
            .env("DATABASE_URL", self.database.url())
            .env("WARDROOM_CONNECTIONS", "10")
            .env("PORT", port.to_string())
            .env("WARDROOM_SANDBOX", "true") // it ends when its standard input does, and reads the kept clock
            .env("SLACK_API_URL", self.sandbox().slack_api_url())
            .env("SLACK_BOT_TOKEN", cast::SLACK_BOT_TOKEN)
            .env("SLACK_APP_TOKEN", cast::SLACK_APP_TOKEN)
            .env("DISCORD_API_URL", self.sandbox().discord_api_url())
            .env("DISCORD_TOKEN", cast::DISCORD_TOKEN)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary can be started");
        let said = Arc::new(Mutex::new(String::new()));
        tokio::spawn(keep(child.stderr.take().expect("it is piped"), Arc::clone(&said)));
        let (slack, discord) = (Arc::clone(&self.slack), Arc::clone(&self.discord));
        let mut process = Process { child, said, port, slack, discord };
        process.wait_until_ready(port).await;
        for _ in 0..1_500 {
            if self.discord.connections() >= discord_connections {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the bot did not connect to Discord:\n{}", process.said());
    }
}

impl Process {
    /// `kill -9`: no farewell, nothing finished. Returns once the platforms have noticed.
    pub async fn kill(mut self) {
        let (sockets, sessions) = (self.slack.connections(), self.discord.connections());
        self.child.kill().await.expect("it can be killed");
        for _ in 0..500 {
            if self.slack.connections() + 2 <= sockets && self.discord.connections() < sessions {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the platforms did not notice that a bot is gone");
    }

    /// What a service manager does: asks it to end, and it does, having finished what it began.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        let status = ended.expect("it ends when told").expect("it can be waited for");
        assert!(status.success(), "it ended with {status}:\n{}", self.said());
    }

    /// What it answers whoever asks whether it is ready.
    pub async fn readiness(&self) -> String {
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        let answer = reqwest::get(&url).await.expect("it answers");
        answer.text().await.expect("it answers in words")
    }

    /// What it wrote to its log.
    pub fn said(&self) -> String {
        self.said.lock().expect("not poisoned").clone()
    }

    async fn wait_until_ready(&mut self, port: u16) {
        let url = format!("http://127.0.0.1:{port}/readyz");
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
