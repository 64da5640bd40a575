//! The log as a stream for a SIEM, over real sockets: nothing is lost, the order is kept, and a repetition is known as one.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;
use wardroom::render::TEMPLATES;
use wardroom::siem::{Format, Pace, Sink, SinkSettings, Streamer, ocsf};

use crate::harness::Bot;

/// In a hurry.
const QUICK: Pace =
    Pace { poll: Duration::from_millis(5), first: Duration::from_millis(1), most: Duration::from_millis(20) };

/// What a receiver does with a connection.
#[derive(Debug, Clone, Copy)]
enum Does {
    Takes,
    Answers(u16),
    /// Asks to wait a second.
    AsksToWait,
    /// Reads a little, and is gone.
    Drops,
    /// Reads everything, and is gone without a word.
    DropsAfterReading,
    TakesItsTime,
}

#[derive(Debug, Clone, Copy)]
enum Speaks {
    Http,
    Syslog,
    SyslogTls,
}

/// Has a certificate for localhost of an authority that only the test knows.
fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::from_pem_slice(include_bytes!("siem/server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("siem/server.key")).expect("its key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![chain], key);
    TlsAcceptor::from(Arc::new(config.expect("key and certificate belong together")))
}

/// The file that names this authority.
const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/siem/ca.pem");

/// A receiver with a will of its own: what it does with one connection after another, and then it takes what comes.
struct Receiver {
    address: String,
    /// Everything that it read whole, whatever it then did.
    heard: Arc<Mutex<Vec<String>>>,
    plan: Arc<Mutex<VecDeque<Does>>>,
}

impl Receiver {
    async fn start(speaks: Speaks, plan: &[Does]) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let address = listener.local_addr().expect("it has an address").to_string();
        let receiver =
            Receiver { address, heard: Arc::default(), plan: Arc::new(Mutex::new(plan.iter().copied().collect())) };
        let (heard, plan) = (Arc::clone(&receiver.heard), Arc::clone(&receiver.plan));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let does = plan.lock().expect("not poisoned").pop_front().unwrap_or(Does::Takes);
                let _ = match speaks {
                    Speaks::Http => http(connection, does, &heard).await,
                    Speaks::Syslog => syslog(connection, does, &heard).await,
                    // Before hands are shaken: what is read with the last of that counts as taken.
                    Speaks::SyslogTls if matches!(does, Does::Drops) => Ok(()),
                    Speaks::SyslogTls => match acceptor().accept(connection).await {
                        Ok(connection) => syslog(connection, does, &heard).await,
                        Err(error) => Err(error),
                    },
                };
            }
        });
        receiver
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("not poisoned").clone()
    }
}

async fn http(mut connection: TcpStream, does: Does, heard: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut read = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        let count = connection.read(&mut piece).await?;
        read.extend_from_slice(&piece[..count]);
        if matches!(does, Does::Drops) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((lines, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(lines.to_lowercase().contains("authorization: bearer secret"), "{lines}");
        let length = lines.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(usize::MAX) {
            heard.lock().expect("not poisoned").extend(body.lines().map(str::to_owned));
            break;
        }
    }
    let (status, more) = match does {
        Does::DropsAfterReading | Does::Drops => return Ok(()),
        Does::Answers(status) => (status, ""),
        Does::AsksToWait => (429, "retry-after: 1\r\n"),
        Does::Takes => (200, ""),
        Does::TakesItsTime => {
            tokio::time::sleep(Duration::from_millis(150)).await;
            (202, "")
        }
    };
    let answer = format!("HTTP/1.1 {status} X\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n");
    connection.write_all(answer.as_bytes()).await
}

async fn syslog<C>(mut connection: C, does: Does, heard: &Mutex<Vec<String>>) -> std::io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    if matches!(does, Does::Drops | Does::DropsAfterReading | Does::Answers(_) | Does::AsksToWait) {
        // Closed over what was not read: the other side is told by a reset.
        let mut little = [0; 10];
        connection.read_exact(&mut little).await?;
        return Ok(());
    }
    let mut read = Vec::new();
    connection.read_to_end(&mut read).await?;
    if matches!(does, Does::Takes) {
        // Over TLS in good order; else as rsyslog ends it, by the end of the connection alone.
        connection.shutdown().await?;
    }
    let mut rest = String::from_utf8(read).expect("a stream is UTF-8");
    while let Some((length, after)) = rest.split_once(' ') {
        let (line, more) = after.split_at(length.parse().expect("octets are counted"));
        heard.lock().expect("not poisoned").push(line.to_owned());
        rest = more.to_owned();
    }
    assert_eq!(rest, "", "every octet is counted");
    Ok(())
}

