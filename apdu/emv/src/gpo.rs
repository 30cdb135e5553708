//! The answer to GET PROCESSING OPTIONS (EMV 4.4 Book 3, 6.5.8).
//!
//! Template 80 holds AIP and AFL without tags; template 77 holds data objects, and contactless cards put the whole
//! result of a transaction there. Whether the AFL may be missing depends on the kernel, so this is asked for with
//! [`GpoAnswer::require_afl`]; the rules of the AFL itself are in [`crate::afl`].

use crate::afl::{Afl, AflError};
use crate::bits::Aip;
use crate::tags::tag;
use tapcard_iso7816::{Tag, Tlv, TlvError, Tlvs};

/// Which template the card used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum GpoTemplate {
    /// `80`: AIP and AFL without tags.
    Format1,
    /// `77`: data objects.
    Format2,
}

/// A decoded answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpoAnswer<'a> {
    /// Which template the card used.
    pub template: GpoTemplate,
    /// Application interchange profile.
    pub aip: Aip,
    /// Application file locator, unchecked; `None` when the card gives none, as after an online decision over RF.
    pub afl: Option<&'a [u8]>,
    /// The data objects of template 77; empty for template 80.
    pub objects: &'a [u8],
    /// Where `objects` begins in the answer.
    objects_offset: usize,
}

/// Why an answer cannot be used. Every kind ends the transaction (EMV 4.4 Book 3, 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum GpoError {
    /// The answer is empty.
    #[error("the answer has no data")]
    Empty,
    /// The answer is neither template 80 nor 77.
    #[error("template {found} instead of 80 or 77")]
    Template {
        /// Tag found.
        found: Tag,
    },
    /// Something follows the template.
    #[error("{count} octets follow the template at byte {offset}")]
    TrailingData {
        /// Where the template ends.
        offset: usize,
        /// Octets behind it.
        count: usize,
    },
    /// The coding of the template or of its objects is broken.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// Template 80 does not have the two octets of an AIP and a multiple of four for the AFL.
    #[error("{found} octets in template 80, not 2 and a multiple of 4")]
    Format1Length {
        /// Octets found.
        found: usize,
    },
    /// The AIP does not have two octets.
    #[error("AIP of {found} octets at byte {offset}")]
    AipLength {
        /// Octets found.
        found: usize,
        /// Where the object begins in the answer.
        offset: usize,
    },
    /// There is no AIP.
    #[error("the AIP is missing")]
    AipMissing,
    /// There is no AFL, and the caller needs one.
    #[error("the AFL is missing")]
    AflMissing,
    /// AIP or AFL stands twice.
    #[error("{tag} stands twice, again at byte {offset}")]
    Repeated {
        /// The object.
        tag: Tag,
        /// Where its second occurrence begins in the answer.
        offset: usize,
    },
    /// The AFL breaks a rule.
    #[error("AFL: {0}")]
    Afl(#[from] AflError),
}

impl<'a> GpoAnswer<'a> {
    /// Reads the data of the R-APDU, without SW1-SW2. Objects of length 0 count as absent.
    ///
    /// ```
    /// use tapcard_emv::gpo::{GpoAnswer, GpoTemplate};
    ///
    /// let answer = GpoAnswer::parse(&[0x80, 0x06, 0x7C, 0x00, 0x08, 0x01, 0x01, 0x00])?;
    /// assert_eq!(answer.template, GpoTemplate::Format1);
    /// assert!(answer.aip.dda());
    /// assert_eq!(answer.require_afl()?.record_count(), 1);
    /// # Ok::<(), tapcard_emv::gpo::GpoError>(())
    /// ```
    ///
    /// # Errors
    /// Anything but exactly one template with a readable AIP.
    pub fn parse(data: &'a [u8]) -> Result<Self, GpoError> {
        let mut objects = Tlvs::new(data);
        let template = objects.next().ok_or(GpoError::Empty)??;
        let answer = match template.tag {
            tag::RESPONSE_TEMPLATE_1 => Self::format_1(template.value),
            tag::RESPONSE_TEMPLATE_2 => Self::format_2(&template),
            found => Err(GpoError::Template { found }),
        }?;
        match objects.rest() {
            [] => Ok(answer),
            rest => Err(GpoError::TrailingData { offset: objects.offset(), count: rest.len() }),
        }
    }

