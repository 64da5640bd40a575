//! The page of the sandbox in a real browser: what a newcomer does there, by typing and clicking.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use crate::harness::Bot;
use crate::story::{ANSWERS, ROOM};

const ENTER: &str = "\u{E007}";

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_declares_an_incident_and_casts_votes_by_clicking() {
    let Some(driver) = Driver::start() else { return };
    let bot = Bot::start().await;
    let browser = driver.open(&bot.page_url()).await;
    let slack = Pane { bot: &bot, browser: &browser, name: "slack" };
    let discord = Pane { bot: &bot, browser: &browser, name: "discord" };

    slack.types("/inc declare sev2 checkout returns 502 svc:payments").await;
    slack.shows("INC-1").await;
    slack.opens(ROOM).await;
    slack.presses("Take lead").await;
    slack.shows("leads as commander").await;
    slack.types("/change emergency roll back 4.2 impact: all card payments fail").await;
    slack.fills(&ANSWERS).await;
    slack.shows("CHG-1").await;

    discord.opens(ROOM).await;
    discord.types("/change review verdict: ok target: yes rollback: yes effects: yes change: CHG-1").await;
    discord.shows("☑").await;
    slack.shows("☑").await;
    slack.becomes("Mia Chen").await;
    slack.opens(ROOM).await;
    slack.presses("Approve").await;
    discord.shows("1 of 4 voted").await;
    discord.becomes("Tom Okafor").await;
    discord.opens(ROOM).await;
    discord.presses("Approve").await;

    for pane in [&slack, &discord] {
        pane.shows("2 of 4 voted").await;
        pane.shows("CHG-1 is approved").await;
    }
    keep_screenshot(&browser).await;
    let log = bot.decision_log("CHG-1").await;
    for entry in ["ballot.cast by mia", "ballot.cast by tom", "vote.closed"] {
        assert!(log.contains(entry), "{entry} is missing:\n{log}");
    }
    browser.close().await.expect("the browser closes");
    bot.finish().await;
}

/// One half of the page, as whoever is being played there.
struct Pane<'a> {
    bot: &'a Bot,
    browser: &'a Client,
    name: &'static str,
}

impl Pane<'_> {
    async fn types(&self, text: &str) {
        let composer = self.find("[data-composer]").await;
        composer.click().await.expect("the composer takes the focus");
        composer.send_keys(&format!("{text}{ENTER}")).await.expect("the composer takes text");
    }

    async fn opens(&self, channel: &str) {
        self.clicks(&format!("[data-channel='{channel}']"), "").await;
    }

    /// Presses the newest button of that name.
    async fn presses(&self, label: &str) {
        self.clicks(".list button.button", label).await;
    }

    async fn becomes(&self, person: &str) {
        let choice = self.find("[data-person]").await;
        choice.select_by_label(person).await.expect("the person is offered");
        let is_played = "return document.querySelector(arguments[0]).selectedOptions[0].label === arguments[1]
            && document.querySelector(arguments[2]).getAttribute('data-of') === document.querySelector(arguments[0]).value";
        let asked = json!([self.within("[data-person]"), person, self.within("[data-part=face]")]);
        self.until(&format!("{person} is played"), is_played, &asked).await;
    }

    /// Waits until the open channel shows the text, running what is due meanwhile.
    async fn shows(&self, text: &str) {
        let script = "return document.querySelector(arguments[0]).innerText.includes(arguments[1])";
        self.until(&format!("“{text}” is shown"), script, &json!([self.within(".list"), text])).await;
    }

    /// Answers the questions of the form that opens, and sends it.
    async fn fills(&self, answers: &[(&str, &str)]) {
        for (field, answer) in answers {
            let input = self.find(&format!("[data-field='{field}'] :is(input, select, textarea)")).await;
            if input.tag_name().await.expect("an element has a name") == "select" {
                input.select_by_value(answer).await.expect("the answer is offered");
            } else {
                input.send_keys(answer).await.expect("the field takes text");
            }
        }
        self.clicks("[data-submit]", "").await;
        let script = "return document.querySelector(arguments[0]) === null";
        self.until("the form is closed", script, &json!([self.within("[data-modal]")])).await;
    }

    /// Clicks the last control that fits and reads as said (or any, where nothing is said). A message may be drawn anew
    /// between the look and the click: then it is looked up again.
    async fn clicks(&self, selector: &str, label: &str) {
        for _ in 0..PATIENCE {
            let found = self.browser.find_all(Locator::Css(&self.within(selector))).await.unwrap_or_default();
            for control in found.iter().rev() {
                let reads = control.text().await.unwrap_or_default();
                if (label.is_empty() || reads == label) && control.click().await.is_ok() {
                    return;
                }
            }
            self.goes_on().await;
        }
        panic!("{} offers no {selector} {label}:\n{}", self.name, self.text().await);
    }

    async fn find(&self, selector: &str) -> Element {
        for _ in 0..PATIENCE {
            if let Ok(element) = self.browser.find(Locator::Css(&self.within(selector))).await {
                return element;
            }
            self.goes_on().await;
        }
        panic!("{} has no {selector}:\n{}", self.name, self.text().await);
    }

    async fn until(&self, what: &str, script: &str, arguments: &Value) {
        let arguments = arguments.as_array().cloned().unwrap_or_default();
        for _ in 0..PATIENCE {
            if self.browser.execute(script, arguments.clone()).await.is_ok_and(|is_so| is_so == json!(true)) {
                return;
            }
            self.goes_on().await;
        }
        panic!("on {} it never came that {what}:\n{}", self.name, self.text().await);
    }

    /// Lets the bot do what it has to do, and the page show it.
    async fn goes_on(&self) {
        self.bot.run_until_idle().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    fn within(&self, selector: &str) -> String {
        format!("[data-pane={}] {selector}", self.name)
    }

    async fn text(&self) -> String {
        let script = "return document.querySelector(arguments[0]).innerText";
        let pane = vec![json!(format!("[data-pane={}]", self.name))];
        self.browser.execute(script, pane).await.map(|text| text.to_string()).unwrap_or_default()
    }
}

