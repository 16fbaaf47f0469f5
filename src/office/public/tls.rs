//! The status page's own TLS, where no proxy does it.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

#[derive(Debug, thiserror::Error)]
pub enum PublicTlsError {
    #[error("{}: no certificate in PEM can be read there ({cause}); `public_certificate` in the office's file names it", path.display())]
    Certificate { path: PathBuf, cause: String },
    #[error("{}: no private key in PEM can be read there ({cause}); `public_key` in the office's file names it", path.display())]
    Key { path: PathBuf, cause: String },
    #[error("`public_certificate` and `public_key` don't go together: {0}")]
    Pair(#[from] rustls::Error),
}

/// TLS 1.2 and 1.3, from a chain of certificates and its key.
pub fn tls_config((certificate, key): &(PathBuf, PathBuf)) -> Result<Arc<ServerConfig>, PublicTlsError> {
    let wrong = |cause: String| PublicTlsError::Certificate { path: certificate.clone(), cause };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("it has none".into()));
    }
    let key = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| PublicTlsError::Key { path: key.clone(), cause: error.to_string() })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
