//! Turns at the one writer: batches that are ready at the same time are written in one transaction.
//!
//! When many kiosks come back at once, each batch changes the same pages of the indices; a transaction for several writes such
//! a page once. Whoever of those who wait gets the writer **leads**: takes all that is ready, writes and commits it, and only
//! then answers each. A leader whose kiosk breaks off puts back what isn't answered; the next one leads. A batch that was
//! committed all the same changes nothing the second time.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::{Arrived, IntakeError};
use crate::domain::tracking_number::KioskNumber;
use crate::office::database::{DatabaseError, Writing};
use crate::office::{Office, intake};
use crate::replication::invite::Pin;
use crate::replication::wire::{Acknowledgement, BATCH_ENVELOPES_MAX};

/// So many envelopes in one transaction at most.
const TOGETHER_MAX: usize = 4 * BATCH_ENVELOPES_MAX;
/// So many batches are in work at most: those of one transaction, and as many that are proved meanwhile. Whoever else writes
/// waits for no more than these two.
const IN_WORK_MAX: usize = 2 * TOGETHER_MAX / BATCH_ENVELOPES_MAX;

type Answer = Result<Acknowledgement, IntakeError>;

/// A batch whose signatures are proved.
pub struct Proved {
    pub peer: Pin,
    /// Whose envelopes they are
    pub kiosk: KioskNumber,
    pub arrived: Vec<Arrived>,
}

struct Waiting {
    batch: Proved,
    answer: oneshot::Sender<Answer>,
}

/// The batches in work: proved on all cores, written by one after the other.
pub struct Turns {
    /// One transaction's batches are written while as many as there are cores are proved. The others wait in their order.
    in_work: Semaphore,
    ready: Mutex<Vec<Waiting>>,
}

impl Default for Turns {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let in_work = IN_WORK_MAX.min(TOGETHER_MAX / BATCH_ENVELOPES_MAX + cores);
        Self { in_work: Semaphore::new(in_work), ready: Mutex::default() }
    }
}

impl Turns {
    /// A place among those in work.
    pub async fn begin(&self) -> Result<SemaphorePermit<'_>, IntakeError> {
        self.in_work.acquire().await.map_err(|_| IntakeError::BrokenOff)
    }

    /// How many wait for the writer.
    #[cfg(test)]
    pub(crate) fn ready_count(&self) -> usize {
        self.ready().len()
    }

    fn ready(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        // Nothing is left half done under the lock: batches are put in and taken out whole.
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As many as one transaction takes, the longest waiting first; those whose kiosk has gone are left out.
    fn take(&self) -> Vec<Waiting> {
        let mut ready = self.ready();
        ready.retain(|waiting| !waiting.answer.is_closed());
        let mut envelopes = 0;
        let fits = ready.iter().take_while(|waiting| {
            envelopes += waiting.batch.arrived.len();
            envelopes <= TOGETHER_MAX
        });
        let count = fits.count();
        ready.drain(..count).collect()
    }
}

/// Has a batch written, by whoever leads, and gives its acknowledgement.
pub async fn write(office: &Office, batch: Proved) -> Answer {
    let (answer, mut answered) = oneshot::channel();
    {
        let mut ready = office.intake.ready();
        // While nobody gets the writer, those who have gone don't pile up.
        ready.retain(|waiting| !waiting.answer.is_closed());
        ready.push(Waiting { batch, answer });
    }
    loop {
        tokio::select! {
            biased;
            answer = &mut answered => return answer.unwrap_or(Err(IntakeError::BrokenOff)),
            writing = office.database.write() => lead(office, writing?).await,
        }
    }
}

/// What a leader has taken; dropped unanswered, it goes back to the front.
struct Taken<'a> {
    turns: &'a Turns,
    waiting: Vec<Waiting>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut ready = self.turns.ready();
        let behind = std::mem::take(&mut *ready);
        ready.append(&mut self.waiting);
        ready.extend(behind);
    }
}

async fn lead(office: &Office, writing: Writing) {
    let mut taken = Taken { turns: &office.intake, waiting: office.intake.take() };
    let answers = match write_all(office, writing, &taken.waiting).await {
        Ok(answers) => answers,
        Err(error) if taken.waiting.len() == 1 => vec![Err(error.into())],
        // One of them may be what the database can't take: it doesn't hold up the others.
        Err(_) => {
            let mut answers = Vec::with_capacity(taken.waiting.len());
            for waiting in &taken.waiting {
                answers.push(write_alone(office, waiting).await.unwrap_or_else(|error| Err(error.into())));
            }
            answers
        }
    };
    for (Waiting { answer, .. }, given) in taken.waiting.drain(..).zip(answers) {
        // Whoever has gone asks again.
        let _ = answer.send(given);
    }
}

async fn write_alone(office: &Office, waiting: &Waiting) -> Result<Answer, DatabaseError> {
    let writing = office.database.write().await?;
    let mut answers = write_all(office, writing, std::slice::from_ref(waiting)).await?;
    Ok(answers.pop().unwrap_or(Err(IntakeError::BrokenOff)))
}

/// Writes all in one transaction and commits it: the answers in their order. After an error nothing is written.
async fn write_all(office: &Office, mut writing: Writing, waiting: &[Waiting]) -> Result<Vec<Answer>, DatabaseError> {
    let mut answers = Vec::with_capacity(waiting.len());
    for Waiting { batch, .. } in waiting {
        match intake::write(office, &mut writing, batch).await {
            Err(IntakeError::Database(error)) => return Err(error),
            answer => answers.push(answer),
        }
    }
    if answers.iter().any(Answer::is_ok) {
        writing.commit().await?;
    }
    Ok(answers)
}
