//! The staff: roles, and what each may do.

use std::fmt;
use std::str::FromStr;

/// What a person in the office is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Reception,
    Researcher,
    Committee,
    Manager,
    Administrator,
    /// Sees everything, changes nothing
    Auditor,
}

/// What a route or a button asks for. Every signed-in person may read lists and open requests; each opening is an entry of
/// the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Register a request at the desk or by telephone
    Register,
    /// Verify documents, take that back, upload scans of them
    VerifyDocuments,
    WriteNotes,
    /// Correct an answer; the original is kept
    Correct,
    /// Record that an applicant objects (P23)
    RecordObjection,
    /// Record that a request was withdrawn, or close it
    EndRequest,
    /// Make a session of the committee, with its members and cases
    HoldSessions,
    Decide,
    Deliver,
    /// Say that two files are of one person, and take that back
    MergePersons,
    /// Take a list away as a file
    Export,
    /// Take one step for many requests at once
    BulkSteps,
    /// Call people who couldn't be reached by a notice, and say how it went
    CallPeople,
    ReadTrail,
    /// Copies, corrections and erasures that people ask for
    AnswerPrivacyAsks,
    EditCatalogue,
    ManageKiosks,
    /// Say which day it is while the clocks disagree
    ConfirmDay,
    /// Declare entries of the trail void that a wrong clock wrote
    DeclareVoid,
    /// Add, change and remove people of the staff
    ManagePeople,
}

impl Permission {
    pub const ALL: [Self; 20] = [
        Self::Register,
        Self::VerifyDocuments,
        Self::WriteNotes,
        Self::Correct,
        Self::RecordObjection,
        Self::EndRequest,
        Self::HoldSessions,
        Self::Decide,
        Self::Deliver,
        Self::MergePersons,
        Self::Export,
        Self::BulkSteps,
        Self::CallPeople,
        Self::ReadTrail,
        Self::AnswerPrivacyAsks,
        Self::EditCatalogue,
        Self::ManageKiosks,
        Self::ConfirmDay,
        Self::DeclareVoid,
        Self::ManagePeople,
    ];

    /// Who has it: the one table of what each role may do. `docs/roles.md` shows it to people.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Administrator, Auditor, Committee, Manager, Reception, Researcher};
        match self {
            Self::Register => &[Reception, Researcher, Manager, Administrator],
            Self::VerifyDocuments => &[Reception, Researcher, Committee, Manager, Administrator],
            Self::WriteNotes => &[Reception, Researcher, Committee, Manager, Administrator],
            Self::Correct => &[Reception, Researcher, Manager, Administrator],
            Self::RecordObjection => &[Reception, Researcher, Manager, Administrator],
            Self::EndRequest => &[Reception, Researcher, Manager, Administrator],
            Self::HoldSessions => &[Committee, Manager, Administrator],
            Self::Decide => &[Committee, Manager, Administrator],
            Self::Deliver => &[Reception, Manager, Administrator],
            Self::MergePersons => &[Researcher, Manager, Administrator],
            Self::Export => &[Researcher, Manager, Administrator, Auditor],
            Self::BulkSteps => &[Researcher, Manager, Administrator],
            Self::CallPeople => &[Reception, Researcher, Manager, Administrator],
            Self::ReadTrail => &[Manager, Administrator, Auditor],
            Self::AnswerPrivacyAsks => &[Manager, Administrator],
            Self::EditCatalogue => &[Manager, Administrator],
            Self::ManageKiosks => &[Manager, Administrator],
            Self::ConfirmDay => &[Manager, Administrator],
            Self::DeclareVoid => &[Administrator],
            Self::ManagePeople => &[Administrator],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the roles are reception, researcher, committee, manager, administrator and auditor")]
pub struct RoleError;

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Reception, Self::Researcher, Self::Committee, Self::Manager, Self::Administrator, Self::Auditor];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reception => "reception",
            Self::Researcher => "researcher",
            Self::Committee => "committee",
            Self::Manager => "manager",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    pub fn may(self, permission: Permission) -> bool {
        permission.roles().contains(&self)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

/// The name by which people know somebody, as minutes print it: 1 to 80 characters of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a full name has 1 to 80 characters, in one line")]
pub struct FullNameError;

impl FullName {
    pub fn parse(text: &str) -> Result<Self, FullNameError> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_plain = !name.chars().any(is_hidden);
        if (1..=80).contains(&name.chars().count()) && is_plain { Ok(Self(name)) } else { Err(FullNameError) }
    }

    /// `None` for an empty text: whoever has no full name is called as they sign in.
    pub fn parse_optional(text: &str) -> Result<Option<Self>, FullNameError> {
        if text.trim().is_empty() { Ok(None) } else { Self::parse(text).map(Some) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What can't be seen, or turns the order of what stands around it: nobody may look like somebody else.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The name by which a person signs in: 1 to 40 letters, digits, `.`, `-` or `_`, in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user's name has 1 to 40 letters, digits, dots, hyphens or underscores")]
pub struct UserNameError;

impl UserName {
    pub fn parse(text: &str) -> Result<Self, UserNameError> {
        let name = text.trim().to_lowercase();
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let length = name.chars().count();
        if (1..=40).contains(&length) && name.chars().all(fits) { Ok(Self(name)) } else { Err(UserNameError) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing() {
        for permission in Permission::ALL {
            let only_reads = matches!(permission, Permission::Export | Permission::ReadTrail);
            assert_eq!(Role::Auditor.may(permission), only_reads, "{permission:?}");
            assert!(Role::Administrator.may(permission));
        }
        assert!(!Role::Reception.may(Permission::Decide));
        assert!(!Role::Committee.may(Permission::Deliver));
    }

    #[test]
    fn full_names_are_one_line_in_which_everything_is_seen() {
        assert_eq!(FullName::parse("  هدى  بنت سعد ").unwrap().as_str(), "هدى بنت سعد");
        assert_eq!(FullName::parse_optional(" "), Ok(None));
        for name in ["", "\u{202e}adduH", "Huda\u{0}", &"x".repeat(81)] {
            assert_eq!(FullName::parse(name), Err(FullNameError), "{name:?}");
        }
    }

    #[test]
    fn names_are_small_and_plain() {
        assert_eq!(UserName::parse(" Noura ").unwrap().as_str(), "noura");
        assert!(UserName::parse("نورة").is_ok());
        for name in ["", "a b", "a/b", &"x".repeat(41)] {
            assert_eq!(UserName::parse(name), Err(UserNameError));
        }
    }
}
