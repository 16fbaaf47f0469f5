//! TLS whose two sides pin each other's public key: self-signed certificates, dates ignored, no authority. So no
//! clock strands a kiosk, and revocation is one row in the office's database.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};

use super::invite::Pin;
use crate::seal::keys::sha256;

/// The name in each certificate; nobody looks at it.
const CERTIFICATE_NAME: &str = "istiqbal";

/// RFC 8410, section 7: what stands before the 32 secret bytes of an Ed25519 key in PKCS #8.
const PKCS8_ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the TLS certificate can't be made from this key: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS can't be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The certificate of an Ed25519 secret, and its key.
fn certificate(secret: &[u8; 32]) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), TlsError> {
    let pkcs8 = PrivatePkcs8KeyDer::from([PKCS8_ED25519.as_slice(), secret].concat());
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &PKCS_ED25519)?;
    let certificate = CertificateParams::new(vec![CERTIFICATE_NAME.to_owned()])?.self_signed(&key)?;
    Ok((certificate.der().clone(), PrivateKeyDer::Pkcs8(pkcs8)))
}

/// The pin of the public key that belongs to an Ed25519 secret.
pub fn pin_of_secret(secret: &[u8; 32]) -> Result<Pin, TlsError> {
    let (certificate, _) = certificate(secret)?;
    Ok(pin_of_certificate(&certificate)?)
}

/// The pin of a certificate's public key.
pub fn pin_of_certificate(certificate: &CertificateDer<'_>) -> Result<Pin, rustls::Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    let hash = sha256(&[parsed.subject_public_key_info().as_ref()]);
    let mut pin = [0; 16];
    pin.copy_from_slice(&hash[..16]);
    Ok(Pin(pin))
}

/// The kiosk's side: it shows its own certificate and talks to no other office than the pinned one.
pub fn client_config(secret: &[u8; 32], office: Pin) -> Result<ClientConfig, TlsError> {
    let (certificate, key) = certificate(secret)?;
    let provider = provider();
    let verifier = Arc::new(PinnedOffice { pin: office, provider: provider.clone() });
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_auth_cert(vec![certificate], key)?)
}

/// The office's side: every caller shows a certificate; whose it is, the routes ask the database.
pub fn server_config(secret: &[u8; 32]) -> Result<ServerConfig, TlsError> {
    let (certificate, key) = certificate(secret)?;
    let provider = provider();
    let verifier = Arc::new(AnyKiosk { provider: provider.clone() });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Takes the office's certificate by its key alone.
#[derive(Debug)]
struct PinnedOffice {
    pin: Pin,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedOffice {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if pin_of_certificate(end_entity)? == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(tls12_is_off())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

/// Takes any certificate whose key the caller holds.
#[derive(Debug)]
struct AnyKiosk {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyKiosk {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        pin_of_certificate(end_entity)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(tls12_is_off())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

fn tls12_is_off() -> rustls::Error {
    rustls::Error::General("only TLS 1.3 is spoken here".into())
}
