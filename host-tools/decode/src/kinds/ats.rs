//! The Answer-to-Select (ISO/IEC 14443-4:2016, 5.2), octet by octet.

use tapcard_iso7816::Ats;
use tapcard_iso7816::ats::AtsByte;

use crate::field::Field;
use crate::kinds::{Parts, historical};
use crate::node::Node;
use crate::value::bits::Bits;
use crate::words::count;

/// Every octet with what it says.
pub(crate) fn explain(field: Field<'_>) -> Parts {
    let ats = match Ats::parse(field.octets) {
        Ok(ats) => ats,
        Err(error) => return (Vec::new(), Some(field.broken(&error))),
    };
    let mut nodes = vec![field.sub(0, 1).plain("TL").means(format!("{}, TL included", count(field.len(), "byte")))];
    nodes.push(match ats.t0() {
        Some(_) => t0(field.sub(1, 1), &ats),
        None => Node { length: 0, ..field.from(1).node("T0") }.means("absent: frames of up to 32 bytes"),
    });
    for (name, said) in [(AtsByte::Ta, rates(&ats)), (AtsByte::Tb, times(&ats)), (AtsByte::Tc, addresses(&ats))] {
        nodes.push(match ats.offset(name) {
            Some(offset) => field.sub(offset, 1).plain(name.to_string()).all_means(said),
            None => {
                let absent = said.into_iter().map(|line| format!("absent, so {line}"));
                Node { name: Some(name.to_string()), offset: field.len(), ..Node::default() }.all_means(absent)
            }
        });
    }
    nodes.extend(historical::node(field.from(field.len() - ats.historical_bytes().octets().len()), None));
    (nodes, None)
}

fn t0(field: Field<'_>, ats: &Ats<'_>) -> Node {
    let octet = ats.t0().unwrap_or_default();
    let names = [(0x10, "TA(1)"), (0x20, "TB(1)"), (0x40, "TC(1)")];
    let names: Vec<_> = names.into_iter().filter(|(mask, _)| octet & mask != 0).map(|(_, name)| name).collect();
    let follow = if names.is_empty() {
        "no interface bytes follow".to_owned()
    } else {
        format!("{} {}", names.join(", "), if names.len() == 1 { "follows" } else { "follow" })
    };
    let frames = format!("FSCI = {}: frames of up to {} bytes", ats.fsci(), ats.frame_size());
    let said = Bits::new(field).span(1, 0x70, follow).span(1, 0x0F, frames).said();
    let reserved = (octet & 0x80 != 0).then(|| "bit 8: reserved or not known, but set".to_owned());
    field.plain("T0").all_means(said.means).all_means(reserved)
}

fn rates(ats: &Ats<'_>) -> Vec<String> {
    let rates = ats.bit_rates();
    let list = |bits: u8| {
        let faster = [(1, "212"), (2, "424"), (4, "848")].into_iter().filter(|(mask, _)| bits & mask != 0);
        let rates: Vec<_> = std::iter::once("106").chain(faster.map(|(_, rate)| rate)).collect();
        format!("{} kbit/s", rates.join(", "))
    };
    let both =
        if rates.same_only { "both directions must be equally fast" } else { "the directions may differ in speed" };
    vec![
        format!("from the card {}", list(rates.from_card)),
        format!("to the card {}", list(rates.to_card)),
        both.to_owned(),
    ]
}

fn times(ats: &Ats<'_>) -> Vec<String> {
    let time = |time: Option<u32>| match time {
        Some(0) => "none".to_owned(),
        Some(us) => format!("{}.{:03} ms", us / 1000, us % 1000),
        None => "reserved".to_owned(),
    };
    vec![
        format!("FWI = {}: frame waiting time {}", ats.fwi(), time(ats.frame_waiting_time_us())),
        format!("SFGI = {}: guard time after the ATS {}", ats.sfgi(), time(ats.guard_time_us())),
    ]
}

fn addresses(ats: &Ats<'_>) -> Vec<String> {
    let line = |name: &str, supported| format!("{name} {}", if supported { "supported" } else { "not supported" });
    vec![line("CID", ats.supports_cid()), line("NAD", ats.supports_nad())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Shown;
    use tapcard_transport::Masked;

    fn nodes(ats: &str) -> Vec<Node> {
        let octets = hex::decode(ats).unwrap();
        let shown = Shown::new(&Masked::plain(&octets));
        explain(shown.field(&octets)).0
    }

    #[test]
    fn every_byte_says_what_it_means() {
        let found = nodes("0A7880800220638083059000"[..20].into());
        assert_eq!(found[1].means, ["TA(1), TB(1), TC(1) follow", "FSCI = 8: frames of up to 256 bytes"]);
        assert_eq!(found[2].means[2], "both directions must be equally fast");
        assert_eq!(
            found[3].means,
            ["FWI = 8: frame waiting time 77.328 ms", "SFGI = 0: guard time after the ATS none"]
        );
        assert_eq!(found[4].means, ["CID supported", "NAD not supported"]);
        assert_eq!(found[5].offset, 5);
    }

    #[test]
    fn what_is_absent_has_a_meaning_too() {
        let found = nodes("01");
        assert_eq!(found[1].means, ["absent: frames of up to 32 bytes"]);
        assert_eq!(found[2].means[0], "absent, so from the card 106 kbit/s");
        assert_eq!(found[3].means[0], "absent, so FWI = 4: frame waiting time 4.833 ms");
    }
}
