//! A panic is a fault of this program: it is logged like any other, and whoever asked gets an answer.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Some work panicked; the log says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of this program broke off: the log says where. Tell whoever looks after it")]
pub struct Panicked;

/// Carries work out; a panic in it ends the work alone.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    // A panic's half-changed state is dropped with the work: it isn't polled again.
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// Sends panics of all threads to the log. Only where, and a message that stands in the program: one that was put together may hold what
/// somebody typed.
pub fn log_all() {
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let place = panic.location().map(ToString::to_string);
        let message = fixed_message(panic);
        tracing::error!(place, message, thread = thread.name(), "a part of this program panicked");
    }));
}

fn fixed_message(panic: &PanicHookInfo<'_>) -> Option<&'static str> {
    panic.payload().downcast_ref::<&'static str>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_its_own_work_alone() {
        let breaks = async {
            tokio::task::yield_now().await;
            "7 or more".parse::<u32>().unwrap()
        };
        assert_eq!(caught(breaks).await, Err(Panicked));
        assert_eq!(caught(async { 7 }).await, Ok(7));
    }
}
