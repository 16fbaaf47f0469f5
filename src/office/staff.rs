//! What is done with the people of the staff, by commands and on the page `/people` alike: each in one transaction with
//! its entry of the trail.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::database::people::{self, Person};
use super::database::trail::{self, Actor};
use super::database::{Database, DatabaseError, Writing, second_factors, sessions};
use super::people::{FullName, Role, UserName};
use crate::seal::keys::{hex, random};

#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    #[error("there is already a user `{0}`: choose another name")]
    UserExists(String),
    #[error("there is no such user: `istiqbal office users list` names them all")]
    NoSuchUser,
    #[error(
        "this is the last administrator who can sign in: make another one first, or nobody could look after the staff"
    )]
    LastAdministrator,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A password as it is kept.
pub struct NewPassword {
    /// Argon2id, as a PHC string
    pub hash: String,
    /// Made by somebody else than its person, who chooses another at the next sign-in
    pub is_initial: bool,
}

/// One thing that is done with one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Role(Role),
    /// How pages and minutes call somebody; `None` for the name to sign in with
    FullName(Option<FullName>),
    /// Can't sign in any more, at once
    Disable,
    Enable,
    /// Takes the second factor and its recovery codes away
    ResetSecondFactor,
    /// Ends all sessions, and no browser is known any more
    SignOut,
}

/// Adds a person.
pub async fn add(
    database: &Database,
    now: DateTime<Utc>,
    actor: &Actor,
    name: &UserName,
    full_name: Option<&FullName>,
    role: Role,
    password: NewPassword,
) -> Result<(), StaffError> {
    let person = Person {
        id: hex(&random::<16>()),
        name: name.as_str().to_owned(),
        full_name: full_name.map(|name| name.as_str().to_owned()),
        role,
        password: password.hash,
        password_is_initial: password.is_initial,
        is_disabled: false,
    };
    let mut writing = database.write().await?;
    if !people::add(&mut writing, &person, now).await? {
        return Err(StaffError::UserExists(person.name));
    }
    trail::append(&mut writing, now, actor, "user added", &person.id, json!({ "role": role.as_str() })).await?;
    Ok(writing.commit().await?)
}

/// Changes one thing of a person, by the random id. All sessions of theirs end, but when they were only enabled or named.
pub async fn change(
    database: &Database,
    now: DateTime<Utc>,
    actor: &Actor,
    id: &str,
    change: Change,
) -> Result<(), StaffError> {
    let mut writing = database.write().await?;
    let person = people::by_id(&mut writing, id).await?.ok_or(StaffError::NoSuchUser)?;
    let keeps_sessions = matches!(change, Change::Enable | Change::FullName(_));
    let (action, details) = match change {
        // Sent twice, or chosen as it was.
        Change::Role(role) if role == person.role => return Ok(()),
        Change::Disable if person.is_disabled => return Ok(()),
        Change::Enable if !person.is_disabled => return Ok(()),
        Change::Role(role) => {
            keep_an_administrator(&mut writing, &person).await?;
            people::set_role(&mut writing, id, role).await?;
            ("role changed", json!({ "from": person.role.as_str(), "to": role.as_str() }))
        }
        Change::FullName(name) if name.as_ref().map(FullName::as_str) == person.full_name.as_deref() => return Ok(()),
        Change::FullName(name) => {
            people::set_full_name(&mut writing, id, name.as_ref()).await?;
            ("full name changed", json!({}))
        }
        Change::Disable => {
            keep_an_administrator(&mut writing, &person).await?;
            people::set_disabled(&mut writing, id, Some(now)).await?;
            ("user disabled", json!({}))
        }
        Change::Enable => {
            people::set_disabled(&mut writing, id, None).await?;
            ("user enabled", json!({}))
        }
        Change::ResetSecondFactor => {
            let had_one = second_factors::remove(&mut writing, id).await?;
            ("second factor reset", json!({ "had_one": had_one }))
        }
        Change::SignOut => ("signed out everywhere", json!({})),
    };
    if !keeps_sessions {
        leave(&mut writing, id).await?;
    }
    trail::append(&mut writing, now, actor, action, id, details).await?;
    Ok(writing.commit().await?)
}

/// Gives a person another password. All sessions of theirs end, and no browser is known any more.
pub async fn reset_password(
    database: &Database,
    now: DateTime<Utc>,
    actor: &Actor,
    id: &str,
    password: NewPassword,
) -> Result<(), StaffError> {
    let mut writing = database.write().await?;
    people::by_id(&mut writing, id).await?.ok_or(StaffError::NoSuchUser)?;
    people::set_password(&mut writing, id, &password.hash, password.is_initial).await?;
    leave(&mut writing, id).await?;
    let details = json!({ "must_be_changed": password.is_initial });
    trail::append(&mut writing, now, actor, "password reset", id, details).await?;
    Ok(writing.commit().await?)
}

/// Ends all that a person has open.
async fn leave(writing: &mut Writing, id: &str) -> Result<(), DatabaseError> {
    sessions::end_all(writing, id, None).await?;
    sessions::forget_browsers(writing, id).await
}

/// Refuses what would leave nobody who can look after the staff.
async fn keep_an_administrator(writing: &mut Writing, person: &Person) -> Result<(), StaffError> {
    let is_one = person.role == Role::Administrator && !person.is_disabled;
    if is_one && !people::has_other_administrator(writing, &person.id).await? {
        return Err(StaffError::LastAdministrator);
    }
    Ok(())
}
