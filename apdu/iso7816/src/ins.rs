//! Instruction bytes: ISO/IEC 7816-4:2005, 5.1.2, table 4.2; EMV 4.4 Book 3, 6.5; JR/T 0025 for the purse.
//!
//! One table for all classes. Where two standards give one octet different names (`2A`, `D0`, `DC`), Cla decides; the
//! variant has the name of ISO.

macro_rules! instructions {
    ($($(#[$doc:meta])* $variant:ident = $octet:literal, $name:literal;)*) => {
        /// What a command asks for.
        ///
        /// ```
        /// use tapcard_iso7816::Ins;
        ///
        /// assert_eq!(Ins::from(0xB2), Ins::ReadRecord);
        /// assert_eq!(u8::from(Ins::Other(0xF2)), 0xF2);
        /// ```
        #[derive(Clone, Copy, Debug, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Ins {
            $($(#[$doc])* $variant,)*
            /// Any other instruction, as its octet.
            Other(u8),
        }

        impl Ins {
            /// Every instruction that has a name.
            pub const NAMED: &'static [Self] = &[$(Self::$variant,)*];

            /// The instruction of an octet.
            #[must_use]
            pub const fn from_octet(octet: u8) -> Self {
                match octet {
                    $($octet => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The octet.
            #[must_use]
            pub const fn octet(self) -> u8 {
                match self {
                    $(Self::$variant => $octet,)*
                    Self::Other(octet) => octet,
                }
            }

            /// The name in the standard's spelling, with the purse's name where one octet has two.
            #[cfg(feature = "names")]
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match Self::from_octet(self.octet()) {
                    $(Self::$variant => Some($name),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

instructions! {
    /// `04` DEACTIVATE FILE.
    DeactivateFile = 0x04, "DEACTIVATE FILE";
    /// `0C` ERASE RECORD.
    EraseRecord = 0x0C, "ERASE RECORD";
    /// `0E` ERASE BINARY.
    EraseBinary = 0x0E, "ERASE BINARY";
    /// `10` PERFORM SCQL OPERATION.
    PerformScqlOperation = 0x10, "PERFORM SCQL OPERATION";
    /// `12` PERFORM TRANSACTION OPERATION.
    PerformTransactionOperation = 0x12, "PERFORM TRANSACTION OPERATION";
    /// `14` PERFORM USER OPERATION.
    PerformUserOperation = 0x14, "PERFORM USER OPERATION";
    /// `16` CARD BLOCK (EMV).
    CardBlock = 0x16, "CARD BLOCK";
    /// `18` APPLICATION UNBLOCK (EMV).
    ApplicationUnblock = 0x18, "APPLICATION UNBLOCK";
    /// `1E` APPLICATION BLOCK (EMV).
    ApplicationBlock = 0x1E, "APPLICATION BLOCK";
    /// `20` VERIFY.
    Verify = 0x20, "VERIFY";
    /// `21` VERIFY with data in BER-TLV.
    VerifyTlv = 0x21, "VERIFY";
    /// `22` MANAGE SECURITY ENVIRONMENT.
    ManageSecurityEnvironment = 0x22, "MANAGE SECURITY ENVIRONMENT";
    /// `24` CHANGE REFERENCE DATA; EMV: PIN CHANGE/UNBLOCK.
    ChangeReferenceData = 0x24, "CHANGE REFERENCE DATA or PIN CHANGE/UNBLOCK";
    /// `26` DISABLE VERIFICATION REQUIREMENT.
    DisableVerification = 0x26, "DISABLE VERIFICATION REQUIREMENT";
    /// `28` ENABLE VERIFICATION REQUIREMENT.
    EnableVerification = 0x28, "ENABLE VERIFICATION REQUIREMENT";
    /// `2A` PERFORM SECURITY OPERATION; with Cla 80: COMPUTE CRYPTOGRAPHIC CHECKSUM (EMV Book C-2).
    PerformSecurityOperation = 0x2A, "PERFORM SECURITY OPERATION or COMPUTE CRYPTOGRAPHIC CHECKSUM";
    /// `2C` RESET RETRY COUNTER.
    ResetRetryCounter = 0x2C, "RESET RETRY COUNTER";
    /// `44` ACTIVATE FILE.
    ActivateFile = 0x44, "ACTIVATE FILE";
    /// `46` GENERATE ASYMMETRIC KEY PAIR.
    GenerateAsymmetricKeyPair = 0x46, "GENERATE ASYMMETRIC KEY PAIR";
    /// `50` INITIALIZE FOR LOAD, PURCHASE and so on by P1 (purse).
    Initialize = 0x50, "INITIALIZE FOR LOAD, PURCHASE, CASH WITHDRAWAL, UPDATE or UNLOAD";
    /// `52` CREDIT FOR LOAD (purse).
    CreditForLoad = 0x52, "CREDIT FOR LOAD";
    /// `54` DEBIT FOR PURCHASE, CASH WITHDRAWAL or UNLOAD by P1 (purse).
    Debit = 0x54, "DEBIT FOR PURCHASE, CASH WITHDRAWAL or UNLOAD";
    /// `58` UPDATE OVERDRAW LIMIT (purse).
    UpdateOverdrawLimit = 0x58, "UPDATE OVERDRAW LIMIT";
    /// `5A` GET TRANSACTION PROVE (purse).
    GetTransactionProve = 0x5A, "GET TRANSACTION PROVE";
    /// `5C` GET BALANCE (purse).
    GetBalance = 0x5C, "GET BALANCE";
    /// `5E` CHANGE PIN or RELOAD PIN by P1 (purse).
    ChangePin = 0x5E, "CHANGE PIN or RELOAD PIN";
    /// `70` MANAGE CHANNEL.
    ManageChannel = 0x70, "MANAGE CHANNEL";
    /// `82` EXTERNAL AUTHENTICATE.
    ExternalAuthenticate = 0x82, "EXTERNAL AUTHENTICATE";
    /// `84` GET CHALLENGE.
    GetChallenge = 0x84, "GET CHALLENGE";
    /// `86` GENERAL AUTHENTICATE.
    GeneralAuthenticate = 0x86, "GENERAL AUTHENTICATE";
    /// `87` GENERAL AUTHENTICATE with data in BER-TLV.
    GeneralAuthenticateTlv = 0x87, "GENERAL AUTHENTICATE";
    /// `88` INTERNAL AUTHENTICATE.
    InternalAuthenticate = 0x88, "INTERNAL AUTHENTICATE";
    /// `A0` SEARCH BINARY.
    SearchBinary = 0xA0, "SEARCH BINARY";
    /// `A1` SEARCH BINARY with data in BER-TLV.
    SearchBinaryTlv = 0xA1, "SEARCH BINARY";
    /// `A2` SEARCH RECORD.
    SearchRecord = 0xA2, "SEARCH RECORD";
    /// `A4` SELECT.
    Select = 0xA4, "SELECT";
    /// `A8` GET PROCESSING OPTIONS (EMV).
    GetProcessingOptions = 0xA8, "GET PROCESSING OPTIONS";
    /// `AE` GENERATE AC (EMV).
    GenerateAc = 0xAE, "GENERATE AC";
    /// `B0` READ BINARY.
    ReadBinary = 0xB0, "READ BINARY";
    /// `B1` READ BINARY with data in BER-TLV.
    ReadBinaryTlv = 0xB1, "READ BINARY";
    /// `B2` READ RECORD.
    ReadRecord = 0xB2, "READ RECORD";
    /// `B3` READ RECORD with data in BER-TLV.
    ReadRecordTlv = 0xB3, "READ RECORD";
    /// `C0` GET RESPONSE.
    GetResponse = 0xC0, "GET RESPONSE";
    /// `C2` ENVELOPE.
    Envelope = 0xC2, "ENVELOPE";
    /// `C3` ENVELOPE with data in BER-TLV.
    EnvelopeTlv = 0xC3, "ENVELOPE";
    /// `CA` GET DATA.
    GetData = 0xCA, "GET DATA";
    /// `CB` GET DATA with data in BER-TLV.
    GetDataTlv = 0xCB, "GET DATA";
    /// `D0` WRITE BINARY; with Cla 80: RECOVER AC (EMV Book C-2).
    WriteBinary = 0xD0, "WRITE BINARY or RECOVER AC";
    /// `D1` WRITE BINARY with data in BER-TLV.
    WriteBinaryTlv = 0xD1, "WRITE BINARY";
    /// `D2` WRITE RECORD.
    WriteRecord = 0xD2, "WRITE RECORD";
    /// `D6` UPDATE BINARY.
    UpdateBinary = 0xD6, "UPDATE BINARY";
    /// `D7` UPDATE BINARY with data in BER-TLV.
    UpdateBinaryTlv = 0xD7, "UPDATE BINARY";
    /// `DA` PUT DATA.
    PutData = 0xDA, "PUT DATA";
    /// `DB` PUT DATA with data in BER-TLV.
    PutDataTlv = 0xDB, "PUT DATA";
    /// `DC` UPDATE RECORD; with Cla 80: UPDATE CAPP DATA CACHE (purse).
    UpdateRecord = 0xDC, "UPDATE RECORD or UPDATE CAPP DATA CACHE";
    /// `DD` UPDATE RECORD with data in BER-TLV.
    UpdateRecordTlv = 0xDD, "UPDATE RECORD";
    /// `E0` CREATE FILE.
    CreateFile = 0xE0, "CREATE FILE";
    /// `E2` APPEND RECORD.
    AppendRecord = 0xE2, "APPEND RECORD";
    /// `E4` DELETE FILE.
    DeleteFile = 0xE4, "DELETE FILE";
    /// `E6` TERMINATE DF.
    TerminateDf = 0xE6, "TERMINATE DF";
    /// `E8` TERMINATE EF.
    TerminateEf = 0xE8, "TERMINATE EF";
    /// `EA` EXCHANGE RELAY RESISTANCE DATA (EMV Book C-2).
    ExchangeRelayResistanceData = 0xEA, "EXCHANGE RELAY RESISTANCE DATA";
    /// `FE` TERMINATE CARD USAGE.
    TerminateCardUsage = 0xFE, "TERMINATE CARD USAGE";
}

/// Octets decide: `Ins::Other(0xA4)` is [`Ins::Select`].
impl PartialEq for Ins {
    fn eq(&self, other: &Self) -> bool {
        self.octet() == other.octet()
    }
}

impl From<u8> for Ins {
    fn from(octet: u8) -> Self {
        Self::from_octet(octet)
    }
}

impl From<Ins> for u8 {
    fn from(ins: Ins) -> Self {
        ins.octet()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_comes_back() {
        for octet in 0..=u8::MAX {
            assert_eq!(Ins::from_octet(octet).octet(), octet);
            assert_eq!(Ins::from(octet), Ins::Other(octet));
        }
    }

    #[test]
    fn the_named_instructions_have_octets_of_their_own_in_order() {
        assert!(Ins::NAMED.windows(2).all(|pair| pair[0].octet() < pair[1].octet()));
        assert!(Ins::NAMED.iter().all(|ins| !matches!(Ins::from(ins.octet()), Ins::Other(_))));
    }

    #[cfg(feature = "names")]
    #[test]
    fn a_name_belongs_to_the_octet() {
        assert_eq!(Ins::Other(0xB2).name(), Some("READ RECORD"));
        assert_eq!(Ins::Other(0xF2).name(), None);
    }
}
