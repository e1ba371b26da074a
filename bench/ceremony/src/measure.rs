//! CPU time per operation: every contender runs once per round, in turn, so that a machine that is slow for a while is slow for
//! all of them; the median of the rounds is reported.

use rustix::time::{ClockId, clock_gettime};

/// One thing that is measured: a name and an operation that must succeed.
pub struct Contender<'a> {
    pub name: &'static str,
    pub operation: Box<dyn FnMut() + 'a>,
}

pub fn contender<'a>(name: &'static str, operation: impl FnMut() + 'a) -> Contender<'a> {
    Contender {
        name,
        operation: Box::new(operation),
    }
}

/// Microseconds of CPU per operation, one number per contender.
pub fn compare(contenders: &mut [Contender<'_>], rounds: usize, batch: u32) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..=rounds {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let start = cpu_seconds();
            for _ in 0..batch {
                (contender.operation)();
            }
            // The first round warms caches.
            if round > 0 {
                times.push((cpu_seconds() - start) * 1e6 / f64::from(batch));
            }
        }
    }
    times.into_iter().map(median).collect()
}

fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
