//! Secrets: passwords and keys, which the configuration names and never holds.
//!
//! Comes in: where a secret lies (a file, a systemd credential, an environment variable). Goes out: a [`Secret`] that no log and no
//! error shows. Knows nothing of what the secret is for.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::net::Secret;

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A file that only its owner can read.
    File(PathBuf),
    /// A name in systemd's credentials directory, which systemd protects itself.
    Credential(String),
    /// An environment variable.
    Env(String),
}

/// Reads the variables of the environment; handed in, so that tests need not change their own.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Reads a secret. The error is what is wrong and how to mend it, without any of the secret.
pub(super) fn read(place: &Place, environment: Environment<'_>) -> Result<Secret, (String, String)> {
    let text = match place {
        Place::File(path) => read_file(path, true)?,
        Place::Credential(name) => read_credential(name, environment)?,
        Place::Env(name) => {
            let value = environment(name).ok_or_else(|| {
                (format!("the environment variable {name} is not set"), "set it for the service".to_owned())
            })?;
            Zeroizing::new(value.into_encoded_bytes())
        }
    };
    let text = std::str::from_utf8(without_newline(&text))
        .map_err(|_| ("the secret is not text in UTF-8".to_owned(), "write it again".to_owned()))?;
    if text.is_empty() {
        return Err(("the secret is empty".to_owned(), "write it into its place".to_owned()));
    }
    Ok(Secret::new(text))
}

fn read_credential(name: &str, environment: Environment<'_>) -> Result<Zeroizing<Vec<u8>>, (String, String)> {
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return Err((
            "this is not the name of a credential".to_owned(),
            "use the name in the unit's LoadCredential= line".to_owned(),
        ));
    }
    let folder = environment("CREDENTIALS_DIRECTORY").ok_or_else(|| {
        (
            format!("there is no credential {name}, because CREDENTIALS_DIRECTORY is not set"),
            "run it as the systemd service with a LoadCredential= line, or use { file = … }".to_owned(),
        )
    })?;
    read_file(&Path::new(&folder).join(name), false)
}

/// The bytes of a file; `private` refuses one that others can read.
fn read_file(path: &Path, private: bool) -> Result<Zeroizing<Vec<u8>>, (String, String)> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        (
            format!("cannot read the secret in {shown}: {error}"),
            "write it there with mode 600, or correct the path".to_owned(),
        )
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if private && metadata.mode() & 0o077 != 0 {
        return Err((format!("others can read the secret in {shown}"), format!("type: chmod 600 {shown}")));
    }
    std::fs::read(path).map(Zeroizing::new).map_err(unreadable)
}

fn without_newline(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn nothing(_: &str) -> Option<OsString> {
        None
    }

    #[test]
    fn one_trailing_newline_is_ignored() {
        let of = |value: &'static str| {
            read(&Place::Env("X".into()), &move |_| Some(value.into())).map(|secret| secret.reveal().to_owned())
        };
        assert_eq!(of("a b\n"), Ok("a b".into()));
        assert_eq!(of("a b\r\n"), Ok("a b".into()));
        assert_eq!(of("a\n\n"), Ok("a\n".into()));
        assert!(of("\n").is_err());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "s3cret\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let (what, mend) = read(&Place::File(path.clone()), &nothing).unwrap_err();
        assert!(what.contains("others can read") && mend.contains("chmod 600"), "{what}; {mend}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&Place::File(path.clone()), &nothing).unwrap().reveal(), "s3cret");
        // systemd protects its credentials with an access list, which shows as group bits.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        let credentials = folder.path().as_os_str().to_owned();
        let environment = move |name: &str| (name == "CREDENTIALS_DIRECTORY").then(|| credentials.clone());
        assert_eq!(read(&Place::Credential("password".into()), &environment).unwrap().reveal(), "s3cret");
        assert!(read(&Place::Credential("../password".into()), &environment).is_err());
    }
}
