//! What a terminal is and can do (`9F33`, `9F35`, `9F40`; EMV 4.4 Book 4, Annex A1 to A3).

super::bit_field! {
    /// Card data input, cardholder verification and security (`9F33`).
    TerminalCapabilities(3) {
        manual_key_entry MANUAL_KEY_ENTRY 1 0x80 "manual key entry";
        magnetic_stripe MAGNETIC_STRIPE 1 0x40 "magnetic stripe";
        ic_with_contacts IC_WITH_CONTACTS 1 0x20 "IC with contacts";
        plaintext_pin PLAINTEXT_PIN 2 0x80 "plaintext PIN for ICC verification";
        online_pin ONLINE_PIN 2 0x40 "enciphered PIN for online verification";
        signature SIGNATURE 2 0x20 "signature";
        enciphered_pin ENCIPHERED_PIN 2 0x10 "enciphered PIN for offline verification (RSA)";
        no_cvm NO_CVM 2 0x08 "no CVM required";
        enciphered_pin_ecc ENCIPHERED_PIN_ECC 2 0x01 "enciphered PIN for offline verification (ECC)";
        sda SDA 3 0x80 "SDA";
        dda DDA 3 0x40 "DDA";
        card_capture CARD_CAPTURE 3 0x20 "card capture";
        cda CDA 3 0x08 "CDA";
        xda XDA 3 0x04 "XDA";
    }
}

super::bit_field! {
    /// Transactions, keys and outputs (`9F40`).
    AdditionalTerminalCapabilities(5) {
        cash CASH 1 0x80 "cash";
        goods GOODS 1 0x40 "goods";
        services SERVICES 1 0x20 "services";
        cashback CASHBACK 1 0x10 "cashback";
        inquiry INQUIRY 1 0x08 "inquiry";
        transfer TRANSFER 1 0x04 "transfer";
        payment PAYMENT 1 0x02 "payment";
        administrative ADMINISTRATIVE 1 0x01 "administrative";
        cash_deposit CASH_DEPOSIT 2 0x80 "cash deposit";
        numeric_keys NUMERIC_KEYS 3 0x80 "numeric keys";
        alphabetic_keys ALPHABETIC_KEYS 3 0x40 "alphabetic and special character keys";
        command_keys COMMAND_KEYS 3 0x20 "command keys";
        function_keys FUNCTION_KEYS 3 0x10 "function keys";
        print_attendant PRINT_ATTENDANT 4 0x80 "print, attendant";
        print_cardholder PRINT_CARDHOLDER 4 0x40 "print, cardholder";
        display_attendant DISPLAY_ATTENDANT 4 0x20 "display, attendant";
        display_cardholder DISPLAY_CARDHOLDER 4 0x10 "display, cardholder";
        code_table_10 CODE_TABLE_10 4 0x02 "code table 10";
        code_table_9 CODE_TABLE_9 4 0x01 "code table 9";
        code_table_8 CODE_TABLE_8 5 0x80 "code table 8";
        code_table_7 CODE_TABLE_7 5 0x40 "code table 7";
        code_table_6 CODE_TABLE_6 5 0x20 "code table 6";
        code_table_5 CODE_TABLE_5 5 0x10 "code table 5";
        code_table_4 CODE_TABLE_4 5 0x08 "code table 4";
        code_table_3 CODE_TABLE_3 5 0x04 "code table 3";
        code_table_2 CODE_TABLE_2 5 0x02 "code table 2";
        code_table_1 CODE_TABLE_1 5 0x01 "code table 1";
    }
}

/// Who controls a terminal: the tens digit of `9F35`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TerminalOwner {
    /// 1
    FinancialInstitution,
    /// 2
    Merchant,
    /// 3
    Cardholder,
}

/// Where a terminal stands and how it reaches the issuer (`9F35`, two digits; EMV 4.4 Book 4, Annex A1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TerminalType(u8);

impl TerminalType {
    /// Takes the octet of the value; `None` unless its digits are 1 to 3 and 1 to 6.
    #[must_use]
    pub const fn new(octet: u8) -> Option<Self> {
        match (octet >> 4, octet & 0x0F) {
            (1..=3, 1..=6) => Some(Self(octet)),
            _ => None,
        }
    }

    /// The octet of the value.
    #[must_use]
    pub const fn octet(self) -> u8 {
        self.0
    }

    /// Who controls it.
    #[must_use]
    pub const fn owner(self) -> TerminalOwner {
        match self.0 >> 4 {
            1 => TerminalOwner::FinancialInstitution,
            2 => TerminalOwner::Merchant,
            _ => TerminalOwner::Cardholder,
        }
    }

    /// Whether somebody attends the terminal.
    #[must_use]
    pub const fn is_attended(self) -> bool {
        self.0 & 0x0F <= 3
    }

    /// Whether every transaction goes online.
    #[must_use]
    pub const fn is_online_only(self) -> bool {
        matches!(self.0 & 0x0F, 1 | 4)
    }

    /// Whether no transaction goes online.
    #[must_use]
    pub const fn is_offline_only(self) -> bool {
        matches!(self.0 & 0x0F, 3 | 6)
    }

    /// Whether it is an ATM: types 14 to 16 that give cash.
    #[must_use]
    pub fn is_atm(self, additional: AdditionalTerminalCapabilities) -> bool {
        matches!(self.0, 0x14..=0x16) && additional.cash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_digits_of_the_terminal_type_are_read() {
        let shop = TerminalType::new(0x22).unwrap();
        assert_eq!(shop.owner(), TerminalOwner::Merchant);
        assert!(shop.is_attended() && !shop.is_online_only() && !shop.is_offline_only());
        assert!(TerminalType::new(0x36).unwrap().is_offline_only());
        for octet in [0x00, 0x20, 0x27, 0x41, 0xFF] {
            assert_eq!(TerminalType::new(octet), None, "{octet:02X}");
        }
    }

    #[test]
    fn an_atm_is_unattended_belongs_to_a_bank_and_gives_cash() {
        let cash = AdditionalTerminalCapabilities::default().with(AdditionalTerminalCapabilities::CASH);
        assert!(TerminalType::new(0x14).unwrap().is_atm(cash));
        assert!(!TerminalType::new(0x14).unwrap().is_atm(AdditionalTerminalCapabilities::default()));
        assert!(!TerminalType::new(0x21).unwrap().is_atm(cash));
    }

    #[test]
    fn capabilities_are_read_by_name() {
        let capabilities = TerminalCapabilities::new([0xE0, 0xF8, 0xC8]);
        assert!(capabilities.ic_with_contacts() && capabilities.no_cvm() && capabilities.cda());
        assert!(!capabilities.xda() && !capabilities.enciphered_pin_ecc());
    }
}
