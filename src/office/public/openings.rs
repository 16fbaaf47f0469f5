//! Counts openings of the status page in memory, and writes them down now and then: so that a row says how many there were
//! on a day, and no write says when somebody looked.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::calendar::riyadh_day;
use crate::office::Office;
use crate::office::database::{DatabaseError, status_page};

/// Openings that aren't written down yet.
#[derive(Default)]
pub struct Openings {
    shown: AtomicU64,
    refused: AtomicU64,
}

impl Openings {
    pub fn shown(&self) {
        self.shown.fetch_add(1, Ordering::Relaxed);
    }

    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds them to the day's. What can't be written waits for the next time.
    pub async fn write_down(&self, office: &Office) {
        let counted = status_page::Openings {
            shown: self.shown.swap(0, Ordering::Relaxed),
            refused: self.refused.swap(0, Ordering::Relaxed),
        };
        if counted == status_page::Openings::default() {
            return;
        }
        if let Err(error) = write(office, counted).await {
            tracing::error!(%error, "the openings of the status page couldn't be written down");
            self.shown.fetch_add(counted.shown, Ordering::Relaxed);
            self.refused.fetch_add(counted.refused, Ordering::Relaxed);
        }
    }
}

async fn write(office: &Office, counted: status_page::Openings) -> Result<(), DatabaseError> {
    let mut writing = office.database.write().await?;
    status_page::add(&mut writing, riyadh_day(office.clock.now()), counted).await?;
    writing.commit().await
}
