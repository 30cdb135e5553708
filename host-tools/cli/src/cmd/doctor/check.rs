//! What the facts mean, and what is to be done about them.

use std::io::ErrorKind;

use tapcard_transport::acr122u::{Acr122uError, Pn532Firmware};
use tapcard_transport::{Reader, TransportError};

use super::facts::{Facts, SerialPort};
use crate::lang::{Msg, Said};

/// One thing that was looked at.
pub(super) struct Check {
    /// Its word in JSON.
    pub(super) name: &'static str,
    pub(super) state: State,
    pub(super) found: Said,
    pub(super) mend: Option<Said>,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Missing,
    /// Fine without it.
    Optional,
}

impl State {
    /// The word in JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Optional => "optional",
        }
    }

    /// The word for people.
    pub(super) const fn message(self) -> Msg {
        match self {
            Self::Ok => Msg::DoctorOk,
            Self::Missing => Msg::DoctorMissing,
            Self::Optional => Msg::DoctorOptional,
        }
    }
}

impl Check {
    const fn new(name: &'static str, state: State, found: Said) -> Self {
        Self { name, state, found, mend: None }
    }

    fn mend(mut self, mend: Msg) -> Self {
        self.mend = Some(Said::new(mend));
        self
    }
}

/// Judges everything, in the order in which it is to be mended.
pub(super) fn check(facts: &Facts) -> Vec<Check> {
    let mut checks = vec![service(facts)];
    checks.extend(usb(facts));
    if let Ok(readers) = &facts.readers {
        checks.push(reader(readers));
        checks.push(card(readers));
    }
    if facts.kernel_driver {
        checks.push(Check::new("kernel", State::Optional, Said::new(Msg::KernelDriver)).mend(Msg::MendKernel));
    }
    checks.extend(facts.acr122u.iter().map(|(name, firmware)| acr122u(name, firmware)));
    checks.extend(serial(&facts.serial_ports));
    checks
}

fn service(facts: &Facts) -> Check {
    let service = &facts.service;
    let at = |message: Msg| Said::new(message).with("socket", service.socket.display());
    let start = match (service.daemon, service.unit) {
        (_, true) => Msg::MendSocketUnit,
        (true, false) => Msg::MendDaemon,
        (false, false) => Msg::MendInstall,
    };
    let (found, mend) = match (&facts.readers, service.socket_error) {
        (Ok(_), _) => return Check::new("pcscd", State::Ok, Said::new(Msg::ServiceAnswers)),
        (Err(TransportError::NotAllowed), _) | (Err(_), Some(ErrorKind::PermissionDenied)) => {
            (at(Msg::ServiceRefuses), Msg::MendPolkit)
        }
        (Err(_), Some(ErrorKind::NotFound)) => (at(Msg::ServiceNoSocket), start),
        (Err(_), Some(_)) => (at(Msg::ServiceNobody), start),
        (Err(error), None) => (Said::new(Msg::ServiceOdd).with_term("what", error), Msg::MendRestart),
    };
    Check::new("pcscd", State::Missing, found).mend(mend)
}

/// A reader that is plugged in is worth a line when PC/SC shows none.
fn usb(facts: &Facts) -> Option<Check> {
    let shown = facts.readers.as_ref().map_or(0, Vec::len);
    if facts.usb.is_empty() || shown > 0 {
        return None;
    }
    let names: Vec<_> = facts.usb.iter().map(|reader| format!("{} ({})", reader.name, reader.id)).collect();
    let found = |message: Msg| Said::new(message).with("readers", names.join(", "));
    Some(match (&facts.readers, facts.kernel_driver) {
        (Err(_), _) => Check::new("usb", State::Ok, found(Msg::UsbPlugged)),
        (Ok(_), true) => Check::new("usb", State::Missing, found(Msg::UsbNotShown)).mend(Msg::MendKernel),
        (Ok(_), false) => Check::new("usb", State::Missing, found(Msg::UsbNotShown)).mend(Msg::MendDriver),
    })
}

fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn reader(readers: &[Reader]) -> Check {
    if readers.is_empty() {
        return Check::new("reader", State::Missing, Said::new(Msg::ReaderNone)).mend(Msg::MendReader);
    }
    let names = quoted(readers.iter().map(|reader| reader.name.as_str()));
    Check::new("reader", State::Ok, Said::new(Msg::ReaderNames).with("readers", names))
}

fn card(readers: &[Reader]) -> Check {
    let with_card = readers.iter().filter(|reader| reader.card_present);
    let names = quoted(with_card.map(|reader| reader.name.as_str()));
    match names.is_empty() {
        true => Check::new("card", State::Optional, Said::new(Msg::CardNone)),
        false => Check::new("card", State::Ok, Said::new(Msg::CardIn).with("readers", names)),
    }
}

/// The PN532 inside the reader: cards are read without its help, commands to it need the escape channel.
fn acr122u(name: &str, firmware: &Result<Pn532Firmware, Acr122uError>) -> Check {
    let said = |message: Msg| Said::new(message).with("reader", name);
    match firmware {
        Ok(firmware) => Check::new("acr122u", State::Ok, said(Msg::Acr122uFirmware).with_term("firmware", firmware)),
        Err(Acr122uError::Channel(TransportError::Unsupported { .. })) => {
            Check::new("acr122u", State::Optional, said(Msg::Acr122uNoEscape)).mend(Msg::MendEscape)
        }
        Err(error) => Check::new("acr122u", State::Optional, said(Msg::Acr122uSilent).with_term("what", error)),
    }
}

