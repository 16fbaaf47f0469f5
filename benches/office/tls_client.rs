//! A kiosk's connection to its office: TLS with both keys pinned, and as much of HTTP/1.1 as one kiosk speaks.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use istiqbal::replication::tls;
use istiqbal::replication::wire::{Acknowledgement, ENVELOPES_PATH, SignedAcknowledgement};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::Kiosk;

pub struct OfficeConnection {
    stream: TlsStream<TcpStream>,
}

impl OfficeConnection {
    pub async fn open(address: SocketAddr, kiosk: &Kiosk) -> io::Result<Self> {
        let config = tls::client_config(kiosk.keys.tls_secret(), kiosk.office).map_err(io::Error::other)?;
        let name = ServerName::try_from("istiqbal").map_err(io::Error::other)?;
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        Ok(Self { stream })
    }

    /// Sends a batch, already encoded, and proves the office's answer.
    pub async fn send(&mut self, batch: &[u8], kiosk: &Kiosk) -> io::Result<Acknowledgement> {
        let length = batch.len();
        let head = format!("POST {ENVELOPES_PATH} HTTP/1.1\r\nhost: office\r\ncontent-length: {length}\r\n\r\n");
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(batch).await?;
        self.stream.flush().await?;
        let (status, body) = self.answer().await?;
        if status != "200" {
            return Err(io::Error::other(format!("{status}: {}", String::from_utf8_lossy(&body))));
        }
        let signed: SignedAcknowledgement = postcard::from_bytes(&body).map_err(io::Error::other)?;
        signed.verify(&kiosk.enrolled.proving_key).map_err(io::Error::other)
    }

    /// The status and body of one answer.
    async fn answer(&mut self) -> io::Result<(String, Vec<u8>)> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(place) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break place + 4;
            }
            self.read_more(&mut bytes).await?;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.ok_or_else(|| io::Error::other("an answer without a length"))?;
        while bytes.len() < end + length {
            self.read_more(&mut bytes).await?;
        }
        let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
        Ok((status, bytes.split_off(end)))
    }

    async fn read_more(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        if self.stream.read_buf(bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}
