//! The card's data objects of one attempt, in the caller's buffer.
//!
//! Records that take part in offline data authentication are kept in reading order from the front, because their octets are
//! hashed as they came; everything else is kept from the back. The host's scripts go between the two when the records are
//! read. EMV 4.4 Book 3, 10.2 (records), 10.3 (static data to be authenticated).

use tapcard_emv::{lookup, tag};
use tapcard_iso7816::{Tag, Tlv, Tlvs};

use super::outcome::Reason;

/// Objects of fixed meaning that the kernel reads: a wrong length ends the transaction (EMV 4.4 Book 3, 7.5).
const CHECKED: [Tag; 17] = [
    tag::AIP,
    tag::APPLICATION_VERSION,
    tag::AUC,
    tag::EXPIRATION_DATE,
    tag::EFFECTIVE_DATE,
    tag::ISSUER_COUNTRY_CODE,
    tag::PAN,
    tag::PSN,
    tag::APPLICATION_CURRENCY_CODE,
    tag::IAC_DEFAULT,
    tag::IAC_DENIAL,
    tag::IAC_ONLINE,
    tag::LOWER_CONSECUTIVE_OFFLINE_LIMIT,
    tag::UPPER_CONSECUTIVE_OFFLINE_LIMIT,
    tag::CA_PUBLIC_KEY_INDEX,
    tag::ISSUER_PUBLIC_KEY_EXPONENT,
    tag::ICC_PUBLIC_KEY_EXPONENT,
];

/// Objects that every application must have (EMV 4.4 Book 3, 7.2).
const MANDATORY: [Tag; 4] = [tag::EXPIRATION_DATE, tag::PAN, tag::CDOL1, tag::CDOL2];

/// The store; see the [module](self).
pub(super) struct CardData<'t> {
    room: &'t mut [u8],
    /// Where the records for authentication end.
    signed: usize,
    /// Where the host's answer ends, which begins at `signed`.
    host: usize,
    /// Where everything else begins.
    plain: usize,
}

impl<'t> CardData<'t> {
    pub(super) fn new(room: &'t mut [u8]) -> Self {
        let plain = room.len();
        Self { room, signed: 0, host: 0, plain }
    }

    /// Forgets an earlier attempt.
    pub(super) fn clear(&mut self) {
        self.room.fill(0);
        (self.signed, self.host, self.plain) = (0, 0, self.room.len());
    }

    /// Keeps objects of an FCI or of the answer to GET PROCESSING OPTIONS.
    pub(super) fn add(&mut self, objects: &[u8]) -> Result<(), Reason> {
        let start = self.plain.checked_sub(objects.len()).filter(|start| *start >= self.host);
        let start = start.ok_or(Reason::TooMuchData)?;
        if let Some(place) = self.room.get_mut(start..self.plain) {
            place.copy_from_slice(objects);
        }
        self.plain = start;
        Ok(())
    }

    /// Keeps a record; `signed` are the octets of it that are authenticated, `objects` the content of its template 70.
    pub(super) fn add_record(&mut self, objects: &[u8], signed: Option<&[u8]>) -> Result<(), Reason> {
        self.check_single(objects)?;
        let Some(octets) = signed else { return self.add(objects) };
        let end = self.signed + octets.len();
        if end > self.plain {
            return Err(Reason::TooMuchData);
        }
        if let Some(place) = self.room.get_mut(self.signed..end) {
            place.copy_from_slice(octets);
        }
        (self.signed, self.host) = (end, end);
        Ok(())
    }

    /// No primitive object may stand twice, in one record or in two (EMV 4.4 Book 3, 10.2).
    fn check_single(&self, objects: &[u8]) -> Result<(), Reason> {
        for object in Tlvs::new(objects) {
            let object = object.map_err(|_| Reason::CardData)?;
            if object.is_constructed() || object.value.is_empty() {
                continue;
            }
            let same = |other: &Tlv<'_>| other.tag == object.tag && !other.value.is_empty();
            let here = Tlvs::new(objects).flatten().filter(same).count();
            if here > 1 || self.find(object.tag).is_some() {
                return Err(Reason::DataTwice);
            }
        }
        Ok(())
    }

    /// Keeps the host's answer; whether it fits.
    pub(super) fn keep_host(&mut self, answer: &[u8]) -> bool {
        let end = self.signed + answer.len();
        if end > self.plain {
            return false;
        }
        if let Some(place) = self.room.get_mut(self.signed..end) {
            place.copy_from_slice(answer);
        }
        self.host = end;
        true
    }

    /// The host's answer.
    pub(super) fn host(&self) -> &[u8] {
        self.room.get(self.signed..self.host).unwrap_or_default()
    }

    /// The records that are authenticated, as they are hashed.
    pub(super) fn signed(&self) -> &[u8] {
        self.room.get(..self.signed).unwrap_or_default()
    }

