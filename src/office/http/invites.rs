//! Inviting a kiosk: the QR code it scans, and the same as text.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use qrcode::{Color, EcLevel, QrCode};

use super::frame::{Failure, Frame, show};
use super::session::Posted;
use crate::language::dates;
use crate::office::Office;
use crate::office::enrolment::{self, INVITE_MINUTES};
use crate::office::people::Permission;

/// The white border that ISO/IEC 18004 asks for, in modules.
const QUIET_ZONE: usize = 4;

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    frame: Frame,
    text: String,
    /// The side of the QR code with its border, in modules
    side: usize,
    path: String,
    until: String,
}

pub async fn make(State(office): State<Arc<Office>>, posted: Posted) -> Result<Response, Failure> {
    posted.staff.need(Permission::ManageKiosks)?;
    let now = office.clock.now();
    let ttl = TimeDelta::minutes(INVITE_MINUTES);
    let Office { database, keys, replication_address, .. } = &*office;
    let invite = enrolment::invite(database, keys, replication_address, now, ttl, &posted.staff.actor())
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?
        .to_string();
    let frame = Frame::new(&posted.staff.visitor, "kiosks");
    let (side, path) = qr(&invite).map_err(|error| Failure::Internal(error.to_string()))?;
    let until = frame.words.format("office-invite-until", &[("time", dates::time(frame.words, now + ttl).into())]);
    Ok(show(&InvitePage { text: invite, side, path, until, frame })?.into_response())
}

/// A QR code as the path of an SVG, one square a dark module.
fn qr(text: &str) -> Result<(usize, String), qrcode::types::QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + QUIET_ZONE, place / width + QUIET_ZONE);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Ok((width + 2 * QUIET_ZONE, path))
}
