//! A certificate authority of the test's own.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// The authority; its certificate lies in `ca.pem` of the folder that it was made in.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: PathBuf,
}

/// A server's certificate and key.
pub struct Issued {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new(folder: &Path) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Example Council Test Authority");
        let certificate = params.self_signed(&key).unwrap();
        let pem = folder.join("ca.pem");
        fs::write(&pem, certificate.pem()).unwrap();
        fs::write(folder.join("ca.key"), key.serialize_pem()).unwrap();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// For these names, in files `stem.pem` and `stem.key`.
    pub fn issue(&self, folder: &Path, stem: &str, names: &[&str]) -> Issued {
        self.issue_until(folder, stem, names, 2096)
    }

    /// The same, expiring at the start of a year.
    pub fn issue_until(&self, folder: &Path, stem: &str, names: &[&str], year: i32) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let issued =
            Issued { certificate: folder.join(format!("{stem}.pem")), key: folder.join(format!("{stem}.key")) };
        fs::write(&issued.certificate, certificate.pem()).unwrap();
        fs::write(&issued.key, key.serialize_pem()).unwrap();
        issued
    }
}
