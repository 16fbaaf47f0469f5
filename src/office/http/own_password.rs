//! What the pages share that ask for a password: the rules in words, the choice of a new one, and the old one as a proof.

use axum::http::StatusCode;

use super::frame::Failure;
use super::second_factor::{self, Proof};
use super::session::{Posted, Visitor};
use crate::language::Words;
use crate::office::Office;
use crate::office::database::people::{self, Person};
use crate::office::database::second_factors;
use crate::office::passwords::{PASSWORD_CHARACTERS_MIN, PasswordError, WorkError};

/// A new password, typed twice.
pub struct Choice<'a> {
    pub new: &'a str,
    pub again: &'a str,
}

/// What a password must be like.
pub fn rules(words: &Words) -> String {
    words.format("office-password-rules", &[("count", PASSWORD_CHARACTERS_MIN.into())])
}

pub fn error(words: &Words, error: &PasswordError) -> String {
    match error {
        PasswordError::Length => rules(words),
        PasswordError::Common => words.get("office-password-common"),
        PasswordError::Name => words.get("office-password-name"),
        PasswordError::Hash(_) => words.get("office-password-failed"),
    }
}

/// The hash of a chosen password, or in words why it can't be chosen.
pub async fn chosen(
    office: &Office,
    visitor: &Visitor,
    person: &Person,
    choice: Choice<'_>,
) -> Result<Result<String, String>, Failure> {
    let words = Words::of(visitor.language);
    if choice.new != choice.again {
        return Ok(Err(words.get("office-password-differs")));
    }
    match office.passwords.check_choice(choice.new.to_owned(), person.name.clone()).await {
        Ok(()) => {}
        Err(WorkError::Password(found)) => return Ok(Err(error(words, &found))),
        Err(failed) => return Err(Failure::password_work(visitor, failed)),
    }
    let work = |error| Failure::password_work(visitor, error);
    let before = Some(person.password.clone());
    if office.passwords.fits(choice.new.to_owned(), before).await.map_err(work)? {
        return Ok(Err(words.get("office-password-same")));
    }
    Ok(Ok(office.passwords.hash(choice.new.to_owned()).await.map_err(work)?))
}

/// Counts a form of somebody's own that costs a password's work, and refuses too many.
pub fn take_own(office: &Office, visitor: &Visitor, person: &str) -> Result<(), Failure> {
    if office.limits.take_own(person, office.clock.now()) {
        return Ok(());
    }
    let sentence = Words::of(visitor.language).get("office-too-many-own");
    Err(Failure::refused(visitor, StatusCode::TOO_MANY_REQUESTS, sentence, "/account"))
}

/// Whoever is signed in, when the password typed is theirs: an open page left alone isn't enough to change how they sign
/// in.
pub async fn proved(office: &Office, posted: &Posted, typed: &str) -> Result<Option<Person>, Failure> {
    let visitor = &posted.staff.visitor;
    let id = &posted.staff.person.id;
    take_own(office, visitor, id)?;
    let person = people::by_id(&mut *office.database.read().await?, id).await?.ok_or(Failure::SignInFirst)?;
    let fits = office.passwords.fits(typed.to_owned(), Some(person.password.clone())).await;
    let fits = fits.map_err(|error| Failure::password_work(visitor, error))?;
    if !fits {
        tracing::warn!(person = id, address = %visitor.caller.address, "the own password was wrong");
    }
    Ok(fits.then_some(person))
}

/// Gives the person who is signed in, if they prove it anew: by the password in the field `password`, and where they
/// have a second factor a code in the field `code`. Otherwise the message's key that says what was wrong.
pub async fn proved_anew(office: &Office, posted: &Posted) -> Result<Result<Person, &'static str>, Failure> {
    let Some(person) = proved(office, posted, posted.field("password")).await? else {
        return Ok(Err("office-password-old-wrong"));
    };
    let mut writing = office.database.write().await?;
    if second_factors::secret(&mut writing, &person.id).await?.is_some() {
        let visitor = &posted.staff.visitor;
        let proof = second_factor::prove(office, &mut writing, visitor, &person, posted.field("code")).await?;
        writing.commit().await?;
        if !matches!(proof, Proof::Right { .. }) {
            return Ok(Err(proof.message()));
        }
    }
    Ok(Ok(person))
}
