//! The page of the form, from its parts.

use askama::Template;

use super::super::fields::{self, Field};
use super::super::frame::{Failure, Frame};
use super::super::session::Staff;
use super::super::words;
use super::form::Form;
use crate::domain::catalogue::{Catalogue, Question};
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::request::{Beneficiary, Channel};
use crate::language::{Words, digits, isolate_ltr};

/// What the page that is shown answers to.
#[derive(Clone, Copy, Default)]
pub struct Shown {
    /// A form was sent: what was shown before and has no answer is named
    pub was_sent: bool,
    /// The last button was pressed: everything that is missing is named
    pub wants_end: bool,
}

/// A text to be read out or read through, in the language of the request.
pub struct Told {
    pub language: &'static str,
    pub direction: &'static str,
    pub paragraphs: Vec<String>,
}

/// The end of the form, once everything is answered.
pub struct Ending {
    pub declaration: Told,
    pub responsibility: String,
    pub version: String,
    /// At the desk it is printed and signed; by telephone it is read out
    pub on_paper: bool,
    pub is_declared: bool,
    pub seen: String,
    pub error: Option<String>,
}

#[derive(Template)]
#[template(path = "register.html")]
pub struct RegisterPage {
    frame: Frame,
    form: String,
    shown: String,
    /// What is wrong, each with the id of its field
    errors: Vec<(String, String)>,
    about: Vec<Field>,
    privacy: Told,
    privacy_told: bool,
    privacy_error: Option<String>,
    questions: Vec<Field>,
    documents: Vec<Field>,
    ending: Option<Ending>,
}

