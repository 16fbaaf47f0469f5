//! Who is a member of a session, and who is present.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::super::frame::Failure;
use super::super::session::Posted;
use super::{answered, change, form_id, version};
use crate::office::Office;
use crate::office::committee::{Attendance, Members};
use crate::office::people::Permission;

pub async fn set(
    State(office): State<Arc<Office>>,
    Path(session): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    posted.staff.need(Permission::HoldSessions)?;
    let form = form_id(&posted)?;
    let actor = posted.staff.actor();
    let done = change(&office, &actor, &form).set_members(&session, version(&posted)?, &self::posted(&posted)).await;
    let typed = [("office-session-members-outside", posted.field("outside"))];
    answered(&posted.staff.visitor, done, &format!("/sessions/{session}"), &typed)
}

/// The members that a form says: `member-ID` is how it is with one, `person-ID` adds one of the staff, `outside` holds names,
/// one a line.
pub fn posted(posted: &Posted) -> Members {
    let mut members = Members::default();
    for (name, value) in &posted.fields {
        if let Some(member) = name.strip_prefix("member-") {
            let attendance = match value.as_str() {
                "present" => Attendance::Present,
                "off" => Attendance::Off,
                _ => Attendance::Absent,
            };
            members.attendance.push((member.to_owned(), attendance));
        } else if let Some(person) = name.strip_prefix("person-") {
            members.persons.push(person.to_owned());
        }
    }
    members.externals = posted.field("outside").lines().map(str::to_owned).collect();
    members
}
