//! The office from outside: a kiosk's envelopes over real TLS, staff pages over real HTTP, on ports of their own.

mod after_decision;
mod backups;
mod browser;
mod calls;
mod catalogues;
mod certificates;
mod committee;
mod corrections;
mod desk;
mod erasure;
mod intake;
mod keys;
mod lists;
mod notices;
mod pages;
mod paper;
mod people;
mod privacy;
mod rights;
mod roles;
mod routes;
mod sign_in;
mod status_page;
pub(crate) mod support;
mod trust;
mod uploads;
mod working;
