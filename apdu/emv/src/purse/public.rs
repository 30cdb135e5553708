//! Serial number, validity, issuer and city out of the files of a purse.

use core::fmt;

use super::error::{PurseError, PurseErrorKind, field};
use super::is_blank;
use super::schema::{MAX_FILES, Purse, When};
use super::table::by_kind;
use crate::date::{Date, DateError};

/// Octets of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct At {
    /// Number of the file in its description.
    pub file: u8,
    /// First octet.
    pub offset: u8,
    /// Octets.
    pub length: u8,
}

/// How a serial number is coded and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SerialForm {
    /// Half octets as they are.
    Digits,
    /// The same, without the first half octet.
    DigitsWithoutFirst,
    /// The same as [`SerialForm::Digits`], in groups of four.
    DigitsInFours,
    /// Four octets in binary, the least significant first.
    LittleEndian,
    /// The same, followed by a digit in brackets that makes the sum of all digits a multiple of ten.
    LittleEndianChecked,
    /// Four octets in binary, the most significant first.
    BigEndian,
}

/// How a date in a file is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum DateForm {
    /// Four octets YYYYMMDD.
    Yyyymmdd,
    /// Three octets YYMMDD.
    Yymmdd,
    /// Two octets YYMM.
    Yymm,
}

impl DateForm {
    fn read(self, octets: &[u8]) -> Result<Date, DateError> {
        match self {
            Self::Yyyymmdd => Date::from_yyyymmdd(octets),
            Self::Yymmdd => Date::from_yymmdd(octets),
            Self::Yymm => Date::from_yymm(octets),
        }
    }
}

/// What stands where in the files of a purse; `None`: the purse does not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublicLayout {
    /// Serial number.
    pub serial: Option<(At, SerialForm)>,
    /// First day of validity.
    pub valid_from: Option<(At, DateForm)>,
    /// Last day or month of validity.
    pub valid_to: Option<(At, DateForm)>,
    /// Issuer.
    pub issuer: Option<At>,
    /// City.
    pub city: Option<At>,
    /// Application type.
    pub application_type: Option<At>,
    /// Application version.
    pub application_version: Option<At>,
    /// Octets of the issuer behind the fixed fields.
    pub issuer_data: Option<At>,
    /// How many trips were made, behind a flag.
    pub trips: Option<At>,
}

impl PublicLayout {
    /// Nothing.
    pub const EMPTY: Self = Self {
        serial: None,
        valid_from: None,
        valid_to: None,
        issuer: None,
        city: None,
        application_type: None,
        application_version: None,
        issuer_data: None,
        trips: None,
    };
}

/// A serial number as the issuer prints it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Serial<'a> {
    octets: &'a [u8],
    form: SerialForm,
}

impl<'a> Serial<'a> {
    /// The octets as the card has them.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The number, where the serial is one in binary.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        let octets: [u8; 4] = self.octets.try_into().ok()?;
        match self.form {
            SerialForm::LittleEndian | SerialForm::LittleEndianChecked => Some(u32::from_le_bytes(octets)),
            SerialForm::BigEndian => Some(u32::from_be_bytes(octets)),
            SerialForm::Digits | SerialForm::DigitsWithoutFirst | SerialForm::DigitsInFours => None,
        }
    }

    fn halves(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.octets.iter().flat_map(|octet| crate::bcd::halves(*octet))
    }
}

