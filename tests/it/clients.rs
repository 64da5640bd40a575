//! The platforms' official clients against the sandbox. The bot is only as right as the sandbox that it is tried in, so
//! the sandbox has to suit clients that know nothing of either.
//!
//! Each script in `tests/clients/` is a small bot on one client library, and plays the people by the page's API too.
//! `deploy/test` installs the libraries in the versions of the lock files; where they are not there, this says so.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use wardroom::clock::Clock;
use wardroom::sandbox::discord::DiscordServer;
use wardroom::sandbox::slack::SlackWorkspace;
use wardroom::sandbox::{ClockControl, FirstPeople, Sandbox, SandboxOptions};

/// A script takes a few seconds; more than this is a client that waits for something that never comes.
const PATIENCE: Duration = Duration::from_secs(90);
/// What a script says last, so that one that ends early does not count.
const FINISHED: &str = "every flow went as it should";

#[tokio::test(flavor = "multi_thread")]
async fn slack_web_api_and_socket_mode_for_node_are_at_home_here() {
    Language::node().runs("slack_web.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_bolt_for_node_is_at_home_here() {
    Language::node().runs("slack_bolt.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_js_is_at_home_here() {
    Language::node().runs("discord_js.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_sdk_for_python_is_at_home_here() {
    Language::python().runs("slack_web.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_bolt_for_python_is_at_home_here() {
    Language::python().runs("slack_app.py").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discord_py_is_at_home_here() {
    Language::python().runs("discord_py.py").await;
}

/// Where the scripts of one language are, what runs them, and which libraries they need.
struct Language {
    program: PathBuf,
    scripts: PathBuf,
    /// Names the libraries and their versions.
    lock: &'static str,
    /// Where `deploy/test` puts the libraries, next to a copy of the lock once they are there.
    libraries: PathBuf,
}

impl Language {
    fn node() -> Language {
        let libraries = libraries().join("node");
        Language { program: "node".into(), scripts: scripts().join("node"), lock: "package-lock.json", libraries }
    }

    fn python() -> Language {
        let libraries = libraries().join("python");
        let program = libraries.join("bin/python");
        Language { program, scripts: scripts().join("python"), lock: "requirements.txt", libraries }
    }

    async fn runs(&self, script: &str) {
        if !self.is_installed() {
            // Past the test's capture, which would swallow it in a test that passes.
            let _ = writeln!(
                std::io::stderr(),
                "NOT TESTED: {script}. The official clients in {} are not installed; deploy/test installs them.",
                self.lock
            );
            return;
        }
        let sandbox = sandbox().await;
        let ended = tokio::time::timeout(PATIENCE, self.command(script, &sandbox.url()).output()).await;
        let output = ended.unwrap_or_else(|_| panic!("{script} did not end within {PATIENCE:?}")).expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = !output.status.success() || said.trim_end().lines().last() != Some(FINISHED);
        assert!(!failed, "{script}: {}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        sandbox.stop().await.expect("the sandbox stops");
    }

    fn command(&self, script: &str, url: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(self.scripts.join(script))
            .env("SANDBOX", url)
            .env("NODE_PATH", self.libraries.join("node_modules"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    fn is_installed(&self) -> bool {
        let read = |folder: &Path| std::fs::read(folder.join(self.lock)).ok();
        let wanted = read(&self.scripts);
        assert!(wanted.is_some(), "{} is missing", self.lock);
        read(&self.libraries.join("installed")) == wanted
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn libraries() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is inside the target folder").join("clients")
}

async fn sandbox() -> Sandbox {
    let clock = Clock::default();
    let now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    let slack = SlackWorkspace::new(serde_json::from_value(slack_cast()).expect("a cast"), now.clone());
    // The app of the scripts is subscribed to messages.
    slack.set_events_enabled(true);
    let discord = serde_json::from_value(discord_cast()).expect("a cast");
    Sandbox::start(SandboxOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        slack,
        discord: DiscordServer::new(discord, now),
        data: None,
        clock: Arc::new(ClockControl::new(
            0,
            move || clock.now(),
            |_| Box::pin(async { Err("time is real here".to_owned()) }),
        )),
        first: FirstPeople { slack: "ana".to_owned(), discord: "ana".to_owned() },
    })
    .await
    .expect("the sandbox starts")
}

fn slack_cast() -> Value {
    let channel = |name: &str| json!({ "id": format!("C0{}", name.to_uppercase()), "name": name, "topic": "" });
    let channels = ["general", "ops", "deploys", "status", "random"].map(channel);
    json!({
        "team_id": "T0HARBOUR", "team_name": "Harbour", "bot_user_id": "U0BOT",
        "bot_token": "xoxb-clients", "app_token": "xapp-clients",
        "users": [
            { "id": "U0ANA", "handle": "ana", "name": "Ana Costa", "email": "ana@harbour.example" },
            { "id": "U0RAJ", "handle": "raj", "name": "Raj Patel", "email": "raj@harbour.example" },
        ],
        "channels": channels,
        "commands": [{ "command": "/deploy", "description": "Deploys a service", "usage_hint": "service" }],
    })
}

fn discord_cast() -> Value {
    json!({
        "guild_id": "900000000000000001", "guild_name": "Harbour", "application_id": "900000000000000002",
        "bot_user_id": "900000000000000003", "bot_token": "clients.discord.token",
        "users": [
            { "id": "900000000000000011", "username": "ana", "name": "Ana Costa" },
            { "id": "900000000000000012", "username": "raj", "name": "Raj Patel" },
        ],
        "channels": [
            { "id": "900000000000000021", "name": "general", "topic": "" },
            { "id": "900000000000000022", "name": "ops", "topic": "What runs" },
        ],
    })
}
