//! Application usage control (`9F07`; EMV 4.4 Book 3, Annex C2).

super::bit_field! {
    /// Where and for what the issuer allows the application (`9F07`).
    Auc(2) {
        domestic_cash DOMESTIC_CASH 1 0x80 "domestic cash";
        international_cash INTERNATIONAL_CASH 1 0x40 "international cash";
        domestic_goods DOMESTIC_GOODS 1 0x20 "domestic goods";
        international_goods INTERNATIONAL_GOODS 1 0x10 "international goods";
        domestic_services DOMESTIC_SERVICES 1 0x08 "domestic services";
        international_services INTERNATIONAL_SERVICES 1 0x04 "international services";
        at_atms AT_ATMS 1 0x02 "at ATMs";
        at_other_terminals AT_OTHER_TERMINALS 1 0x01 "at terminals other than ATMs";
        domestic_cashback DOMESTIC_CASHBACK 2 0x80 "domestic cashback";
        international_cashback INTERNATIONAL_CASHBACK 2 0x40 "international cashback";
    }
}

#[cfg(test)]
mod tests {
    use super::Auc;

    #[test]
    fn a_domestic_debit_card_is_not_valid_abroad() {
        let auc = Auc::new([0xAB, 0x80]);
        assert!(auc.domestic_cash() && auc.domestic_goods() && auc.domestic_services() && auc.domestic_cashback());
        assert!(!auc.international_cash() && !auc.international_goods() && !auc.international_cashback());
        assert!(auc.at_atms() && auc.at_other_terminals());
    }
}
