//! What the system shows: the PC/SC service, readers, USB devices, serial ports and who may use them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tapcard_transport::acr122u::{Acr122uError, Pn532Firmware, is_acr122u};
use tapcard_transport::{Reader, TransportError, acr122u_firmware, pcsc_readers};

use super::usb::{UsbReader, readers_on_usb};

/// Where `pcscd` listens unless `PCSCLITE_CSOCK_NAME` says otherwise.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Where the program is installed.
const DAEMONS: [&str; 4] = ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/sbin/pcscd", "/usr/local/sbin/pcscd"];
/// Where the unit is installed that starts it on demand.
const UNITS: [&str; 3] =
    ["/usr/lib/systemd/system/pcscd.socket", "/lib/systemd/system/pcscd.socket", "/etc/systemd/system/pcscd.socket"];
/// There while systemd runs the machine.
const SYSTEMD: &str = "/run/systemd/system";
/// There while the kernel's own driver for ACR122 and PN533 readers is loaded.
const KERNEL_DRIVER: &str = "/sys/module/pn533_usb";
/// Names of serial ports that a PN532 can hang on: USB adapters, boards, and the pins of a Raspberry Pi.
const SERIAL_PREFIXES: [&str; 6] = ["ttyUSB", "ttyACM", "ttyAMA", "serial", "cu.usbserial", "cu.usbmodem"];

/// What was found.
pub(super) struct Facts {
    pub(super) readers: Result<Vec<Reader>, TransportError>,
    pub(super) service: Service,
    pub(super) usb: Vec<UsbReader>,
    /// The kernel's own driver takes ACR122 readers away from PC/SC.
    pub(super) kernel_driver: bool,
    /// What the PN532 in each ACR122U says, by the reader's name.
    pub(super) acr122u: Vec<(String, Result<Pn532Firmware, Acr122uError>)>,
    pub(super) serial_ports: Vec<SerialPort>,
}

/// The PC/SC service as the system shows it.
#[derive(Default)]
pub(super) struct Service {
    pub(super) socket: PathBuf,
    /// Why its socket cannot be used; `None`: it can.
    pub(super) socket_error: Option<ErrorKind>,
    /// The program is installed.
    pub(super) daemon: bool,
    /// The unit is installed that starts it on demand, and systemd runs.
    pub(super) unit: bool,
}

/// A serial port.
pub(super) struct SerialPort {
    pub(super) path: String,
    /// Whether this user may read and write it.
    pub(super) usable: bool,
    /// The group that may, if there is one.
    pub(super) group: Option<String>,
}

impl Facts {
    /// Looks at this system.
    pub(super) fn gather() -> Self {
        let readers = pcsc_readers();
        let with_pn532 = readers.iter().flatten().filter(|reader| is_acr122u(&reader.name));
        let acr122u = with_pn532.map(|reader| (reader.name.clone(), acr122u_firmware(reader))).collect();
        Self {
            acr122u,
            service: Service::gather(),
            usb: readers_on_usb(Path::new("/sys/bus/usb/devices")),
            kernel_driver: Path::new(KERNEL_DRIVER).exists(),
            serial_ports: serial_ports(Path::new("/dev")),
            readers,
        }
    }
}

impl Service {
    fn gather() -> Self {
        let socket = std::env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| SOCKET.into(), PathBuf::from);
        let any = |paths: &[&str]| paths.iter().any(|path| Path::new(path).exists());
        Self {
            socket_error: socket_error(&socket),
            socket,
            daemon: any(&DAEMONS),
            unit: any(&UNITS) && Path::new(SYSTEMD).exists(),
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

fn serial_ports(devices: &Path) -> Vec<SerialPort> {
    let entries = std::fs::read_dir(devices).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> =
        names.filter(|name| SERIAL_PREFIXES.iter().any(|prefix| name.starts_with(prefix))).collect();
    names.sort_unstable();
    names.into_iter().map(|name| serial_port(&devices.join(name))).collect()
}

/// Asks who may use a port without opening it: opening resets many a board.
fn serial_port(path: &Path) -> SerialPort {
    SerialPort { path: path.display().to_string(), usable: is_usable(path), group: group_of(path) }
}

#[cfg(unix)]
fn is_usable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(path, Access::READ_OK | Access::WRITE_OK).is_ok()
}

#[cfg(unix)]
fn group_of(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let id = std::fs::metadata(path).ok()?.gid();
    group_name(&std::fs::read_to_string("/etc/group").ok()?, id)
}

/// The name of a group in the format of `/etc/group`: `name:password:number:members`.
#[cfg(unix)]
fn group_name(groups: &str, id: u32) -> Option<String> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(id)).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn is_usable(_path: &Path) -> bool {
    true
}

#[cfg(not(unix))]
fn group_of(_path: &Path) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_ports_are_found_by_name_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["ttyUSB1", "ttyACM0", "tty0", "ttyUSB0", "null"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let ports = serial_ports(folder.path());
        let names: Vec<_> = ports.iter().map(|port| port.path.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, ["ttyACM0", "ttyUSB0", "ttyUSB1"]);
        assert!(ports.iter().all(|port| port.usable));
        assert!(serial_ports(&folder.path().join("nowhere")).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_group_is_known_by_its_number() {
        let groups = "root:x:0:\nbroken\ndialout:x:20:somebody,other\n";
        assert_eq!(group_name(groups, 20).as_deref(), Some("dialout"));
        assert_eq!(group_name(groups, 21), None);
    }
}
