//! Whatever comes, in whatever order and however often: no balance is ever negative, and each is the sum of what came and went.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic in a test is its failure")]

mod support;

use proptest::prelude::*;
use support::{Asked, NOW, Terminal, World, run};
use tapcard_issuer::{Reason, Request};

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    /// A transaction of this many minor units and this type.
    Pay(u64, u8),
    /// A request that was sent before comes again.
    Again(usize),
    /// The card is blocked, or served again.
    Block(bool),
    /// The host starts anew.
    Restart,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0_u64..4_000, prop::sample::select(vec![0x00, 0x01, 0x09, 0x20, 0x30, 0x60, 0x63])).prop_map(|(minor, kind)| Event::Pay(minor, kind)),
        3 => (0_usize..8).prop_map(Event::Again),
        1 => any::<bool>().prop_map(Event::Block),
        1 => Just(Event::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn books_always_agree(events in prop::collection::vec(event(), 1..14)) {
        run(async {
            let mut world = World::new("pboc-ec", 156, 5_000).await;
            let mut card = world.emulated();
            let mut sent: Vec<(Request, Vec<u8>)> = Vec::new();
            let mut expected = 5_000_u64;
            for event in events {
                match event {
                    Event::Pay(minor, kind) => {
                        let (_terminal, field_55) = Terminal::go_online(&mut card, Asked::yuan(minor, kind));
                        let request = Request::from_field_55(&field_55).unwrap();
                        let answer = world.issuer.authorise(&request, NOW).await.unwrap();
                        if answer.reason == Reason::Approved && kind != 0x30 {
                            expected = expected.checked_sub(minor).unwrap();
                        }
                        sent.push((request, answer.data));
                    }
                    Event::Again(index) => {
                        let Some((request, before)) = sent.get(index) else { continue };
                        let answer = world.issuer.authorise(request, NOW + 60).await.unwrap();
                        assert!(answer.repeated);
                        assert_eq!(&answer.data, before);
                    }
                    Event::Block(true) => world.issuer.block(world.card.id).await.unwrap(),
                    Event::Block(false) => world.issuer.unblock(world.card.id).await.unwrap(),
                    Event::Restart => world.issuer = world.reopened().await,
                }
                assert_eq!(world.balance().await, expected);
                world.assert_books_agree().await;
            }
        });
    }
}
