//! The person's other requests, and those among them that ask for the same.

use crate::domain::request::RequestId;
use crate::language::{Words, dates};
use crate::office::database::persons::{self, PersonsRequest, StoredPerson};
use crate::office::database::requests::StoredRequest;
use crate::office::database::{Connection, DatabaseError};

use super::super::words;

/// The most requests of one person that are looked through.
const LOOKED_THROUGH: u32 = 200;
/// So many that ask for the same are named here; the person's page shows all.
const SAME_SHOWN_MAX: usize = 5;

/// What else there is of the person of a request.
pub struct FoundOthers {
    pub person: StoredPerson,
    requests: Vec<PersonsRequest>,
}

/// As the page shows it.
pub struct Others {
    pub person: String,
    /// "3 other requests of this person"
    pub line: String,
    /// The newest requests for the same service, by id, with what is shown of each
    pub same_service: Vec<(String, String)>,
    /// "31 more for the same service", where not all are named
    pub more: Option<String>,
}

pub async fn find(connection: &mut Connection, request: RequestId) -> Result<Option<FoundOthers>, DatabaseError> {
    let Some(person) = persons::of_request(connection, request).await? else { return Ok(None) };
    let mut requests = persons::requests(connection, person.number, LOOKED_THROUGH).await?;
    requests.retain(|one| one.request.id != request);
    Ok(Some(FoundOthers { person, requests }))
}

pub fn others(words: &Words, request: &StoredRequest, found: &FoundOthers) -> Others {
    let same: Vec<&PersonsRequest> =
        found.requests.iter().filter(|one| one.request.service == request.service).collect();
    let more = same.len().saturating_sub(SAME_SHOWN_MAX);
    let shown = |one: &&PersonsRequest| {
        let facts = [
            words::number(words, one.request.tracking_number),
            dates::hijri(words, one.request.received_on),
            words::stage(words, &one.stage),
        ];
        (one.request.id.to_string(), facts.join(" – "))
    };
    Others {
        person: found.person.id.clone(),
        line: words.format("office-person-others", &[("count", found.requests.len().into())]),
        same_service: same.iter().take(SAME_SHOWN_MAX).map(shown).collect(),
        more: (more > 0).then(|| words.format("office-person-same-service-more", &[("count", more.into())])),
    }
}
