//! Payment systems and purses, as far as they change the meaning of data objects.

/// Who defined the application on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Scheme {
    /// No scheme that is known here; general meanings only.
    #[default]
    Emv,
    /// UnionPay and PBOC (JR/T 0025), kernel 7.
    UnionPay,
    /// China T-Union (JT/T 978).
    TUnion,
    /// China City Union, the purse of the housing ministry.
    CityUnion,
    /// A city of China with a purse of its own (JR/T 0025.2).
    CityPurse,
    /// Visa, kernels 1 and 3.
    Visa,
    /// Mastercard and Maestro, kernel 2.
    Mastercard,
    /// American Express, kernel 4.
    Amex,
    /// JCB, kernel 5.
    Jcb,
    /// Discover and Diners Club, kernel 6.
    Discover,
    /// Interac, Canada.
    Interac,
    /// Cartes Bancaires, France.
    Cb,
    /// girocard, Germany.
    Girocard,
    /// Mir, Russia.
    Mir,
    /// RuPay, India.
    RuPay,
    /// eftpos, Australia.
    Eftpos,
    /// Dankort, Denmark.
    Dankort,
    /// PagoBANCOMAT, Italy.
    Bancomat,
    /// mada, Saudi Arabia.
    Mada,
    /// Verve, Nigeria.
    Verve,
    /// TROY, Türkiye.
    Troy,
    /// BankAxept, Norway.
    BankAxept,
    /// Korean transit purses of KS X 6924.
    KsX6924,
}

impl Scheme {
    /// The scheme on whose data objects this one builds: a transit purse of China on PBOC.
    #[must_use]
    pub const fn base(self) -> Option<Self> {
        match self {
            Self::CityUnion | Self::CityPurse => Some(Self::TUnion),
            Self::TUnion => Some(Self::UnionPay),
            _ => None,
        }
    }

    /// The name that people know.
    #[cfg(feature = "names")]
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emv => "EMV",
            Self::UnionPay => "UnionPay",
            Self::TUnion => "T-Union",
            Self::CityUnion => "City Union",
            Self::CityPurse => "City purse",
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::Amex => "American Express",
            Self::Jcb => "JCB",
            Self::Discover => "Discover",
            Self::Interac => "Interac",
            Self::Cb => "CB",
            Self::Girocard => "girocard",
            Self::Mir => "Mir",
            Self::RuPay => "RuPay",
            Self::Eftpos => "eftpos",
            Self::Dankort => "Dankort",
            Self::Bancomat => "PagoBANCOMAT",
            Self::Mada => "mada",
            Self::Verve => "Verve",
            Self::Troy => "TROY",
            Self::BankAxept => "BankAxept",
            Self::KsX6924 => "KS X 6924",
        }
    }
}

#[cfg(feature = "names")]
impl core::fmt::Display for Scheme {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_builds_on_pboc_and_a_chain_of_bases_ends() {
        assert_eq!(Scheme::CityUnion.base().and_then(Scheme::base), Some(Scheme::UnionPay));
        assert_eq!(Scheme::UnionPay.base(), None);
    }
}
