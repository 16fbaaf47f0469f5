//! TLS by certificate files, for the staff pages and for the status page. Whoever renews them puts them in their place; the
//! office takes them up by itself.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::SupportedProtocolVersion;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::MissedTickBehavior;

use super::Office;
use super::keys::LOOK_EVERY;

/// The files of a listener's certificate, in PEM: it with those above it, and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Who reads a listener's pages decides which versions of TLS it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The staff, with browsers of today: TLS 1.3
    Staff,
    /// Anybody, with a telephone of any age: TLS 1.2, too
    Public,
}

const STAFF_VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

impl Readers {
    fn versions(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::Staff => STAFF_VERSIONS,
            Self::Public => rustls::ALL_VERSIONS,
        }
    }

    fn pages(self) -> &'static str {
        match self {
            Self::Staff => "the staff pages",
            Self::Public => "the status page",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("{}: {source}. The office's file names it as a certificate or its key", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: there is no certificate in PEM format (BEGIN CERTIFICATE)", path.display())]
    NoCertificate { path: PathBuf },
    #[error("{}: there is no private key in PEM format, without a passphrase (BEGIN PRIVATE KEY)", path.display())]
    NoKey { path: PathBuf },
    #[error(
        "{}: other users of this machine may read this key file (mode {mode:03o}), or it belongs to one. Run, as root: chown USER {} && chmod 600 {}, with the user who runs the office; or, for several programs that use it: chown root:GROUP {} && chmod 640 {}, with the group that the office runs as", path.display(), path.display(), path.display(), path.display(), path.display()
    )]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("{}: certificate and key don't belong together, or can't be used: {source}", path.display())]
    Rustls { path: PathBuf, source: rustls::Error },
}

/// What tells one state of a file from another: seconds and nanoseconds of its change, length, inode.
type Seen = (i64, i64, u64, u64);

/// The certificate of a listener, as it was last read.
pub struct ServedCertificate {
    files: CertificateFiles,
    readers: Readers,
    // Std mutexes: they are held for a comparison or a copy, never across an await.
    config: Mutex<Arc<rustls::ServerConfig>>,
    seen: Mutex<[Seen; 2]>,
}

impl ServedCertificate {
    /// Reads both files.
    pub fn read(files: &CertificateFiles, readers: Readers) -> Result<Self, CertificateError> {
        let seen = files.state()?;
        Ok(Self {
            files: files.clone(),
            readers,
            config: Mutex::new(files.server_config(readers)?),
            seen: Mutex::new(seen),
        })
    }

    /// The configuration for the next connection; [`Self::look_again`] replaces it.
    pub fn config(&self) -> Arc<rustls::ServerConfig> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again when they are others than those last read; true when they were taken up. With an error the
    /// ones before stay, and the next look tries again: a certificate may come a moment before its key.
    pub fn look_again(&self) -> Result<bool, CertificateError> {
        // Their state before their content: what changes meanwhile is read once more.
        let found = self.files.state()?;
        if found == *self.seen.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(false);
        }
        let config = self.files.server_config(self.readers)?;
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(true)
    }
}

impl CertificateFiles {
    fn state(&self) -> Result<[Seen; 2], CertificateError> {
        Ok([state(&self.certificate)?, state(&self.key)?])
    }

    fn server_config(&self, readers: Readers) -> Result<Arc<rustls::ServerConfig>, CertificateError> {
        let Self { certificate, key } = self;
        let read =
            |path: &Path| fs::read(path).map_err(|source| CertificateError::Io { path: path.to_owned(), source });
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
            .collect::<Result<_, _>>()
            .map_err(|_| CertificateError::NoCertificate { path: certificate.clone() })?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate { path: certificate.clone() });
        }
        let about = fs::metadata(key).map_err(|source| CertificateError::Io { path: key.clone(), source })?;
        if !is_private((about.mode(), about.uid(), about.gid()), Process::own()) {
            return Err(CertificateError::ReadableByOthers { path: key.clone(), mode: about.mode() & 0o777 });
        }
        let secret = PrivateKeyDer::from_pem_slice(&zeroize::Zeroizing::new(read(key)?))
            .map_err(|_| CertificateError::NoKey { path: key.clone() })?;
        let unusable = |source| CertificateError::Rustls { path: certificate.clone(), source };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(readers.versions())
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// The user and the group that this process runs as.
#[derive(Clone, Copy, Debug)]
struct Process {
    user: u32,
    group: u32,
}

impl Process {
    fn own() -> Self {
        Self { user: rustix::process::geteuid().as_raw(), group: rustix::process::getegid().as_raw() }
    }
}

/// True of a key file that only this process's user and root can read, or that root has lent to this process's own group to
/// be read. `file` is its mode, owner and group.
fn is_private((mode, owner, group): (u32, u32, u32), process: Process) -> bool {
    const ROOT: u32 = 0;
    let is_for_owner = mode & 0o077 == 0 && (owner == process.user || owner == ROOT);
    let is_lent = mode & 0o037 == 0 && owner == ROOT && group == process.group;
    is_for_owner || is_lent
}

fn state(path: &Path) -> Result<Seen, CertificateError> {
    let about = fs::metadata(path).map_err(|source| CertificateError::Io { path: path.to_owned(), source })?;
    Ok((about.mtime(), about.mtime_nsec(), about.size(), about.ino()))
}

/// Takes up renewed files until the office closes. A problem is logged, once until it changes, and ends nothing.
pub async fn keep_up(office: Arc<Office>) {
    let served: Vec<&ServedCertificate> =
        [&office.staff_certificate, &office.public_certificate].into_iter().flatten().collect();
    let mut last_problems: Vec<Option<String>> = vec![None; served.len()];
    let mut closing = office.closing.clone();
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            _ = ticks.tick() => {}
        }
        for (certificate, last_problem) in served.iter().zip(&mut last_problems) {
            let pages = certificate.readers.pages();
            let problem = match certificate.look_again() {
                Ok(false) => None,
                Ok(true) => {
                    tracing::info!("the renewed certificate of {pages} was taken up");
                    None
                }
                Err(error) => Some(error.to_string()),
            };
            if problem.is_some() && problem != *last_problem {
                tracing::error!(problem, "the certificate of {pages} can't be read again; the one before stays");
            }
            *last_problem = problem;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_this_process_or_lent_to_its_group_by_root() {
        let process = Process { user: 5, group: 7 };
        for (file, is_fine) in [
            ((0o100_600, 5, 9), true),
            ((0o100_400, 5, 7), true),
            ((0o100_600, 0, 0), true),
            ((0o100_640, 0, 7), true),
            ((0o100_440, 0, 7), true),
            ((0o100_640, 0, 9), false),
            ((0o100_640, 5, 7), false),
            ((0o100_660, 0, 7), false),
            ((0o100_644, 0, 7), false),
            ((0o100_604, 5, 7), false),
            ((0o100_600, 6, 7), false),
        ] {
            assert_eq!(is_private(file, process), is_fine, "{file:?}");
        }
    }
}
