//! How the gateway writes its payloads: as text, or all of them as one zlib stream.

use axum::extract::ws::Message;
use flate2::{Compress, Compression, FlushCompress};
use serde::Deserialize;

/// What a client wishes in the gateway's address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wishes {
    encoding: Option<String>,
    compress: Option<String>,
}

/// The way in which one connection is written.
pub(super) struct Transport(Option<Compress>);

impl Transport {
    /// `Err` names what this server can't write.
    pub(super) fn of(wishes: &Wishes) -> Result<Transport, String> {
        if let Some(encoding) = wishes.encoding.as_deref().filter(|encoding| *encoding != "json") {
            return Err(format!("This server writes JSON, not {encoding}."));
        }
        match wishes.compress.as_deref() {
            None | Some("") => Ok(Transport(None)),
            Some("zlib-stream") => Ok(Transport(Some(Compress::new(Compression::fast(), true)))),
            Some(other) => Err(format!("This server compresses with zlib-stream, not {other}.")),
        }
    }

    pub(super) fn message(&mut self, text: String) -> Message {
        match &mut self.0 {
            Some(stream) => Message::binary(flushed(stream, text.as_bytes())),
            None => Message::text(text),
        }
    }
}

/// Compresses one payload so that the client can read it at once: a sync flush ends it with `00 00 ff ff`.
fn flushed(stream: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() / 2 + 64);
    let before = stream.total_in();
    loop {
        let read = usize::try_from(stream.total_in() - before).unwrap_or(payload.len());
        // Compressing into memory fails only where the stream was used after its end, and it never ends.
        let _ = stream.compress_vec(&payload[read..], &mut out, FlushCompress::Sync);
        if out.len() < out.capacity() {
            return out;
        }
        out.reserve(payload.len() / 2 + 64);
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    #[test]
    fn every_payload_can_be_read_at_once() {
        let wishes = Wishes { encoding: Some("json".to_owned()), compress: Some("zlib-stream".to_owned()) };
        let mut transport = Transport::of(&wishes).unwrap();
        let mut reader = Decompress::new(true);
        let noise: String =
            (0..20_000_u32).map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26)).collect();
        for payload in ["{\"op\":10}", &noise, "", "{\"op\":11}"] {
            let Message::Binary(bytes) = transport.message(payload.to_owned()) else { panic!("not compressed") };
            assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]), "{payload:.20}");
            let mut text = Vec::with_capacity(payload.len() + 64);
            reader.decompress_vec(&bytes, &mut text, FlushDecompress::Sync).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), payload);
        }
    }

    #[test]
    fn what_this_server_cannot_write_is_refused() {
        let wish = |encoding: &str, compress: Option<&str>| {
            Transport::of(&Wishes { encoding: Some(encoding.to_owned()), compress: compress.map(str::to_owned) })
                .is_err()
        };
        assert!(wish("etf", None));
        assert!(wish("json", Some("zstd-stream")));
        assert!(!wish("json", None));
    }
}
