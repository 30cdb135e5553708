//! The key file: the root key of a [`Vault`], either under a passphrase or as it is, for its owner alone.
//!
//! With a passphrase the key is sealed by XChaCha20-Poly1305 under a key that Argon2id (RFC 9106) makes of the passphrase; cost
//! and salt are authenticated with it. On Unix a file that others may read is refused in either form, because nobody can tell
//! who has read it already. Where a passphrase comes from (prompt, file, descriptor) is the caller's matter.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{Value, json};
use zeroize::{Zeroize, Zeroizing};

use crate::vault::{ROOT_OCTETS, Vault, VaultError, random};

const SCHEMA: &str = "tapcard.issuer-key/1";
/// Longest key file that is read.
const MAX_FILE: u64 = 4096;
/// The most memory that a key file may ask for, in KiB: a hostile one must not fill the machine.
const MAX_MEMORY_KIB: u32 = 1 << 20;
/// The most passes.
const MAX_PASSES: u32 = 64;

/// Why there is no key. It never holds any of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Others than the owner may read or write it.
    #[error("`{}` has mode {mode:03o}; a key file has 600", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is no key file, or one of a later version.
    #[error("`{}` is no key file", path.display())]
    Format {
        /// Which.
        path: PathBuf,
    },
    /// It is under a passphrase, and there was none.
    #[error("`{}` needs a passphrase", path.display())]
    NoPassphrase {
        /// Which.
        path: PathBuf,
    },
    /// The passphrase is wrong, or the file damaged.
    #[error("the passphrase does not open `{}`", path.display())]
    WrongPassphrase {
        /// Which.
        path: PathBuf,
    },
    /// The system gives no random octets.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What a passphrase costs to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

/// 64 MiB and three passes: the second recommendation of RFC 9106, 4, with one lane.
impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 1 << 16, passes: 3 }
    }
}

/// How a new key file keeps its key.
#[derive(Clone, Copy)]
pub enum Protection<'p> {
    /// As it is; only the file's mode protects it.
    FileMode,
    /// Under a passphrase.
    Passphrase(&'p str, Cost),
}

/// Makes a key file with a new random key; never replaces a file.
///
/// # Errors
/// The file is there already or cannot be written, or there is no randomness.
pub fn create(path: &Path, protection: Protection<'_>) -> Result<Vault, KeyFileError> {
    let root = random::<ROOT_OCTETS>()?;
    let document = match protection {
        Protection::FileMode => json!({"schema": SCHEMA, "key": hex::encode_upper(*root)}),
        Protection::Passphrase(passphrase, cost) => sealed(path, &root, passphrase, cost)?,
    };
    let mut text = Zeroizing::new(document.to_string());
    text.push('\n');
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| KeyFileError::Io { path: path.to_owned(), error })?;
    wipe(document);
    Ok(Vault::new(&root))
}

/// Opens a key file. `passphrase` is asked only when the file needs one.
///
/// # Errors
/// The file cannot be read, others may read it, it is no key file, or the passphrase is wrong or not there.
pub fn open(
    path: &Path,
    passphrase: impl FnOnce() -> io::Result<Option<Zeroizing<String>>>,
) -> Result<Vault, KeyFileError> {
    let io = |error| KeyFileError::Io { path: path.to_owned(), error };
    let format = || KeyFileError::Format { path: path.to_owned() };
    let file = File::open(path).map_err(io)?;
    check_mode(path, &file)?;
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE).read_to_string(&mut text).map_err(|_| format())?;
    let document: Value = serde_json::from_str(&text).map_err(|_| format())?;
    if document.get("schema").and_then(Value::as_str) != Some(SCHEMA) {
        return Err(format());
    }
    let root = if document.get("key").is_some() {
        octets::<ROOT_OCTETS>(&document, "key").ok_or_else(format)?
    } else {
        let sealed = Sealed::read(&document).ok_or_else(format)?;
        let passphrase = passphrase().map_err(io)?;
        let passphrase = passphrase.ok_or_else(|| KeyFileError::NoPassphrase { path: path.to_owned() })?;
        sealed.open(&passphrase).ok_or_else(|| KeyFileError::WrongPassphrase { path: path.to_owned() })?
    };
    wipe(document);
    Ok(Vault::new(&root))
}

