//! Terminal verification results (`95`) and the action codes compared with them (EMV 4.4 Book 3, Annex C5 and 10.7).

super::bit_field! {
    /// What the terminal found (`95`); issuer and terminal action codes have the same layout.
    ///
    /// The bits that EMV 4.4 added (XDA, biometrics, ECC) were RFU before; kernel 2 uses the lower half of byte 5 for
    /// relay resistance, EMV 4.4 two of those bits for ECC keys. The constants are named after kernel 2 there.
    Tvr(5) {
        oda_not_performed ODA_NOT_PERFORMED 1 0x80 "offline data authentication was not performed";
        sda_failed SDA_FAILED 1 0x40 "SDA failed";
        icc_data_missing ICC_DATA_MISSING 1 0x20 "ICC data missing";
        on_exception_file ON_EXCEPTION_FILE 1 0x10 "card is on the exception file";
        dda_failed DDA_FAILED 1 0x08 "DDA failed";
        cda_failed CDA_FAILED 1 0x04 "CDA failed";
        sda_selected SDA_SELECTED 1 0x02 "SDA selected";
        xda_selected XDA_SELECTED 1 0x01 "XDA selected";
        versions_differ VERSIONS_DIFFER 2 0x80 "card and terminal have different application versions";
        expired EXPIRED 2 0x40 "application has expired";
        not_yet_effective NOT_YET_EFFECTIVE 2 0x20 "application is not yet effective";
        service_not_allowed SERVICE_NOT_ALLOWED 2 0x10 "requested service is not allowed for the card";
        new_card NEW_CARD 2 0x08 "new card";
        biometric_successful BIOMETRIC_SUCCESSFUL 2 0x02 "biometric performed and successful";
        biometric_template_unsupported BIOMETRIC_TEMPLATE_UNSUPPORTED 2 0x01 "biometric template format not supported";
        cvm_failed CVM_FAILED 3 0x80 "cardholder verification was not successful";
        unrecognised_cvm UNRECOGNISED_CVM 3 0x40 "unrecognised CVM";
        pin_try_limit_exceeded PIN_TRY_LIMIT_EXCEEDED 3 0x20 "PIN try limit exceeded";
        pin_pad_not_working PIN_PAD_NOT_WORKING 3 0x10 "PIN required, but the PIN pad is absent or not working";
        pin_not_entered PIN_NOT_ENTERED 3 0x08 "PIN required and PIN pad present, but the PIN was not entered";
        online_pin_entered ONLINE_PIN_ENTERED 3 0x04 "online PIN entered";
        biometric_device_not_working BIOMETRIC_DEVICE_NOT_WORKING 3 0x02
            "biometric required, but the device is not working";
        biometric_bypassed BIOMETRIC_BYPASSED 3 0x01 "biometric required, but its entry was bypassed";
        floor_limit_exceeded FLOOR_LIMIT_EXCEEDED 4 0x80 "amount exceeds the floor limit";
        lower_offline_limit_exceeded LOWER_OFFLINE_LIMIT_EXCEEDED 4 0x40 "lower consecutive offline limit exceeded";
        upper_offline_limit_exceeded UPPER_OFFLINE_LIMIT_EXCEEDED 4 0x20 "upper consecutive offline limit exceeded";
        selected_randomly SELECTED_RANDOMLY 4 0x10 "selected randomly for online processing";
        merchant_forced_online MERCHANT_FORCED_ONLINE 4 0x08 "merchant forced the transaction online";
        biometric_try_limit_exceeded BIOMETRIC_TRY_LIMIT_EXCEEDED 4 0x04 "biometric try limit exceeded";
        biometric_type_unsupported BIOMETRIC_TYPE_UNSUPPORTED 4 0x02 "selected biometric type not supported";
        xda_failed XDA_FAILED 4 0x01 "XDA signature verification failed";
        default_tdol_used DEFAULT_TDOL_USED 5 0x80 "default TDOL used";
        issuer_authentication_failed ISSUER_AUTHENTICATION_FAILED 5 0x40 "issuer authentication failed";
        script_failed_before_ac SCRIPT_FAILED_BEFORE_AC 5 0x20 "script failed before the final GENERATE AC";
        script_failed_after_ac SCRIPT_FAILED_AFTER_AC 5 0x10 "script failed after the final GENERATE AC";
        rrp_threshold_exceeded RRP_THRESHOLD_EXCEEDED 5 0x08
            "relay resistance threshold exceeded, or CA ECC key missing (4.4)";
        rrp_time_limits_exceeded RRP_TIME_LIMITS_EXCEEDED 5 0x04
            "relay resistance time limits exceeded, or ECC key recovery failed (4.4)";
        rrp_performed RRP_PERFORMED 5 0x02 "relay resistance protocol performed";
        rrp_not_performed RRP_NOT_PERFORMED 5 0x01 "relay resistance protocol not performed";
    }
}

impl Tvr {
    /// Whether a bit is set in both, the test of terminal action analysis.
    #[must_use]
    pub fn intersects(self, action_code: Self) -> bool {
        self.0.iter().zip(action_code.0).any(|(results, code)| results & code != 0)
    }

    /// All bits of both: an issuer action code together with the terminal's.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        for (octet, more) in self.0.iter_mut().zip(other.0) {
            *octet |= more;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Tvr;

    #[test]
    fn action_codes_match_on_common_bits() {
        let tvr = Tvr::default().with(Tvr::EXPIRED);
        let iac = Tvr::new([0, 0x40, 0, 0, 0]);
        let tac = Tvr::new([0x80, 0, 0, 0, 0]);
        assert!(tvr.intersects(iac) && !tvr.intersects(tac));
        assert!(tvr.intersects(iac.union(tac)));
        assert!(!tvr.intersects(Tvr::default()));
    }
}
