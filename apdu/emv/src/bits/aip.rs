//! Application interchange profile (`82`; EMV 4.4 Book 3, Annex C1; EMV Contactless C-2, Annex A).

super::bit_field! {
    /// What the application on the card can do (`82`).
    Aip(2) {
        xda XDA 1 0x80 "XDA";
        sda SDA 1 0x40 "SDA";
        dda DDA 1 0x20 "DDA";
        cardholder_verification CARDHOLDER_VERIFICATION 1 0x10 "cardholder verification";
        terminal_risk_management TERMINAL_RISK_MANAGEMENT 1 0x08 "terminal risk management is to be performed";
        issuer_authentication ISSUER_AUTHENTICATION 1 0x04 "issuer authentication with EXTERNAL AUTHENTICATE";
        on_device_cvm ON_DEVICE_CVM 1 0x02 "on-device cardholder verification (kernel 2)";
        cda CDA 1 0x01 "CDA";
        /// The two kernels give the bit opposite senses.
        emv_mode EMV_MODE 2 0x80 "EMV mode (kernel 2) or magnetic stripe data (kernel 3)";
        relay_resistance RELAY_RESISTANCE 2 0x01 "relay resistance protocol (kernel 2)";
    }
}

#[cfg(test)]
mod tests {
    use super::Aip;

    #[test]
    fn the_usual_pboc_profiles_are_read() {
        let credit = Aip::new([0x7C, 0x00]);
        assert!(credit.sda() && credit.dda() && credit.cardholder_verification() && credit.issuer_authentication());
        assert!(!credit.cda() && !credit.xda());
        assert!(Aip::new([0x7D, 0x00]).cda());
    }
}
