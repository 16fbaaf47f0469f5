//! Inviting a kiosk: the QR code it scans, and the same as text.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use qrcode::EcLevel;

use super::frame::{Failure, Frame, show};
use super::qr::Qr;
use super::session::Posted;
use crate::language::dates;
use crate::office::Office;
use crate::office::enrolment::{self, INVITE_MINUTES};
use crate::office::people::Permission;

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    frame: Frame,
    text: String,
    qr: Qr,
    until: String,
}

pub async fn make(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManageKiosks)?;
    let now = office.clock.now();
    let ttl = TimeDelta::minutes(INVITE_MINUTES);
    let Office { database, keys, replication_address, .. } = &*office;
    let invite = enrolment::invite(database, &keys.now(), replication_address, now, ttl, &posted.staff.actor())
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let frame = Frame::new(&posted.staff.visitor, "kiosks");
    let qr = Qr::of(&invite.to_digits(), EcLevel::M).map_err(|error| Failure::Internal(error.to_string()))?;
    let until = frame.words.format("office-invite-until", &[("time", dates::time(frame.words, now + ttl).into())]);
    Ok(show(&InvitePage { text: invite.to_string(), qr, until, frame })?.into_response())
}
