//! What the shell remembers: lines that hold no secret, in memory and in a file that only its owner can read.
//!
//! The file stands where programs keep what they can do without (XDG Base Directory Specification 0.8,
//! `XDG_STATE_HOME`). A line is kept when it is a whole command of which nothing would be hidden in a trace; a line with a
//! mistake is not, for nobody knows what it was meant to be.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use tapcard_emv::Sensitivity;
use tapcard_iso7816::Command;
use tapcard_transport::Masker;
use tapcard_transport::mask::carries_secret;

use super::script::parse_line;

/// Lines that are remembered.
pub(super) const CAPACITY: usize = 1000;
/// The longest line that is remembered.
const MAX_LINE: usize = 4096;

/// Where the history is kept; `None`: there is no home.
pub(super) fn file() -> Option<PathBuf> {
    file_in(|name| std::env::var_os(name).map(PathBuf::from))
}

fn file_in(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    // A relative path is to be ignored, says the specification.
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("tapcard/apdu-history"))
}

/// Whether a line may be remembered.
pub(super) fn may_be_kept(line: &str) -> bool {
    let Ok(statement) = parse_line(line) else { return false };
    let Some(statement) = statement else { return false };
    let whole = Command::parse(&statement.command).is_ok();
    // A comment may say anything, a PIN too.
    let silent = !line.contains('#') && line.len() <= MAX_LINE;
    whole
        && silent
        && !carries_secret(&statement.command)
        && !Masker::new(Sensitivity::Name).command(&statement.command).hides()
}

/// A history file that is open for new lines.
pub(super) struct History {
    file: File,
}

impl History {
    /// Opens the file, for its owner alone, and gives the lines that it holds, the oldest first.
    ///
    /// # Errors
    /// It cannot be made, is no file, or cannot be kept from others.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Vec<String>)> {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let file = crate::cmd::private(&mut options).open(path)?;
        keep_from_others(&file)?;
        let lines: Vec<_> =
            BufReader::new(&file).lines().map_while(Result::ok).filter(|line| may_be_kept(line)).collect();
        let kept = lines.get(lines.len().saturating_sub(CAPACITY)..).unwrap_or_default().to_vec();
        let mut history = Self { file };
        if lines.len() > CAPACITY {
            history.file.set_len(0)?;
            kept.iter().try_for_each(|line| history.write(line))?;
        }
        Ok((history, kept))
    }

    /// Adds a line, if it may be kept.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn add(&mut self, line: &str) -> io::Result<()> {
        if may_be_kept(line) { self.write(line.trim()) } else { Ok(()) }
    }

    /// One write for the whole line: several shells may write to one file.
    fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that was there before may be open to others.
fn keep_from_others(file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = metadata.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_without_secrets_are_kept() {
        for line in ["select ppse", "00B2010C00", "read 1 1 -> 9000", "get 9F79", "0020008000", "00 20 00 80"] {
            assert!(may_be_kept(line), "{line}");
        }
        for line in [
            "00 20 00 80 08 24 12 34 FF FF FF FF FF",
            "0020008008241234FFFFFFFFF",
            "020008008241234FFFFFFFFFF",
            "00 20 00 80 09 24 12 34 FF FF FF FF FF",
            "00 24 00 80 08 1234123456785678",
            "805E0100051234FF5678",
            "FF82000006FFFFFFFFFFFF",
            "04DA005A086210948000000011",
            "get 9F79 # my PIN is 1234",
            "verify 1234",
            "help",
            "",
            "# 1234",
        ] {
            assert!(!may_be_kept(line), "{line}");
        }
    }

    #[test]
    fn the_state_folder_is_that_of_the_environment() {
        let file = |set: &[(&str, &str)]| {
            file_in(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value)))
        };
        let expected = |path: &str| Some(PathBuf::from(path));
        assert_eq!(file(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), expected("/s/tapcard/apdu-history"));
        assert_eq!(file(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]), expected("/h/.local/state/tapcard/apdu-history"));
        assert_eq!(file(&[]), None);
    }

    #[test]
    fn lines_come_back_and_secrets_never_reach_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/history");
        let (mut history, before) = History::open(&path).unwrap();
        assert_eq!(before, Vec::<String>::new());
        for line in ["select ppse", "0020008008241234FFFFFFFFFF", "nonsense", " get 9F79 "] {
            history.add(line).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "select ppse\nget 9F79\n");
        assert_eq!(History::open(&path).unwrap().1, ["select ppse", "get 9F79"]);
    }

    #[test]
    fn a_long_history_forgets_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let text: String = (0..CAPACITY + 5).map(|number| format!("80CA{:04X}00\n", 0x9F00 + number)).collect();
        std::fs::write(&path, text).unwrap();
        let (_, lines) = History::open(&path).unwrap();
        assert_eq!((lines.len(), lines[0].as_str()), (CAPACITY, "80CA9F0500"));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), CAPACITY);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tapcard/history");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        drop(History::open(&path).unwrap());
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(History::open(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
        assert!(History::open(folder.path()).is_err(), "a folder");
    }
}
