//! The gateway without a library: what a wrong token, a lost session and a silent bot lead to.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;

use super::*;

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(lab: &Lab) -> Socket {
    let url = lab.ok("GET", "/gateway", Value::Null).await["url"].as_str().unwrap().to_owned();
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("{url}?v=10")).await.unwrap();
    assert_eq!(read(&mut socket).await["d"]["heartbeat_interval"], 41_250);
    socket
}

async fn read(socket: &mut Socket) -> Value {
    match socket.next().await.unwrap().unwrap() {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        Message::Close(frame) => json!({ "closed": frame.map(|frame| u16::from(frame.code)) }),
        other => panic!("unexpected {other:?}"),
    }
}

async fn write(socket: &mut Socket, payload: Value) {
    socket.send(Message::text(payload.to_string())).await.unwrap();
}

async fn identify(socket: &mut Socket) -> Value {
    let since = json!({ "secs_since_epoch": 1, "nanos_since_epoch": 0 });
    let data = json!({ "token": format!("Bot {TOKEN}"), "intents": 1, "presence": { "since": since } });
    write(socket, json!({ "op": 2, "d": data })).await;
    let ready = read(socket).await;
    assert_eq!(ready["t"], "READY");
    assert_eq!(read(socket).await["t"], "GUILD_CREATE");
    ready["d"].clone()
}

#[tokio::test]
async fn a_wrong_token_closes_the_connection_with_4004() {
    let lab = Lab::start().await;
    let mut socket = connect(&lab).await;
    write(&mut socket, json!({ "op": 2, "d": { "token": "Bot wrong", "intents": 1 } })).await;
    assert_eq!(read(&mut socket).await, json!({ "closed": 4004 }));
}

#[tokio::test]
async fn a_heartbeat_is_acknowledged_and_an_unknown_session_is_invalid() {
    let lab = Lab::start().await;
    let mut socket = connect(&lab).await;
    write(&mut socket, json!({ "op": 1, "d": null })).await;
    assert_eq!(read(&mut socket).await["op"], 11);
    write(&mut socket, json!({ "op": 6, "d": { "token": TOKEN, "session_id": "gone", "seq": 4 } })).await;
    assert_eq!(read(&mut socket).await, json!({ "op": 9, "s": null, "t": null, "d": false }));
    identify(&mut socket).await;
    assert!(lab.server.connected());
}

#[tokio::test]
async fn what_was_missed_is_replayed_in_order_on_resume() {
    let lab = Lab::start().await;
    let mut first = connect(&lab).await;
    let ready = identify(&mut first).await;
    drop(first);
    lab.ok("PATCH", &format!("/channels/{OPS}"), json!({ "topic": "one" })).await;
    lab.ok("PATCH", &format!("/channels/{OPS}"), json!({ "topic": "two" })).await;
    let mut second = connect(&lab).await;
    let data = json!({ "token": format!("Bot {TOKEN}"), "session_id": ready["session_id"], "seq": 2 });
    write(&mut second, json!({ "op": 6, "d": data })).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let event = read(&mut second).await;
        told.push(format!("{} {} {}", event["s"], event["t"], event["d"]["topic"]));
    }
    assert_eq!(told, ["3 \"CHANNEL_UPDATE\" \"one\"", "4 \"CHANNEL_UPDATE\" \"two\"", "5 \"RESUMED\" null"]);
}

#[tokio::test]
async fn a_bot_that_says_nothing_is_given_up_on_and_its_late_answer_refused() {
    let lab = Lab::start().await;
    lab.register().await;
    lab.server.set_patience(Duration::from_millis(80));
    let mut socket = connect(&lab).await;
    identify(&mut socket).await;
    lab.server.say("ana", "ops", "/inc slow").await.unwrap();
    assert_eq!(lab.server.private("ana"), "wardroom: The application did not respond\n");
    let event = read(&mut socket).await["d"].clone();
    let path = format!("/interactions/{}/{}/callback", event["id"].as_str().unwrap(), event["token"].as_str().unwrap());
    let late = lab.refused("POST", &path, json!({ "type": 4, "data": { "content": "late" } })).await;
    assert_eq!(late, (404, 10062));
    assert_eq!(lab.server.transcript("ops"), "");
}

#[tokio::test]
async fn without_a_bot_the_person_is_told_at_once() {
    let lab = Lab::start().await;
    lab.register().await;
    lab.server.say("ana", "ops", "/inc slow").await.unwrap();
    assert_eq!(lab.server.last_private("ana").unwrap(), "wardroom: The application did not respond\n");
    assert_eq!(lab.server.view("ana")["connected"], false);
}

#[tokio::test]
async fn a_lost_answer_still_shows_and_a_slow_one_comes_too_late() {
    let lab = Lab::start().await;
    lab.register().await;
    lab.server.set_patience(Duration::from_millis(200));
    let route = "POST /interactions/{id}/{token}/callback".to_owned();
    let mut socket = connect(&lab).await;
    identify(&mut socket).await;
    let faults = [
        (super::super::DiscordFault::LoseAnswer { route: route.clone(), times: 1 }, (500, 0), "wardroom: said\n"),
        (super::super::DiscordFault::Slow { route, times: 1, millis: 400 }, (404, 10_062), "wardroom: said\n"),
    ];
    for (fault, wanted, shown) in faults {
        lab.server.fault(fault);
        let answering = async {
            let event = read(&mut socket).await["d"].clone();
            let (id, token) = (event["id"].as_str().unwrap(), event["token"].as_str().unwrap());
            let path = format!("/interactions/{id}/{token}/callback");
            lab.refused("POST", &path, json!({ "type": 4, "data": { "content": "said" } })).await
        };
        let (said, answered) = tokio::join!(lab.server.say("ana", "ops", "/inc slow"), answering);
        assert_eq!((said, answered), (Ok(()), wanted));
        assert_eq!(lab.server.transcript("ops"), shown);
    }
}
