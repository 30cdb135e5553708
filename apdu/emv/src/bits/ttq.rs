//! Terminal transaction qualifiers (`9F66`; EMV Contactless C-3 and C-7, Annex A; JR/T 0025.12).

super::bit_field! {
    /// What a contactless reader can do and wants (`9F66`). PBOC reads qVSDC as qPBOC and VSDC as debit/credit over RF.
    Ttq(4) {
        msd MSD 1 0x80 "magnetic stripe data";
        full_flow FULL_FLOW 1 0x40 "full EMV flow over RF (VSDC, PBOC debit/credit)";
        emv_mode EMV_MODE 1 0x20 "EMV mode (qVSDC, qPBOC)";
        contact_chip CONTACT_CHIP 1 0x10 "EMV contact chip";
        offline_only OFFLINE_ONLY 1 0x08 "offline-only reader";
        online_pin ONLINE_PIN 1 0x04 "online PIN";
        signature SIGNATURE 1 0x02 "signature";
        oda_for_online ODA_FOR_ONLINE 1 0x01 "offline data authentication for online authorisations";
        online_cryptogram_required ONLINE_CRYPTOGRAM_REQUIRED 2 0x80 "online cryptogram required";
        cvm_required CVM_REQUIRED 2 0x40 "CVM required";
        contact_offline_pin CONTACT_OFFLINE_PIN 2 0x20 "contact chip offline PIN";
        issuer_update ISSUER_UPDATE 3 0x80 "issuer update processing";
        consumer_device_cvm CONSUMER_DEVICE_CVM 3 0x40 "consumer device CVM";
        fdda_01 FDDA_01 4 0x80 "fDDA version 01 (kernel 7)";
    }
}

#[cfg(test)]
mod tests {
    use super::Ttq;

    #[test]
    fn the_profiles_of_pboc_readers_are_read() {
        let full = Ttq::new([0x46, 0, 0, 0]);
        assert!(full.full_flow() && full.online_pin() && full.signature() && !full.emv_mode());
        let gate = Ttq::new([0x27, 0x80, 0x00, 0x80]);
        assert!(gate.emv_mode() && gate.oda_for_online() && gate.online_cryptogram_required() && gate.fdda_01());
    }
}