impl fmt::Display for Serial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.number() {
            write!(f, "{number}")?;
            return match self.form {
                SerialForm::LittleEndianChecked => write!(f, "({})", check_digit(number)),
                _ => Ok(()),
            };
        }
        let skipped = usize::from(self.form == SerialForm::DigitsWithoutFirst);
        for (index, half) in self.halves().skip(skipped).enumerate() {
            if self.form == SerialForm::DigitsInFours && index > 0 && index % 4 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{half:X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Serial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the digits of `number` lack to the next multiple of ten.
const fn check_digit(number: u32) -> u32 {
    let (mut rest, mut sum) = (number, 0);
    while rest > 0 {
        sum += rest % 10;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}

/// The files of a purse as far as they were read, and what they say.
///
/// ```
/// use tapcard_emv::purse::{PublicData, PurseKind, by_kind};
///
/// let file = [
///     0x02, 0x00, 0x29, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 0x01, 0x03, 0x10, 0x47, 0x70, 0x04, 0x00, 0x67, 0x44, 0x28,
///     0x02, 0x20, 0x20, 0x01, 0x15, 0x20, 0x40, 0x12, 0x31, 0x01, 0x14,
/// ];
/// let data = PublicData::new(by_kind(PurseKind::TUnion), [Some(&file), None]);
/// assert_eq!(data.serial()?.unwrap().to_string(), "3104770040067442802");
/// assert_eq!(data.valid_to()?.unwrap().to_string(), "2040-12-31");
/// assert_eq!(data.city()?, Some(&[0x29, 0x00][..]));
/// # Ok::<(), tapcard_emv::purse::PurseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct PublicData<'a> {
    purse: &'static Purse,
    files: [Option<&'a [u8]>; MAX_FILES],
}

impl<'a> PublicData<'a> {
    /// These files of a purse, in the order of its description.
    #[must_use]
    pub const fn new(purse: &'static Purse, files: [Option<&'a [u8]>; MAX_FILES]) -> Self {
        Self { purse, files }
    }

    /// The purse, or the variant of it that its first file is of.
    #[must_use]
    pub fn purse(&self) -> &'static Purse {
        let [first, ..] = self.files;
        let Some(first) = first else { return self.purse };
        let applies = |when: When| match when {
            When::Octets(offset, octets) => first.get(usize::from(offset)..).is_some_and(|at| at.starts_with(octets)),
            When::Length(length) => first.len() == length,
        };
        let variant = self.purse.variants.iter().find(|variant| applies(variant.when));
        variant.map_or(self.purse, |variant| by_kind(variant.kind))
    }

    fn octets(&self, at: Option<At>) -> Result<Option<&'a [u8]>, PurseError> {
        let Some(at) = at else { return Ok(None) };
        let file = self.files.get(usize::from(at.file)).copied().flatten();
        file.map(|file| field(file, at.offset, at.length)).transpose()
    }

    /// The serial number.
    ///
    /// # Errors
    /// The file is too short.
    pub fn serial(&self) -> Result<Option<Serial<'a>>, PurseError> {
        let Some((at, form)) = self.purse().public.serial else { return Ok(None) };
        Ok(self.octets(Some(at))?.map(|octets| Serial { octets, form }))
    }

    /// The first day of validity; `None` also when it was never written.
    ///
    /// # Errors
    /// The file is too short, or the octets are no date.
    pub fn valid_from(&self) -> Result<Option<Date>, PurseError> {
        self.date(self.purse().public.valid_from)
    }

    /// The last day or month of validity; `None` also when it was never written.
    ///
    /// # Errors
    /// The file is too short, or the octets are no date.
    pub fn valid_to(&self) -> Result<Option<Date>, PurseError> {
        self.date(self.purse().public.valid_to)
    }

    fn date(&self, date: Option<(At, DateForm)>) -> Result<Option<Date>, PurseError> {
        let Some((at, form)) = date else { return Ok(None) };
        let Some(octets) = self.octets(Some(at))?.filter(|octets| !is_blank(octets)) else { return Ok(None) };
        let date = form.read(octets).map_err(|error| date_error(error, usize::from(at.offset)));
        date.map(Some)
    }

    /// The issuer.
    ///
    /// # Errors
    /// The file is too short.
    pub fn issuer(&self) -> Result<Option<&'a [u8]>, PurseError> {
        self.octets(self.purse().public.issuer)
    }

    /// The city.
    ///
    /// # Errors
    /// The file is too short.
    pub fn city(&self) -> Result<Option<&'a [u8]>, PurseError> {
        self.octets(self.purse().public.city)
    }

    /// The type of the application: 02 on every EP seen. That 01 is ED and 03 both is **unconfirmed**.
    ///
    /// # Errors
    /// The file is too short.
    pub fn application_type(&self) -> Result<Option<&'a [u8]>, PurseError> {
        self.octets(self.purse().public.application_type)
    }

    /// The version of the application.
    ///
    /// # Errors
    /// The file is too short.
    pub fn application_version(&self) -> Result<Option<&'a [u8]>, PurseError> {
        self.octets(self.purse().public.application_version)
    }

    /// What the issuer put behind the fixed fields.
    ///
    /// # Errors
    /// The file is too short.
    pub fn issuer_data(&self) -> Result<Option<&'a [u8]>, PurseError> {
        self.octets(self.purse().public.issuer_data)
    }

    /// How many trips were made, and the flag before that number.
    ///
    /// # Errors
    /// The file is too short.
    pub fn trips(&self) -> Result<Option<(u8, u32)>, PurseError> {
        Ok(self.octets(self.purse().public.trips)?.and_then(|octets| {
            let (flag, count) = octets.split_first()?;
            Some((*flag, u32::from_be_bytes(count.try_into().ok()?)))
        }))
    }
}