impl RegisterPage {
    pub fn new(catalogue: &Catalogue, staff: &Staff, form: &Form, shown: Shown) -> Result<Self, Failure> {
        let frame = Frame::new(&staff.visitor, "register");
        let words = frame.words;
        let asked: Vec<&Question> =
            catalogue.questions.iter().filter(|question| is_asked(catalogue, form, question)).collect();
        let questions: Vec<Field> =
            asked.iter().map(|question| question_field(catalogue, words, form, question, shown)).collect();
        let documents: Vec<Field> = document_fields(catalogue, words, form, shown);
        let names_end = |is_missing: bool, key: &str| (shown.wants_end && is_missing).then(|| words.get(key));
        let privacy_error = names_end(!form.privacy_told, "office-register-privacy-missing");
        let mut errors: Vec<(String, String)> = Vec::new();
        errors.extend(privacy_error.clone().map(|error| ("privacy".to_owned(), error)));
        let of_fields = questions.iter().chain(&documents);
        errors.extend(of_fields.filter_map(|field| {
            let error = field.error.as_ref()?;
            Some((field.name.clone(), format!("{}: {error}", field.label)))
        }));
        let ending = match form.is_complete(catalogue) {
            true => Some(ending(catalogue, words, form, shown)?),
            false => None,
        };
        let of_ending = ending.as_ref().and_then(|ending| ending.error.clone());
        errors.extend(of_ending.map(|error| ("declared".to_owned(), error)));
        Ok(Self {
            form: form.id.clone(),
            shown: asked.iter().map(|question| question.id()).collect::<Vec<_>>().join(","),
            errors,
            about: about(words, form),
            privacy: told(form.language, vec![catalogue.privacy_notice.short.in_language(form.language).to_owned()]),
            privacy_told: form.privacy_told,
            privacy_error,
            questions,
            documents,
            ending,
            frame,
        })
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// Asked are questions whose conditions hold after the answers that are right so far.
fn is_asked(catalogue: &Catalogue, form: &Form, question: &Question) -> bool {
    catalogue.questions_for(&form.answers).any(|asked| asked.id() == question.id())
}

fn about(words: &Words, form: &Form) -> Vec<Field> {
    let languages = Language::ALL.map(|language| (language.code(), language.own_name().to_owned()));
    let channels = [Channel::Desk, Channel::Phone].map(|one| (one.as_str(), words::channel(words, one.as_str())));
    let beneficiaries = [Beneficiary::External, Beneficiary::Internal]
        .map(|one| (one.as_str(), words::beneficiary(words, one.as_str())));
    vec![
        Field::one_of("channel", words.get("office-register-channel"), form.channel.as_str(), &channels),
        Field::one_of("language", words.get("office-register-language"), form.language.code(), &languages),
        Field::one_of(
            "beneficiary",
            words.get("office-register-beneficiary"),
            form.beneficiary.as_str(),
            &beneficiaries,
        ),
    ]
}

fn question_field(catalogue: &Catalogue, words: &Words, form: &Form, question: &Question, shown: Shown) -> Field {
    let raw = form.typed.get(question.id()).map(String::as_str).unwrap_or_default();
    let mut field = fields::field(catalogue, words, question, raw, form.answers.get(question.id()));
    let (label, help) = question.wording(&form.answers);
    field.label = label.in_language(words.language()).to_owned();
    field.help = help.map(|help| help.in_language(words.language()).to_owned());
    let is_known = shown.wants_end || shown.was_sent && fields::was_shown(question, &form.shown);
    if is_known {
        field.error = form.errors.get(question.id()).map(|error| fields::error(words, question, error));
    }
    let earlier = question.same_as.as_ref().and_then(|id| catalogue.question(id.get_ref()));
    if earlier.is_some_and(|earlier| is_asked(catalogue, form, earlier)) {
        field.same = Some((format!("same-{}", question.id()), words.get("office-register-same")));
    }
    field
}

fn document_fields(catalogue: &Catalogue, words: &Words, form: &Form, shown: Shown) -> Vec<Field> {
    let language = words.language();
    let answers = [("with_me", words.get("office-register-with-me")), ("later", words.get("office-register-later"))];
    let field = |document: &crate::domain::catalogue::Document| {
        let id = document.id.get_ref();
        let said = match form.documents.get(id) {
            Some(DocumentAnswer::WithMe) => "with_me",
            Some(DocumentAnswer::Later) => "later",
            None => "",
        };
        let label = document.label.in_language(language).to_owned();
        let mut field = Field::one_of(&format!("d-{id}"), label, said, &answers);
        field.help = Some(document.from.in_language(language).to_owned());
        if said.is_empty() && (shown.wants_end || form.documents_shown) {
            field.error = Some(words.get("office-register-document-missing"));
        }
        field
    };
    catalogue.documents_for(&form.answers).into_iter().map(field).collect()
}

fn ending(catalogue: &Catalogue, words: &Words, form: &Form, shown: Shown) -> Result<Ending, Failure> {
    let seen = form.seen_now(catalogue).map_err(|error| Failure::Internal(error.to_string()))?;
    let has_changed = !form.seen.is_empty() && form.seen != seen;
    let on_paper = form.channel == Channel::Desk;
    let error = match (has_changed, form.is_declared, on_paper) {
        (true, ..) => Some("office-register-declaration-changed"),
        (false, false, true) if shown.wants_end => Some("office-register-signed-missing"),
        (false, false, false) if shown.wants_end => Some("office-register-read-out-missing"),
        _ => None,
    };
    let declaration = &catalogue.declaration;
    let version = isolate_ltr(&digits(words.language(), &declaration.version.to_string()));
    Ok(Ending {
        declaration: told(form.language, vec![declaration.text.in_language(form.language).to_owned()]),
        responsibility: declaration.responsibility.in_language(form.language).to_owned(),
        version: words.format("office-register-declaration-version", &[("version", version.into())]),
        on_paper,
        is_declared: form.is_declared && !has_changed,
        seen,
        error: error.map(|key| words.get(key)),
    })
}

fn told(language: Language, paragraphs: Vec<String>) -> Told {
    Told { language: language.code(), direction: if language.is_right_to_left() { "rtl" } else { "ltr" }, paragraphs }
}
