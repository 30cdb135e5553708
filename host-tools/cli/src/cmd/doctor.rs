//! `tapcard doctor`: what is missing to read a card, and how to mend it.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use tapcard_transport::{Reader, TransportError, pcsc_readers};

use super::write_json;
use crate::args::Global;
use crate::exit::{Code, Failure};
use crate::paint::Paint;

const EXAMPLES: &str = "\
Example:
  tapcard doctor --json

Exit code 3: something is missing to read a real card.";

/// Where `pcscd` listens unless `PCSCLITE_CSOCK_NAME` says otherwise.
const SOCKET: &str = "/run/pcscd/pcscd.comm";

const INSTALL_SERVICE: &str = "\
Debian, Ubuntu: `sudo apt install pcscd`; Fedora: `sudo dnf install pcsc-lite pcsc-lite-ccid` and \
`sudo systemctl enable --now pcscd.socket`; macOS has the service built in";
const MEND_PERMISSION: &str = "\
allow this user in polkit (`org.debian.pcsc-lite.access_pcsc` and `access_card`), or log in at the machine itself";
const MEND_READER: &str = "\
plug in a reader; for a USB reader the driver is `libccid` (Debian, Ubuntu) or `pcsc-lite-ccid` (Fedora); \
without one, `--reader virtual:pboc-ec` is an emulated card";
const MEND_KERNEL: &str = "\
`sudo modprobe -r pn533_usb`, and `blacklist pn533_usb` in `/etc/modprobe.d/` to keep it so";

/// Say what is missing to read a card, and how to mend it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// One thing that was looked at.
struct Check {
    name: &'static str,
    state: State,
    found: String,
    mend: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Missing,
    /// Fine without it.
    Optional,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Optional => "optional",
        }
    }
}

/// What the system shows.
struct Facts {
    readers: Result<Vec<Reader>, TransportError>,
    socket: PathBuf,
    /// Why the service's socket cannot be used; `None`: it can.
    socket_error: Option<ErrorKind>,
    serial_ports: Vec<String>,
    /// The kernel's own driver that takes ACR122 readers away from PC/SC.
    kernel_driver: bool,
}

pub(crate) fn run(_args: &Args, global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let checks = check(&Facts::gather());
    let ready = checks.iter().all(|check| check.state != State::Missing);
    if global.json {
        let list: Vec<_> = checks
            .iter()
            .map(|one| json!({"name": one.name, "state": one.state.as_str(), "found": one.found, "mend": one.mend}))
            .collect();
        write_json(&json!({"schema": "tapcard.doctor/1", "ready": ready, "checks": list}), out)?;
    } else {
        write_text(&checks, global.paint(), out)?;
    }
    if ready {
        return Ok(());
    }
    Err(Failure::new(Code::NoCard, "something is missing to read a real card; an emulated one needs nothing").into())
}

fn write_text(checks: &[Check], paint: Paint, out: &mut dyn Write) -> anyhow::Result<()> {
    for check in checks {
        let state = format!("{:<9}", check.state.as_str());
        let state = match check.state {
            State::Ok => paint.good(&state),
            State::Missing => paint.warning(&state),
            State::Optional => paint.dim(&state),
        };
        writeln!(out, "{state}{:<12}{}", check.name, check.found)?;
        if let Some(mend) = check.mend {
            writeln!(out, "{:21}{mend}", "")?;
        }
    }
    Ok(())
}

impl Facts {
    fn gather() -> Self {
        let socket = std::env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| SOCKET.into(), PathBuf::from);
        Self {
            readers: pcsc_readers(),
            socket_error: socket_error(&socket),
            socket,
            serial_ports: serial_ports(),
            kernel_driver: Path::new("/sys/module/pn533_usb").exists(),
        }
    }
}

#[cfg(unix)]
fn socket_error(socket: &Path) -> Option<ErrorKind> {
    std::os::unix::net::UnixStream::connect(socket).err().map(|error| error.kind())
}

#[cfg(not(unix))]
fn socket_error(_socket: &Path) -> Option<ErrorKind> {
    None
}

fn serial_ports() -> Vec<String> {
    const PREFIXES: [&str; 4] = ["ttyUSB", "ttyACM", "cu.usbserial", "cu.usbmodem"];
    let entries = std::fs::read_dir("/dev").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut ports: Vec<_> = names.filter(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix))).collect();
    ports.sort_unstable();
    ports.into_iter().map(|name| format!("/dev/{name}")).collect()
}

