//! The Answer-to-Reset (ISO/IEC 7816-3:2006, clause 8), octet by octet.

use tapcard_iso7816::Atr;
use tapcard_iso7816::atr::interface::{Edc, InterfaceByte, InterfaceName};
use tapcard_iso7816::atr::{Convention, Tck};

use crate::field::Field;
use crate::kinds::{Parts, historical};
use crate::node::Node;

/// Every octet with what it says.
pub(crate) fn explain(field: Field<'_>) -> Parts {
    let atr = match Atr::parse(field.octets) {
        Ok(atr) => atr,
        Err(error) => return (Vec::new(), Some(field.broken(&error))),
    };
    let convention = match atr.convention() {
        Convention::Direct => "direct convention",
        Convention::Inverse => "inverse convention",
    };
    let mut nodes = vec![field.sub(0, 1).plain("TS").means(convention), t0(field, &atr)];
    nodes.extend(atr.interface_bytes().map(|byte| interface(field, &atr, &byte)));
    let behind = usize::from(matches!(atr.tck(), Tck::Correct | Tck::Wrong { .. }));
    let length = atr.historical_bytes().octets().len();
    nodes.extend(historical::node(field.sub(field.len() - behind - length, length), Some(&atr)));
    nodes.extend(tck(field, &atr));
    nodes.push(summary(field, &atr));
    (nodes, None)
}

fn t0(field: Field<'_>, atr: &Atr<'_>) -> Node {
    let names = announced(atr.t0(), 1);
    let historical = format!("{} historical bytes", atr.t0() & 0x0F);
    field.sub(1, 1).plain("T0").all_means(names).means(historical)
}

/// The names in the upper half of T0 or a TD octet.
fn announced(octet: u8, index: u8) -> Option<String> {
    let names = [(0x10, "TA"), (0x20, "TB"), (0x40, "TC"), (0x80, "TD")];
    let names = names.into_iter().filter(|(mask, _)| octet & mask != 0).map(|(_, name)| format!("{name}{index}"));
    let names: Vec<_> = names.collect();
    let verb = if names.len() == 1 { "follows" } else { "follow" };
    (!names.is_empty()).then(|| format!("{} {verb}", names.join(", ")))
}

fn interface(field: Field<'_>, atr: &Atr<'_>, byte: &InterfaceByte) -> Node {
    let node = field.sub(byte.offset, 1).plain(format!("{}{}", byte.name, byte.index));
    let value = byte.value;
    match (byte.name, byte.index, byte.protocol) {
        (InterfaceName::Ta, 1, _) => node.all_means(speed(atr)),
        (InterfaceName::Tb, 1, _) => node.means(programming(value)),
        (InterfaceName::Tc, 1, _) => node.means(guard_time(value)),
        (InterfaceName::Ta, 2, _) => node.all_means(specific_mode(atr)),
        (InterfaceName::Tb, 2, _) => node.means(format!("programming voltage PI2 = {value} (no longer used)")),
        (InterfaceName::Tc, 2, _) => node.means(match value {
            0 => "waiting time integer WI = 0, reserved".to_owned(),
            wi => format!("T=0 waiting time integer WI = {wi}"),
        }),
        (InterfaceName::Td, index, _) => {
            let protocol = match value & 0x0F {
                15 => "global interface bytes follow (T=15)".to_owned(),
                protocol => format!("protocol T={protocol}"),
            };
            node.means(protocol).all_means(announced(value, index.saturating_add(1)))
        }
        (InterfaceName::Ta, _, Some(1)) => node.means(match value {
            0 | 255 => format!("T=1: IFSC = {value}, reserved"),
            ifsc => format!("T=1: information fields of up to {ifsc} bytes (IFSC)"),
        }),
        (InterfaceName::Tb, _, Some(1)) => node
            .means(format!("T=1: block waiting time integer BWI = {}", value >> 4))
            .means(format!("T=1: character waiting time integer CWI = {}", value & 0x0F)),
        (InterfaceName::Tc, _, Some(1)) => node.means(match atr.t1_parameters().map(|parameters| parameters.edc) {
            Some(Edc::Crc) => "T=1: blocks end with a CRC",
            _ => "T=1: blocks end with an LRC",
        }),
        (InterfaceName::Ta, _, Some(15)) => node.all_means(clock_and_voltage(atr)),
        (InterfaceName::Tb, _, Some(15)) => node.means(match value {
            0 => "SPU is not used".to_owned(),
            value => format!("SPU is used, value {value:02X}"),
        }),
        (_, _, protocol) => node.means(match protocol {
            Some(protocol) => format!("for T={protocol}, not explained"),
            None => "not explained".to_owned(),
        }),
    }
}

fn speed(atr: &Atr<'_>) -> Vec<String> {
    let speed = atr.speed();
    let fi = match (speed.fi, speed.max_clock_khz) {
        (Some(fi), Some(khz)) => format!("Fi = {fi}, clock up to {} MHz", decimal(khz)),
        _ => "Fi reserved".to_owned(),
    };
    let di = speed.di.map_or_else(|| "Di reserved".to_owned(), |di| format!("Di = {di}"));
    vec![fi, di]
}