    fn format_1(value: &'a [u8]) -> Result<Self, GpoError> {
        match value {
            [first, second, afl @ ..] if !afl.is_empty() && afl.len().is_multiple_of(4) => Ok(Self {
                template: GpoTemplate::Format1,
                aip: Aip::new([*first, *second]),
                afl: Some(afl),
                objects: &[],
                objects_offset: 0,
            }),
            _ => Err(GpoError::Format1Length { found: value.len() }),
        }
    }

    fn format_2(template: &Tlv<'a>) -> Result<Self, GpoError> {
        let mut aip = None;
        let mut afl = None;
        for object in template.children() {
            let object = object?;
            let slot = match object.tag {
                tag::AIP => &mut aip,
                tag::AFL => &mut afl,
                _ => continue,
            };
            if object.value.is_empty() {
                continue;
            }
            if slot.replace(object).is_some() {
                return Err(GpoError::Repeated { tag: object.tag, offset: object.offset });
            }
        }
        let aip = aip.ok_or(GpoError::AipMissing)?;
        let length = GpoError::AipLength { found: aip.value.len(), offset: aip.offset };
        Ok(Self {
            template: GpoTemplate::Format2,
            aip: Aip::from_slice(aip.value).ok_or(length)?,
            afl: afl.map(|afl| afl.value),
            objects: template.value,
            objects_offset: template.offset + template.header,
        })
    }

