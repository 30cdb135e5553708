//! Times of all parsers for all shapes; `tapcard-bench report` reads the medians that criterion leaves.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use tapcard_bench::parsers;
use tapcard_bench::shapes::Shape;

fn tlv(criterion: &mut Criterion) {
    for shape in Shape::all() {
        let mut group = criterion.benchmark_group(shape.name);
        group.throughput(Throughput::Elements(shape.objects)).sampling_mode(SamplingMode::Flat);
        if shape.name == "emv" {
            // There are targets for these times. Many short samples: most of them pass without another program in
            // between, also on a busy machine, so that their median is that of the parser.
            group.sample_size(1000).measurement_time(Duration::from_secs(2));
        } else {
            group.sample_size(10).measurement_time(Duration::from_millis(500));
        }
        for parser in parsers::ALL {
            group.bench_function(parser.name, |bencher| {
                bencher.iter(|| {
                    for input in &shape.inputs {
                        black_box((parser.sum)(black_box(input)));
                    }
                });
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).nresamples(2000);
    targets = tlv
}
criterion_main!(all);