/// Thousandths as a decimal number without needless zeros.
fn decimal(thousandths: u32) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn programming(value: u8) -> String {
    match value & 0x7F {
        0 => "VPP is not connected".to_owned(),
        value => format!("programming voltage and current {value:02X} (no longer used)"),
    }
}

fn guard_time(value: u8) -> String {
    match value {
        0 => "extra guard time N = 0".to_owned(),
        255 => "extra guard time N = 255: the shortest that the protocol allows".to_owned(),
        n => format!("extra guard time N = {n}"),
    }
}

fn specific_mode(atr: &Atr<'_>) -> Vec<String> {
    let Some(mode) = atr.specific_mode() else { return Vec::new() };
    let change = if mode.can_change { "can change to negotiable mode" } else { "cannot change to negotiable mode" };
    let speed = if mode.implicit_speed { "Fi and Di are implied by the card" } else { "Fi and Di are those of TA1" };
    vec![format!("specific mode with T={}", mode.protocol), change.to_owned(), speed.to_owned()]
}

fn clock_and_voltage(atr: &Atr<'_>) -> Vec<String> {
    let clock = match atr.clock_stop() {
        0 => "the clock must not stop",
        1 => "the clock may stop at low",
        2 => "the clock may stop at high",
        _ => "the clock may stop at either level",
    };
    let classes = [(0x01, "A (5 V)"), (0x02, "B (3 V)"), (0x04, "C (1.8 V)")];
    let classes = classes.into_iter().filter(|(mask, _)| atr.voltage_classes() & mask != 0).map(|(_, name)| name);
    let classes: Vec<_> = classes.collect();
    let classes = if classes.is_empty() { "reserved".to_owned() } else { classes.join(", ") };
    vec![clock.to_owned(), format!("classes of supply: {classes}")]
}

fn tck(field: Field<'_>, atr: &Atr<'_>) -> Option<Node> {
    let last = field.from(field.len().saturating_sub(1));
    match atr.tck() {
        Tck::NotUsed => None,
        Tck::Correct => Some(last.plain("TCK").means("right")),
        Tck::Wrong { expected, .. } => Some(last.plain("TCK").means(format!("wrong, must be {expected:02X}"))),
        Tck::Missing { expected } => {
            Some(field.from(field.len()).node("TCK").means(format!("missing, must be {expected:02X}")))
        }
    }
}

/// What all octets together say.
fn summary(field: Field<'_>, atr: &Atr<'_>) -> Node {
    let mut protocols: Vec<_> = atr.protocols().map(|protocol| format!("T={protocol}")).collect();
    protocols.dedup();
    let protocols = format!("protocols: {}; T={} without negotiation", protocols.join(", "), atr.default_protocol());
    let speed = atr.speed();
    let cycles = match (speed.fi, speed.di) {
        (Some(fi), Some(di)) => {
            format!("{} clock cycles for each bit", decimal(u32::from(fi) * 1000 / u32::from(di.max(1))))
        }
        _ => "speed reserved".to_owned(),
    };
    let interface = if atr.is_contactless() { "contactless: made up by the reader" } else { "contact" };
    let node = Node { name: Some("altogether".to_owned()), offset: 0, length: field.len(), ..Node::default() };
    node.means(protocols).means(cycles).means(interface)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn lines(atr: &str) -> Vec<String> {
        let octets = hex::decode(atr).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        let (nodes, remainder) = explain(shown.field(&octets));
        assert_eq!(remainder, None);
        let name = |node: &Node| node.name.clone().unwrap();
        nodes
            .iter()
            .flat_map(|node| node.summary().into_iter().map(move |line| format!("{}: {line}", name(node))))
            .collect()
    }

    #[test]
    fn every_interface_byte_says_what_it_means() {
        let found = lines("3BF09600801000");
        for line in [
            "T0: TA1, TB1, TC1, TD1 follow",
            "TA1: Fi = 512, clock up to 5 MHz",
            "TA1: Di = 32",
            "TB1: VPP is not connected",
            "TC1: extra guard time N = 128",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
    }

    #[test]
    fn a_contactless_card_is_told_by_its_atr() {
        let found = lines("3B8F8001804F0CA000000306030001000000006A");
        assert!(found.contains(&"historical bytes: card: 0001 (MIFARE Classic 1K)".to_owned()), "{found:#?}");
        assert!(
            found.contains(&"TCK: right".to_owned())
                && found.contains(&"altogether: contactless: made up by the reader".to_owned())
        );
    }

    #[test]
    fn a_wrong_or_missing_check_byte_is_pointed_at() {
        assert!(lines("3B800101").iter().any(|line| line.starts_with("TCK: wrong, must be 81")));
        assert!(lines("3B8001").iter().any(|line| line.starts_with("TCK: missing, must be 81")));
    }

    #[test]
    fn numbers_have_no_needless_zeros() {
        assert_eq!([5_000, 7_500, 11_625, 0].map(decimal), ["5", "7.5", "11.625", "0"]);
    }
}
