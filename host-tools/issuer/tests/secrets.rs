//! What is secret is nowhere to be read: not in the files, not in `Debug`, not in errors.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use support::{Asked, Terminal, World, run};
use tapcard_emv::tag;
use tapcard_issuer::{IssuerError, Request, SqliteStore, StoreError, VaultError, key_file};

/// Whether the octets stand somewhere in a file of the folder other than the card's own.
fn is_in_files(world: &World, wanted: &[u8]) -> bool {
    let files = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with("card.json"));
    files.into_iter().any(|path| std::fs::read(path).unwrap().windows(wanted.len()).any(|window| window == wanted))
}

#[test]
fn the_database_has_no_account_number() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let mut card = world.emulated();
        let (_terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(100, 0));
        world.authorise(&field_55).await;
        let octets = tapcard_iso7816::find(&field_55, tag::PAN).unwrap().to_vec();
        let digits = hex::encode(&octets);
        let shown =
            format!("{:?} {:?} {:?}", world.issuer, world.stored().await, Request::from_field_55(&field_55).unwrap());
        assert!(!shown.contains(&digits) && shown.contains("621094******"), "{shown}");
        assert!(!is_in_files(&world, digits.as_bytes()) && !is_in_files(&world, &octets));
        assert!(is_in_files(&world, b"621094******"), "the search finds what is there");
    });
}

#[test]
fn another_key_file_opens_nothing() {
    run(async {
        let world = World::new("pboc-ec", 156, 50_000).await;
        let vault = key_file::create(&world.folder.path().join("other.key"), key_file::Protection::FileMode).unwrap();
        let store = SqliteStore::open(&world.folder.path().join("issuer.db")).await.unwrap();
        let error = tapcard_issuer::Issuer::new(store, vault).key_sets().await.unwrap_err();
        assert!(matches!(error, IssuerError::Vault(VaultError::Sealed)), "{error}");
    });
}

#[test]
fn a_database_is_never_replaced_and_never_made_by_mistake() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        assert!(matches!(SqliteStore::open(&path).await, Err(StoreError::Missing(_))));
        SqliteStore::create(&path).await.unwrap().close().await;
        assert!(matches!(SqliteStore::create(&path).await, Err(StoreError::Exists(_))));
        SqliteStore::open(&path).await.unwrap().close().await;
    });
}
