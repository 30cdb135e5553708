//! Field 70: what a network management message wants (ISO 8583:1987, 4.4.30).

/// A network management information code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NetworkAction {
    /// 001: sign-on.
    SignOn,
    /// 002: sign-off.
    SignOff,
    /// 101: change of a working key.
    KeyChange,
    /// 201: cutover to the next business day.
    Cutover,
    /// 301: echo test.
    Echo,
    /// Any other; above 999 it cannot be written.
    Other(u16),
}

impl NetworkAction {
    /// From the number of field 70.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        match code {
            1 => Self::SignOn,
            2 => Self::SignOff,
            101 => Self::KeyChange,
            201 => Self::Cutover,
            301 => Self::Echo,
            other => Self::Other(other),
        }
    }

    /// The number of field 70.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::SignOn => 1,
            Self::SignOff => 2,
            Self::KeyChange => 101,
            Self::Cutover => 201,
            Self::Echo => 301,
            Self::Other(code) => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_itself() {
        for code in 0..=1000 {
            assert_eq!(NetworkAction::new(code).code(), code);
        }
        assert_eq!(NetworkAction::new(301), NetworkAction::Echo);
    }
}
