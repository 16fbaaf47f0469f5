//! What a new catalogue changes, for whoever is about to publish it.

use super::{Catalogue, Text};

/// A part of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Association,
    Policy,
    PrivacyNotice,
    Declaration,
    Service,
    Category,
    Document,
    Question,
    CommonQuestion,
    RatingReason,
    Notice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Changed,
    /// Taken away
    Removed,
    /// The entries stand in another order
    Moved,
    /// Its words have changed and its own `version` hasn't: requests couldn't say which words they were made under (P22)
    WithoutVersion,
}

/// One thing that is another in the new catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub part: Part,
    pub change: Change,
    /// Empty for parts of which there is one, and for an order
    pub id: String,
    /// The words by which people know it
    pub label: Option<Text>,
}

/// An entry of a list: its id, its words, and whatever it consists of.
struct Entry<'a, T> {
    id: &'a str,
    label: &'a Text,
    whole: &'a T,
}

/// All that differs, in the order of the file.
pub fn difference(before: &Catalogue, after: &Catalogue) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut single = |part, differs: bool, version_stays: bool| {
        let change = if version_stays { Change::WithoutVersion } else { Change::Changed };
        if differs {
            found.push(Difference { part, change, id: String::new(), label: None });
        }
    };
    single(Part::Association, before.association != after.association, false);
    single(Part::Policy, before.policy != after.policy, before.policy.version == after.policy.version);
    let stays = before.privacy_notice.version == after.privacy_notice.version;
    single(Part::PrivacyNotice, before.privacy_notice != after.privacy_notice, stays);
    let stays = before.declaration.version == after.declaration.version;
    single(Part::Declaration, before.declaration != after.declaration, stays);
    macro_rules! list {
        ($part:ident, $list:ident, $id:expr, $label:expr) => {
            compare(Part::$part, &entries(&before.$list, $id, $label), &entries(&after.$list, $id, $label), &mut found);
        };
    }
    list!(Service, services, |one| one.id.get_ref(), |one| &one.label);
    list!(Category, categories, |one| one.id.get_ref(), |one| &one.label);
    list!(Document, documents, |one| one.id.get_ref(), |one| &one.label);
    list!(Question, questions, |one| one.id.get_ref(), |one| &one.label);
    // They have no id: another wording is another question.
    list!(CommonQuestion, common_questions, |one| &one.question.ar, |one| &one.question);
    list!(RatingReason, rating_reasons, |one| one.id.get_ref(), |one| &one.label);
    list!(Notice, notices, |one| one.id.get_ref(), |one| &one.text);
    found
}

fn entries<'a, T>(
    list: &'a [T],
    id: impl Fn(&'a T) -> &'a str,
    label: impl Fn(&'a T) -> &'a Text,
) -> Vec<Entry<'a, T>> {
    list.iter().map(|whole| Entry { id: id(whole), label: label(whole), whole }).collect()
}

fn compare<T: PartialEq>(part: Part, before: &[Entry<'_, T>], after: &[Entry<'_, T>], found: &mut Vec<Difference>) {
    let mut push = |change, entry: &Entry<'_, T>| {
        found.push(Difference { part, change, id: entry.id.to_owned(), label: Some(entry.label.clone()) });
    };
    for entry in after {
        match before.iter().find(|earlier| earlier.id == entry.id) {
            None => push(Change::Added, entry),
            Some(earlier) if earlier.whole != entry.whole => push(Change::Changed, entry),
            Some(_) => {}
        }
    }
    for entry in before.iter().filter(|entry| after.iter().all(|later| later.id != entry.id)) {
        push(Change::Removed, entry);
    }
    let common = |these: &[Entry<'_, T>], those: &[Entry<'_, T>]| -> Vec<String> {
        let is_common = |id: &str| those.iter().any(|other| other.id == id);
        these.iter().map(|entry| entry.id).filter(|id| is_common(id)).map(str::to_owned).collect()
    };
    if common(before, after) != common(after, before) {
        found.push(Difference { part, change: Change::Moved, id: String::new(), label: None });
    }
}