fn streamer(bot: &Bot, address: &str, format: Option<Format>, with_texts: bool) -> Streamer {
    let token = address.starts_with("http").then(|| SecretString::from("secret"));
    let settings =
        SinkSettings::read("siem", address, token, None, format, with_texts).expect("settings that make sense");
    Streamer::new(bot.app.store.clone(), settings, QUICK).expect("a streamer")
}

async fn sent(bot: &Bot, address: &str, format: Option<Format>) -> u64 {
    streamer(bot, address, format, false).run_once(&CancellationToken::new()).await
}

async fn story(bot: &Bot) {
    let ana = bot.person("ana").slack();
    ana.says("/inc declare sev2 the quetzal is on fire svc:payments").await;
    bot.run_until_idle().await;
    for number in 0..6 {
        ana.says(&format!("/inc note INC-1 marmoset {number}")).await;
    }
}

fn indexes(lines: &[String]) -> Vec<u64> {
    let read = |line: &String| -> Value { serde_json::from_str(line).expect("a line is an object") };
    lines.iter().map(|line| read(line)["index"].as_u64().expect("a place in the tree")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_in_every_way_misses_nothing_and_sees_repetitions_as_such() {
    let bot = Bot::start().await;
    story(&bot).await;
    let plan = [
        Does::Answers(500),
        Does::Drops,
        Does::AsksToWait,
        Does::DropsAfterReading,
        Does::Answers(403),
        Does::TakesItsTime,
    ];
    let receiver = Receiver::start(Speaks::Http, &plan).await;
    let address = format!("http://{}/in", receiver.address);
    let count = sent(&bot, &address, None).await;
    let heard = receiver.heard();
    let size = u64::try_from(bot.database.count("select count(*) from dlog.entry").await).expect("a number");
    assert_eq!(count, size, "everything was taken");
    // Every attempt that was read is the same batch, from its first entry to its last.
    let all: Vec<u64> = (0..size).collect();
    assert_eq!(indexes(&heard), all.repeat(5), "the same places, in order, each time");
    assert_eq!(heard[..heard.len() / 5], heard[heard.len() / 5 * 4..], "a repetition is the same to the letter");
    let text = heard.join("\n");
    for word in ["quetzal", "marmoset", "Ana Ruiz"] {
        assert!(!text.contains(word), "{word} is a text or a name");
    }
    let first: Value = serde_json::from_str(&heard[all.len() - 1]).expect("an object");
    for name in ["log", "leaf_hash", "subject", "seq", "kind", "at", "actor"] {
        assert!(!first[name].is_null(), "{name}: {first}");
    }
    assert_eq!(first["ocsf"]["class_uid"], 2005, "{first}");
    // It goes on from there.
    bot.person("ana").slack().says("/inc note INC-1 one more").await;
    assert_eq!(sent(&bot, &address, None).await, 1);
    assert_eq!(indexes(&receiver.heard()).last(), Some(&size));
    assert_eq!(sent(&bot, &address, None).await, 0);
    // And from wherever it is told to.
    let again = streamer(&bot, &address, None, true);
    again.rewind(size - 1).await.expect("it can be set back");
    assert_eq!(again.run_once(&CancellationToken::new()).await, 2);
    assert!(receiver.heard().last().is_some_and(|line| line.contains("one more")), "texts, where they are asked for");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_too_large_is_made_smaller() {
    let bot = Bot::start().await;
    story(&bot).await;
    let receiver = Receiver::start(Speaks::Http, &[Does::Answers(413), Does::Answers(413)]).await;
    let size = u64::try_from(bot.database.count("select count(*) from dlog.entry").await).expect("a number");
    assert_eq!(sent(&bot, &format!("http://{}/", receiver.address), None).await, size);
    let indexes = indexes(&receiver.heard());
    assert_eq!(indexes[indexes.len() - usize::try_from(size).expect("small")..], (0..size).collect::<Vec<_>>());
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_syslog_receiver_that_drops_connections_gets_every_line_in_order() {
    let bot = Bot::start().await;
    story(&bot).await;
    let receiver = Receiver::start(Speaks::Syslog, &[Does::Drops, Does::Drops, Does::Takes]).await;
    let address = format!("syslog+tcp://{}", receiver.address);
    let size = sent(&bot, &address, None).await;
    let lines = receiver.heard();
    assert_eq!(lines.len() as u64, size, "{lines:?}");
    for (place, line) in lines.iter().enumerate() {
        assert!(line.contains(&format!(" index=\"{place}\" ")), "{place}: {line}");
        assert!(line.starts_with("<109>1 20") || line.starts_with("<108>1 20"), "{line}");
    }
    bot.person("ana").slack().says("/inc note INC-1 one more").await;
    assert_eq!(sent(&bot, &address, Some(Format::Cef)).await, 1);
    let line = receiver.heard().pop().expect("a line");
    assert!(line.contains("CEF:0|Wardroom|Wardroom|") && line.contains(" cs2=INC-1 "), "{line}");
    bot.finish().await;
}

/// RFC 5425, as rsyslog and syslog-ng take it.
#[tokio::test(flavor = "multi_thread")]
async fn over_tls_every_line_arrives_at_who_it_is_meant_for_and_at_nobody_else() {
    let bot = Bot::start().await;
    story(&bot).await;
    let receiver = Receiver::start(Speaks::SyslogTls, &[]).await;
    let address = format!("syslog+tls://{}", receiver.address.replace("127.0.0.1", "localhost"));
    let reach = |address: &str, authority: Option<&str>| {
        let authority = authority.map(Path::new);
        let settings = SinkSettings::read("siem", address, None, authority, None, false).expect("it makes sense");
        let sink = Sink::new(settings.way).expect("there is an authority");
        async move { sink.reach().await.map_err(|error| error.to_string()) }
    };
    let stranger = reach(&address, None).await.expect_err("the system does not know this authority");
    assert!(stranger.contains("UnknownIssuer"), "{stranger}");
    let elsewhere = reach(&address.replace("localhost", "127.0.0.2"), Some(AUTHORITY)).await;
    assert!(elsewhere.is_err_and(|told| !told.contains("UnknownIssuer")), "the certificate is localhost's");
    let streamer = || {
        let settings = SinkSettings::read("siem", &address, None, Some(AUTHORITY.as_ref()), None, false);
        Streamer::new(bot.app.store.clone(), settings.expect("it makes sense"), QUICK).expect("a streamer")
    };
    *receiver.plan.lock().expect("not poisoned") = [Does::Drops, Does::Takes, Does::TakesItsTime].into();
    let size = streamer().run_once(&CancellationToken::new()).await;
    assert_eq!(receiver.heard().len() as u64, size, "once each, after one that was dropped");
    assert!(size > 6 && receiver.heard()[0].contains(" index=\"0\" "), "{:?}", receiver.heard());
    bot.person("ana").slack().says("/inc note INC-1 one more").await;
    assert_eq!(streamer().run_once(&CancellationToken::new()).await, 1, "also where TLS is not ended in good order");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_carry_a_line_each() {
    let bot = Bot::start().await;
    bot.person("ana").slack().says("/inc declare sev4 a pump rattles svc:shop").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("there is a port");
    let address = socket.local_addr().expect("it has an address");
    let size = sent(&bot, &format!("syslog+udp://{address}"), Some(Format::Json)).await;
    for place in 0..size {
        let mut datagram = vec![0; 65_536];
        let count = socket.recv(&mut datagram).await.expect("a datagram");
        let line = String::from_utf8_lossy(&datagram[..count]).into_owned();
        assert!(line.contains(&format!("\"index\":{place},")), "{line}");
    }
    assert!(size > 2);
    bot.run_until_idle().await;
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_stream_at_once_one_sends() {
    let bot = Bot::start().await;
    story(&bot).await;
    let receiver = Receiver::start(Speaks::Http, &[Does::TakesItsTime]).await;
    let address = format!("http://{}/", receiver.address);
    let (one, other) = tokio::join!(sent(&bot, &address, None), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        sent(&bot, &address, None).await
    });
    let size = u64::try_from(bot.database.count("select count(*) from dlog.entry").await).expect("a number");
    assert_eq!((one, other), (size, 0), "the other finds the sink taken");
    assert_eq!(indexes(&receiver.heard()).len() as u64, size);
    bot.finish().await;
}

/// As an operator runs it, beside the bot.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_streams_what_there_is_and_ends() {
    let bot = Bot::start().await;
    story(&bot).await;
    let receiver = Receiver::start(Speaks::Http, &[Does::Answers(500)]).await;
    let stream = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_wardroom"));
        command.args(["log", "stream", "--once"]).args(arguments).env("DATABASE_URL", bot.database.url());
        command
            .env("WARDROOM_SIEM_URL", format!("http://{}/in", receiver.address))
            .env("WARDROOM_SIEM_TOKEN", "secret");
        let ran = command.output().await.expect("the binary can be started");
        [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat()
    };
    let size = bot.database.count("select count(*) from dlog.entry").await;
    let told = stream(&[]).await;
    assert!(told.contains(&format!("{size} entries were taken")) && !told.contains("secret"), "{told}");
    assert!(stream(&[]).await.contains("0 entries were taken"));
    let told = stream(&["--from", "2"]).await;
    assert!(told.contains(&format!("{} entries were taken", size - 2)), "{told}");
    bot.finish().await;
}

#[test]
fn every_kind_of_entry_has_a_class_of_ocsf() {
    let kinds = TEMPLATES.iter().filter_map(|(name, _)| name.strip_prefix("line/"));
    let without: Vec<&str> = kinds.filter(|kind| !ocsf::is_mapped(kind)).collect();
    assert_eq!(without, Vec::<&str>::new(), "each needs a row in src/siem/ocsf.rs");
}
