//! The rows of the dictionary, in the order of their tags; a tag's general meaning stands before those of the schemes.
//!
//! Columns: tag, constant, format, shortest and longest value in octets, source, what output must hide, whose meaning
//! it is (`-` for everyone), where it is defined, name. A longest value of 252 or 255 means that the standard gives no
//! limit below that of the record or the command.

use super::{DataObject, Format, Scheme, Sensitivity, Source};
use tapcard_iso7816::Tag;

#[cfg(feature = "names")]
mod clause {
    pub(super) const BOOK1: &str = "EMV 4.4 Book 1, Annex B";
    pub(super) const BOOK3: &str = "EMV 4.4 Book 3, Annex A";
    pub(super) const BOOK4: &str = "EMV 4.4 Book 4, Annex A";
    pub(super) const BOOK_B: &str = "EMV Contactless Book B, data elements";
    pub(super) const C2: &str = "EMV Contactless C-2, Annex A";
    pub(super) const C3: &str = "EMV Contactless C-3, Annex A";
    pub(super) const C4: &str = "EMV Contactless C-4, data elements";
    pub(super) const C5: &str = "EMV Contactless C-5, data elements";
    pub(super) const GP: &str = "GlobalPlatform Card Specification 2.3.1, Annex H";
    pub(super) const INTERAC: &str = "Interac Flash reader parameters";
    pub(super) const ISO4: &str = "ISO/IEC 7816-4:2005";
    pub(super) const ISO6: &str = "ISO/IEC 7816-6:2004, interindustry data elements";
    pub(super) const PBOC5: &str = "JR/T 0025.5, data objects";
    pub(super) const PBOC6: &str = "JR/T 0025.6, terminal parameters";
    pub(super) const PBOC12: &str = "JR/T 0025.12, data objects";
    pub(super) const PBOC13: &str = "JR/T 0025.13, data objects";
    pub(super) const PBOC14: &str = "JR/T 0025.14, data objects";
    pub(super) const PBOC15: &str = "JR/T 0025.15, 5.4";
    pub(super) const PBOC17: &str = "JR/T 0025.17, data objects";
    pub(super) const JTT978: &str = "JT/T 978, public application data";
    pub(super) const VIS: &str = "Visa Integrated Circuit Card Specification 1.6, Appendix A";
}

/// The tag that the hexadecimal digits spell. Runs in constants only, where a wrong digit stops the compiler.
const fn tag_of(digits: &str) -> Tag {
    let mut rest = digits.as_bytes();
    let mut number = 0;
    while let [digit, tail @ ..] = rest {
        let value = match *digit {
            b'0'..=b'9' => *digit - b'0',
            b'A'..=b'F' => *digit - b'A' + 10,
            _ => panic!("a tag is written in upper-case hexadecimal digits"),
        };
        #[allow(clippy::cast_lossless, reason = "`u32::from` is not const")]
        {
            number = (number << 4) | value as u32;
        }
        rest = tail;
    }
    Tag::new(number)
}

macro_rules! scheme {
    (-) => {
        None
    };
    ($scheme:ident) => {
        Some(Scheme::$scheme)
    };
}

