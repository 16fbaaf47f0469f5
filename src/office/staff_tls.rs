//! TLS of the staff pages, by certificate files. Whoever renews them puts them in their place; the office takes them up by
//! itself.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::MissedTickBehavior;

use super::Office;
use super::keys::LOOK_EVERY;

#[derive(Debug, thiserror::Error)]
pub enum StaffTlsError {
    #[error("{}: {source}. It is named by `staff_certificate` or `staff_key` in the office's file", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: there is no certificate in PEM format (BEGIN CERTIFICATE)", path.display())]
    NoCertificate { path: PathBuf },
    #[error("{}: there is no private key in PEM format, without a passphrase (BEGIN PRIVATE KEY)", path.display())]
    NoKey { path: PathBuf },
    #[error("{}: everybody on this machine can read this key file. Run: chmod o-rwx {}", path.display(), path.display())]
    ReadableByAll { path: PathBuf },
    #[error("{}: certificate and key don't belong together, or can't be used: {source}", path.display())]
    Rustls { path: PathBuf, source: rustls::Error },
}

/// What tells one state of a file from another: seconds and nanoseconds of its change, length, inode.
type Seen = (i64, i64, u64, u64);

/// The certificate of the staff pages, as it was last read.
pub struct StaffTls {
    certificate: PathBuf,
    key: PathBuf,
    config: RustlsConfig,
    // A std mutex: it is held for a comparison, never across an await.
    seen: Mutex<[Seen; 2]>,
}

impl StaffTls {
    /// Reads both files.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, StaffTlsError> {
        let seen = [state(certificate)?, state(key)?];
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            config: RustlsConfig::from_config(server_config(certificate, key)?),
            seen: Mutex::new(seen),
        })
    }

    /// What the listener serves with; it takes up what [`Self::look_again`] reads.
    pub fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Reads the files again when they are others than those last read; true when they were taken up. With an error the
    /// ones before stay, and the next look tries again: a certificate may come a moment before its key.
    pub fn look_again(&self) -> Result<bool, StaffTlsError> {
        // Their state before their content: what changes meanwhile is read once more.
        let found = [state(&self.certificate)?, state(&self.key)?];
        if found == *self.seen.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(false);
        }
        self.config.reload_from_config(server_config(&self.certificate, &self.key)?);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(true)
    }
}

fn state(path: &Path) -> Result<Seen, StaffTlsError> {
    let about = fs::metadata(path).map_err(|source| StaffTlsError::Io { path: path.to_owned(), source })?;
    Ok((about.mtime(), about.mtime_nsec(), about.size(), about.ino()))
}

/// TLS 1.3 with the certificate and those above it, and its key.
fn server_config(certificate: &Path, key: &Path) -> Result<Arc<rustls::ServerConfig>, StaffTlsError> {
    let read = |path: &Path| fs::read(path).map_err(|source| StaffTlsError::Io { path: path.to_owned(), source });
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| StaffTlsError::NoCertificate { path: certificate.to_owned() })?;
    if chain.is_empty() {
        return Err(StaffTlsError::NoCertificate { path: certificate.to_owned() });
    }
    let mode = fs::metadata(key).map_err(|source| StaffTlsError::Io { path: key.to_owned(), source })?.mode();
    if mode & 0o007 != 0 {
        return Err(StaffTlsError::ReadableByAll { path: key.to_owned() });
    }
    let secret = PrivateKeyDer::from_pem_slice(&zeroize::Zeroizing::new(read(key)?))
        .map_err(|_| StaffTlsError::NoKey { path: key.to_owned() })?;
    let unusable = |source| StaffTlsError::Rustls { path: certificate.to_owned(), source };
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes up renewed files until the office closes. A problem is logged, once until it changes, and ends nothing.
pub async fn keep_up(office: Arc<Office>) {
    let Some(staff_tls) = &office.staff_tls else { return };
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_problem = None;
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        let problem = match staff_tls.look_again() {
            Ok(false) => None,
            Ok(true) => {
                tracing::info!("the staff pages' renewed certificate was taken up");
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if problem.is_some() && problem != last_problem {
            tracing::error!(problem, "the staff pages' certificate can't be read again; the one before stays");
        }
        last_problem = problem;
    }
}
