//! How the gateway writes its payloads: as text, large ones compressed, or all of them as one zlib stream.

use axum::extract::ws::Message;
use flate2::{Compress, Compression, FlushCompress};
use serde::Deserialize;

/// Smaller packets gain nothing from being compressed. Discord does not say from where on it compresses them.
const PACKET_BYTES_LEAST: usize = 1_024;

/// What a client wishes in the gateway's address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wishes {
    encoding: Option<String>,
    compress: Option<String>,
}

/// The way in which one connection is written.
pub(super) enum Transport {
    Text,
    /// Each large payload is a zlib document of its own: the client has said that it can read those.
    Packets,
    Stream(Compress),
}

impl Transport {
    /// `Err` names what this server can't write.
    pub(super) fn of(wishes: &Wishes) -> Result<Transport, String> {
        if let Some(encoding) = wishes.encoding.as_deref().filter(|encoding| *encoding != "json") {
            return Err(format!("This server writes JSON, not {encoding}."));
        }
        match wishes.compress.as_deref() {
            None | Some("") => Ok(Transport::Text),
            Some("zlib-stream") => Ok(Transport::Stream(Compress::new(Compression::fast(), true))),
            Some(other) => Err(format!("This server compresses with zlib-stream, not {other}.")),
        }
    }

    /// Compresses packets from now on, unless the whole connection is compressed anyway.
    pub(super) fn compress_packets(&mut self) {
        if matches!(self, Transport::Text) {
            *self = Transport::Packets;
        }
    }

    pub(super) fn message(&mut self, text: String) -> Message {
        match self {
            Transport::Stream(stream) => Message::binary(compressed(stream, text.as_bytes(), FlushCompress::Sync)),
            Transport::Packets if text.len() >= PACKET_BYTES_LEAST => {
                let mut document = Compress::new(Compression::fast(), true);
                Message::binary(compressed(&mut document, text.as_bytes(), FlushCompress::Finish))
            }
            Transport::Packets | Transport::Text => Message::text(text),
        }
    }
}

/// Compresses one payload so that it can be read at once. In a stream, a sync flush ends it with `00 00 ff ff`.
fn compressed(stream: &mut Compress, payload: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() / 2 + 64);
    let before = stream.total_in();
    loop {
        let read = usize::try_from(stream.total_in() - before).unwrap_or(payload.len());
        // Compressing into memory fails only where the stream was used after its end.
        let _ = stream.compress_vec(&payload[read..], &mut out, flush);
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
        let noise: String = (0..4_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string()).collect();
        for payload in ["{\"op\":10}", &noise, "", "{\"op\":11}"] {
            let Message::Binary(bytes) = transport.message(payload.to_owned()) else { panic!("not compressed") };
            assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]), "{payload:.20}");
            let mut text = Vec::with_capacity(payload.len() + 64);
            reader.decompress_vec(&bytes, &mut text, FlushDecompress::Sync).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), payload);
        }
    }

    #[test]
    fn large_packets_are_compressed_for_who_can_read_them() {
        let mut transport = Transport::of(&Wishes::default()).unwrap();
        let large = "x".repeat(50_000);
        assert_eq!(transport.message(large.clone()), Message::text(large.clone()));
        transport.compress_packets();
        let Message::Binary(bytes) = transport.message(large.clone()) else { panic!("not compressed") };
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::ZlibDecoder::new(&bytes[..]), &mut text).unwrap();
        assert_eq!(text, large);
        assert_eq!(transport.message("small".to_owned()), Message::text("small"));
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
