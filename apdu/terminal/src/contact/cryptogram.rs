//! The answer to GENERATE AC, as a type that holds only what is well-formed (EMV 4.4 Book 3, 6.5.5.4; Book 2, 6.6).

use heapless::Vec;
use tapcard_emv::bits::AcType;
use tapcard_emv::{Cid, Tag, tag};
use tapcard_iso7816::{Tlvs, find};

/// Octets of the longest issuer application data.
const MAX_IAD: usize = 32;

/// What a card says in an answer to GENERATE AC.
#[derive(Clone)]
pub(super) struct Cryptogram {
    cid: [u8; 1],
    atc: [u8; 2],
    ac: Option<[u8; 8]>,
    iad: Vec<u8, MAX_IAD>,
    /// The answer has signed dynamic application data.
    pub(super) signed: bool,
}

impl Cryptogram {
    /// Reads the data of the R-APDU. `None`: neither template 80 nor 77, an object missing or of a wrong length.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut objects = Tlvs::new(data);
        let template = objects.next()?.ok()?;
        if !objects.rest().iter().all(|octet| *octet == 0) {
            return None;
        }
        match template.tag {
            tag::RESPONSE_TEMPLATE_1 => Self::format_1(template.value),
            tag::RESPONSE_TEMPLATE_2 => Self::format_2(template.value),
            _ => None,
        }
    }

    fn format_1(value: &[u8]) -> Option<Self> {
        let (head, iad) = value.split_first_chunk::<11>()?;
        let [cid, a1, a2, ac @ ..] = *head;
        let iad = Vec::from_slice(iad).ok()?;
        Some(Self { cid: [cid], atc: [a1, a2], ac: Some(ac), iad, signed: false })
    }

    fn format_2(value: &[u8]) -> Option<Self> {
        if Tlvs::new(value).any(|object| object.is_err()) {
            return None;
        }
        let signed = find(value, tag::SDAD).is_some();
        let ac = match find(value, tag::AC) {
            Some(ac) => Some(ac.try_into().ok()?),
            None if signed => None,
            None => return None,
        };
        Some(Self {
            cid: find(value, tag::CID)?.try_into().ok()?,
            atc: find(value, tag::ATC)?.try_into().ok()?,
            ac,
            iad: Vec::from_slice(find(value, tag::IAD).unwrap_or_default()).ok()?,
            signed,
        })
    }

    pub(super) fn cid(&self) -> Cid {
        let [octet] = self.cid;
        Cid::new(octet)
    }

    pub(super) fn kind(&self) -> AcType {
        self.cid().ac_type()
    }

    /// Takes the cryptogram out of verified signed data, which is where it counts (EMV 4.4 Book 2, 6.6.2).
    pub(super) fn set_ac(&mut self, ac: [u8; 8]) {
        self.ac = Some(ac);
    }

    pub(super) fn find(&self, wanted: Tag) -> Option<&[u8]> {
        Some(match wanted {
            tag::CID => &self.cid,
            tag::ATC => &self.atc,
            tag::AC => self.ac.as_ref()?,
            tag::IAD => &self.iad,
            _ => return None,
        })
    }
}

/// Whether a card may answer so (EMV 4.4 Book 3, 9.3: never more than was asked for).
pub(super) const fn is_allowed(asked: AcType, given: AcType) -> bool {
    matches!(
        (asked, given),
        (AcType::Tc, AcType::Tc | AcType::Arqc | AcType::Aac)
            | (AcType::Arqc, AcType::Arqc | AcType::Aac)
            | (AcType::Aac, AcType::Aac)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec as List;

    fn answer(data: &[u8]) -> Option<(AcType, Option<List<u8>>, usize, bool)> {
        let read = Cryptogram::parse(data)?;
        Some((read.kind(), read.find(tag::AC).map(<[u8]>::to_vec), read.iad.len(), read.signed))
    }

    #[test]
    fn both_formats_give_the_same() {
        let plain = [&[0x80, 0x0D, 0x80, 0x00, 0x32][..], &[9; 8], &[6, 1]].concat();
        let tagged = [
            &[0x77, 0x1A, 0x9F, 0x27, 1, 0x80, 0x9F, 0x36, 2, 0, 0x32, 0x9F, 0x26, 8][..],
            &[9; 8],
            &[0x9F, 0x10, 2, 6, 1],
            &[0],
        ];
        let expected = Some((AcType::Arqc, Some(vec![9; 8]), 2, false));
        assert_eq!(answer(&plain), expected);
        assert_eq!(answer(&tagged.concat()), expected);
    }

    #[test]
    fn an_answer_without_its_objects_is_none() {
        for data in [
            &[][..],
            &[0x80, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x77, 0x00],
            &[0x77, 0x09, 0x9F, 0x27, 1, 0x80, 0x9F, 0x36, 2, 0, 1],
            &[0x70, 0x00],
        ] {
            assert_eq!(answer(data), None);
        }
        assert_eq!(answer(&[&[0x80, 44][..], &[0; 44]].concat()), None, "33 octets of issuer data");
    }

    #[test]
    fn a_signed_answer_needs_no_cryptogram_outside() {
        let signed = [0x77, 0x0F, 0x9F, 0x27, 1, 0x40, 0x9F, 0x36, 2, 0, 1, 0x9F, 0x4B, 2, 0xAA, 0xBB, 0];
        assert_eq!(answer(&signed), Some((AcType::Tc, None, 0, true)));
    }

    #[test]
    fn a_card_may_lower_the_request_but_never_raise_it() {
        use AcType::{Aac, Arqc, Rfu, Tc};
        let allowed: List<_> = [Aac, Arqc, Tc, Rfu]
            .into_iter()
            .flat_map(|asked| [Aac, Arqc, Tc, Rfu].map(|given| (asked, given)))
            .filter(|(asked, given)| is_allowed(*asked, *given))
            .collect();
        assert_eq!(allowed, [(Aac, Aac), (Arqc, Aac), (Arqc, Arqc), (Tc, Aac), (Tc, Arqc), (Tc, Tc)]);
    }

    proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(data: List<u8>) {
            let _ = answer(&data);
        }
    }
}