/// The first octet of the date says where, and the digit that is none more exactly.
pub(super) fn date_error(error: DateError, offset: usize) -> PurseError {
    match error {
        DateError::Digits(digits) => PurseError::new(PurseErrorKind::Digits(digits.kind), offset + digits.offset),
        other => PurseError::new(PurseErrorKind::Date(other), offset),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PurseKind, purses};
    use super::*;
    use crate::bcd::BcdErrorKind;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    /// `cityunion`-like file: city 2000 is Shanghai.
    fn city_union(city: [u8; 2]) -> [u8; 30] {
        let mut file = [0; 30];
        file[2..4].copy_from_slice(&city);
        file[16..20].copy_from_slice(&[0x01, 0x02, 0x03, 0x04]);
        file
    }

    fn data(kind: PurseKind, file: &[u8]) -> PublicData<'_> {
        PublicData::new(by_kind(kind), [Some(file), None])
    }

    #[test]
    fn shanghai_turns_the_serial_of_city_union_round() {
        let (shanghai, other) = (city_union([0x20, 0x00]), city_union([0x71, 0x00]));
        let serial = |file| data(PurseKind::CityUnion, file).serial().unwrap().unwrap().number();
        assert_eq!((serial(&shanghai), serial(&other)), (Some(0x0102_0304), Some(0x0403_0201)));
        assert_eq!(data(PurseKind::CityUnion, &shanghai).purse().kind, PurseKind::CityUnionShanghai);
    }

    #[test]
    fn shenzhen_adds_a_check_digit() {
        let mut file = [0; 32];
        file[16..20].copy_from_slice(&[0xD6, 0x3C, 0x1D, 0x29]);
        let serial = data(PurseKind::Shenzhen, &file).serial().unwrap().unwrap();
        assert_eq!((serial.number(), serial.to_string().as_str()), (Some(689_781_974), "689781974(1)"));
        // The same file under the identifier that every EP has.
        assert_eq!(data(PurseKind::Ep, &file).purse().kind, PurseKind::Shenzhen);
        assert_eq!((check_digit(0), check_digit(55), check_digit(9)), (0, 0, 1));
    }

    #[test]
    fn a_file_that_is_too_short_says_what_is_missing() {
        let error = PurseError::new(PurseErrorKind::TooShort { needed: 20, found: 12 }, 10);
        assert_eq!(data(PurseKind::TUnion, &[0; 12]).serial(), Err(error));
        assert_eq!(PublicData::new(by_kind(PurseKind::TUnion), [None, None]).serial(), Ok(None));
    }

    #[test]
    fn dates_that_were_never_written_are_none_and_bad_ones_say_where() {
        let mut file = [0xFF; 30];
        assert_eq!(data(PurseKind::TUnion, &file).valid_from(), Ok(None));
        file[20..24].copy_from_slice(&[0x20, 0x20, 0x1A, 0x01]);
        let digit = BcdErrorKind::NotADigit { value: 0xA, low: true };
        assert_eq!(
            data(PurseKind::TUnion, &file).valid_from(),
            Err(PurseError::new(PurseErrorKind::Digits(digit), 22))
        );
        file[20..24].copy_from_slice(&[0x20, 0x20, 0x13, 0x01]);
        let month = PurseErrorKind::Date(DateError::Month(13));
        assert_eq!(data(PurseKind::TUnion, &file).valid_from(), Err(PurseError::new(month, 20)));
    }

    proptest! {
        #[test]
        fn no_files_make_the_readers_panic(first: Vec<u8>, second: Vec<u8>) {
            for purse in purses() {
                let data = PublicData::new(purse, [Some(&first), Some(&second)]);
                let _ = data.serial().map(|serial| serial.map(|serial| serial.to_string()));
                let _ = (data.valid_from(), data.valid_to(), data.issuer(), data.city(), data.trips());
                let _ = (data.application_type(), data.application_version(), data.issuer_data());
            }
        }
    }
}
