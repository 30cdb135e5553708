//! Public keys by whose they are, so that none is taken for another.

use crate::rsa::PublicKey;

/// Defines a key of one owner.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<'a>(PublicKey<'a>);

        impl<'a> $name<'a> {
            /// A key that is known to be this owner's.
            #[must_use]
            pub const fn new(key: PublicKey<'a>) -> Self {
                Self(key)
            }

            /// The key itself.
            #[must_use]
            pub const fn public(&self) -> &PublicKey<'a> {
                &self.0
            }
        }
    };
}
key!(
    /// The issuer public key: verifies ICC certificates and signed static data.
    IssuerKey
);
key!(
    /// The ICC public key: verifies signed dynamic data, and enciphers PINs where there is no PIN key.
    IccKey
);
key!(
    /// The ICC PIN encipherment public key.
    PinKey
);
