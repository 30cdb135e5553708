//! Running programs: with a time limit, with their whole output, and with nothing left behind.
//!
//! A test must not hang because a program does, so every wait here has a limit; and it must not leave a process, so
//! whatever runs in the background stands in a process group of its own that ends with its owner.

use std::ffi::OsStr;
use std::fmt;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// Longest time that one run of one program may take. Far above what any of them needs on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How often a wait looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// One finished run.
#[derive(Clone, PartialEq, Eq)]
pub struct Ran {
    /// The command line, for messages.
    pub line: String,
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything written to stdout.
    pub stdout: String,
    /// Everything written to stderr.
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code, showing the whole run when it differs.
    ///
    /// # Panics
    /// When the program ended with another code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Asserts that stdout contains `text`, showing the whole run when it does not.
    ///
    /// # Panics
    /// When stdout lacks the text.
    #[track_caller]
    pub fn expect_stdout(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "stdout lacks `{text}`\n{self:?}");
        self
    }
}

impl fmt::Debug for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, code, stdout, stderr } = self;
        write!(f, "$ {line}\nexit code {code:?}\n--- stdout\n{stdout}--- stderr\n{stderr}---")
    }
}

/// Runs a program to its end, without stdin unless the caller has set it.
///
/// # Panics
/// When it cannot be started (the message names the package, where known) or runs longer than [`LIMIT`].
#[track_caller]
pub fn run(command: &mut Command) -> Ran {
    command.stdin(Stdio::null());
    run_for(command, LIMIT).unwrap_or_else(|why| panic!("{why}"))
}

/// Like [`run`], with a limit of the caller's and the failure as a value; leaves stdin as the caller has set it.
///
/// # Errors
/// A sentence: the program could not be started, or did not end in time (with what it had written by then).
pub fn run_for(command: &mut Command, limit: Duration) -> Result<Ran, String> {
    let line = line_of(command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut started = Background::spawn(command)?;
    let stdout = collect(started.child.stdout.take());
    let stderr = collect(started.child.stderr.take());
    let deadline = Instant::now() + limit;
    let ended = loop {
        match started.child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(LOOK_AGAIN),
            Ok(None) => break None,
            Err(error) => return Err(format!("cannot wait for `{line}`: {error}")),
        }
    };
    drop(started); // closes the pipes also when a grandchild still holds them
    let text = |part: JoinHandle<Vec<u8>>| String::from_utf8_lossy(&part.join().unwrap_or_default()).into_owned();
    let ran = Ran { line, code: ended.and_then(|status| status.code()), stdout: text(stdout), stderr: text(stderr) };
    match ended {
        Some(_) => Ok(ran),
        None => Err(format!("no end within {} s\n{ran:?}", limit.as_secs())),
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            // A pipe that breaks has nothing more to say; what came before it is the output.
            let _ = pipe.read_to_end(&mut all);
        }
        all
    })
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// A running program. Dropping it, also by a panic, ends the program and everything in its process group.
#[derive(Debug)]
pub struct Background {
    child: Child,
    line: String,
}

impl Background {
    /// Starts a program in a process group of its own; see [`tied`] for one that must not outlive its test either way.
    ///
    /// # Errors
    /// A sentence with the program and, where known, the package that has it.
    pub fn spawn(command: &mut Command) -> Result<Self, String> {
        let line = line_of(command);
        match command.process_group(0).spawn() {
            Ok(child) => Ok(Self { child, line }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing(command.get_program())),
            Err(error) => Err(format!("cannot start `{line}`: {error}")),
        }
    }

    /// Process id, which is also the id of its process group.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `true` while it has not ended by itself.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks the program to end (SIGTERM) and returns its exit code; `None` when a signal ended it.
    ///
    /// # Errors
    /// A sentence when it does not end in time; dropping it then kills it.
    pub fn stop(&mut self) -> Result<Option<i32>, String> {
        self.signal(Signal::TERM);
        let status = wait_for(Duration::from_secs(10), || self.child.try_wait().ok().flatten());
        status.map(|status| status.code()).ok_or_else(|| format!("`{}` ignores SIGTERM", self.line))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // The group may be gone already, which is what the signal is for.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.is_running() {
            let _ = self.stop();
        }
        self.signal(Signal::KILL); // whoever else is left in the group
        let _ = self.child.wait();
    }
}

/// A command that dies with the thread that starts it, where `setpriv` is installed: a test runner that is killed runs
/// no destructor, and its daemons shall go all the same.
///
/// # Errors
/// A sentence with the package to install when the program is missing.
pub fn tied(program: &str) -> Result<Command, String> {
    let program = find(program).ok_or_else(|| missing(program.as_ref()))?;
    let Some(setpriv) = find("setpriv") else { return Ok(Command::new(program)) };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    Ok(command)
}

/// Looks until there is something to see or the time is over.
pub fn wait_for<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let seen = look();
        if seen.is_some() || Instant::now() >= deadline {
            return seen;
        }
        thread::sleep(LOOK_AGAIN);
    }
}

/// Where a program is: in `PATH`, or in `/usr/sbin`, which `PATH` lacks for most users although `pcscd` lives there.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn missing(program: &OsStr) -> String {
    let name = program.to_string_lossy();
    let package = match Path::new(program).file_name().and_then(OsStr::to_str) {
        Some("pcscd") => "pcscd",
        Some("opensc-tool") => "opensc",
        Some("pcsc_scan") => "pcsc-tools",
        Some("systemd-socket-activate") => "systemd",
        Some("unshare" | "nsenter" | "setpriv") => "util-linux",
        Some("python3") => "python3",
        _ => return format!("`{name}` is not there"),
    };
    format!("`{name}` is missing: install the package `{package}`, or let `make test` do it")
}

/// Our own program, built from the sources as they are now.
///
/// `TAPCARD_BIN` names one that is built already, which `make test` uses so that not every test asks cargo.
///
/// # Panics
/// When it does not build.
#[must_use]
pub fn tapcard() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let mut command =
        Command::new(BUILT.get_or_init(|| std::env::var_os("TAPCARD_BIN").map_or_else(build, PathBuf::from)));
    // What the caller's shell says about readers and colours is no part of a test.
    command.env_remove("TAPCARD_READER").env("NO_COLOR", "1");
    command
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "tapcard", "--bin", "tapcard", "--message-format", "json"]);
    command.arg("--manifest-path").arg(manifest).stdin(Stdio::null());
    let ran = run_for(&mut command, Duration::from_secs(900)).unwrap_or_else(|why| panic!("{why}")).expect_code(0);
    let messages = ran.stdout.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut built = messages.filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from));
    built.next_back().expect("cargo names the executable that it has built")
}