    /// The checked AFL.
    ///
    /// # Errors
    /// [`GpoError::AflMissing`] or [`GpoError::Afl`].
    pub fn require_afl(&self) -> Result<Afl<'a>, GpoError> {
        Ok(Afl::parse(self.afl.ok_or(GpoError::AflMissing)?)?)
    }

    /// The objects of template 77, with offsets counted from the start of the answer; none for template 80.
    #[must_use]
    pub const fn tlvs(&self) -> Tlvs<'a> {
        Tlvs::at(self.objects, self.objects_offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::afl::AflErrorKind;
    use proptest::prelude::*;
    use std::vec::Vec;
    use tapcard_iso7816::{TlvErrorKind, find};

    /// Answer of the log `qpboc-online-gpo`, without SW1-SW2.
    const QPBOC: &[u8] = &[
        0x77, 0x4F, 0x82, 0x02, 0x7C, 0x00, 0x9F, 0x36, 0x02, 0x0A, 0xDC, 0x57, 0x11, 0x62, 0x99, 0x99, 0x99, 0x99,
        0x99, 0x99, 0x99, 0xD2, 0x01, 0x12, 0x01, 0x01, 0x23, 0x45, 0x67, 0x89, 0x9F, 0x10, 0x13, 0x07, 0x01, 0x01,
        0x03, 0xA0, 0x00, 0x00, 0x01, 0x0A, 0x01, 0x00, 0x00, 0x03, 0x87, 0x87, 0x86, 0x8F, 0xD1, 0xFC, 0x9F, 0x26,
        0x08, 0xAD, 0x03, 0xEE, 0x81, 0x1A, 0xFA, 0xD4, 0x84, 0x5F, 0x34, 0x01, 0x00, 0x9F, 0x6C, 0x02, 0x00, 0x00,
        0x9F, 0x5D, 0x06, 0x00, 0x00, 0x00, 0x03, 0x87, 0x87,
    ];

    #[test]
    fn an_online_decision_over_rf_has_no_afl() {
        let answer = GpoAnswer::parse(QPBOC).unwrap();
        assert_eq!((answer.template, answer.aip.octets(), answer.afl), (GpoTemplate::Format2, [0x7C, 0x00], None));
        assert_eq!(answer.require_afl(), Err(GpoError::AflMissing));
        assert_eq!(find(answer.objects, tag::ATC), Some(&[0x0A, 0xDC][..]));
        assert_eq!(answer.tlvs().next().unwrap().unwrap().offset, 2);
        assert_eq!(answer.tlvs().count(), 8);
    }

    #[test]
    fn template_77_may_have_its_objects_in_any_order() {
        let data = [0x77, 0x0E, 0x94, 0x04, 8, 1, 1, 0, 0x9F, 0x36, 0x00, 0x82, 0x02, 0x20, 0x00, 0x00];
        let answer = GpoAnswer::parse(&data).unwrap();
        assert_eq!(answer.afl, Some(&[8, 1, 1, 0][..]));
        assert_eq!(answer.aip.octets(), [0x20, 0x00]);
    }

    #[test]
    fn template_80_needs_an_aip_and_whole_entries() {
        let error = |data: &[u8]| GpoAnswer::parse(data).unwrap_err();
        assert_eq!(error(&[0x80, 0x00]), GpoError::Format1Length { found: 0 });
        assert_eq!(error(&[0x80, 0x02, 0x7C, 0x00]), GpoError::Format1Length { found: 2 });
        assert_eq!(error(&[0x80, 0x05, 0x7C, 0x00, 8, 1, 1]), GpoError::Format1Length { found: 5 });
        assert_eq!(GpoAnswer::parse(&[0x80, 0x06, 0x7C, 0x00, 8, 1, 1, 0]).unwrap().tlvs().count(), 0);
    }

    #[test]
    fn what_is_no_answer_is_refused_with_its_reason() {
        let error = |data: &[u8]| GpoAnswer::parse(data).unwrap_err();
        assert_eq!(error(&[]), GpoError::Empty);
        assert_eq!(error(&[0x70, 0x00]), GpoError::Template { found: Tag::new(0x70) });
        assert_eq!(error(&[0x77, 0x00]), GpoError::AipMissing);
        assert_eq!(error(&[0x77, 0x02, 0x82, 0x00]), GpoError::AipMissing);
        assert_eq!(error(&[0x77, 0x03, 0x82, 0x01, 0x00]), GpoError::AipLength { found: 1, offset: 2 });
        let twice = [0x77, 0x08, 0x82, 0x02, 0, 0, 0x82, 0x02, 0, 0];
        assert_eq!(error(&twice), GpoError::Repeated { tag: tag::AIP, offset: 6 });
        let trailing = [0x80, 0x06, 0x7C, 0x00, 8, 1, 1, 0, 0x82, 0x00];
        assert_eq!(error(&trailing), GpoError::TrailingData { offset: 8, count: 2 });
    }

    #[test]
    fn broken_coding_and_a_broken_afl_are_told_apart() {
        let cut = GpoAnswer::parse(&QPBOC[..20]).unwrap_err();
        let kind = TlvErrorKind::TruncatedValue { needed: 79, left: 18 };
        assert!(matches!(cut, GpoError::Tlv(error) if error.kind == kind), "{cut:?}");
        let answer = GpoAnswer::parse(&[0x80, 0x06, 0x7C, 0x00, 9, 1, 1, 0]).unwrap();
        let kind = AflErrorKind::File { found: 9 };
        assert_eq!(answer.require_afl(), Err(GpoError::Afl(AflError { kind, offset: 0 })));
    }

    proptest! {
        #[test]
        fn every_cut_of_a_real_answer_is_an_error(len in 0..QPBOC.len()) {
            prop_assert!(GpoAnswer::parse(&QPBOC[..len]).is_err());
        }

        #[test]
        fn no_octets_make_the_reader_panic(data: Vec<u8>) {
            let _ = GpoAnswer::parse(&data).map(|answer| (answer.require_afl().is_ok(), answer.tlvs().count()));
        }
    }
}
