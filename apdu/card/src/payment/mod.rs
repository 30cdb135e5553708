//! What a payment application does beyond telling its data.

mod processing_options;
