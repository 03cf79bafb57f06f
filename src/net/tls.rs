//! TLS by rustls with the ring provider, always verified.
//!
//! Comes in: the system's roots and an own authority's PEM file. Goes out: streams over a TCP connection whose server's certificate
//! has been checked. Knows no protocol above TLS.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{CertificateFault, Failure, Server};

/// TLS settings, made once and shared.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Trusts the system's authorities and, besides, those in `ca_file` (PEM).
    ///
    /// # Errors
    /// `ca_file` cannot be read, is no PEM file or holds no certificate.
    pub fn load(ca_file: Option<&Path>) -> Result<Tls, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(ca_file)?);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| Failure::Setup { source })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Tls { config: Arc::new(config) })
    }

    /// Agrees on TLS over `tcp`, whose time-outs must be set.
    pub(crate) fn shake(
        &self,
        server: &Server,
        mut tcp: TcpStream,
    ) -> Result<StreamOwned<ClientConnection, TcpStream>, Failure> {
        let mut tls = ClientConnection::new(Arc::clone(&self.config), name_of(server)?)
            .map_err(|source| Failure::Setup { source })?;
        tls.complete_io(&mut tcp).map_err(|error| shaking_failed(server, error))?;
        Ok(StreamOwned::new(tls, tcp))
    }

    /// The same, asynchronously; the caller bounds the time.
    pub(crate) async fn shake_async(
        &self,
        server: &Server,
        tcp: tokio::net::TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<tokio::net::TcpStream>, Failure> {
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.config));
        let shaken = connector.connect(name_of(server)?, tcp).await;
        shaken.map_err(|error| shaking_failed(server, error))
    }
}

/// The system's authorities and those in `ca_file`, of which one at least must be of use.
pub(super) fn certificates(ca_file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "some of the system's certificates cannot be read");
    }
    let mut certificates = system.certs;
    if let Some(path) = ca_file {
        certificates.append(&mut in_file(path)?);
    }
    Ok(certificates)
}

fn in_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let unreadable = |source| Failure::CaFile { path: path.to_path_buf(), source };
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        certificates.push(certificate.map_err(unreadable)?);
    }
    let (usable, _unusable) = RootCertStore::empty().add_parsable_certificates(certificates.iter().cloned());
    if usable == 0 {
        return Err(Failure::NoCertificate { path: path.to_path_buf() });
    }
    Ok(certificates)
}

/// What is wrong with a certificate, when that is why a question over HTTPS failed.
pub(super) fn certificate_fault(error: &ureq::Error) -> Option<CertificateFault> {
    match error {
        ureq::Error::Rustls(error) => fault_of(error),
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref::<rustls::Error>().and_then(fault_of),
        _ => None,
    }
}

fn name_of(server: &Server) -> Result<ServerName<'static>, Failure> {
    ServerName::try_from(server.host.clone()).map_err(|_| Failure::BadHost { host: server.host.clone() })
}

fn shaking_failed(server: &Server, error: io::Error) -> Failure {
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).and_then(fault_of);
    match fault {
        Some(fault) => Failure::Certificate { server: server.to_string(), fault },
        None => Failure::Tls { server: server.to_string(), source: error },
    }
}

fn fault_of(error: &rustls::Error) -> Option<CertificateFault> {
    let rustls::Error::InvalidCertificate(fault) = error else { return None };
    Some(match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        // An authority of the same name with another key is an authority that is not known here.
        CertificateError::BadSignature => CertificateFault::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::WrongName
        }
        other => match super::cleaned(&other.to_string()) {
            words if words.contains("CaUsedAsEndEntity") => CertificateFault::Authority,
            words => CertificateFault::Other(words),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(matches!(Tls::load(Some(&path)), Err(Failure::CaFile { .. })));
        std::fs::write(&path, "no certificate here\n").unwrap();
        assert!(matches!(Tls::load(Some(&path)), Err(Failure::NoCertificate { .. })));
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n").unwrap();
        assert!(matches!(Tls::load(Some(&path)), Err(Failure::CaFile { .. })));
    }
}
