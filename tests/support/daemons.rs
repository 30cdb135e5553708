//! A private `pcscd` with one virtual reader.
//!
//! Each test has its own daemon on its own socket, with a configuration that knows the virtual reader only. Whatever
//! reader service the machine runs is neither used nor disturbed, and no privilege is needed.
//!
//! `pcscd` has no option for the place of its socket. There are two ways round that: systemd's socket activation hands
//! the daemon a socket of ours, and where `systemd-socket-activate` is not installed the daemon gets a mount namespace
//! with an empty `/run`. Clients then need `PCSCLITE_CSOCK_NAME` or the same namespace; [`Pcscd::client`] knows which.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::programs::{Background, find, tied, wait_for};

/// Driver of the virtual reader, from the package `vsmartcard-vpcd`.
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// Name of the slot that a card on [`Pcscd::port`] appears in. The driver makes two slots; the second is on the next port.
pub const READER: &str = "Virtual PCD 00 00";

/// Longest time for a daemon to come up on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Ports are taken from here: below the range from which a system takes the ports of outgoing connections, so that
/// none of those can step in between our look and the daemon's.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// How the daemon gets a socket of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// `systemd-socket-activate` passes it in.
    SocketActivation,
    /// It has the usual name in a mount namespace of its own.
    MountNamespace,
}

/// A running private daemon; dropping it ends it and removes its folder.
#[derive(Debug)]
pub struct Pcscd {
    daemon: Background, // before the folder: it ends first
    folder: TempDir,
    isolation: Isolation,
    port: u16,
}

