//! A board that votes at once, beside what the same people write at once: notes on one incident wait for one lock too,
//! but there is nothing to count.

use std::fmt::Write;
use std::time::{Duration, Instant};

use futures::future::join_all;
use wardroom::app::{Act, App, Inbound, Reply};
use wardroom::domain::{Account, Place, Platform, Standing};
use wardroom::trial::ORGANISATION;

use super::figures::{Figures, Table};
use super::stage::{Stage, fresh};
use super::statements;

/// The largest rush that is promised to be answered within a second.
const VOTERS: usize = 500;

/// Requests for a change, one after the other.
const REQUESTS: usize = 50;

/// Ballots whose statements are counted.
const COUNTED: usize = 100;

const REQUEST: &str = "roll back impact: cards fail why: every minute costs plan: deploy again tested:yes data:2 \
                       availability:3 compliance:1 complexity:3 rollback:3";

pub async fn measure(stage: &Stage) {
    let app = stage.app(40).await;
    app.apply_organisation(&board(), false).await.expect("the organisation can be loaded");
    let declared = answered(&app, says("U0VOTER0", "inc", "declare sev2 load svc:payments")).await;
    let incident = receipt_of(&declared, "INC-");
    let mut table = Table::new(
        &format!("App::handle, {VOTERS} people at once"),
        &["", "count", "median", "p99", "slowest", "per second"],
    );
    let request = format!("emergency {incident} {REQUEST}");
    let mut requests = Vec::new();
    let began = Instant::now();
    let mut change = String::new();
    for _ in 0..REQUESTS {
        let started = Instant::now();
        let told = answered(&app, says("U0ANA", "change", &request)).await;
        requests.push(started.elapsed());
        change = receipt_of(&told, "CHG-");
    }
    table.row("a change is asked for, one after the other", &Figures::of(requests, began.elapsed()).cells());
    let note = format!("note {incident} the error rate falls");
    table.row("notes on one incident", &at_once(&app, "inc", |_| note.clone()).await.cells());
    // One against, so that nothing passes before nothing can change it any more.
    let ballot = |number| if number == 0 { format!("reject {change} not yet") } else { format!("approve {change}") };
    table.row("ballots on one change", &at_once(&app, "change", ballot).await.cells());
    table.print();
    // On the change asked for last but one: that vote is still open.
    let number: i64 = change.trim_start_matches("CHG-").parse().expect("a number");
    let ballots = async {
        for voter in 1..=COUNTED {
            answered(&app, says(&format!("U0VOTER{voter}"), "change", &format!("approve CHG-{}", number - 1))).await;
        }
    };
    Box::pin(statements::print(stage, "One ballot", COUNTED, ballots)).await;
    app.store.pool().close().await;
}

/// Everybody says one thing at the same moment.
async fn at_once(app: &App, command: &'static str, text: impl Fn(usize) -> String) -> Figures {
    let began = Instant::now();
    let people = (0..VOTERS).map(|number| {
        let (app, said) = (app.clone(), says(&format!("U0VOTER{number}"), command, &text(number)));
        tokio::spawn(async move {
            let told = answered(&app, said).await;
            assert!(told.contains("L "), "it is kept: {told}");
            began.elapsed()
        })
    });
    let times: Vec<Duration> = join_all(people).await.into_iter().map(|time| time.expect("nobody panics")).collect();
    Figures::of(times, began.elapsed())
}

/// The sample organisation, with so many more people on its board.
fn board() -> String {
    let (mut file, mut members) =
        (ORGANISATION.to_owned(), vec!["mia".to_owned(), "tom".to_owned(), "ines".to_owned()]);
    for number in 0..VOTERS {
        write!(
            file,
            "\n[[person]]\nkey = \"voter{number}\"\nname = \"Voter {number}\"\nemail = \"v{number}@harbour.example\"\n\
             team = \"payments\"\nroles = [\"responder\"]\nslack = \"U0VOTER{number}\"\n"
        )
        .expect("a string takes it");
        members.push(format!("voter{number}"));
    }
    file.replace("[\"mia\", \"tom\", \"ines\", \"kim\"]", &format!("{members:?}"))
}

async fn answered(app: &App, said: Inbound) -> String {
    match Box::pin(app.handle(said)).await {
        Ok(Reply::Tell { message }) => serde_json::to_string(&message).expect("plain data"),
        other => panic!("it is answered: {other:?}"),
    }
}

/// `CHG-7` of `L CHG-7#1 …`.
fn receipt_of(told: &str, kind: &str) -> String {
    let number = told.split(&format!("L {kind}")).nth(1).and_then(|rest| rest.split('#').next());
    format!("{kind}{}", number.unwrap_or_else(|| panic!("a receipt: {told}")))
}

fn says(account: &str, command: &str, text: &str) -> Inbound {
    let workspace = "T0HARBOUR".to_owned();
    Inbound {
        delivery: fresh(),
        place: Place { platform: Platform::Slack, workspace: workspace.clone(), channel: "C0INCIDENTS".to_owned() },
        account: Account { platform: Platform::Slack, workspace, id: account.to_owned() },
        account_name: account.to_owned(),
        standing: Standing::Member,
        message: None,
        act: Act::Says { command: command.to_owned(), text: text.to_owned() },
    }
}
