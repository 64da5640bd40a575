//! Where the stream goes: HTTP requests of JSON lines, or syslog over TLS, TCP or UDP.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::format::{Format, syslog};
use super::record::Record;
use crate::address::is_loopback;

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
    Syslog { over: Carrier, host: String, port: u16, format: Format },
}

/// What carries syslog's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carrier {
    /// RFC 5425; the file holds the authorities that are trusted, in PEM, and without it the system's are.
    Tls { authorities: Option<PathBuf> },
    /// RFC 6587, octets counted.
    Tcp,
    /// RFC 5426
    Udp,
}

/// Takes batches.
#[derive(Debug)]
pub struct Sink {
    to: To,
}

/// The way, with what it takes to go it.
#[derive(Debug)]
enum To {
    Http { client: Client, url: Url, token: Option<SecretString> },
    Tls { tls: Arc<ClientConfig>, host: String, port: u16, format: Format },
    Tcp { host: String, port: u16, format: Format },
    Udp { host: String, port: u16, format: Format },
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
    /// Reads an address: `https://…`, or `syslog+tls://host:6514`, `syslog+tcp://host:514`, `syslog+udp://host:514`.
    pub fn read(
        name: &str,
        address: &str,
        token: Option<SecretString>,
        authorities: Option<&Path>,
        format: Option<Format>,
        with_texts: bool,
    ) -> Result<SinkSettings, String> {
        let url = Url::parse(address).map_err(|_| format!("WARDROOM_SIEM_URL is no address: {WANTED}"))?;
        let over = match url.scheme() {
            "https" | "http" => None,
            "syslog+tls" => Some(Carrier::Tls { authorities: authorities.map(Path::to_owned) }),
            "syslog+tcp" => Some(Carrier::Tcp),
            "syslog+udp" => Some(Carrier::Udp),
            other => return Err(format!("WARDROOM_SIEM_URL begins with {other}: {WANTED}")),
        };
        if authorities.is_some() && !matches!(over, Some(Carrier::Tls { .. })) {
            return Err("WARDROOM_SIEM_CA is for syslog+tls: https trusts the system's authorities".to_owned());
        }
        let way = match over {
            None => http(url, token, format)?,
            Some(_) if token.is_some() => {
                return Err("WARDROOM_SIEM_TOKEN is for https: syslog knows no token".to_owned());
            }
            Some(over) => syslog_way(&url, over, format)?,
        };
        Ok(SinkSettings { name: name.to_owned(), way, with_texts })
    }
}

const WANTED: &str = "write https://host/path, syslog+tls://host:6514, syslog+tcp://host:514 or syslog+udp://host:514";

fn http(url: Url, token: Option<SecretString>, format: Option<Format>) -> Result<Way, String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err("WARDROOM_SIEM_URL holds a password: a token belongs into WARDROOM_SIEM_TOKEN".to_owned());
    }
    if url.scheme() == "http" && token.is_some() && !is_loopback(&url) {
        return Err("WARDROOM_SIEM_TOKEN would be sent in the clear: use https".to_owned());
    }
    if format.is_some_and(|format| format != Format::Json) {
        return Err("WARDROOM_SIEM_FORMAT is for syslog: requests carry JSON lines".to_owned());
    }
    Ok(Way::Http { url, token })
}

fn syslog_way(url: &Url, over: Carrier, format: Option<Format>) -> Result<Way, String> {
    let host = url.host_str().ok_or_else(|| format!("WARDROOM_SIEM_URL names no host: {WANTED}"))?;
    let usual = if matches!(over, Carrier::Tls { .. }) { 6_514 } else { 514 };
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Way::Syslog { over, host, port: url.port().unwrap_or(usual), format: format.unwrap_or(Format::Rfc5424) })
}

impl Sink {
    pub fn new(way: Way) -> Result<Sink, SinkError> {
        let to = match way {
            Way::Http { url, token } => {
                // A redirect would carry the token elsewhere.
                let mut client = Client::builder().timeout(ANSWER_WITHIN).redirect(redirect::Policy::none());
                if is_loopback(&url) {
                    client = client.no_proxy();
                }
                To::Http { client: client.build().map_err(|error| failed(causes(&error)))?, url, token }
            }
            Way::Syslog { over: Carrier::Tls { authorities }, host, port, format } => {
                To::Tls { tls: trusting(authorities.as_deref())?, host, port, format }
            }
            Way::Syslog { over: Carrier::Tcp, host, port, format } => To::Tcp { host, port, format },
            Way::Syslog { over: Carrier::Udp, host, port, format } => To::Udp { host, port, format },
        };
        Ok(Sink { to })
    }

    /// Sends a batch. `Ok` only where the receiver has taken all of it; by UDP nobody ever says so.
    pub async fn send(&self, records: &[Record]) -> Result<(), SinkError> {
        match &self.to {
            To::Http { client, url, token } => post(client, url, token.as_ref(), records).await,
            To::Tls { tls, host, port, format } => {
                send_counted(shake_hands(tls, host, *port).await?, *format, records).await
            }
            To::Tcp { host, port, format } => send_counted(connect(host, *port).await?, *format, records).await,
            To::Udp { host, port, format } => send_udp(host, *port, *format, records).await,
        }
    }

    /// Whether there is somebody at the other end, and over TLS whether it is who it should be; nothing is sent.
    pub async fn reach(&self) -> Result<(), SinkError> {
        match &self.to {
            To::Http { url, .. } => {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                connect(host, url.port_or_known_default().unwrap_or(443)).await.map(drop)
            }
            To::Tls { tls, host, port, .. } => shake_hands(tls, host, *port).await.map(drop),
            To::Tcp { host, port, .. } => connect(host, *port).await.map(drop),
            To::Udp { host, port, .. } => resolved(host, *port).await.map(drop),
        }
    }
}

