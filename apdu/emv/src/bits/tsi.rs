//! Transaction status information (`9B`; EMV 4.4 Book 3, Annex C6).

super::bit_field! {
    /// Which functions were performed (`9B`). Byte 2 is reserved.
    Tsi(2) {
        oda_performed ODA_PERFORMED 1 0x80 "offline data authentication was performed";
        cvm_performed CVM_PERFORMED 1 0x40 "cardholder verification was performed";
        card_risk_management_performed CARD_RISK_MANAGEMENT_PERFORMED 1 0x20 "card risk management was performed";
        issuer_authentication_performed ISSUER_AUTHENTICATION_PERFORMED 1 0x10 "issuer authentication was performed";
        terminal_risk_management_performed TERMINAL_RISK_MANAGEMENT_PERFORMED 1 0x08
            "terminal risk management was performed";
        script_processing_performed SCRIPT_PROCESSING_PERFORMED 1 0x04 "script processing was performed";
    }
}

#[cfg(test)]
mod tests {
    use super::Tsi;

    #[test]
    fn a_full_online_transaction_sets_all_but_scripts() {
        let tsi = Tsi::new([0xF8, 0x00]);
        assert!(tsi.oda_performed() && tsi.cvm_performed() && tsi.terminal_risk_management_performed());
        assert!(!tsi.script_processing_performed());
    }
}
