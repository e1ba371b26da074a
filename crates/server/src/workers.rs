//! Threads for work that must not run on the ones that answer requests.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// How many may wait for a password thread; beyond that a request is turned away at once.
const PASSWORD_QUEUE: usize = 64;

/// The work cannot be taken on now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much work is waiting")]
pub struct Busy;

/// Bounded worker threads. A password hash takes about 20 MiB and 25 ms, so their number bounds memory too.
#[derive(Clone, Debug)]
pub struct Workers {
    passwords: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Workers {
    /// `parallel` password hashes at a time.
    pub fn new(parallel: usize) -> Self {
        Self {
            passwords: Arc::new(Semaphore::new(parallel.max(1))),
            queue: Arc::new(Semaphore::new(PASSWORD_QUEUE)),
        }
    }

    /// Runs a password hash on a blocking thread when one is free.
    pub async fn password<T, F>(&self, work: F) -> Result<T, Busy>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let _waiting = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_| Busy)?;
        let running = Arc::clone(&self.passwords)
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(running);
            done
        })
        .await
        .map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[tokio::test]
    async fn a_full_queue_turns_away_instead_of_waiting() {
        let workers = Workers::new(1);
        let held: Vec<_> = (0..PASSWORD_QUEUE)
            .map(|_| Arc::clone(&workers.queue).try_acquire_owned().unwrap())
            .collect();
        assert_eq!(workers.password(|| 1).await, Err(Busy));
        drop(held);
        assert_eq!(workers.password(|| 1).await, Ok(1));
    }
}
