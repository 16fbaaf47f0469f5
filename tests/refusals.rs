//! Refusals stand in the office's log, with their address and never with what was typed.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use istiqbal::replication::invite::Invite;
use istiqbal::replication::tls;
use rustls::pki_types::ServerName;

use crate::support::Workplace;

/// Somebody's password, typed where the name belongs.
const TYPED: &str = "correcthorsebattery";

#[test]
fn refusals_are_logged_with_their_address_and_a_flood_is_counted() {
    let workplace = Workplace::new();
    let office = workplace.set_up();
    let page = ask(&office.staff, "GET", "/sign-in", &[], "");
    let cookie = page.split("set-cookie: ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    let token = page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cookies = [format!("cookie: {cookie}")];
    let form = format!("form_token={token}&name={TYPED}&password={TYPED}{TYPED}");
    assert!(ask(&office.staff, "POST", "/sign-in", &cookies, &form).starts_with("HTTP/1.1 401"));
    let forged = format!("form_token={}&name={TYPED}&password={TYPED}", "0".repeat(64));
    assert!(ask(&office.staff, "POST", "/sign-in", &cookies, &forged).starts_with("HTTP/1.1 403"));
    for _ in 0..200 {
        let gone = [format!("cookie: istiqbal_session={}", "1".repeat(64))];
        assert!(ask(&office.staff, "GET", "/requests", &gone, "").starts_with("HTTP/1.1 303"));
    }
    let invite: Invite = workplace.succeed(&["office", "invite", "--print"], "office.toml", "").trim().parse().unwrap();
    assert!(enrol(&invite).starts_with("HTTP/1.1 403"));
    // At its end the office says what it hasn't written.
    office.end();
    let log = fs::read_to_string(workplace.path("office.log")).unwrap();
    let lines = |what: &str| log.lines().filter(|line| line.contains(what)).collect::<Vec<_>>();
    for what in [
        "a sign-in under a name that nobody has was refused",
        "a form without a token of ours was refused",
        "a kiosk that isn't known, or its enrolment, was refused",
        "a call with a session that isn't there",
    ] {
        let found = lines(what);
        assert!(!found.is_empty() && found.iter().all(|line| line.contains("127.0.0.1")), "{what}: {log}");
    }
    assert!(!log.contains(TYPED) && !log.contains(&"0".repeat(64)) && !log.contains(&"1".repeat(64)), "{log}");
    let sessions = lines("a call with a session that isn't there").len();
    let unwritten = lines("further calls with a session that isn't there");
    let counted: usize = unwritten
        .iter()
        .filter_map(|line| line.split("unwritten=").nth(1)?.split_whitespace().next()?.parse::<usize>().ok())
        .sum();
    assert!(sessions < 100 && sessions + counted == 200, "{sessions} lines and {counted} counted");
}

fn ask(address: &str, method: &str, path: &str, headers: &[String], body: &str) -> String {
    let mut line = TcpStream::connect(address).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: office\r\nconnection: close\r\n{headers}\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// An enrolment by somebody without an invite.
fn enrol(invite: &Invite) -> String {
    let config = Arc::new(tls::client_config(&[9; 32], invite.pin).unwrap());
    let connection = rustls::ClientConnection::new(config, ServerName::try_from("istiqbal").unwrap()).unwrap();
    let mut line = rustls::StreamOwned::new(connection, TcpStream::connect(&invite.address).unwrap());
    let body = TYPED.repeat(5);
    let head = format!("POST /enrolment/v1 HTTP/1.1\r\nhost: office\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    line.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A peer that closes without TLS's goodbye still has answered.
    let _ = line.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
