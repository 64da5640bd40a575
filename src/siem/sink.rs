//! Where the stream goes: HTTP requests of JSON lines, or syslog over TCP or UDP.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;
use url::{Host, Url};

use super::format::{Format, syslog};
use super::record::Record;

/// A receiver that takes longer than this is tried again.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// What fits a datagram, with room for its headers.
const DATAGRAM_MAX: usize = 60_000;
/// A wish to wait is granted for five minutes at most.
const WAIT_MAX: Duration = Duration::from_mins(5);

/// What the settings say, read and found to make sense.
#[derive(Debug, Clone)]
pub struct SinkSettings {
    /// Under which the position is kept.
    pub name: String,
    pub way: Way,
    pub with_texts: bool,
}

#[derive(Debug, Clone)]
pub enum Way {
    Http { url: Url, token: Option<SecretString> },
    Tcp { host: String, port: u16, format: Format },
    Udp { host: String, port: u16, format: Format },
}

/// Takes batches.
#[derive(Debug)]
pub struct Sink {
    way: Way,
    client: Client,
}

/// Why a batch was not taken. It is sent again.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    #[error("{what}")]
    Failed { what: String, after: Option<Duration> },
    #[error("the receiver finds so many entries at once too large")]
    TooLarge,
}

impl SinkSettings {
    /// Reads an address: `https://…`, `syslog+tcp://host:514` or `syslog+udp://host:514`.
    pub fn read(
        name: &str,
        address: &str,
        token: Option<SecretString>,
        format: Option<Format>,
        with_texts: bool,
    ) -> Result<SinkSettings, String> {
        let wanted = "write https://host/path, syslog+tcp://host:514 or syslog+udp://host:514";
        let url = Url::parse(address).map_err(|_| format!("WARDROOM_SIEM_URL is no address: {wanted}"))?;
        let place = || -> Result<(String, u16), String> {
            let host = url.host_str().ok_or_else(|| format!("WARDROOM_SIEM_URL names no host: {wanted}"))?;
            Ok((host.trim_matches(['[', ']']).to_owned(), url.port().unwrap_or(514)))
        };
        let way = match url.scheme() {
            "https" | "http" => {
                if !url.username().is_empty() || url.password().is_some() {
                    return Err(
                        "WARDROOM_SIEM_URL holds a password: a token belongs into WARDROOM_SIEM_TOKEN".to_owned()
                    );
                }
                if url.scheme() == "http" && token.is_some() && !is_here(&url) {
                    return Err("WARDROOM_SIEM_TOKEN would be sent in the clear: use https".to_owned());
                }
                if format.is_some_and(|format| format != Format::Json) {
                    return Err("WARDROOM_SIEM_FORMAT is for syslog: requests carry JSON lines".to_owned());
                }
                Way::Http { url: url.clone(), token }
            }
            "syslog+tcp" | "syslog+udp" if token.is_some() => {
                return Err("WARDROOM_SIEM_TOKEN is for https: syslog knows no token".to_owned());
            }
            "syslog+tcp" => {
                let (host, port) = place()?;
                Way::Tcp { host, port, format: format.unwrap_or(Format::Rfc5424) }
            }
            "syslog+udp" => {
                let (host, port) = place()?;
                Way::Udp { host, port, format: format.unwrap_or(Format::Rfc5424) }
            }
            other => return Err(format!("WARDROOM_SIEM_URL begins with {other}: {wanted}")),
        };
        Ok(SinkSettings { name: name.to_owned(), way, with_texts })
    }
}

impl Sink {
    pub fn new(way: Way) -> Result<Sink, reqwest::Error> {
        // A redirect would carry the token elsewhere.
        let mut client = Client::builder().timeout(ANSWER_WITHIN).redirect(redirect::Policy::none());
        if matches!(&way, Way::Http { url, .. } if is_here(url)) {
            client = client.no_proxy();
        }
        Ok(Sink { way, client: client.build()? })
    }

    /// Sends a batch. `Ok` only where the receiver has taken all of it; by UDP nobody ever says so.
    pub async fn send(&self, records: &[Record]) -> Result<(), SinkError> {
        match &self.way {
            Way::Http { url, token } => self.post(url, token.as_ref(), records).await,
            Way::Tcp { host, port, format } => send_tcp(host, *port, *format, records).await,
            Way::Udp { host, port, format } => send_udp(host, *port, *format, records).await,
        }
    }