fn check(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![service(facts)];
    if let Ok(readers) = &facts.readers {
        checks.push(reader(readers));
        checks.push(card(readers));
    }
    if facts.kernel_driver {
        let found = "the kernel's `pn533_usb` driver takes ACR122 and PN533 readers for itself".to_owned();
        checks.push(Check { name: "kernel", state: State::Optional, found, mend: Some(MEND_KERNEL) });
    }
    let ports = if facts.serial_ports.is_empty() { "none".to_owned() } else { facts.serial_ports.join(", ") };
    checks.push(Check {
        name: "serial port",
        state: State::Optional,
        found: format!("{ports}; for a PN532 on a serial port, which this version does not drive yet"),
        mend: None,
    });
    checks
}

fn service(facts: &Facts) -> Check {
    let socket = facts.socket.display();
    let (found, mend) = match (&facts.readers, facts.socket_error) {
        (Ok(_), _) => {
            let found = "the PC/SC service answers".to_owned();
            return Check { name: "pcscd", state: State::Ok, found, mend: None };
        }
        (Err(TransportError::NotAllowed), _) | (Err(_), Some(ErrorKind::PermissionDenied)) => {
            (format!("the PC/SC service refuses this user at `{socket}`"), MEND_PERMISSION)
        }
        (Err(_), Some(ErrorKind::NotFound)) => (format!("not running: `{socket}` does not exist"), INSTALL_SERVICE),
        (Err(_), Some(_)) => (format!("not running: nobody listens at `{socket}`"), INSTALL_SERVICE),
        (Err(error), None) => (format!("does not answer as it should: {error}"), INSTALL_SERVICE),
    };
    Check { name: "pcscd", state: State::Missing, found, mend: Some(mend) }
}

fn reader(readers: &[Reader]) -> Check {
    let names: Vec<_> = readers.iter().map(|reader| format!("`{}`", reader.name)).collect();
    if names.is_empty() {
        let found = "none is connected".to_owned();
        return Check { name: "reader", state: State::Missing, found, mend: Some(MEND_READER) };
    }
    Check { name: "reader", state: State::Ok, found: names.join(", "), mend: None }
}

fn card(readers: &[Reader]) -> Check {
    let with_card: Vec<_> =
        readers.iter().filter(|reader| reader.card_present).map(|reader| format!("`{}`", reader.name)).collect();
    if with_card.is_empty() {
        return Check { name: "card", state: State::Optional, found: "no reader holds one now".to_owned(), mend: None };
    }
    Check { name: "card", state: State::Ok, found: format!("in {}", with_card.join(", ")), mend: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(readers: Result<Vec<Reader>, TransportError>, socket_error: Option<ErrorKind>) -> Facts {
        let socket = PathBuf::from("/run/x");
        Facts { readers, socket, socket_error, serial_ports: vec![], kernel_driver: false }
    }

    fn states(facts: &Facts) -> Vec<(&'static str, &'static str)> {
        check(facts).iter().map(|check| (check.name, check.state.as_str())).collect()
    }

    #[test]
    fn a_missing_service_and_a_refused_one_are_told_apart() {
        let missing = service(&facts(Err(TransportError::NoService), Some(ErrorKind::NotFound)));
        assert_eq!(
            (missing.found.as_str(), missing.mend),
            ("not running: `/run/x` does not exist", Some(INSTALL_SERVICE))
        );
        let refused = service(&facts(Err(TransportError::NoService), Some(ErrorKind::PermissionDenied)));
        assert_eq!(refused.mend, Some(MEND_PERMISSION));
        assert_eq!(service(&facts(Err(TransportError::NotAllowed), None)).mend, Some(MEND_PERMISSION));
    }

    #[test]
    fn a_reader_without_a_card_is_ready() {
        let reader = Reader {
            spec: "pcsc:A".into(),
            name: "A".into(),
            kind: "pcsc",
            card_present: false,
            atr: None,
            interface: None,
        };
        let found = states(&facts(Ok(vec![reader]), None));
        assert_eq!(found, [("pcscd", "ok"), ("reader", "ok"), ("card", "optional"), ("serial port", "optional")]);
        let none = states(&facts(Ok(vec![]), None));
        assert_eq!(none[1], ("reader", "missing"));
    }
}