    /// The value of a primitive object; an empty one counts as absent.
    pub(super) fn find(&self, wanted: Tag) -> Option<&[u8]> {
        let is_it = |object: &Tlv<'_>| object.tag == wanted && !object.value.is_empty();
        let plain = self.room.get(self.plain..).unwrap_or_default();
        for region in [self.signed(), plain] {
            for object in Tlvs::new(region).flatten() {
                if is_it(&object) {
                    return Some(object.value);
                }
                // Records of files 11 to 30 are kept with their template around them.
                if object.tag == tag::READ_RECORD_TEMPLATE
                    && let Some(found) = object.children().flatten().find(is_it)
                {
                    return Some(found.value);
                }
            }
        }
        None
    }

    /// Checks what was read as a whole.
    pub(super) fn check(&self) -> Result<(), Reason> {
        if MANDATORY.iter().any(|wanted| self.find(*wanted).is_none()) {
            return Err(Reason::DataMissing);
        }
        let fits = |wanted: &Tag| {
            let Some(value) = self.find(*wanted) else { return true };
            lookup(*wanted).is_none_or(|object| object.accepts_length(value.len()))
        };
        if CHECKED.iter().all(fits) { Ok(()) } else { Err(Reason::CardData) }
    }
}

/// The buffer is the caller's, and what stood in it is the cardholder's.
impl Drop for CardData<'_> {
    fn drop(&mut self) {
        self.room.fill(0);
        core::hint::black_box(&self.room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAN: &[u8] = &[0x5A, 0x02, 0x12, 0x34];

    #[test]
    fn records_for_authentication_stay_in_order_and_all_objects_are_found() {
        let mut room = [0; 64];
        let mut data = CardData::new(&mut room);
        data.add(&[0x82, 0x02, 0x1C, 0x00]).unwrap();
        data.add_record(PAN, Some(PAN)).unwrap();
        data.add_record(&[0x9F, 0x42, 0x02, 0x01, 0x56], None).unwrap();
        let whole = [0x70, 0x03, 0x9F, 0x7C, 0x00, 0x70, 0x04, 0xDF, 0x60, 0x01, 0x07];
        data.add_record(&[0xDF, 0x60, 0x01, 0x07], Some(&whole[5..])).unwrap();
        assert_eq!(data.signed(), [PAN, &whole[5..]].concat());
        assert_eq!(data.find(tag::AIP), Some(&[0x1C, 0x00][..]));
        assert_eq!(data.find(Tag::new(0xDF60)), Some(&[7][..]));
        assert_eq!(data.find(tag::APPLICATION_CURRENCY_CODE), Some(&[1, 0x56][..]));
        data.clear();
        assert_eq!((data.find(tag::PAN), data.signed().len()), (None, 0));
    }

    #[test]
    fn an_object_may_stand_once_in_all_records() {
        let mut room = [0; 64];
        let mut data = CardData::new(&mut room);
        data.add_record(PAN, None).unwrap();
        assert_eq!(data.add_record(PAN, Some(PAN)), Err(Reason::DataTwice));
        assert_eq!(data.add_record(&[0x8F, 1, 1, 0x8F, 1, 1], None), Err(Reason::DataTwice));
        assert_eq!(data.add_record(&[0x8F, 1, 1, 0x8F, 0], None), Ok(()), "an empty one is absent");
        assert_eq!(data.add_record(&[0x9F], None), Err(Reason::CardData));
    }

    #[test]
    fn a_card_that_has_more_data_than_room_is_refused() {
        let mut room = [0; 8];
        let mut data = CardData::new(&mut room);
        data.add_record(PAN, Some(PAN)).unwrap();
        assert_eq!(data.add(&[0x57, 0x03, 1, 2, 3]), Err(Reason::TooMuchData));
        assert!(!data.keep_host(&[0; 5]) && data.keep_host(&[1; 4]));
        assert_eq!(data.host(), [1; 4]);
        assert_eq!(data.add_record(&[0x8F, 0x01, 0x01], Some(&[0; 9])), Err(Reason::TooMuchData));
    }

    #[test]
    fn nothing_of_the_card_stays_in_the_buffer() {
        let mut room = [0; 8];
        let mut data = CardData::new(&mut room);
        data.add_record(PAN, None).unwrap();
        drop(data);
        assert_eq!(room, [0; 8]);
    }

    #[test]
    fn what_is_missing_and_what_is_malformed_are_told_apart() {
        let mut room = [0; 128];
        let mut data = CardData::new(&mut room);
        data.add_record(&[0x5F, 0x24, 3, 0x31, 0x12, 0x31, 0x8C, 1, 0, 0x8D, 1, 0], None).unwrap();
        assert_eq!(data.check(), Err(Reason::DataMissing));
        data.add_record(PAN, None).unwrap();
        assert_eq!(data.check(), Ok(()));
        data.add_record(&[0x9F, 0x0D, 4, 0, 0, 0, 0], None).unwrap();
        assert_eq!(data.check(), Err(Reason::CardData));
    }
}
