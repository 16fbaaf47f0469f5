//! TLS by certificate files, for the staff pages and the status page: their renewal, and what changes for browsers.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};

use super::support::*;
use crate::office::certificates::{CertificateError, CertificateFiles};
use crate::office::people::Role;
use crate::office::{Server, ServerError};

/// A certificate for this machine with its key, as two files.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let write = |name: &str, label: &str, der: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(der))).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    write("certificate.pem", "CERTIFICATE", certificate.der());
    write("key.pem", "PRIVATE KEY", &key.serialize_der());
    certificate.der().clone()
}

fn files(folder: &Path) -> CertificateFiles {
    CertificateFiles { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0, |word: u32, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// A client that speaks just this version of TLS and trusts just this certificate.
fn client(
    trusted: &CertificateDer<'static>,
    version: &'static rustls::SupportedProtocolVersion,
) -> rustls::ClientConnection {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    rustls::ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap()
}

/// What a browser hears.
fn get(address: SocketAddr, connection: rustls::ClientConnection, path: &str) -> Result<String, std::io::Error> {
    let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(address)?);
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut bytes = Vec::new();
    // A peer that closes without TLS's goodbye still has answered.
    let _ = stream.read_to_end(&mut bytes);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn the_pages_speak_tls_and_take_a_renewed_certificate_up() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let CertificateFiles { certificate, key } = files(folder.path());
    let office = TestOffice::start_with(|config| {
        config.staff_certificate = Some(files(folder.path()));
    })
    .await;
    assert!(office.server.staff_pages().starts_with("https://"));
    let address = office.server.staff_address;
    let heard = |trusted: &CertificateDer<'static>| {
        let connection = client(trusted, &rustls::version::TLS13);
        blocking(move || get(address, connection, "/sign-in"))
    };
    let answer = heard(&first).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=63072000; includeSubDomains"));
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(cookie.starts_with("set-cookie: __Host-istiqbal_form=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(cookie.contains("Path=/;") && !cookie.contains("Domain"));
    // Whoever speaks plainly hears nothing of the pages.
    let plain = blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /sign-in HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    })
    .await;
    assert!(!plain.starts_with(b"HTTP/"));

    let served = office.server.office().staff_certificate.as_ref().unwrap();
    // The office looks by itself, too: only what is served tells whether the files were taken up.
    let second = renew(folder.path());
    served.look_again().unwrap();
    assert!(heard(&second).await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(heard(&first).await.is_err(), "the first certificate is served no more");
    let old = client(&second, &rustls::version::TLS12);
    assert!(blocking(move || get(address, old, "/sign-in")).await.is_err(), "staff speak TLS 1.3");
    // A certificate without its key, then nonsense, then a key that everybody may read: what was there stays.
    let whole = fs::read(&certificate).unwrap();
    renew(folder.path());
    fs::write(&certificate, &whole).unwrap();
    assert!(served.look_again().is_err());
    fs::write(&certificate, "nonsense").unwrap();
    assert!(served.look_again().is_err());
    assert!(heard(&second).await.unwrap().starts_with("HTTP/1.1 200"));
    let third = renew(folder.path());
    for mode in [0o644, 0o660, 0o604] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(served.look_again(), Err(CertificateError::ReadableByOthers { .. })), "{mode:o}");
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    served.look_again().unwrap();
    assert!(heard(&third).await.unwrap().starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn the_status_page_speaks_tls_to_old_telephones_too_and_takes_a_renewed_certificate_up() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let office = TestOffice::start_with(|config| {
        config.public_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.public_certificate = Some(files(folder.path()));
    })
    .await;
    let address = office.server.public_address.unwrap();
    let heard = |trusted: &CertificateDer<'static>, version| {
        let connection = client(trusted, version);
        blocking(move || get(address, connection, "/"))
    };
    for version in rustls::ALL_VERSIONS {
        let answer = heard(&first, version).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
    }
    let second = renew(folder.path());
    office.server.office().public_certificate.as_ref().unwrap().look_again().unwrap();
    assert!(heard(&second, &rustls::version::TLS12).await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(heard(&first, &rustls::version::TLS12).await.is_err(), "the first certificate is served no more");
}

#[tokio::test]
async fn without_its_files_the_office_doesn_t_start() {
    let TestOffice { mut config, clock, server, _folder } = TestOffice::start().await;
    server.shutdown().await;
    config.staff_certificate = Some(files(&config.data));
    let catalogue = crate::domain::catalogue::Catalogue::read(&config.catalogue).unwrap();
    let started = Server::start(&config, catalogue, clock).await;
    assert!(matches!(started.err(), Some(ServerError::Certificate(_))));
}

#[tokio::test]
async fn behind_a_proxy_of_this_machine_cookies_are_for_tls_only() {
    let office = TestOffice::start().await;
    office.person(Role::Manager).await;
    let address = office.server.staff_address;
    let answer = |scheme: &'static str| {
        blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = format!("GET /sign-in HTTP/1.1\r\nhost: office\r\n{scheme}connection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        })
    };
    let over_tls = answer("x-forwarded-proto: https\r\n").await;
    assert!(over_tls.contains("set-cookie: __Host-istiqbal_form=") && over_tls.contains("; Secure"));
    assert!(over_tls.contains("strict-transport-security: "));
    let plain = answer("").await;
    assert!(plain.contains("set-cookie: istiqbal_form=") && !plain.contains("; Secure"));
    assert!(!plain.contains("strict-transport-security"));
}
