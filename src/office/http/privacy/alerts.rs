//! What of backups and of people's rights waits for somebody, for the first page.

use chrono::{Days, NaiveDate, TimeDelta};

use crate::domain::calendar::riyadh_day;
use crate::language::{Words, dates, isolate_ltr};
use crate::office::Office;
use crate::office::database::{Connection, DatabaseError, asks, copies, retention};
use crate::office::people::{Permission, Role};

/// A backup may be late by so many of its intervals, as by a restart, before somebody is troubled.
const LATE: i32 = 3;

/// The sentences for whoever is signed in.
pub async fn alerts(
    office: &Office,
    reading: &mut Connection,
    role: Role,
    words: &Words,
) -> Result<Vec<String>, DatabaseError> {
    let mut alerts = Vec::new();
    alerts.extend(of_backups(office, reading, role, words).await?);
    let troubles = [office.erased_log.trouble(), office.desk_log.trouble(), office.numbers_log.trouble()];
    if let Some(why) = troubles.into_iter().flatten().next() {
        alerts.push(words.format("office-alert-log-copy", &[("why", isolate_ltr(&why).into())]));
    }
    if role.may(Permission::AnswerPrivacyAsks) {
        let first_day_in_time =
            riyadh_day(office.clock.now()).checked_sub_days(Days::new(asks::ANSWER_DAYS)).unwrap_or(NaiveDate::MIN);
        let overdue = asks::count_open_before(reading, first_day_in_time).await?;
        if overdue > 0 {
            alerts.push(words.format("office-alert-asks-overdue", &[("count", overdue.into())]));
        }
        let waiting = retention::count_waiting(reading).await?;
        if waiting > 0 {
            alerts.push(words.format("office-alert-retention", &[("count", waiting.into())]));
        }
    }
    Ok(alerts)
}

/// Everybody sees that backups fail; that none are wanted is for those to put right who look after the office.
async fn of_backups(
    office: &Office,
    reading: &mut Connection,
    role: Role,
    words: &Words,
) -> Result<Option<String>, DatabaseError> {
    let state = copies::state(reading).await?;
    if let (Some(why), Some((at, _))) = (state.failure(), &state.failed) {
        let variables = [("when", dates::time(words, *at).into()), ("why", isolate_ltr(why).into())];
        return Ok(Some(words.format("office-alert-backup-failed", &variables)));
    }
    if office.backup.recipients.is_empty() {
        let may = role.may(Permission::ManageKiosks);
        return Ok(may.then(|| words.get("office-alert-backup-none")));
    }
    Ok(match &state.made {
        Some((at, _)) if office.clock.now() - *at > office.backup.every * LATE + TimeDelta::minutes(1) => {
            Some(words.format("office-alert-backup-late", &[("when", dates::time(words, *at).into())]))
        }
        _ => None,
    })
}
