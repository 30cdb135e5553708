//! Card transaction qualifiers (`9F6C`; EMV Contactless C-3 and C-7, Annex A).

super::bit_field! {
    /// What a contactless card asks of the reader (`9F6C`). Going online and switching presuppose that the reader can.
    Ctq(2) {
        online_pin_required ONLINE_PIN_REQUIRED 1 0x80 "online PIN required";
        signature_required SIGNATURE_REQUIRED 1 0x40 "signature required";
        online_if_oda_fails ONLINE_IF_ODA_FAILS 1 0x20 "go online if offline data authentication fails";
        /// Kernel 7 is said to terminate instead; **unconfirmed**.
        switch_if_oda_fails SWITCH_IF_ODA_FAILS 1 0x10 "switch interface if offline data authentication fails";
        online_if_expired ONLINE_IF_EXPIRED 1 0x08 "go online if the application has expired";
        switch_for_cash SWITCH_FOR_CASH 1 0x04 "switch interface for cash";
        switch_for_cashback SWITCH_FOR_CASHBACK 1 0x02 "switch interface for cashback";
        consumer_device_cvm_performed CONSUMER_DEVICE_CVM_PERFORMED 2 0x80 "consumer device CVM performed";
        issuer_update ISSUER_UPDATE 2 0x40 "issuer update processing at the point of sale";
    }
}

#[cfg(test)]
mod tests {
    use super::Ctq;

    #[test]
    fn a_card_that_goes_online_on_trouble_says_so() {
        let ctq = Ctq::new([0x28, 0x00]);
        assert!(ctq.online_if_oda_fails() && ctq.online_if_expired());
        assert!(!ctq.online_pin_required() && !ctq.consumer_device_cvm_performed());
    }
}