/// Looks of 50 ms and more: about half a minute, for a machine that does other things too.
const PATIENCE: usize = 400;

/// A running chromedriver, with the browser's profile in a folder of its own.
struct Driver {
    process: Child,
    port: u16,
    browser: PathBuf,
    profile: PathBuf,
}

impl Driver {
    /// `None`, said loudly, where this machine has no browser to drive.
    fn start() -> Option<Driver> {
        let (Some(browser), Some(driver)) =
            (installed(&["chromium", "chromium-browser"]), installed(&["chromedriver"]))
        else {
            eprintln!("NOT TESTED: the page. Chromium and chromedriver are not installed; deploy/test installs them.");
            return None;
        };
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines =
            BufReader::new(process.stdout.take().expect("its output is ours")).lines().map_while(Result::ok);
        let port: u16 = lines
            .find_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver says its port");
        // It must never wait for somebody to read what it says.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = std::env::temp_dir().join(format!("wardroom-browser-{}", std::process::id()));
        Some(Driver { process, port, browser, profile })
    }

    fn ask_to_shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }

    /// A laptop's window that shows the page.
    async fn open(&self, page: &str) -> Client {
        let profile = format!("--user-data-dir={}", self.profile.display());
        let options = json!({
            "binary": self.browser,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--window-size=1440,900", profile,
            ],
        });
        let capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        let url = format!("http://127.0.0.1:{}", self.port);
        let client = builder.capabilities(capabilities).connect(&url).await.expect("Chromium starts");
        client.goto(page).await.expect("the page opens");
        client
    }
}

/// Also where a test failed before it closed its browser.
impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to shut down, chromedriver ends its browsers; killed, it would leave them behind.
        let _ = self.ask_to_shut_down();
        for _ in 0..100 {
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

fn installed(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| Path::is_file(file))
}

/// Kept outside the repository, to be looked at.
async fn keep_screenshot(browser: &Client) {
    let picture = browser.screenshot().await.expect("the browser takes a picture");
    let path = std::env::temp_dir().join("wardroom-browser.png");
    std::fs::write(&path, picture).expect("the picture can be written");
    eprintln!("The page at the end: {}", path.display());
}