    /// Whether there is somebody at the other end; nothing is sent.
    pub async fn reach(&self) -> Result<(), SinkError> {
        match &self.way {
            Way::Http { url, .. } => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                connect(host, url.port_or_known_default().unwrap_or(443)).await.map(drop)
            }
            Way::Tcp { host, port, .. } => connect(host, *port).await.map(drop),
            Way::Udp { host, port, .. } => resolved(host, *port).await.map(drop),
        }
    }

    async fn post(&self, url: &Url, token: Option<&SecretString>, records: &[Record]) -> Result<(), SinkError> {
        let lines: Vec<String> = records.iter().map(|record| record.json().to_string()).collect();
        let body = lines.join("\n") + "\n";
        let mut request = self.client.post(url.clone()).header(header::CONTENT_TYPE, "application/x-ndjson").body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        // Without the address, which may be a secret itself.
        let answer = request.send().await.map_err(|error| failed(causes(&error.without_url())))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE && records.len() > 1 {
            return Err(SinkError::TooLarge);
        }
        let after = answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
        let after = after.map(|secs| Duration::from_secs(secs).min(WAIT_MAX));
        Err(SinkError::Failed { what: format!("the receiver answered {status}"), after })
    }
}

/// Octet counting (RFC 6587), a connection a batch. Syslog knows no answer, so the end of the connection is one: a receiver
/// that has read everything closes it in good order; one that died, or dropped something unread, resets it.
async fn send_tcp(host: &str, port: u16, format: Format, records: &[Record]) -> Result<(), SinkError> {
    let mut connection = connect(host, port).await?;
    let mut frames = Vec::new();
    for record in records {
        let line = syslog(record, format);
        frames.extend_from_slice(format!("{} ", line.len()).as_bytes());
        frames.extend_from_slice(line.as_bytes());
    }
    let sent = async {
        connection.write_all(&frames).await?;
        connection.shutdown().await?;
        // What a receiver might say is not read, but for its end.
        let mut said = [0; 256];
        while connection.read(&mut said).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    match timeout(ANSWER_WITHIN, sent).await {
        Ok(sent) => sent.map_err(|error| failed(format!("the connection was lost: {error}"))),
        Err(_) => Err(failed("the receiver did not close the connection, so whether it took the entries is not known")),
    }
}

async fn send_udp(host: &str, port: u16, format: Format, records: &[Record]) -> Result<(), SinkError> {
    let to = resolved(host, port).await?;
    let from = if to.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
    let socket = UdpSocket::bind(from).await.map_err(|error| failed(error.to_string()))?;
    for record in records {
        let mut line = syslog(record, format);
        if line.len() > DATAGRAM_MAX {
            line = syslog(&Record { data: serde_json::Map::new(), texts: None, ..record.clone() }, format);
        }
        socket.send_to(line.as_bytes(), to).await.map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, SinkError> {
    match timeout(CONNECT_WITHIN, TcpStream::connect((host, port))).await {
        Ok(connected) => connected.map_err(|error| failed(format!("{host}:{port} cannot be reached: {error}"))),
        Err(_) => Err(failed(format!("{host}:{port} does not answer"))),
    }
}

async fn resolved(host: &str, port: u16) -> Result<SocketAddr, SinkError> {
    let found = lookup_host((host, port)).await.map_err(|error| failed(format!("{host} is not known: {error}")))?;
    found.into_iter().next().ok_or_else(|| failed(format!("{host} is not known")))
}

fn failed(what: impl Into<String>) -> SinkError {
    SinkError::Failed { what: what.into(), after: None }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str, token: bool, format: Option<Format>) -> Result<SinkSettings, String> {
        SinkSettings::read("siem", address, token.then(|| SecretString::from("t")), format, false)
    }

    #[test]
    fn settings_that_make_no_sense_say_which_and_what_instead() {
        for (address, token, format, words) in [
            ("siem.example", false, None, "is no address"),
            ("ftp://siem.example", false, None, "begins with ftp"),
            ("https://me:secret@siem.example", false, None, "WARDROOM_SIEM_TOKEN"),
            ("http://siem.example", true, None, "in the clear"),
            ("https://siem.example", true, Some(Format::Cef), "is for syslog"),
            ("syslog+tcp://siem.example", true, None, "knows no token"),
        ] {
            let told = read(address, token, format).expect_err(address);
            assert!(told.contains(words) && !told.contains("secret"), "{address}: {told}");
        }
        for address in ["https://siem.example/in", "http://127.0.0.1:9/", "syslog+udp://[::1]:5514"] {
            assert!(read(address, false, None).is_ok(), "{address}");
        }
        let default = read("syslog+tcp://siem.example", false, None).expect("it makes sense").way;
        assert!(matches!(default, Way::Tcp { port: 514, format: Format::Rfc5424, .. }), "{default:?}");
    }
}