impl Pcscd {
    /// Starts a daemon in whichever way this machine offers.
    ///
    /// # Panics
    /// When it cannot be started: the message says what is missing and how to get it.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        let here = match find("systemd-socket-activate") {
            Some(_) => Isolation::SocketActivation,
            None => Isolation::MountNamespace,
        };
        Self::start_with(here).unwrap_or_else(|why| panic!("no private pcscd: {why}"))
    }

    /// Starts a daemon in the given way.
    ///
    /// # Errors
    /// A sentence that says what is missing or what the daemon said.
    pub fn start_with(isolation: Isolation) -> Result<Self, String> {
        if !Path::new(DRIVER).is_file() {
            return Err(format!("`{DRIVER}` is missing: install `vsmartcard-vpcd`, or let `make test` do it"));
        }
        let mut said = String::new();
        // Between finding two free ports and the daemon's taking them somebody else may take them; then others will do.
        for attempt in 0..5 {
            match Self::attempt(isolation, free_pair(attempt)?)? {
                Ok(daemon) => return Ok(daemon),
                Err(log) => said = log,
            }
        }
        Err(format!("the virtual reader does not come up; the daemon said:\n{said}"))
    }

    /// One try on one pair of ports: the inner error is the daemon's log when the reader did not appear.
    fn attempt(isolation: Isolation, port: u16) -> Result<Result<Self, String>, String> {
        let folder = TempDir::with_prefix("tapcard-pcscd-").map_err(|error| error.to_string())?;
        let readers = folder.path().join("readers");
        let log = folder.path().join("log");
        let prepared = fs::create_dir(&readers)
            .and_then(|()| fs::write(readers.join("virtual"), reader_conf(port)))
            .and_then(|()| fs::File::create(&log))
            .and_then(|log| Ok((log.try_clone()?, log)));
        let (stdout, stderr) = prepared.map_err(|error| format!("cannot write the configuration: {error}"))?;
        let mut command = daemon_command(isolation, folder.path(), &readers)?;
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let mut this = Self { daemon: Background::spawn(&mut command)?, folder, isolation, port };
        Ok(if this.is_up() { Ok(this) } else { Err(this.log()) })
    }

    fn is_up(&mut self) -> bool {
        let (id, port) = (self.daemon.id(), self.port);
        let mut woken = self.isolation == Isolation::MountNamespace;
        let up = wait_for(START_LIMIT, || {
            // The daemon itself starts with its first client, so be that client.
            woken = woken || UnixStream::connect(socket(self.folder.path())).is_ok();
            if !self.daemon.is_running() || self.log().contains("init failed") {
                return Some(false);
            }
            (woken && listens(id, port) && listens(id, port + 1)).then_some(true)
        });
        up == Some(true)
    }

    /// Where the card connects.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the daemon.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.daemon.id()
    }

    /// What the daemon has written so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Folder of this daemon, gone when it is dropped; tests may put files there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a command a client of this daemon. Only its program, arguments and environment carry over, so set streams
    /// and folder afterwards; in a mount namespace it starts in `/`, so name files by their whole path.
    #[must_use]
    pub fn client(&self, command: &Command) -> Command {
        let mut client = match self.isolation {
            Isolation::SocketActivation => Command::new(command.get_program()),
            Isolation::MountNamespace => {
                let mut enter = Command::new("nsenter");
                enter.args(["--user", "--preserve-credentials", "--mount", "--target", &self.id().to_string(), "--"]);
                enter.arg(command.get_program());
                enter
            }
        };
        client.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => client.env(name, value),
                None => client.env_remove(name),
            };
        }
        if self.isolation == Isolation::SocketActivation {
            client.env("PCSCLITE_CSOCK_NAME", socket(self.folder.path()));
        }
        client
    }

    /// Like [`Self::client`] for a foreign program by name.
    #[must_use]
    pub fn program(&self, program: &str) -> Command {
        self.client(&Command::new(program))
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

fn reader_conf(port: u16) -> String {
    format!("FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:{port}\nLIBPATH {DRIVER}\nCHANNELID {port}\n")
}

fn daemon_command(isolation: Isolation, folder: &Path, readers: &Path) -> Result<Command, String> {
    let pcscd = find("pcscd").ok_or("`pcscd` is missing: install `pcscd`, or let `make test` do it")?;
    Ok(match isolation {
        Isolation::SocketActivation => {
            let mut command = tied("systemd-socket-activate")?;
            command.arg("-l").arg(socket(folder)).arg(pcscd).args(["-f", "-c"]).arg(readers);
            command
        }
        Isolation::MountNamespace => {
            let script = "mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec \"$0\" -f -c \"$1\"";
            let mut command = tied("unshare")?;
            command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(pcscd).arg(readers);
            command
        }
    })
}

/// Two neighbouring ports that nobody listens on now, found by binding and releasing them.
fn free_pair(attempt: u32) -> Result<u16, String> {
    // Tests that run at the same time start to look at different places.
    let pairs = u32::from(PORTS.end - PORTS.start) / 2;
    let first = std::process::id().wrapping_mul(97).wrapping_add(attempt * 31) % pairs;
    let pair = |n: u32| u16::try_from((first + n) % pairs).ok().map(|pair| PORTS.start + 2 * pair);
    let free = |port: u16| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok();
    let found = (0..pairs).filter_map(pair).find(|&port| free(port) && free(port + 1));
    found.ok_or_else(|| "no two neighbouring TCP ports are free".to_owned())
}

/// Whether process `id` itself listens on `port`: connecting instead would put a card into the reader.
fn listens(id: u32, port: u16) -> bool {
    let wanted = format!(":{port:04X}");
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let sockets = tables.iter().flat_map(|table| table.lines()).filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (local, state) = (fields.nth(1)?, fields.nth(1)?);
        let inode = fields.nth(5)?;
        (local.ends_with(&wanted) && state == "0A").then(|| format!("socket:[{inode}]"))
    });
    let listening: Vec<String> = sockets.collect();
    let Ok(open) = fs::read_dir(format!("/proc/{id}/fd")) else { return false };
    open.filter_map(|file| fs::read_link(file.ok()?.path()).ok())
        .any(|target| listening.iter().any(|socket| target.as_os_str() == socket.as_str()))
}