async fn post(client: &Client, url: &Url, token: Option<&SecretString>, records: &[Record]) -> Result<(), SinkError> {
    let lines: Vec<String> = records.iter().map(|record| record.json().to_string()).collect();
    let body = lines.join("\n") + "\n";
    let mut request = client.post(url.clone()).header(header::CONTENT_TYPE, "application/x-ndjson").body(body);
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

/// Octet counting (RFC 6587, and RFC 5425 over TLS), a connection a batch. Syslog knows no answer, so the end of the
/// connection is one: a receiver that has read everything closes it in good order; one that dropped something unread resets
/// it, and one that closed it too early has not acknowledged everything.
async fn send_counted<C>(mut connection: C, format: Format, records: &[Record]) -> Result<(), SinkError>
where
    C: AsyncRead + AsyncWrite + Carried + Unpin,
{
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
        loop {
            match connection.read(&mut said).await {
                Ok(0) => break,
                Ok(_) => {}
                // rsyslog ends TLS without a close_notify. Who forged such an end would leave a gap in the indexes.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(error),
            }
        }
        check_all_arrived(connection.socket())
    };
    match timeout(ANSWER_WITHIN, sent).await {
        Ok(sent) => sent.map_err(|error| failed(format!("the connection was lost: {error}"))),
        Err(_) => Err(failed("the receiver did not close the connection, so whether it took the entries is not known")),
    }
}

/// What runs over a connection of TCP.
trait Carried {
    fn socket(&self) -> &TcpStream;
}

impl Carried for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Carried for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Whether an end in good order was one. A side that closed before it had everything ends so too, and its system resets
/// the connection only after that, when reading says nothing of it any more.
fn check_all_arrived(socket: &TcpStream) -> io::Result<()> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match unacknowledged(socket)? {
        0 => Ok(()),
        bytes => Err(io::Error::other(format!("the receiver closed it {bytes} bytes too early"))),
    }
}

/// What was sent and the other side's system has not got.
fn unacknowledged(socket: &TcpStream) -> io::Result<libc::c_int> {
    let mut bytes = 0;
    #[expect(unsafe_code, reason = "the socket is open as long as it is borrowed, and the call writes one integer")]
    let outcome = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    if outcome == 0 { Ok(bytes) } else { Err(io::Error::last_os_error()) }
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

/// What TLS trusts: the authorities of the file, or those of the system.
fn trusting(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, SinkError> {
    let mut roots = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'static>> = match authorities {
        Some(file) => CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect)
            .map_err(|error| failed(format!("WARDROOM_SIEM_CA, {}, cannot be read as PEM: {error}", file.display())))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let (known, _) = roots.add_parsable_certificates(certificates);
    if known == 0 {
        return Err(failed("no certificate authority to trust: WARDROOM_SIEM_CA names a PEM file with the SIEM's"));
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

async fn shake_hands(tls: &Arc<ClientConfig>, host: &str, port: u16) -> Result<TlsStream<TcpStream>, SinkError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| failed(format!("{host} is no name for TLS")))?;
    let connection = connect(host, port).await?;
    match timeout(CONNECT_WITHIN, TlsConnector::from(Arc::clone(tls)).connect(name, connection)).await {
        Ok(shaken) => shaken.map_err(|error| failed(format!("TLS with {host}:{port}: {error}"))),
        Err(_) => Err(failed(format!("{host}:{port} does not speak TLS"))),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str, token: bool, format: Option<Format>) -> Result<SinkSettings, String> {
        SinkSettings::read("siem", address, token.then(|| SecretString::from("t")), None, format, false)
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
        for (address, usual) in [("syslog+tcp://siem.example", 514), ("syslog+tls://siem.example", 6_514)] {
            let way = read(address, false, None).expect("it makes sense").way;
            let is_usual = |port| port == usual;
            assert!(matches!(way, Way::Syslog { port, format: Format::Rfc5424, .. } if is_usual(port)), "{way:?}");
        }
    }

    #[tokio::test]
    async fn what_the_receiver_has_not_got_is_known() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let connection = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("somebody listens");
        assert_eq!(unacknowledged(&connection).expect("a socket"), 0);
        // More than the receiver's buffer takes, and nobody reads.
        while connection.try_write(&[0; 4_096]).is_ok() {}
        assert!(unacknowledged(&connection).expect("a socket") > 0);
    }

    /// Whoever closes at once has taken nothing, though the connection ends in good order on this side.
    #[tokio::test]
    async fn a_receiver_that_closes_before_it_reads_has_taken_nothing() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let place = listener.local_addr().expect("bound");
        for wait in [0, 1, 5, 20] {
            let connection = TcpStream::connect(place).await.expect("somebody listens");
            drop(listener.accept().await.expect("it is accepted"));
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let record = super::super::format::tests::record();
            let sent = send_counted(connection, Format::Json, &[record]).await;
            assert!(sent.is_err(), "after {wait} ms");
        }
    }

    #[test]
    fn authorities_are_for_tls_and_have_to_be_there() {
        let read =
            |address: &str| SinkSettings::read("siem", address, None, Some(Path::new("/nowhere/ca.pem")), None, false);
        assert!(read("https://siem.example").expect_err("not for https").contains("is for syslog+tls"));
        let way = read("syslog+tls://siem.example").expect("it makes sense").way;
        let told = Sink::new(way).expect_err("there is no such file");
        assert!(told.to_string().contains("/nowhere/ca.pem"), "{told}");
    }
}