/// Overwrites the key in a document.
fn wipe(mut document: Value) {
    if let Some(Value::String(text)) = document.get_mut("key") {
        text.zeroize();
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, file: &File) -> Result<(), KeyFileError> {
    let metadata = file.metadata().map_err(|error| KeyFileError::Io { path: path.to_owned(), error })?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyFileError::Open { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_path: &Path, _file: &File) -> Result<(), KeyFileError> {
    Ok(())
}

fn octets<const N: usize>(document: &Value, member: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut octets = Zeroizing::new([0; N]);
    hex::decode_to_slice(document.get(member)?.as_str()?, octets.as_mut_slice()).ok()?;
    Some(octets)
}

/// What a key file with a passphrase holds.
struct Sealed {
    cost: Cost,
    salt: Zeroizing<[u8; 16]>,
    nonce: Zeroizing<[u8; 24]>,
    key: Zeroizing<[u8; ROOT_OCTETS + 16]>,
}

fn sealed(path: &Path, root: &[u8; ROOT_OCTETS], passphrase: &str, cost: Cost) -> Result<Value, KeyFileError> {
    let (salt, nonce) = (random::<16>()?, random::<24>()?);
    let key = cipher(passphrase, cost, &salt).and_then(|cipher| {
        let payload = Payload { msg: root, aad: &header(cost, &salt) };
        cipher.encrypt(&XNonce::from(*nonce), payload).ok()
    });
    let key = key.ok_or_else(|| KeyFileError::Format { path: path.to_owned() })?;
    Ok(json!({
        "schema": SCHEMA,
        "kdf": {"name": "argon2id", "memory_kib": cost.memory_kib, "passes": cost.passes, "salt": hex::encode_upper(*salt)},
        "cipher": "xchacha20-poly1305",
        "nonce": hex::encode_upper(*nonce),
        "sealed": hex::encode_upper(key),
    }))
}

fn header(cost: Cost, salt: &[u8; 16]) -> Vec<u8> {
    [SCHEMA.as_bytes(), &cost.memory_kib.to_be_bytes(), &cost.passes.to_be_bytes(), salt].concat()
}

/// `None` for a cost that Argon2 does not know.
fn cipher(passphrase: &str, cost: Cost, salt: &[u8; 16]) -> Option<XChaCha20Poly1305> {
    let parameters = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    argon2.hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice()).ok()?;
    Some(XChaCha20Poly1305::new(&(*key).into()))
}

impl Sealed {
    fn read(document: &Value) -> Option<Self> {
        let kdf = document.get("kdf")?;
        let number = |member: &str| u32::try_from(kdf.get(member)?.as_u64()?).ok();
        let cost = Cost { memory_kib: number("memory_kib")?, passes: number("passes")? };
        let known =
            kdf.get("name")?.as_str()? == "argon2id" && document.get("cipher")?.as_str()? == "xchacha20-poly1305";
        let bounded = cost.memory_kib <= MAX_MEMORY_KIB && cost.passes <= MAX_PASSES;
        let sealed = Self {
            cost,
            salt: octets(kdf, "salt")?,
            nonce: octets(document, "nonce")?,
            key: octets(document, "sealed")?,
        };
        (known && bounded).then_some(sealed)
    }

    fn open(&self, passphrase: &str) -> Option<Zeroizing<[u8; ROOT_OCTETS]>> {
        let cipher = cipher(passphrase, self.cost, &self.salt)?;
        let payload = Payload { msg: self.key.as_slice(), aad: &header(self.cost, &self.salt) };
        let root = Zeroizing::new(cipher.decrypt(&XNonce::from(*self.nonce), payload).ok()?);
        let mut octets = Zeroizing::new([0; ROOT_OCTETS]);
        octets.copy_from_slice(root.get(..ROOT_OCTETS)?);
        Some(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    fn none() -> io::Result<Option<Zeroizing<String>>> {
        Ok(None)
    }

    fn word(text: &str) -> io::Result<Option<Zeroizing<String>>> {
        Ok(Some(Zeroizing::new(text.to_owned())))
    }

    #[test]
    fn a_passphrase_opens_what_it_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let vault = create(&path, Protection::Passphrase("correct horse", CHEAP)).unwrap();
        let sealed = vault.seal(b"x", b"value").unwrap();
        let again = open(&path, || word("correct horse")).unwrap();
        assert_eq!(again.open(b"x", &sealed).unwrap().as_slice(), b"value");
        assert!(matches!(open(&path, || word("correct hors")), Err(KeyFileError::WrongPassphrase { .. })));
        assert!(matches!(open(&path, none), Err(KeyFileError::NoPassphrase { .. })));
    }

    #[test]
    fn cost_and_salt_cannot_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, Protection::Passphrase("word", CHEAP)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("\"passes\":1", "\"passes\":2")).unwrap();
        assert!(matches!(open(&path, || word("word")), Err(KeyFileError::WrongPassphrase { .. })));
        std::fs::write(&path, text.replace("\"memory_kib\":64", "\"memory_kib\":4294967295")).unwrap();
        assert!(matches!(open(&path, || word("word")), Err(KeyFileError::Format { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, Protection::FileMode).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        open(&path, none).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o660, 0o644] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(open(&path, none), Err(KeyFileError::Open { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn a_file_is_never_replaced_and_nonsense_is_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, Protection::FileMode).unwrap();
        assert!(matches!(create(&path, Protection::FileMode), Err(KeyFileError::Io { .. })));
        for text in [
            "",
            "{}",
            "null",
            r#"{"schema":"tapcard.issuer-key/1","key":"00"}"#,
            r#"{"schema":"tapcard.issuer-key/1"}"#,
        ] {
            std::fs::write(&path, text).unwrap();
            let error = open(&path, none).unwrap_err();
            assert!(matches!(error, KeyFileError::Format { .. }), "{text}");
        }
    }
}
