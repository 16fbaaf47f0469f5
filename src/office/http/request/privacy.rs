//! The rights of the request's person: what was asked for, who has read the file, and that it was erased.

use std::collections::HashMap;

use super::super::privacy::words as ask_words;
use super::super::session::Staff;
use super::super::trail::action_label;
use super::{Fact, history};
use crate::language::{Words, dates};
use crate::office::Office;
use crate::office::data_copy;
use crate::office::database::asks::{self, Ask};
use crate::office::database::persons::StoredPerson;
use crate::office::database::requests::StoredRequest;
use crate::office::database::trail::ReadEntry;
use crate::office::database::{Connection, DatabaseError};
use crate::office::people::Permission;

/// The newest readings that stand on the page; the trail's page shows all.
const SHOWN_MAX: usize = 20;

/// What the database knows of it.
pub struct Gathered {
    asks: Vec<Ask>,
    readings: Vec<ReadEntry>,
}

pub async fn gather(
    connection: &mut Connection,
    request: &StoredRequest,
    person: Option<&StoredPerson>,
) -> Result<Gathered, DatabaseError> {
    let subjects: Vec<String> =
        std::iter::once(request.id.to_string()).chain(person.map(|person| person.id.clone())).collect();
    Ok(Gathered {
        asks: asks::about(connection, person.map(|person| person.number), Some(request.id)).await?,
        readings: data_copy::readings(connection, &subjects).await?,
    })
}

/// When somebody has read a file, and who.
pub fn reader(words: &Words, entry: &ReadEntry, names: &HashMap<String, String>) -> Fact {
    Fact {
        label: dates::time(words, entry.at),
        value: words.format(
            "office-copy-reader",
            &[
                ("who", history::actor(words, &entry.actor, names).into()),
                ("what", action_label(words, &entry.action).unwrap_or_default().into()),
            ],
        ),
    }
}

pub struct PrivacyPart {
    /// A sentence, when everything personal was destroyed
    pub erased: Option<String>,
    /// Address and line of each ask
    pub asks: Vec<(String, String)>,
    pub readers: Vec<Fact>,
    pub may_answer: bool,
    pub may_read_trail: bool,
}

pub fn part(
    office: &Office,
    staff: &Staff,
    words: &Words,
    (request, gathered): (&StoredRequest, &Gathered),
    names: &HashMap<String, String>,
) -> PrivacyPart {
    let may = |permission| staff.person.role.may(permission);
    let asks = gathered
        .asks
        .iter()
        .map(|ask| (format!("/privacy/asks/{}", ask.id), ask_words::line(words, ask, office.clock.now())));
    let readers = gathered.readings.iter().take(SHOWN_MAX).map(|entry| reader(words, entry, names));
    let may_read_trail = may(Permission::ReadTrail);
    PrivacyPart {
        erased: request
            .erased_at
            .map(|at| words.format("office-privacy-erased", &[("when", dates::time(words, at).into())])),
        asks: asks.collect(),
        readers: if may_read_trail { readers.collect() } else { Vec::new() },
        may_answer: may(Permission::AnswerPrivacyAsks),
        may_read_trail,
    }
}
