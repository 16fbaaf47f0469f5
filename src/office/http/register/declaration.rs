//! The declaration on a page to print, with all answers, for a signature by hand (P15, P16): in Arabic, and beside it in the
//! request's own language where that is another.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::super::frame::{Failure, show};
use super::super::request::shown_answer;
use super::super::session::Posted;
use super::again;
use super::form::Form;
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::Catalogue;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::language::{Words, dates, digits, isolate_ltr};
use crate::office::Office;
use crate::office::desk;
use crate::office::people::Permission;

/// The declaration in one language.
struct Text {
    language: &'static str,
    direction: &'static str,
    text: String,
    responsibility: String,
}

#[derive(Template)]
#[template(path = "declaration.html")]
struct DeclarationPage {
    words: &'static Words,
    association: String,
    policy: String,
    versions: String,
    date: String,
    answers: Vec<(String, String)>,
    documents: Vec<(String, String)>,
    texts: Vec<Text>,
    /// For whoever prints it, in the language of the pages
    own_language: &'static str,
    own_direction: &'static str,
    print_text: String,
    close_text: String,
}

pub async fn print(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::Register)?;
    let catalogue = office.catalogue.now();
    let today = riyadh_day(office.clock.now());
    let form = Form::sent(&catalogue, today, &posted).ok_or_else(|| Failure::form_is_stale(&posted.staff.visitor))?;
    let is_same = form.seen == form.seen_now(&catalogue).map_err(|error| Failure::Internal(error.to_string()))?;
    if !form.is_complete(&catalogue) || !is_same {
        return again(&catalogue, &posted, &form, false);
    }
    desk::note_printed_declaration(&office, &posted.staff.actor(), form.request_id(&posted)).await?;
    // What is signed in Khamis Mushait is signed in Arabic.
    let words = Words::of(Language::Arabic);
    let own = Words::of(posted.staff.visitor.language);
    let version = |version: u32| isolate_ltr(&digits(words.language(), &version.to_string()));
    let page = DeclarationPage {
        words,
        association: catalogue.association.name.in_language(Language::Arabic).to_owned(),
        policy: catalogue.policy.title.in_language(Language::Arabic).to_owned(),
        versions: words.format(
            "office-declaration-versions",
            &[
                ("declaration", version(catalogue.declaration.version).into()),
                ("policy", version(catalogue.policy.version).into()),
                ("catalogue", version(catalogue.version).into()),
            ],
        ),
        date: dates::both(words, today),
        answers: answers(&catalogue, words, &form),
        documents: documents(&catalogue, words, &form),
        texts: texts(&catalogue, form.language),
        own_language: own.language().code(),
        own_direction: if own.language().is_right_to_left() { "rtl" } else { "ltr" },
        print_text: own.get("office-receipt-print"),
        close_text: own.get("office-declaration-close"),
    };
    Ok(show(&page)?.into_response())
}

fn answers(catalogue: &Catalogue, words: &Words, form: &Form) -> Vec<(String, String)> {
    let row = |question: &crate::domain::catalogue::Question| {
        let answer = form.answers.get(question.id())?;
        let label = question.wording(&form.answers).0.in_language(words.language());
        Some((label.to_owned(), shown_answer(catalogue, Some(question), words, answer)))
    };
    catalogue.questions_for(&form.answers).filter_map(row).collect()
}

fn documents(catalogue: &Catalogue, words: &Words, form: &Form) -> Vec<(String, String)> {
    let said = |answer: &DocumentAnswer| match answer {
        DocumentAnswer::WithMe => words.get("office-register-with-me"),
        DocumentAnswer::Later => words.get("office-register-later"),
    };
    let row = |(id, answer): (&String, &DocumentAnswer)| {
        (catalogue.document_label(id, words.language()).to_owned(), said(answer))
    };
    form.documents.iter().map(row).collect()
}

fn texts(catalogue: &Catalogue, language: Language) -> Vec<Text> {
    let of = |language: Language| Text {
        language: language.code(),
        direction: if language.is_right_to_left() { "rtl" } else { "ltr" },
        text: catalogue.declaration.text.in_language(language).to_owned(),
        responsibility: catalogue.declaration.responsibility.in_language(language).to_owned(),
    };
    let mut texts = vec![of(Language::Arabic)];
    if language != Language::Arabic {
        texts.push(of(language));
    }
    texts
}
