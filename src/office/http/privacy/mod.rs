//! What the Personal Data Protection Law gives people: the register of what they ask for, erasure, and what waits for somebody.
//! The copy of a person's data and who has read it are parts of the request's page.

mod alerts;
mod ask;
mod erased;
mod register;
mod retention;
pub mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::office::Office;

pub use alerts::alerts;
pub use erased::refuse_steps;

pub fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/privacy", get(register::page).post(register::enter))
        .route("/privacy/asks/{id}", get(ask::page))
        .route("/privacy/asks/{id}/identity", post(ask::check_identity))
        .route("/privacy/asks/{id}/answer", post(ask::answer))
        .route("/privacy/asks/{id}/erasure", post(ask::erase))
        .route("/privacy/retention", get(retention::page))
        .route("/privacy/retention/{id}", post(retention::hold))
}
