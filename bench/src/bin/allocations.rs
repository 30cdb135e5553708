//! Counts the allocations of all parsers, per shape. A program of its own, because the allocator that counts would slow
//! down the peers that allocate wherever it is linked.

use std::collections::BTreeMap;
use std::hint::black_box;

use tapcard_bench::parsers;
use tapcard_bench::shapes::Shape;

fn main() -> anyhow::Result<()> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for shape in &Shape::all() {
        for parser in parsers::ALL {
            let made = allocation_counter::measure(|| {
                for input in &shape.inputs {
                    black_box((parser.sum)(black_box(input)));
                }
            });
            counts.entry(shape.name).or_default().insert(parser.name, made.count_total);
        }
    }
    println!("{}", serde_json::to_string_pretty(&counts)?);
    Ok(())
}
