//! A file as NOR flash: where the record log of an emulated card lives on a host.
//!
//! A write is on the disk before it returns; that order is what makes a power cut harmless to the log. A new file appears
//! whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::error::TransportError;

/// Octets of the file: two halves of 64 KiB, some thousand transactions between two compactions.
pub const CAPACITY: usize = 2 * 64 * 1024;
/// Octets that are erased at once.
const PAGE: usize = 4096;
/// What erased flash reads.
const ERASED: u8 = 0xFF;

/// A file of [`CAPACITY`] octets as flash.
#[derive(Debug)]
pub struct FileFlash {
    file: File,
}

/// The file failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FlashError(io::Error);

impl FileFlash {
    /// Opens a flash file; `None` when there is none.
    ///
    /// # Errors
    /// [`TransportError::File`]: it cannot be opened, or it is not a flash file.
    pub fn open(path: &Path) -> Result<Option<Self>, TransportError> {
        let cannot = |error: io::Error| TransportError::file(path, format!("cannot be opened: {error}"));
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot(error)),
        };
        let length = file.metadata().map_err(cannot)?.len();
        if length != CAPACITY as u64 {
            let what =
                format!("{length} bytes; the state of a card has {CAPACITY}: this is another file, or it is damaged");
            return Err(TransportError::file(path, what));
        }
        Ok(Some(Self { file }))
    }

    /// Makes an erased flash file that only its owner can read. One that exists is kept.
    ///
    /// # Errors
    /// [`TransportError::File`].
    pub fn create(path: &Path) -> Result<Self, TransportError> {
        make(path).map_err(|error| TransportError::file(path, format!("cannot be made: {error}")))?;
        Self::open(path)?.ok_or_else(|| TransportError::file(path, "vanished while it was made"))
    }

    fn write_at(&mut self, offset: u32, octets: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset.into()))?;
        self.file.write_all(octets)?;
        self.file.sync_data()
    }
}

/// Writes under another name first: a cut leaves no file or a whole one.
fn make(path: &Path) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&draft)?;
    file.write_all(&vec![ERASED; CAPACITY])?;
    file.sync_all()?;
    // A link does not replace, should another process have been faster; not every file system has links.
    match std::fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => std::fs::rename(&draft, path)?,
        _ => std::fs::remove_file(&draft)?,
    }
    sync_directory(path)
}

/// A file that is made for its owner alone.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for FileFlash {
    type Error = FlashError;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, octets: &mut [u8]) -> Result<(), FlashError> {
        self.file.seek(SeekFrom::Start(offset.into())).map_err(FlashError)?;
        self.file.read_exact(octets).map_err(FlashError)
    }

    fn capacity(&self) -> usize {
        CAPACITY
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        let length = to.checked_sub(from).and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        self.write_at(from, &vec![ERASED; length]).map_err(FlashError)
    }

    fn write(&mut self, offset: u32, octets: &[u8]) -> Result<(), FlashError> {
        let end = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(octets.len()));
        if end.is_none_or(|end| end > CAPACITY) {
            return Err(FlashError(io::Error::other("beyond the end of the flash file")));
        }
        self.write_at(offset, octets).map_err(FlashError)
    }
}

#[cfg(test)]
mod tests {
    use tapcard_flow::log::RecordLog;

    use super::*;

    #[test]
    fn a_log_in_a_file_outlives_its_process() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("card.state");
        assert!(FileFlash::open(&path).unwrap().is_none());
        let mut log = RecordLog::open(FileFlash::create(&path).unwrap()).unwrap();
        log.append(7, b"balance").unwrap();
        drop(log);
        let mut log = RecordLog::open(FileFlash::open(&path).unwrap().unwrap()).unwrap();
        let mut found = Vec::new();
        log.scan(|kind, _, record| found.push((kind, record.to_vec()))).unwrap();
        assert_eq!(found, [(7, b"balance".to_vec())]);
    }

    #[test]
    fn making_a_file_twice_keeps_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("card.state");
        FileFlash::create(&path).unwrap().write(0, &[0x12]).unwrap();
        let mut octet = [0];
        FileFlash::create(&path).unwrap().read(0, &mut octet).unwrap();
        assert_eq!(octet, [0x12]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn another_file_is_not_taken_for_flash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("note.txt");
        std::fs::write(&path, "hello").unwrap();
        let error = FileFlash::open(&path).unwrap_err().to_string();
        assert!(
            error
                .ends_with("note.txt: 5 bytes; the state of a card has 131072: this is another file, or it is damaged"),
            "{error}"
        );
    }

    #[test]
    fn a_write_beyond_the_end_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut flash = FileFlash::create(&dir.path().join("a")).unwrap();
        let end = u32::try_from(CAPACITY).unwrap();
        assert!(flash.write(end - 1, &[0, 0]).is_err());
        assert!(flash.read(end, &mut [0]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        FileFlash::create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