fn serial(ports: &[SerialPort]) -> Vec<Check> {
    if ports.is_empty() {
        return vec![Check::new("serial port", State::Optional, Said::new(Msg::SerialNone))];
    }
    let check = |port: &SerialPort| {
        let said = |message: Msg| Said::new(message).with("port", &port.path);
        if port.usable {
            return Check::new("serial port", State::Optional, said(Msg::SerialUsable));
        }
        let mend = match &port.group {
            Some(group) => Said::new(Msg::MendGroup).with("group", group),
            None => Said::new(Msg::MendNoGroup),
        };
        Check { mend: Some(mend), ..Check::new("serial port", State::Optional, said(Msg::SerialDenied)) }
    };
    ports.iter().map(check).collect()
}

#[cfg(test)]
mod tests {
    use tapcard_iso7816::StatusWord;

    use super::super::facts::Service;
    use super::super::usb::UsbReader;
    use super::*;
    use crate::lang::Lang;

    fn facts(readers: Result<Vec<Reader>, TransportError>) -> Facts {
        Facts {
            readers,
            service: Service { socket: "/run/x".into(), ..Service::default() },
            usb: vec![],
            kernel_driver: false,
            acr122u: vec![],
            serial_ports: vec![],
        }
    }

    fn named(name: &str, card_present: bool) -> Reader {
        let (spec, name) = (format!("pcsc:{name}"), name.to_owned());
        Reader { spec, name, kind: "pcsc", card_present, atr: None, interface: None }
    }

    fn states(facts: &Facts) -> Vec<(&'static str, &'static str)> {
        check(facts).iter().map(|check| (check.name, check.state.as_str())).collect()
    }

    fn mend_of_service(socket_error: Option<ErrorKind>, daemon: bool, unit: bool) -> Option<Said> {
        let mut facts = facts(Err(TransportError::NoService));
        facts.service = Service { socket_error, daemon, unit, ..facts.service };
        service(&facts).mend
    }

    #[test]
    fn each_way_in_which_the_service_is_missing_has_its_own_mend() {
        let mend = |message: Msg| Some(Said::new(message));
        assert_eq!(mend_of_service(Some(ErrorKind::NotFound), false, false), mend(Msg::MendInstall));
        assert_eq!(mend_of_service(Some(ErrorKind::NotFound), true, true), mend(Msg::MendSocketUnit));
        assert_eq!(mend_of_service(Some(ErrorKind::ConnectionRefused), true, false), mend(Msg::MendDaemon));
        assert_eq!(mend_of_service(Some(ErrorKind::PermissionDenied), true, true), mend(Msg::MendPolkit));
        assert_eq!(mend_of_service(None, true, true), mend(Msg::MendRestart));
        assert_eq!(service(&facts(Err(TransportError::NotAllowed))).mend, mend(Msg::MendPolkit));
    }

    #[test]
    fn the_socket_that_is_missing_is_named() {
        let mut facts = facts(Err(TransportError::NoService));
        facts.service.socket_error = Some(ErrorKind::NotFound);
        assert_eq!(service(&facts).found.text(Lang::En), "not running: `/run/x` does not exist");
    }

    #[test]
    fn a_reader_without_a_card_is_ready() {
        let found = states(&facts(Ok(vec![named("A", false)])));
        assert_eq!(found, [("pcscd", "ok"), ("reader", "ok"), ("card", "optional"), ("serial port", "optional")]);
        assert_eq!(states(&facts(Ok(vec![])))[1], ("reader", "missing"));
    }

    #[test]
    fn a_reader_that_is_plugged_in_and_not_shown_has_a_reason() {
        let plugged = |readers, kernel_driver| {
            let usb = vec![UsbReader { id: "072F:2200".into(), name: "ACS ACR122U".into() }];
            usb_check(&Facts { usb, kernel_driver, ..facts(readers) })
        };
        fn usb_check(facts: &Facts) -> Option<(&'static str, Option<Said>)> {
            usb(facts).map(|check| (check.state.as_str(), check.mend))
        }
        assert_eq!(plugged(Ok(vec![]), true), Some(("missing", Some(Said::new(Msg::MendKernel)))));
        assert_eq!(plugged(Ok(vec![]), false), Some(("missing", Some(Said::new(Msg::MendDriver)))));
        assert_eq!(plugged(Err(TransportError::NoService), false), Some(("ok", None)));
        assert_eq!(plugged(Ok(vec![named("A", false)]), false), None);
    }

    #[test]
    fn the_pn532_of_an_acr122u_is_asked() {
        let said = |firmware| {
            let check = acr122u("ACS ACR122U 00 00", &firmware);
            (check.state, check.found.text(Lang::En), check.mend.is_some())
        };
        let firmware = Pn532Firmware { ic: 0x32, version: 1, revision: 6, support: 7 };
        assert_eq!(said(Ok(firmware)), (State::Ok, "`ACS ACR122U 00 00` has a PN532 firmware 1.6".into(), false));
        let unsupported = TransportError::Unsupported { what: "no".into() };
        let (state, text, has_mend) = said(Err(Acr122uError::Channel(unsupported)));
        assert!(state == State::Optional && text.contains("cards are read all the same") && has_mend, "{text}");
        let (_, text, _) = said(Err(Acr122uError::Refused { sw: StatusWord::new(0x6300) }));
        assert!(text.ends_with("the reader answers 6300"), "{text}");
    }

    #[test]
    fn a_port_that_others_own_names_the_group() {
        let port = |usable, group: Option<&str>| SerialPort {
            path: "/dev/ttyUSB0".into(),
            usable,
            group: group.map(str::to_owned),
        };
        let mend = |port| serial(&[port]).remove(0).mend.map(|mend| mend.text(Lang::En));
        assert_eq!(mend(port(true, Some("dialout"))), None);
        assert!(mend(port(false, Some("dialout"))).unwrap().contains("usermod -aG dialout"));
        assert!(mend(port(false, None)).is_some());
    }
}