/// Makes of each row its constant in [`tag`] and its entry in [`OBJECTS`], so that neither can be forgotten.
macro_rules! data_objects {
    ($($(#[$remark:meta])* $digits:literal $constant:ident $format:ident $min:literal $max:literal $source:ident
       $class:ident $scheme:tt $clause:ident $name:literal;)*) => {
        /// The tags of the dictionary as constants; their names follow the standards' short forms.
        pub mod tag {
            use super::{Tag, tag_of};
            $(
                #[doc = concat!("`", $digits, "` ", $name, ".")]
                $(#[$remark])*
                pub const $constant: Tag = tag_of($digits);
            )*
        }

        pub(super) static OBJECTS: &[DataObject] = &[$(
            DataObject {
                tag: tag::$constant,
                format: Format::$format,
                min_len: $min,
                max_len: $max,
                source: Source::$source,
                class: Sensitivity::$class,
                scheme: scheme!($scheme),
                #[cfg(feature = "names")]
                name: $name,
                #[cfg(feature = "names")]
                clause: clause::$clause,
            },
        )*];
    };
}

data_objects! {
    // One octet.
    "41"     COUNTRY_AND_NATIONAL_DATA         Var      2 255 Icc      Plain  - ISO6   "Country Code and National Data";
    "42"     IIN                               N        3   3 Icc      Plain  - BOOK3  "Issuer Identification Number (IIN)";
    "43"     CARD_SERVICE_DATA                 B        1   1 Icc      Plain  - ISO6   "Card Service Data";
    "44"     INITIAL_ACCESS_DATA               B        1   5 Icc      Plain  - ISO6   "Initial Access Data";
    "45"     CARD_ISSUER_DATA                  B        0 255 Icc      Plain  - ISO6   "Card Issuer's Data";
    "46"     PRE_ISSUING_DATA                  B        0 255 Icc      Plain  - ISO6   "Pre-Issuing Data";
    "47"     CARD_CAPABILITIES                 B        1   3 Icc      Plain  - ISO6   "Card Capabilities";
    "48"     STATUS_INFORMATION                B        1   3 Icc      Plain  - ISO6   "Status Information";
    "4D"     EXTENDED_HEADER_LIST              Var      0 255 Icc      Plain  - ISO6   "Extended Header List";
    "4F"     ADF_NAME                          B        5  16 Icc      Plain  - BOOK3  "Application Dedicated File (ADF) Name";
    "50"     APPLICATION_LABEL                 Ans      1  16 Icc      Plain  - BOOK3  "Application Label";
    "51"     FILE_REFERENCE                    B        0 255 Icc      Plain  - ISO6   "File Reference";
    "52"     COMMAND_TO_PERFORM                B        0 255 Icc      Plain  - ISO6   "Command to Perform";
    "53"     DISCRETIONARY_DATA                Var      0 255 Icc      Plain  - ISO6   "Discretionary Data";
    "54"     OFFSET_DATA_OBJECT                B        0   8 Terminal Plain  - ISO4   "Offset Data Object";
    "56"     TRACK1_DATA                       Ans      0  76 Icc      Track  - C2     "Track 1 Data";
    "57"     TRACK2_EQUIVALENT_DATA            B        0  19 Icc      Track  - BOOK3  "Track 2 Equivalent Data";
    "58"     TRACK3_EQUIVALENT_DATA            B        0 255 Icc      Track  - ISO6   "Track 3 Equivalent Data";
    "59"     CARD_EXPIRATION_DATE              N        2   2 Icc      Plain  - ISO6   "Card Expiration Date";
    "5A"     PAN                               Cn       0  10 Icc      Pan    - BOOK3  "Application Primary Account Number (PAN)";
    "5B"     NAME_OF_INDIVIDUAL                Ans      0  39 Icc      Name   - ISO6   "Name of an Individual";
    "5C"     TAG_LIST                          TagList  0 255 Icc      Plain  - ISO6   "Tag List";
    "5D"     HEADER_LIST                       Dol      0 255 Icc      Plain  - ISO6   "Header List";
    "5E"     LOGIN_DATA                        B        0 255 Icc      Secret - ISO6   "Proprietary Login Data";
    "61"     APPLICATION_TEMPLATE              Template 0 252 Icc      Plain  - BOOK3  "Application Template";
    "62"     FCP_TEMPLATE                      Template 0 252 Icc      Plain  - ISO4   "File Control Parameters (FCP) Template";
    "63"     WRAPPER                           Template 0 255 Icc      Plain  - ISO6   "Wrapper";
    "64"     FMD_TEMPLATE                      Template 0 252 Icc      Plain  - ISO4   "File Management Data (FMD) Template";
    "65"     CARDHOLDER_RELATED_DATA           Template 0 255 Icc      Plain  - ISO6   "Cardholder Related Data";
    "66"     CARD_DATA                         Template 0 255 Icc      Plain  - ISO6   "Card Data";
    "67"     AUTHENTICATION_DATA               Template 0 255 Icc      Plain  - ISO6   "Authentication Data";
    "68"     SPECIAL_USER_REQUIREMENTS         Template 0 255 Icc      Plain  - ISO6   "Special User Requirements";
    "6A"     LOGIN_TEMPLATE                    Template 0 255 Icc      Plain  - ISO6   "Login Template";
    "6B"     QUALIFIED_NAME                    Template 0 255 Icc      Plain  - ISO6   "Qualified Name Template";
    "6C"     CARDHOLDER_IMAGE_TEMPLATE         Template 0 255 Icc      Plain  - ISO6   "Cardholder Image Template";
    "6D"     APPLICATION_IMAGE_TEMPLATE        Template 0 255 Icc      Plain  - ISO6   "Application Image Template";
    "6E"     APPLICATION_RELATED_DATA          Template 0 255 Icc      Plain  - ISO6   "Application Related Data";
    "6F"     FCI_TEMPLATE                      Template 0 252 Icc      Plain  - BOOK3  "File Control Information (FCI) Template";
    "70"     READ_RECORD_TEMPLATE              Template 0 252 Icc      Plain  - BOOK3  "READ RECORD Response Message Template";
    "71"     ISSUER_SCRIPT_TEMPLATE_1          Template 0 255 Issuer   Plain  - BOOK3  "Issuer Script Template 1";
    "72"     ISSUER_SCRIPT_TEMPLATE_2          Template 0 255 Issuer   Plain  - BOOK3  "Issuer Script Template 2";
    "73"     DIRECTORY_DISCRETIONARY_TEMPLATE  Template 0 252 Icc      Plain  - BOOK3  "Directory Discretionary Template";
    "77"     RESPONSE_TEMPLATE_2               Template 0 253 Icc      Plain  - BOOK3  "Response Message Template Format 2";
    "78"     COMPATIBLE_TAG_AUTHORITY          Template 0 255 Icc      Plain  - ISO6   "Compatible Tag Allocation Authority";
    "79"     COEXISTENT_TAG_AUTHORITY          Template 0 255 Icc      Plain  - ISO6   "Coexistent Tag Allocation Authority";
    "7A"     SECURITY_SUPPORT_TEMPLATE         Template 0 255 Icc      Plain  - ISO6   "Security Support Template";
    "7B"     SECURITY_ENVIRONMENT_TEMPLATE     Template 0 255 Icc      Plain  - ISO6   "Security Environment Template";
    "7C"     DYNAMIC_AUTHENTICATION_TEMPLATE   Template 0 255 Icc      Plain  - ISO6   "Dynamic Authentication Template";
    "7D"     SECURE_MESSAGING_TEMPLATE         Template 0 255 Icc      Plain  - ISO6   "Secure Messaging Template";
    "7E"     NESTING_TEMPLATE                  Template 0 255 Icc      Plain  - ISO6   "Interindustry Data Object Nesting Template";
    "80"     RESPONSE_TEMPLATE_1               Var      0 253 Icc      Plain  - BOOK3  "Response Message Template Format 1";
    "81"     AMOUNT_AUTHORISED_BINARY          B        4   4 Terminal Plain  - BOOK3  "Amount, Authorised (Binary)";
    "82"     AIP                               B        2   2 Icc      Plain  - BOOK3  "Application Interchange Profile (AIP)";
    "83"     COMMAND_TEMPLATE                  Var      0 255 Terminal Plain  - BOOK3  "Command Template";
    "84"     DF_NAME                           B        5  16 Icc      Plain  - BOOK3  "Dedicated File (DF) Name";
    "86"     ISSUER_SCRIPT_COMMAND             B        0 261 Issuer   Plain  - BOOK3  "Issuer Script Command";
    "87"     APPLICATION_PRIORITY              B        1   1 Icc      Plain  - BOOK3  "Application Priority Indicator";
    "88"     SFI                               B        1   1 Icc      Plain  - BOOK3  "Short File Identifier (SFI)";
    "89"     AUTHORISATION_CODE                Ans      6   6 Issuer   Plain  - BOOK3  "Authorisation Code";
    "8A"     ARC                               An       2   2 Issuer   Plain  - BOOK3  "Authorisation Response Code (ARC)";
    "8B"     POI_INFORMATION                   B        0 252 Terminal Plain  - BOOK1  "POI Information";
    "8C"     CDOL1                             Dol      0 252 Icc      Plain  - BOOK3  "Card Risk Management Data Object List 1 (CDOL1)";
    "8D"     CDOL2                             Dol      0 252 Icc      Plain  - BOOK3  "Card Risk Management Data Object List 2 (CDOL2)";
    "8E"     CVM_LIST                          B       10 252 Icc      Plain  - BOOK3  "Cardholder Verification Method (CVM) List";
    "8F"     CA_PUBLIC_KEY_INDEX               B        1   1 Icc      Plain  - BOOK3  "Certification Authority Public Key Index";
    "90"     ISSUER_PUBLIC_KEY_CERTIFICATE     B        0 248 Icc      Plain  - BOOK3  "Issuer Public Key Certificate";
    "91"     ISSUER_AUTHENTICATION_DATA        B        8  16 Issuer   Plain  - BOOK3  "Issuer Authentication Data";
    "92"     ISSUER_PUBLIC_KEY_REMAINDER       B        0 248 Icc      Plain  - BOOK3  "Issuer Public Key Remainder";
    "93"     SIGNED_STATIC_APPLICATION_DATA    B        0 248 Icc      Plain  - BOOK3  "Signed Static Application Data (SSAD)";
    "94"     AFL                               B        0 252 Icc      Plain  - BOOK3  "Application File Locator (AFL)";
    "95"     TVR                               B        5   5 Terminal Plain  - BOOK3  "Terminal Verification Results (TVR)";
    "96"     KERNEL_IDENTIFIER_TERMINAL        B        8   8 Terminal Plain  - BOOK_B "Kernel Identifier (Terminal)";
    "97"     TDOL                              Dol      0 252 Icc      Plain  - BOOK3  "Transaction Certificate Data Object List (TDOL)";
    "98"     TC_HASH_VALUE                     B       20  20 Terminal Plain  - BOOK3  "Transaction Certificate (TC) Hash Value";
    "99"     PIN_DATA                          B        0 255 Terminal Secret - BOOK3  "Transaction Personal Identification Number (PIN) Data";
    "9A"     TRANSACTION_DATE                  N        3   3 Terminal Plain  - BOOK3  "Transaction Date";
    "9B"     TSI                               B        2   2 Terminal Plain  - BOOK3  "Transaction Status Information (TSI)";
    "9C"     TRANSACTION_TYPE                  N        1   1 Terminal Plain  - BOOK3  "Transaction Type";
    "9D"     DDF_NAME                          B        5  16 Icc      Plain  - BOOK3  "Directory Definition File (DDF) Name";
    "A1"     BIOMETRIC_HEADER_TEMPLATE         Template 0 252 Icc      Plain  - BOOK3  "Biometric Header Template (BHT)";
    "A5"     FCI_PROPRIETARY_TEMPLATE          Template 0 252 Icc      Plain  - BOOK3  "File Control Information (FCI) Proprietary Template";
    "D2"     IDS_DIRECTORY                     B        0 255 Icc      Plain  Visa C3  "Integrated Data Storage Directory (IDSD)";

    // 5Fxx.
    "5F20"   CARDHOLDER_NAME                   Ans      2  26 Icc      Name   - BOOK3  "Cardholder Name";
    "5F21"   CARD_TRACK1                       Ans      0  79 Icc      Track  - ISO6   "Track 1 (Card)";
    "5F22"   CARD_TRACK2                       B        0  40 Icc      Track  - ISO6   "Track 2 (Card)";
    "5F23"   CARD_TRACK3                       B        0 107 Icc      Track  - ISO6   "Track 3 (Card)";
    "5F24"   EXPIRATION_DATE                   N        3   3 Icc      Plain  - BOOK3  "Application Expiration Date";
    "5F25"   EFFECTIVE_DATE                    N        3   3 Icc      Plain  - BOOK3  "Application Effective Date";
    "5F26"   CARD_EFFECTIVE_DATE               N        2   3 Icc      Plain  - ISO6   "Card Effective Date";
    "5F27"   INTERCHANGE_CONTROL               N        1   1 Icc      Plain  - ISO6   "Interchange Control";
    "5F28"   ISSUER_COUNTRY_CODE               N        2   2 Icc      Plain  - BOOK3  "Issuer Country Code";
    "5F29"   INTERCHANGE_PROFILE               B        1 255 Icc      Plain  - ISO6   "Interchange Profile";
    "5F2A"   TRANSACTION_CURRENCY_CODE         N        2   2 Terminal Plain  - BOOK3  "Transaction Currency Code";
    "5F2B"   DATE_OF_BIRTH                     N        4   4 Icc      Name   - ISO6   "Date of Birth";
    "5F2C"   CARDHOLDER_NATIONALITY            N        2   2 Icc      Name   - ISO6   "Cardholder Nationality";
    "5F2D"   LANGUAGE_PREFERENCE               An       2   8 Icc      Plain  - BOOK3  "Language Preference";
    "5F2E"   CARDHOLDER_BIOMETRIC_DATA         B        0 255 Icc      Secret - ISO6   "Cardholder Biometric Data";
    "5F2F"   PIN_USAGE_POLICY                  B        2   2 Icc      Plain  - ISO6   "PIN Usage Policy";
    "5F30"   SERVICE_CODE                      N        2   2 Icc      Plain  - BOOK3  "Service Code";
    "5F32"   TRANSACTION_COUNTER               N        0   8 Icc      Plain  - ISO6   "Transaction Counter";
    "5F33"   DATE_OF_TRANSACTION               N        0   8 Icc      Plain  - ISO6   "Date of Transaction";
    "5F34"   PSN                               N        1   1 Icc      Plain  - BOOK3  "Application Primary Account Number (PAN) Sequence Number";
    "5F35"   SEX                               N        1   1 Icc      Name   - ISO6   "Sex";
    "5F36"   TRANSACTION_CURRENCY_EXPONENT     N        1   1 Terminal Plain  - BOOK3  "Transaction Currency Exponent";
    "5F37"   STATIC_INTERNAL_AUTHENTICATION    B        0 255 Icc      Plain  - ISO6   "Static Internal Authentication (One-Step)";
    "5F38"   STATIC_AUTHENTICATION_DATA_1      B        0 255 Icc      Plain  - ISO6   "Static Internal Authentication, First Associated Data";
    "5F39"   STATIC_AUTHENTICATION_DATA_2      B        0 255 Icc      Plain  - ISO6   "Static Internal Authentication, Second Associated Data";
    "5F3A"   DYNAMIC_INTERNAL_AUTHENTICATION   B        0 255 Icc      Plain  - ISO6   "Dynamic Internal Authentication";
    "5F3B"   DYNAMIC_EXTERNAL_AUTHENTICATION   B        0 255 Terminal Plain  - ISO6   "Dynamic External Authentication";
    "5F3C"   DYNAMIC_MUTUAL_AUTHENTICATION     B        0 255 Icc      Plain  - ISO6   "Dynamic Mutual Authentication";
    "5F3D"   DIGITAL_SIGNATURE                 B        0 255 Icc      Plain  - ISO6   "Digital Signature";
    "5F40"   CARDHOLDER_PORTRAIT               B        0 65535 Icc    Name   - ISO6   "Cardholder Portrait Image";
    "5F41"   ELEMENT_LIST                      Var      0 255 Icc      Plain  - ISO6   "Element List";
    "5F42"   ADDRESS                           Ans      0 255 Icc      Name   - ISO6   "Address";
    "5F43"   CARDHOLDER_SIGNATURE_IMAGE        B        0 65535 Icc    Name   - ISO6   "Cardholder Handwritten Signature Image";
    "5F44"   APPLICATION_IMAGE                 B        0 65535 Icc    Plain  - ISO6   "Application Image";
    "5F45"   DISPLAY_MESSAGE                   Ans      0 255 Icc      Plain  - ISO6   "Display Message";
    "5F46"   TIMER                             B        0 255 Icc      Plain  - ISO6   "Timer";
    "5F47"   MESSAGE_REFERENCE                 B        0 255 Icc      Plain  - ISO6   "Message Reference";
    "5F48"   CARDHOLDER_PRIVATE_KEY            B        0 65535 Icc    Secret - ISO6   "Cardholder Private Key";
    "5F49"   CARDHOLDER_PUBLIC_KEY             B        0 65535 Icc    Plain  - ISO6   "Cardholder Public Key";
    "5F4A"   CERTIFICATION_AUTHORITY_KEY       B        0 65535 Icc    Plain  - ISO6   "Public Key of Certification Authority";
    "5F4C"   CERTIFICATE_HOLDER_AUTHORIZATION  B        0 255 Icc      Plain  - ISO6   "Certificate Holder Authorization";
    "5F4D"   IC_MANUFACTURER_IDENTIFIER        B        1 255 Icc      Plain  - ISO6   "Integrated Circuit Manufacturer Identifier";
    "5F4E"   CERTIFICATE_CONTENT               B        0 65535 Icc    Plain  - ISO6   "Certificate Content";
    "5F50"   ISSUER_URL                        Ans      0 255 Icc      Plain  - BOOK3  "Issuer URL";
    "5F51"   ANSWER_TO_RESET                   B        2  33 Icc      Plain  - ISO6   "Answer-to-Reset";
    "5F52"   HISTORICAL_BYTES                  B        0  15 Icc      Plain  - ISO6   "Historical Bytes";
    "5F53"   IBAN                              Ans      0  34 Icc      Pan    - BOOK3  "International Bank Account Number (IBAN)";
    "5F54"   BIC                               Ans      8  11 Icc      Plain  - BOOK3  "Bank Identifier Code (BIC)";
    "5F55"   ISSUER_COUNTRY_ALPHA2             A        2   2 Icc      Plain  - BOOK3  "Issuer Country Code (alpha2 format)";
    "5F56"   ISSUER_COUNTRY_ALPHA3             A        3   3 Icc      Plain  - BOOK3  "Issuer Country Code (alpha3 format)";
    "5F57"   ACCOUNT_TYPE                      N        1   1 Terminal Plain  - BOOK3  "Account Type";

    // 7Fxx.
    "7F20"   DISPLAY_CONTROL                   Template 0 255 Icc      Plain  - ISO6   "Display Control Template";
    "7F21"   CARDHOLDER_CERTIFICATE            Template 0 65535 Icc    Plain  - ISO6   "Cardholder Certificate";
    "7F2E"   BIOMETRIC_DATA_TEMPLATE           Template 0 65535 Icc    Plain  - ISO6   "Biometric Data Template";
    "7F49"   CARDHOLDER_PUBLIC_KEY_TEMPLATE    Template 0 65535 Icc    Plain  - ISO6   "Cardholder Public Key Template";
    "7F4C"   HOLDER_AUTHORIZATION_TEMPLATE     Template 0 255 Icc      Plain  - ISO6   "Certificate Holder Authorization Template";
    "7F4E"   CERTIFICATE_BODY                  Template 0 65535 Icc    Plain  - ISO6   "Certificate Content Template";
    "7F60"   BIOMETRIC_INFORMATION_TEMPLATE    Template 0 255 Icc      Plain  - BOOK3  "Biometric Information Template (BIT)";
    "7F61"   BIOMETRIC_INFORMATION_GROUP       Template 0 255 Icc      Plain  - ISO6   "Biometric Information Template Group";

    // 9F01 to 9F4F: the same for every scheme.
    "9F01"   ACQUIRER_IDENTIFIER               N        6   6 Terminal Plain  - BOOK3  "Acquirer Identifier";
    "9F02"   AMOUNT_AUTHORISED                 N        6   6 Terminal Plain  - BOOK3  "Amount, Authorised (Numeric)";
    "9F03"   AMOUNT_OTHER                      N        6   6 Terminal Plain  - BOOK3  "Amount, Other (Numeric)";
    "9F04"   AMOUNT_OTHER_BINARY               B        4   4 Terminal Plain  - BOOK3  "Amount, Other (Binary)";
    "9F05"   APPLICATION_DISCRETIONARY_DATA    B        1  32 Icc      Plain  - BOOK3  "Application Discretionary Data";
    "9F06"   AID_TERMINAL                      B        5  16 Terminal Plain  - BOOK3  "Application Identifier (AID) - Terminal";
    "9F07"   AUC                               B        2   2 Icc      Plain  - BOOK3  "Application Usage Control (AUC)";
    "9F08"   APPLICATION_VERSION               B        2   2 Icc      Plain  - BOOK3  "Application Version Number (Card)";
    "9F08"   PURSE_APPLICATION_VERSION         B        1   1 Icc      Plain  TUnion JTT978 "Application Version Number (Purse)";
    "9F09"   APPLICATION_VERSION_TERMINAL      B        2   2 Terminal Plain  - BOOK3  "Application Version Number (Terminal)";
    "9F0A"   ASRPD                             B        0 252 Icc      Plain  - BOOK1  "Application Selection Registered Proprietary Data (ASRPD)";
    "9F0B"   CARDHOLDER_NAME_EXTENDED          Ans     27  45 Icc      Name   - BOOK3  "Cardholder Name Extended";
    "9F0C"   IIN_EXTENDED                      N        3   4 Icc      Plain  - BOOK3  "Issuer Identification Number Extended (IINE)";
    "9F0C"   PURSE_PUBLIC_DATA                 B       30  30 Icc      Plain  TUnion JTT978 "Public Application Data (File 0015)";
    "9F0D"   IAC_DEFAULT                       B        5   5 Icc      Plain  - BOOK3  "Issuer Action Code - Default";
    "9F0E"   IAC_DENIAL                        B        5   5 Icc      Plain  - BOOK3  "Issuer Action Code - Denial";
    "9F0F"   IAC_ONLINE                        B        5   5 Icc      Plain  - BOOK3  "Issuer Action Code - Online";
    "9F10"   IAD                               B        0  32 Icc      Plain  - BOOK3  "Issuer Application Data (IAD)";
    "9F11"   ISSUER_CODE_TABLE_INDEX           N        1   1 Icc      Plain  - BOOK3  "Issuer Code Table Index";
    "9F12"   APPLICATION_PREFERRED_NAME        Ans      1  16 Icc      Plain  - BOOK3  "Application Preferred Name";
    "9F13"   LAST_ONLINE_ATC                   B        2   2 Icc      Plain  - BOOK3  "Last Online Application Transaction Counter (ATC) Register";
    "9F14"   LOWER_CONSECUTIVE_OFFLINE_LIMIT   B        1   1 Icc      Plain  - BOOK3  "Lower Consecutive Offline Limit";
    "9F15"   MERCHANT_CATEGORY_CODE            N        2   2 Terminal Plain  - BOOK3  "Merchant Category Code";
    "9F16"   MERCHANT_IDENTIFIER               Ans     15  15 Terminal Plain  - BOOK3  "Merchant Identifier";
    "9F17"   PIN_TRY_COUNTER                   B        1   1 Icc      Plain  - BOOK3  "Personal Identification Number (PIN) Try Counter";
    "9F18"   ISSUER_SCRIPT_IDENTIFIER          B        4   4 Issuer   Plain  - BOOK3  "Issuer Script Identifier";
    "9F19"   TOKEN_REQUESTOR_ID                N        6   6 Icc      Plain  - BOOK3  "Token Requestor ID";
    "9F1A"   TERMINAL_COUNTRY_CODE             N        2   2 Terminal Plain  - BOOK3  "Terminal Country Code";
    "9F1B"   TERMINAL_FLOOR_LIMIT              B        4   4 Terminal Plain  - BOOK3  "Terminal Floor Limit";
    "9F1C"   TERMINAL_IDENTIFICATION           An       8   8 Terminal Plain  - BOOK3  "Terminal Identification";
    "9F1D"   TERMINAL_RISK_MANAGEMENT_DATA     B        1   8 Terminal Plain  - BOOK3  "Terminal Risk Management Data";
    "9F1E"   IFD_SERIAL_NUMBER                 An       8   8 Terminal Plain  - BOOK3  "Interface Device (IFD) Serial Number";
    "9F1F"   TRACK1_DISCRETIONARY_DATA         Ans      0  54 Icc      Track  - BOOK3  "Track 1 Discretionary Data";
    "9F20"   TRACK2_DISCRETIONARY_DATA         Cn       0  16 Icc      Track  - BOOK3  "Track 2 Discretionary Data";
    "9F21"   TRANSACTION_TIME                  N        3   3 Terminal Plain  - BOOK3  "Transaction Time";
    "9F22"   CA_PUBLIC_KEY_INDEX_TERMINAL      B        1   1 Terminal Plain  - BOOK3  "Certification Authority Public Key Index (Terminal)";
    "9F23"   UPPER_CONSECUTIVE_OFFLINE_LIMIT   B        1   1 Icc      Plain  - BOOK3  "Upper Consecutive Offline Limit";
    "9F24"   PAR                               An      29  29 Icc      Plain  - BOOK3  "Payment Account Reference (PAR)";
    "9F25"   PAN_LAST_DIGITS                   N        2   2 Icc      Plain  - BOOK3  "Last 4 Digits of PAN";
    "9F26"   AC                                B        8   8 Icc      Plain  - BOOK3  "Application Cryptogram (AC)";
    "9F27"   CID                               B        1   1 Icc      Plain  - BOOK3  "Cryptogram Information Data (CID)";
    "9F29"   EXTENDED_SELECTION                B        0  11 Icc      Plain  - BOOK_B "Extended Selection";
    "9F2A"   KERNEL_IDENTIFIER                 B        1   8 Icc      Plain  - BOOK_B "Kernel Identifier";
    "9F2D"   PIN_PUBLIC_KEY_CERTIFICATE        B        0 248 Icc      Plain  - BOOK3  "ICC PIN Encipherment Public Key Certificate";
    "9F2E"   PIN_PUBLIC_KEY_EXPONENT           B        1   3 Icc      Plain  - BOOK3  "ICC PIN Encipherment Public Key Exponent";
    "9F2F"   PIN_PUBLIC_KEY_REMAINDER          B        0 248 Icc      Plain  - BOOK3  "ICC PIN Encipherment Public Key Remainder";
    "9F30"   BIOMETRIC_TERMINAL_CAPABILITIES   B        3   3 Terminal Plain  - BOOK3  "Biometric Terminal Capabilities";
    "9F31"   CARD_BIT_GROUP                    Var      0 252 Icc      Plain  - BOOK3  "Card BIT Group Template";
    "9F32"   ISSUER_PUBLIC_KEY_EXPONENT        B        1   3 Icc      Plain  - BOOK3  "Issuer Public Key Exponent";
    "9F33"   TERMINAL_CAPABILITIES             B        3   3 Terminal Plain  - BOOK3  "Terminal Capabilities";
    "9F34"   CVM_RESULTS                       B        3   3 Terminal Plain  - BOOK3  "Cardholder Verification Method (CVM) Results";
    "9F35"   TERMINAL_TYPE                     N        1   1 Terminal Plain  - BOOK3  "Terminal Type";
    "9F36"   ATC                               B        2   2 Icc      Plain  - BOOK3  "Application Transaction Counter (ATC)";
    "9F37"   UN                                B        4   4 Terminal Plain  - BOOK3  "Unpredictable Number (UN)";
    "9F38"   PDOL                              Dol      0 252 Icc      Plain  - BOOK3  "Processing Options Data Object List (PDOL)";
    "9F39"   POS_ENTRY_MODE                    N        1   1 Terminal Plain  - BOOK3  "Point-of-Service (POS) Entry Mode";
    "9F3A"   AMOUNT_REFERENCE_CURRENCY         B        4   4 Terminal Plain  - BOOK3  "Amount, Reference Currency";
    "9F3B"   APPLICATION_REFERENCE_CURRENCY    N        2   8 Icc      Plain  - BOOK3  "Application Reference Currency";
    "9F3C"   TRANSACTION_REFERENCE_CURRENCY    N        2   2 Terminal Plain  - BOOK3  "Transaction Reference Currency Code";
    "9F3D"   TRANSACTION_REFERENCE_EXPONENT    N        1   1 Terminal Plain  - BOOK3  "Transaction Reference Currency Exponent";
    "9F3E"   TERMINAL_CATEGORIES_SUPPORTED     B        0 252 Icc      Plain  - BOOK1  "Terminal Categories Supported List";
    "9F3F"   SDOL                              Dol      0 252 Icc      Plain  - BOOK1  "Selection Data Object List (SDOL)";
    "9F40"   ADDITIONAL_TERMINAL_CAPABILITIES  B        5   5 Terminal Plain  - BOOK3  "Additional Terminal Capabilities";
    "9F41"   TRANSACTION_SEQUENCE_COUNTER      N        2   4 Terminal Plain  - BOOK3  "Transaction Sequence Counter";
    "9F42"   APPLICATION_CURRENCY_CODE         N        2   2 Icc      Plain  - BOOK3  "Application Currency Code";
    "9F43"   REFERENCE_CURRENCY_EXPONENT       N        1   4 Icc      Plain  - BOOK3  "Application Reference Currency Exponent";
    "9F44"   APPLICATION_CURRENCY_EXPONENT     N        1   1 Icc      Plain  - BOOK3  "Application Currency Exponent";
    "9F45"   DATA_AUTHENTICATION_CODE          B        2   2 Icc      Plain  - BOOK3  "Data Authentication Code";
    "9F46"   ICC_PUBLIC_KEY_CERTIFICATE        B        0 248 Icc      Plain  - BOOK3  "Integrated Circuit Card (ICC) Public Key Certificate";
    "9F47"   ICC_PUBLIC_KEY_EXPONENT           B        1   3 Icc      Plain  - BOOK3  "Integrated Circuit Card (ICC) Public Key Exponent";
    "9F48"   ICC_PUBLIC_KEY_REMAINDER          B        0 248 Icc      Plain  - BOOK3  "Integrated Circuit Card (ICC) Public Key Remainder";
    "9F49"   DDOL                              Dol      0 252 Icc      Plain  - BOOK3  "Dynamic Data Authentication Data Object List (DDOL)";
    "9F4A"   SDA_TAG_LIST                      TagList  0 252 Icc      Plain  - BOOK3  "Static Data Authentication (SDA) Tag List";
    "9F4B"   SDAD                              B        0 248 Icc      Plain  - BOOK3  "Signed Dynamic Application Data (SDAD)";
    "9F4C"   ICC_DYNAMIC_NUMBER                B        2   8 Icc      Plain  - BOOK3  "ICC Dynamic Number";
    "9F4D"   LOG_ENTRY                         B        2   2 Icc      Plain  - BOOK3  "Log Entry";
    "9F4E"   MERCHANT_NAME_AND_LOCATION        Ans      0 255 Terminal Plain  - BOOK3  "Merchant Name and Location";
    "9F4F"   LOG_FORMAT                        Dol      0 252 Icc      Plain  - BOOK3  "Log Format";

    // 9F50 to 9F7F: payment systems give these their own meanings. PBOC took over most of the Visa card objects, so
    // where both agree the row stands for everyone and the others have their own.
    "9F50"   OFFLINE_ACCUMULATOR_BALANCE       N        6   6 Icc      Plain  Mastercard C2 "Offline Accumulator Balance";
    "9F50"   CARDHOLDER_VERIFICATION_STATUS    B        1   1 Icc      Plain  Jcb C5   "Cardholder Verification Status";
    "9F51"   EC_CURRENCY_CODE                  N        2   2 Icc      Plain  - PBOC5  "Application Currency Code";
    "9F51"   DRDOL                             Dol      0 250 Icc      Plain  Mastercard C2 "Data Recovery Data Object List (DRDOL)";
    "9F52"   APPLICATION_DEFAULT_ACTION        B        2   6 Icc      Plain  - PBOC5  "Application Default Action (ADA)";
    "9F52"   TERMINAL_COMPATIBILITY_INDICATOR  B        1   1 Terminal Plain  Jcb C5   "Terminal Compatibility Indicator";
    "9F53"   INTERNATIONAL_OFFLINE_LIMIT       B        1   1 Icc      Plain  - PBOC5  "Consecutive Offline Limit (International, Currency)";
    "9F53"   TRANSACTION_CATEGORY_CODE         An       1   1 Terminal Plain  Mastercard C2 "Transaction Category Code";
    "9F53"   TERMINAL_INTERCHANGE_PROFILE      B        3   3 Terminal Plain  Jcb C5   "Terminal Interchange Profile";
    "9F54"   CUMULATIVE_OFFLINE_LIMIT          N        6   6 Icc      Plain  - PBOC5  "Cumulative Offline Amount Limit";
    "9F54"   DS_ODS_CARD                       B        0 160 Icc      Plain  Mastercard C2 "DS ODS Card";
    "9F55"   GEOGRAPHIC_INDICATOR              B        1   1 Icc      Plain  - VIS    "Geographic Indicator";
    "9F56"   ISSUER_AUTHENTICATION_INDICATOR   B        1   1 Icc      Plain  - PBOC5  "Issuer Authentication Indicator";
    "9F57"   CARD_ISSUER_COUNTRY_CODE          N        2   2 Icc      Plain  - PBOC5  "Issuer Country Code";
    "9F58"   CARD_LOWER_OFFLINE_LIMIT          B        1   1 Icc      Plain  - PBOC5  "Lower Consecutive Offline Limit (Card)";
    "9F58"   MERCHANT_TYPE_INDICATOR           B        1   1 Terminal Plain  Interac INTERAC "Merchant Type Indicator";
    "9F59"   CARD_UPPER_OFFLINE_LIMIT          B        1   1 Icc      Plain  - PBOC5  "Upper Consecutive Offline Limit (Card)";
    "9F59"   TERMINAL_TRANSACTION_INFORMATION  B        3   3 Terminal Plain  Interac INTERAC "Terminal Transaction Information (TTI)";
    "9F5A"   APPLICATION_PROGRAM_IDENTIFIER    B        1  16 Icc      Plain  - C3     "Application Program Identifier (Program ID)";
    "9F5A"   TERMINAL_TRANSACTION_TYPE         B        1   1 Terminal Plain  Interac INTERAC "Terminal Transaction Type (TTT)";
    "9F5B"   ISSUER_SCRIPT_RESULTS             B        0 255 Terminal Plain  - BOOK4  "Issuer Script Results";
    "9F5B"   DSDOL                             Dol      0 250 Icc      Plain  Mastercard C2 "Data Storage Data Object List (DSDOL)";
    "9F5C"   CUMULATIVE_OFFLINE_UPPER_LIMIT    N        6   6 Icc      Plain  - PBOC5  "Cumulative Offline Amount Upper Limit";
    "9F5C"   DS_REQUESTED_OPERATOR_ID          B        8   8 Terminal Plain  Mastercard C2 "DS Requested Operator ID";
    "9F5C"   MDOL                              Dol      0 252 Icc      Plain  Jcb C5   "Magstripe Data Object List (MDOL)";
    "9F5D"   AVAILABLE_OFFLINE_SPENDING        N        6   6 Icc      Plain  - C3     "Available Offline Spending Amount (AOSA)";
    "9F5D"   APPLICATION_CAPABILITIES          B        3   3 Icc      Plain  Mastercard C2 "Application Capabilities Information";
    "9F5D"   RECEIPT_REQUIRED_LIMIT            N        6   6 Terminal Plain  Interac INTERAC "Terminal Contactless Receipt Required Limit";
    "9F5E"   INTERNATIONAL_UPPER_LIMIT         B        1   1 Icc      Plain  Visa VIS "Consecutive Transaction International Upper Limit";
    "9F5E"   DS_ID                             N        8  11 Icc      Pan    Mastercard C2 "Data Storage Identifier (DS ID)";
    "9F5E"   TERMINAL_OPTION_STATUS            B        2   2 Terminal Plain  Interac INTERAC "Terminal Option Status (TOS)";
    "9F5F"   DS_SLOT_AVAILABILITY              B        1   1 Icc      Plain  Mastercard C2 "DS Slot Availability";
    "9F5F"   OFFLINE_BALANCE                   N        6   6 Icc      Plain  Jcb C5   "Offline Balance";
    "9F5F"   TERMINAL_CONTACTLESS_FLOOR_LIMIT  N        6   6 Terminal Plain  Interac INTERAC "Terminal Contactless Floor Limit";
    "9F60"   CVC3_TRACK1                       B        2   2 Icc      Plain  Mastercard C2 "CVC3 (Track1)";
    "9F60"   ISSUER_UPDATE_PARAMETER           B        1   1 Icc      Plain  Jcb C5   "Issuer Update Parameter";
    "9F61"   CARDHOLDER_ID_NUMBER              Ans      1  40 Icc      Name   UnionPay PBOC5 "Cardholder Identification Document Number";
    "9F61"   CVC3_TRACK2                       B        2   2 Icc      Plain  Mastercard C2 "CVC3 (Track2)";
    "9F62"   CARDHOLDER_ID_TYPE                N        1   1 Icc      Plain  UnionPay PBOC5 "Cardholder Identification Document Type";
    "9F62"   PCVC3_TRACK1                      B        6   6 Icc      Plain  Mastercard C2 "PCVC3 (Track1)";
    "9F63"   PRODUCT_IDENTIFICATION            B       16  16 Icc      Plain  UnionPay PBOC12 "Card Product Identification";
    "9F63"   OFFLINE_COUNTER_INITIAL_VALUE     B        0 255 Icc      Plain  Visa VIS "Offline Counter Initial Value";
    "9F63"   PUNATC_TRACK1                     B        6   6 Icc      Plain  Mastercard C2 "PUNATC (Track1)";
    "9F64"   NATC_TRACK1                       B        1   1 Icc      Plain  Mastercard C2 "NATC (Track1)";
    "9F65"   PCVC3_TRACK2                      B        2   2 Icc      Plain  Mastercard C2 "PCVC3 (Track2)";
    "9F66"   TTQ                               B        4   4 Terminal Plain  - C3     "Terminal Transaction Qualifiers (TTQ)";
    "9F66"   PUNATC_TRACK2                     B        2   2 Icc      Plain  Mastercard C2 "PUNATC (Track2)";
    "9F67"   MSD_OFFSET                        B        0 255 Icc      Plain  Visa VIS "MSD Offset";
    "9F67"   NATC_TRACK2                       B        1   1 Icc      Plain  Mastercard C2 "NATC (Track2)";
    "9F67"   FORM_FACTOR                       N        3   3 Icc      Plain  Amex C4  "Form Factor";
    /// The meaning of its bits is **unconfirmed** for PBOC; only the length is known.
    "9F68"   CARD_ADDITIONAL_PROCESSES         B        4   4 Icc      Plain  - PBOC12 "Card Additional Processes (CAP)";
    /// PBOC cards give 8 octets; how they are split is **unconfirmed**.
    "9F69"   CARD_AUTHENTICATION_RELATED_DATA  B        5  16 Icc      Plain  - C3     "Card Authentication Related Data";
    "9F69"   UDOL                              Dol      0 250 Icc      Plain  Mastercard C2 "Unpredictable Number Data Object List (UDOL)";
    "9F6A"   UN_NUMERIC                        N        4   4 Terminal Plain  Mastercard C2 "Unpredictable Number (Numeric)";
    "9F6B"   CARD_CVM_LIMIT                    N        6   6 Icc      Plain  - PBOC12 "Card CVM Limit";
    "9F6B"   TRACK2_DATA                       B        0  19 Icc      Track  Mastercard C2 "Track 2 Data";
    "9F6C"   CTQ                               B        2   2 Icc      Plain  - C3     "Card Transaction Qualifiers (CTQ)";
    "9F6D"   EC_RESET_THRESHOLD                N        6   6 Icc      Plain  UnionPay PBOC13 "Electronic Cash Reset Threshold";
    "9F6D"   VLP_RESET_THRESHOLD               N        6   6 Icc      Plain  Visa VIS "VLP Reset Threshold";
    "9F6D"   MAGSTRIPE_VERSION_READER          B        2   2 Terminal Plain  Mastercard C2 "Mag-stripe Application Version Number (Reader)";
    "9F6D"   CONTACTLESS_READER_CAPABILITIES   B        1   1 Terminal Plain  Amex C4  "Contactless Reader Capabilities";
    "9F6E"   FFI                               B        4   4 Icc      Plain  - C3     "Form Factor Indicator (FFI)";
    "9F6E"   THIRD_PARTY_DATA                  B        5  32 Icc      Plain  Mastercard C2 "Third Party Data";
    "9F6E"   ENHANCED_READER_CAPABILITIES      B        4   4 Terminal Plain  Amex C4  "Enhanced Contactless Reader Capabilities";
    "9F6F"   DS_SLOT_MANAGEMENT_CONTROL        B        1   1 Icc      Plain  Mastercard C2 "DS Slot Management Control";
    "9F70"   PROTECTED_DATA_ENVELOPE_1         B        0 192 Icc      Plain  Mastercard C2 "Protected Data Envelope 1";
    "9F70"   CARD_INTERFACE_CAPABILITIES       B        2   2 Icc      Plain  Amex C4  "Card Interface and Payment Capabilities";
    "9F71"   PROTECTED_DATA_ENVELOPE_2         B        0 192 Icc      Plain  Mastercard C2 "Protected Data Envelope 2";
    "9F71"   MOBILE_CVM_RESULTS                B        3   3 Icc      Plain  Amex C4  "Mobile CVM Results";
    /// The Visa name; the name in PBOC is **unconfirmed**.
    "9F72"   INTERNATIONAL_COUNTRY_LIMIT       B        1   1 Icc      Plain  - PBOC5  "Consecutive Offline Limit (International, Country)";
    "9F72"   PROTECTED_DATA_ENVELOPE_3         B        0 192 Icc      Plain  Mastercard C2 "Protected Data Envelope 3";
    "9F73"   CURRENCY_CONVERSION_PARAMETERS    B        0 255 Icc      Plain  - VIS    "Currency Conversion Parameters";
    "9F73"   PROTECTED_DATA_ENVELOPE_4         B        0 192 Icc      Plain  Mastercard C2 "Protected Data Envelope 4";
    "9F74"   EC_ISSUER_AUTHORISATION_CODE      An       6   6 Icc      Plain  UnionPay PBOC13 "Electronic Cash Issuer Authorisation Code";
    "9F74"   VLP_ISSUER_AUTHORISATION_CODE     Ans      6   6 Icc      Plain  Visa VIS "VLP Issuer Authorisation Code";
    "9F74"   PROTECTED_DATA_ENVELOPE_5         B        0 192 Icc      Plain  Mastercard C2 "Protected Data Envelope 5";
    /// Seen with 6 octets in personalisation data and with 1 in a test tool; which is right is **unconfirmed**.
    "9F75"   DUAL_CURRENCY_OFFLINE_LIMIT       N        1   6 Icc      Plain  - PBOC5  "Cumulative Offline Amount Limit (Dual Currency)";
    "9F75"   UNPROTECTED_DATA_ENVELOPE_1       B        0 192 Icc      Plain  Mastercard C2 "Unprotected Data Envelope 1";
    "9F76"   SECOND_CURRENCY_CODE              N        2   2 Icc      Plain  - PBOC5  "Second Application Currency Code";
    "9F76"   UNPROTECTED_DATA_ENVELOPE_2       B        0 192 Icc      Plain  Mastercard C2 "Unprotected Data Envelope 2";
    "9F77"   EC_BALANCE_LIMIT                  N        6   6 Icc      Plain  UnionPay PBOC13 "Electronic Cash Balance Limit";
    "9F77"   VLP_FUNDS_LIMIT                   N        6   6 Icc      Plain  Visa VIS "VLP Funds Limit";
    "9F77"   UNPROTECTED_DATA_ENVELOPE_3       B        0 192 Icc      Plain  Mastercard C2 "Unprotected Data Envelope 3";
    "9F78"   EC_SINGLE_LIMIT                   N        6   6 Icc      Plain  UnionPay PBOC13 "Electronic Cash Single Transaction Limit";
    "9F78"   VLP_SINGLE_LIMIT                  N        6   6 Icc      Plain  Visa VIS "VLP Single Transaction Limit";
    "9F78"   UNPROTECTED_DATA_ENVELOPE_4       B        0 192 Icc      Plain  Mastercard C2 "Unprotected Data Envelope 4";
    "9F79"   EC_BALANCE                        N        6   6 Icc      Plain  UnionPay PBOC13 "Electronic Cash Balance";
    "9F79"   VLP_AVAILABLE_FUNDS               N        6   6 Icc      Plain  Visa VIS "VLP Available Funds";
    "9F79"   UNPROTECTED_DATA_ENVELOPE_5       B        0 192 Icc      Plain  Mastercard C2 "Unprotected Data Envelope 5";
    /// 00 ordinary debit/credit flow, 01 electronic cash; a value 02 has been seen, its meaning is **unconfirmed**.
    "9F7A"   EC_TERMINAL_SUPPORT               B        1   1 Terminal Plain  UnionPay PBOC13 "Electronic Cash Terminal Support Indicator";
    "9F7A"   VLP_TERMINAL_SUPPORT              N        1   1 Terminal Plain  Visa VIS "VLP Terminal Support Indicator";
    "9F7B"   EC_TERMINAL_LIMIT                 N        6   6 Terminal Plain  UnionPay PBOC13 "Electronic Cash Terminal Transaction Limit";
    "9F7B"   VLP_TERMINAL_LIMIT                N        6   6 Terminal Plain  Visa VIS "VLP Terminal Transaction Limit";
    "9F7C"   CUSTOMER_EXCLUSIVE_DATA           B        0  32 Icc      Plain  - C3     "Customer Exclusive Data (CED)";
    "9F7C"   MERCHANT_CUSTOM_DATA              B       20  20 Terminal Plain  Mastercard C2 "Merchant Custom Data";
    "9F7D"   DS_SUMMARY_1                      B        8  16 Icc      Plain  Mastercard C2 "DS Summary 1";
    "9F7E"   MOBILE_SUPPORT_INDICATOR          B        1   1 Terminal Plain  Mastercard C2 "Mobile Support Indicator";
    "9F7F"   CPLC_DATA                         B       42  45 Icc      Plain  - GP     "Card Production Life Cycle Data";
    "9F7F"   DS_UNPREDICTABLE_NUMBER           B        4   4 Icc      Plain  Mastercard C2 "DS Unpredictable Number";

    // BFxx.
    "BF0C"   FCI_ISSUER_DISCRETIONARY_DATA     Template 0 222 Icc      Plain  - BOOK3  "File Control Information (FCI) Issuer Discretionary Data";
    "BF4A"   OFFLINE_BIT_GROUP                 Template 0 252 Icc      Plain  - BOOK3  "Offline BIT Group Template";
    "BF4B"   ONLINE_BIT_GROUP                  Template 0 252 Icc      Plain  - BOOK3  "Online BIT Group Template";
    "BF4C"   BIOMETRIC_TRY_COUNTERS            Template 0 252 Icc      Plain  - BOOK3  "Biometric Try Counters Template";
    "BF4D"   PREFERRED_ATTEMPTS                Template 0 252 Icc      Plain  - BOOK3  "Preferred Attempts Template";
    "BF4E"   BIOMETRIC_VERIFICATION_DATA       Template 0 255 Terminal Plain  - BOOK3  "Biometric Verification Data Template";
    "BF60"   IDS_RECORD_UPDATE_TEMPLATE        Template 0 255 Terminal Plain  Visa C3  "Integrated Data Storage Record Update Template";

    // DFxx. The DF0x and DF1x rows are the parameters that an acquirer's host sends to a UnionPay terminal.
    "DF01"   APPLICATION_SELECTION_INDICATOR   B        1   1 Terminal Plain  UnionPay PBOC6 "Application Selection Indicator (ASI)";
    "DF02"   CA_PUBLIC_KEY_MODULUS             B        0 248 Terminal Plain  UnionPay PBOC6 "Certification Authority Public Key Modulus";
    "DF03"   CA_PUBLIC_KEY_CHECKSUM            B       20  20 Terminal Plain  UnionPay PBOC6 "Certification Authority Public Key Check Sum";
    "DF04"   CA_PUBLIC_KEY_EXPONENT            B        1   3 Terminal Plain  UnionPay PBOC6 "Certification Authority Public Key Exponent";
    /// YYYYMMDD; hosts send it packed in 4 octets or as 8 digits of text.
    "DF05"   CA_PUBLIC_KEY_EXPIRY              Var      4   8 Terminal Plain  UnionPay PBOC6 "Certification Authority Public Key Expiration Date";
    "DF06"   CA_PUBLIC_KEY_HASH_ALGORITHM      B        1   1 Terminal Plain  UnionPay PBOC6 "Certification Authority Public Key Hash Algorithm Indicator";
    "DF07"   CA_PUBLIC_KEY_ALGORITHM           B        1   1 Terminal Plain  UnionPay PBOC6 "Certification Authority Public Key Algorithm Indicator";
    "DF11"   UPI_TAC_DEFAULT                   B        5   5 Terminal Plain  UnionPay PBOC6 "Terminal Action Code - Default";
    "DF12"   UPI_TAC_ONLINE                    B        5   5 Terminal Plain  UnionPay PBOC6 "Terminal Action Code - Online";
    "DF13"   UPI_TAC_DENIAL                    B        5   5 Terminal Plain  UnionPay PBOC6 "Terminal Action Code - Denial";
    "DF14"   DEFAULT_DDOL                      Dol      0 252 Terminal Plain  UnionPay PBOC6 "Default Dynamic Data Authentication Data Object List (DDOL)";
    "DF15"   RANDOM_SELECTION_THRESHOLD        B        4   4 Terminal Plain  UnionPay PBOC6 "Threshold Value for Biased Random Selection";
    "DF16"   RANDOM_SELECTION_MAXIMUM          N        1   1 Terminal Plain  UnionPay PBOC6 "Maximum Target Percentage for Biased Random Selection";
    "DF17"   RANDOM_SELECTION_TARGET           N        1   1 Terminal Plain  UnionPay PBOC6 "Target Percentage for Random Selection";
    "DF18"   ONLINE_PIN_CAPABILITY             B        1   1 Terminal Plain  UnionPay PBOC6 "Terminal Online PIN Capability";
    /// Known by its name only; **unconfirmed**.
    "DF19"   CONTACTLESS_OFFLINE_LIMIT         N        6   6 Terminal Plain  UnionPay PBOC6 "Contactless Offline Limit";
    /// Known by its name only; **unconfirmed**.
    "DF20"   CONTACTLESS_TRANSACTION_LIMIT     N        6   6 Terminal Plain  UnionPay PBOC6 "Contactless Transaction Limit";
    /// Known by its name only; **unconfirmed**.
    "DF21"   CONTACTLESS_CVM_LIMIT             N        6   6 Terminal Plain  UnionPay PBOC6 "Contactless CVM Required Limit";
    /// Five octets for each script; what the octets say is taken from `9F5B` and **unconfirmed**.
    "DF31"   UPI_SCRIPT_RESULTS                B        5  80 Terminal Plain  UnionPay PBOC6 "Issuer Script Results (Host Message)";
    "DF4B"   POS_CARDHOLDER_INTERACTION        B        3   3 Icc      Plain  Mastercard C2 "POS Cardholder Interaction Information";
    "DF4D"   LOAD_LOG_ENTRY                    B        2   2 Icc      Plain  UnionPay PBOC13 "Load Log Entry";
    "DF4F"   LOAD_LOG_FORMAT                   Dol      0 252 Icc      Plain  UnionPay PBOC13 "Load Log Format";
    // Inside BF4C; BF4D and BF4E use the same tags for other things.
    "DF50"   FACIAL_TRY_COUNTER                B        1   1 Icc      Plain  - BOOK3  "Facial Try Counter";
    "DF51"   FINGER_TRY_COUNTER                B        1   1 Icc      Plain  - BOOK3  "Finger Try Counter";
    "DF52"   IRIS_TRY_COUNTER                  B        1   1 Icc      Plain  - BOOK3  "Iris Try Counter";
    "DF53"   PALM_TRY_COUNTER                  B        1   1 Icc      Plain  - BOOK3  "Palm Try Counter";
    "DF54"   VOICE_TRY_COUNTER                 B        1   1 Icc      Plain  - BOOK3  "Voice Try Counter";
    "DF60"   CAPP_INDICATOR                    B        1   1 Terminal Plain  UnionPay PBOC14 "Extended Application (CAPP) Transaction Indicator";
    "DF60"   DS_INPUT_CARD                     B        8   8 Terminal Plain  Mastercard C2 "DS Input (Card)";
    "DF61"   SEGMENT_PRICING_FLAG              B        1   1 Icc      Plain  UnionPay PBOC14 "Segment Pricing Application Flag";
    "DF61"   DS_DIGEST_H                       B        8   8 Terminal Plain  Mastercard C2 "DS Digest H";
    "DF62"   SEGMENT_PRICING_LIMIT             N        6   6 Icc      Plain  UnionPay PBOC14 "Segment Pricing Limit";
    "DF62"   DS_ODS_INFO                       B        1   1 Terminal Plain  Mastercard C2 "DS ODS Info";
    "DF63"   SEGMENT_PRICING_USED              N        6   6 Icc      Plain  UnionPay PBOC14 "Segment Pricing Amount Used";
    "DF63"   DS_ODS_TERM                       B        0 160 Terminal Plain  Mastercard C2 "DS ODS Term";
    "DF69"   SM_ALGORITHM_SUPPORT              B        1   1 Terminal Plain  UnionPay PBOC17 "SM Algorithm Support Indicator";
    // DF72 belongs to the second currency too, but what it holds is **unconfirmed**, so it is not listed.
    "DF71"   EC2_CURRENCY_CODE                 N        2   2 Icc      Plain  UnionPay PBOC15 "Second Currency: Application Currency Code";
    "DF76"   EC2_RESET_THRESHOLD               N        6   6 Icc      Plain  UnionPay PBOC15 "Second Currency: Electronic Cash Reset Threshold";
    "DF77"   EC2_BALANCE_LIMIT                 N        6   6 Icc      Plain  UnionPay PBOC15 "Second Currency: Electronic Cash Balance Limit";
    "DF78"   EC2_SINGLE_LIMIT                  N        6   6 Icc      Plain  UnionPay PBOC15 "Second Currency: Electronic Cash Single Transaction Limit";
    "DF79"   EC2_BALANCE                       N        6   6 Icc      Plain  UnionPay PBOC15 "Second Currency: Electronic Cash Balance";

    // Three octets: the database of kernel 2.
    "DF8101" DS_SUMMARY_2                      B        8  16 Icc      Plain  Mastercard C2 "DS Summary 2";
    "DF8102" DS_SUMMARY_3                      B        8  16 Icc      Plain  Mastercard C2 "DS Summary 3";
    "DF8104" BALANCE_BEFORE_GEN_AC             N        0   6 Terminal Plain  Mastercard C2 "Balance Read Before Gen AC";
    "DF8105" BALANCE_AFTER_GEN_AC              N        0   6 Terminal Plain  Mastercard C2 "Balance Read After Gen AC";
    "DF8106" DATA_NEEDED                       TagList  0 255 Terminal Plain  Mastercard C2 "Data Needed";
    "DF8107" CDOL1_RELATED_DATA                B        0 255 Terminal Plain  Mastercard C2 "CDOL1 Related Data";
    "DF8108" DS_AC_TYPE                        B        1   1 Terminal Plain  Mastercard C2 "DS AC Type";
    "DF8109" DS_INPUT_TERM                     B        8   8 Terminal Plain  Mastercard C2 "DS Input (Term)";
    "DF810A" DS_ODS_INFO_FOR_READER            B        1   1 Terminal Plain  Mastercard C2 "DS ODS Info For Reader";
    "DF810B" DS_SUMMARY_STATUS                 B        1   1 Terminal Plain  Mastercard C2 "DS Summary Status";
    "DF810C" KERNEL_ID                         B        1   1 Terminal Plain  Mastercard C2 "Kernel ID";
    "DF810D" DSVN_TERM                         B        0 255 Terminal Plain  Mastercard C2 "DSVN Term";
    "DF810E" POST_GEN_AC_PUT_DATA_STATUS       B        1   1 Terminal Plain  Mastercard C2 "Post-Gen AC Put Data Status";
    "DF810F" PRE_GEN_AC_PUT_DATA_STATUS        B        1   1 Terminal Plain  Mastercard C2 "Pre-Gen AC Put Data Status";
    "DF8110" PROCEED_TO_FIRST_WRITE            B        0   1 Terminal Plain  Mastercard C2 "Proceed To First Write Flag";
    "DF8111" PDOL_RELATED_DATA                 B        0 255 Terminal Plain  Mastercard C2 "PDOL Related Data";
    "DF8112" TAGS_TO_READ                      TagList  0 255 Terminal Plain  Mastercard C2 "Tags To Read";
    "DF8113" DRDOL_RELATED_DATA                B        0 255 Terminal Plain  Mastercard C2 "DRDOL Related Data";
    "DF8114" REFERENCE_CONTROL_PARAMETER       B        1   1 Terminal Plain  Mastercard C2 "Reference Control Parameter";
    "DF8115" ERROR_INDICATION                  B        6   6 Terminal Plain  Mastercard C2 "Error Indication";
    "DF8116" USER_INTERFACE_REQUEST            B       22  22 Terminal Plain  Mastercard C2 "User Interface Request Data";
    "DF8117" CARD_DATA_INPUT_CAPABILITY        B        1   1 Terminal Plain  Mastercard C2 "Card Data Input Capability";
    "DF8118" CVM_CAPABILITY_REQUIRED           B        1   1 Terminal Plain  Mastercard C2 "CVM Capability - CVM Required";
    "DF8119" CVM_CAPABILITY_NOT_REQUIRED       B        1   1 Terminal Plain  Mastercard C2 "CVM Capability - No CVM Required";
    "DF811A" DEFAULT_UDOL                      Dol      3   3 Terminal Plain  Mastercard C2 "Default UDOL";
    "DF811B" KERNEL_CONFIGURATION              B        1   1 Terminal Plain  Mastercard C2 "Kernel Configuration";
    "DF811C" TORN_RECORD_LIFETIME              B        2   2 Terminal Plain  Mastercard C2 "Max Lifetime of Torn Transaction Log Record";
    "DF811D" TORN_RECORD_COUNT                 B        1   1 Terminal Plain  Mastercard C2 "Max Number of Torn Transaction Log Records";
    "DF811E" MAGSTRIPE_CVM_REQUIRED            B        1   1 Terminal Plain  Mastercard C2 "Mag-stripe CVM Capability - CVM Required";
    "DF811F" SECURITY_CAPABILITY               B        1   1 Terminal Plain  Mastercard C2 "Security Capability";
    "DF8120" TAC_DEFAULT                       B        5   5 Terminal Plain  Mastercard C2 "Terminal Action Code - Default";
    "DF8121" TAC_DENIAL                        B        5   5 Terminal Plain  Mastercard C2 "Terminal Action Code - Denial";
    "DF8122" TAC_ONLINE                        B        5   5 Terminal Plain  Mastercard C2 "Terminal Action Code - Online";
    "DF8123" READER_FLOOR_LIMIT                N        6   6 Terminal Plain  Mastercard C2 "Reader Contactless Floor Limit";
    "DF8124" READER_LIMIT_NO_DEVICE_CVM        N        6   6 Terminal Plain  Mastercard C2 "Reader Contactless Transaction Limit (No On-device CVM)";
    "DF8125" READER_LIMIT_DEVICE_CVM           N        6   6 Terminal Plain  Mastercard C2 "Reader Contactless Transaction Limit (On-device CVM)";
    "DF8126" READER_CVM_REQUIRED_LIMIT         N        6   6 Terminal Plain  Mastercard C2 "Reader CVM Required Limit";
    "DF8127" TIME_OUT_VALUE                    B        2   2 Terminal Plain  Mastercard C2 "Time Out Value";
    "DF8128" IDS_STATUS                        B        1   1 Terminal Plain  Mastercard C2 "IDS Status";
    "DF8129" OUTCOME_PARAMETER_SET             B        8   8 Terminal Plain  Mastercard C2 "Outcome Parameter Set";
    "DF812A" DD_CARD_TRACK1                    Ans      0  56 Terminal Track  Mastercard C2 "DD Card (Track1)";
    "DF812B" DD_CARD_TRACK2                    Cn       0  11 Terminal Track  Mastercard C2 "DD Card (Track2)";
    "DF812C" MAGSTRIPE_CVM_NOT_REQUIRED        B        1   1 Terminal Plain  Mastercard C2 "Mag-stripe CVM Capability - No CVM Required";
    "DF812D" MESSAGE_HOLD_TIME                 N        3   3 Terminal Plain  Mastercard C2 "Message Hold Time";
    "DF8130" HOLD_TIME_VALUE                   B        1   1 Terminal Plain  Mastercard C2 "Hold Time Value";
    "DF8131" PHONE_MESSAGE_TABLE               B        0 255 Terminal Plain  Mastercard C2 "Phone Message Table";
    "DF8132" RRP_MINIMUM_GRACE_PERIOD          B        2   2 Terminal Plain  Mastercard C2 "Minimum Relay Resistance Grace Period";
    "DF8133" RRP_MAXIMUM_GRACE_PERIOD          B        2   2 Terminal Plain  Mastercard C2 "Maximum Relay Resistance Grace Period";
    "DF8134" RRP_EXPECTED_TIME_C_APDU          B        2   2 Terminal Plain  Mastercard C2 "Terminal Expected Transmission Time For Relay Resistance C-APDU";
    "DF8135" RRP_EXPECTED_TIME_R_APDU          B        2   2 Terminal Plain  Mastercard C2 "Terminal Expected Transmission Time For Relay Resistance R-APDU";
    "DF8136" RRP_ACCURACY_THRESHOLD            B        2   2 Terminal Plain  Mastercard C2 "Relay Resistance Accuracy Threshold";
    "DF8137" RRP_MISMATCH_THRESHOLD            B        1   1 Terminal Plain  Mastercard C2 "Relay Resistance Transmission Time Mismatch Threshold";
    "DF8301" RRP_TERMINAL_ENTROPY              B        4   4 Terminal Plain  Mastercard C2 "Terminal Relay Resistance Entropy";
    "DF8302" RRP_DEVICE_ENTROPY                B        4   4 Icc      Plain  Mastercard C2 "Device Relay Resistance Entropy";
    "DF8303" RRP_MINIMUM_TIME                  B        2   2 Icc      Plain  Mastercard C2 "Min Time For Processing Relay Resistance APDU";
    "DF8304" RRP_MAXIMUM_TIME                  B        2   2 Icc      Plain  Mastercard C2 "Max Time For Processing Relay Resistance APDU";
    "DF8305" RRP_DEVICE_TIME_R_APDU            B        2   2 Icc      Plain  Mastercard C2 "Device Estimated Transmission Time For Relay Resistance R-APDU";
    "DF8306" RRP_MEASURED_TIME                 B        2   2 Terminal Plain  Mastercard C2 "Measured Relay Resistance Processing Time";
    "DF8307" RRP_COUNTER                       B        1   1 Terminal Plain  Mastercard C2 "RRP Counter";
    "FF8101" TORN_RECORD                       Template 0 65535 Terminal Plain Mastercard C2 "Torn Record";
    "FF8102" TAGS_TO_WRITE_BEFORE_GEN_AC       Template 0 65535 Terminal Plain Mastercard C2 "Tags To Write Before Gen AC";
    "FF8103" TAGS_TO_WRITE_AFTER_GEN_AC        Template 0 65535 Terminal Plain Mastercard C2 "Tags To Write After Gen AC";
    "FF8104" DATA_TO_SEND                      Template 0 65535 Terminal Plain Mastercard C2 "Data To Send";
    "FF8105" DATA_RECORD                       Template 0 65535 Terminal Plain Mastercard C2 "Data Record";
    "FF8106" DISCRETIONARY_DATA_TEMPLATE       Template 0 65535 Terminal Plain Mastercard C2 "Discretionary Data";
}
