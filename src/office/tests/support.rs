//! An office in a temporary folder, a kiosk that talks to it, and a browser without a screen.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::pki_types::ServerName;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::catalogue::Catalogue;
use crate::domain::clock::{Clock, SetClock, SharedClock};
use crate::domain::code::Code;
use crate::domain::declaration::Versions;
use crate::domain::documents::DocumentAnswer;
use crate::domain::language::Language;
use crate::domain::record::{Opening, Record};
use crate::domain::request::{Beneficiary, Channel, Request, RequestId};
use crate::domain::signature::Signature;
use crate::domain::tracking_number::TrackingNumber;
use crate::office::commands::{self, CommandError, GivenPassword, Summary};
use crate::office::people::Role;
use crate::office::staff::StaffError;
use crate::office::{OfficeConfig, Server};
use crate::replication::invite::Invite;
use crate::replication::tls;
use crate::replication::wire::*;
use crate::seal::envelope::{Envelope, HeaderHash, KioskTime, Place};
use crate::seal::keys::{KioskKeys, hex, random};
use crate::seal::receipt_code::receipt_code;
use crate::seal::seed::Seed;

pub const PASSWORD: &str = "a password for tests";

/// A running office whose clock stands.
pub struct TestOffice {
    pub config: OfficeConfig,
    pub clock: Arc<SetClock>,
    pub server: Server,
    /// Gone when dropped
    pub _folder: tempfile::TempDir,
}

/// An office in a folder, with the catalogue that comes with the program, at free ports.
pub(crate) fn configuration(folder: &Path) -> OfficeConfig {
    OfficeConfig::local(folder.join("office"), Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml"))
}

impl TestOffice {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with another configuration.
    pub async fn start_with(configure: impl FnOnce(&mut OfficeConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = configuration(folder.path());
        configure(&mut config);
        let clock = SetClock::at("2026-11-01T08:00:00Z".parse().unwrap());
        let shared: SharedClock = clock.clone();
        commands::init(&config).await.unwrap();
        let catalogue = Catalogue::read(&config.catalogue).unwrap();
        let server = Server::start(&config, catalogue, shared).await.unwrap();
        Self { config, clock, server, _folder: folder }
    }

    /// The same office, stopped and started again.
    pub async fn restarted(self) -> Self {
        let Self { config, clock, server, _folder } = self;
        server.shutdown().await;
        let shared: SharedClock = clock.clone();
        let catalogue = Catalogue::read(&config.catalogue).unwrap();
        let server = Server::start(&config, catalogue, shared).await.unwrap();
        Self { config, clock, server, _folder }
    }

    pub async fn check(&self) -> Summary {
        commands::check(&self.config).await.unwrap()
    }

    /// A person of this role, who signs in with [`PASSWORD`]; added once.
    pub async fn person(&self, role: Role) {
        let clock: SharedClock = self.clock.clone();
        match commands::add_user(&self.config, &clock, role.as_str(), role, GivenPassword::own(PASSWORD)).await {
            Ok(()) | Err(CommandError::Staff(StaffError::UserExists(_))) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// A browser in which a person of this role is signed in.
    pub async fn browser(&self, role: Role) -> Browser {
        self.person(role).await;
        let browser = Browser { address: self.server.staff_address, cookies: BTreeMap::new() };
        blocking(move || browser.signed_in(role.as_str(), PASSWORD)).await
    }
}

/// Runs a blocking client beside the server.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// A kiosk that has joined.
#[derive(Clone)]
pub struct TestKiosk {
    pub keys: KioskKeys,
    pub invite: Invite,
    pub enrolled: Enrolled,
    pub next: Place,
    pub clock: Arc<SetClock>,
}

impl TestKiosk {
    pub async fn enrol(office: &TestOffice, seed: u8) -> Self {
        let invite = office.server.invite(TimeDelta::minutes(60)).await.unwrap();
        let keys = KioskKeys::from_seed(&Seed::fixed(seed));
        let enrolment =
            Enrolment {
                code: invite.code.clone(), name: "بهو الاستقبال".into(), proving_key: keys.proving_key()
            };
        let enrolled: Enrolled = ask(&keys, &invite, "POST", ENROLMENT_PATH, &enrolment).await.unwrap();
        let next = Place { kiosk: enrolled.kiosk, epoch: enrolled.epoch, sequence: 0, previous: HeaderHash::NONE };
        let mut kiosk = Self { keys, invite, enrolled, next, clock: office.clock.clone() };
        let opening = Opening { receipt_key: kiosk.keys.receipt_key().clone(), reason: "first".into() };
        let opening = kiosk.seal(&Record::Opening(opening));
        kiosk.send(&[opening]).await.unwrap();
        kiosk
    }

    /// Seals a record at the next place, now by the office's clock.
    pub fn seal(&mut self, record: &Record) -> Vec<u8> {
        self.seal_at(record, KioskTime { at: self.clock.now(), trusted: true })
    }

    pub fn seal_at(&mut self, record: &Record, time: KioskTime) -> Vec<u8> {
        let envelope = Envelope::seal(&self.keys, &self.enrolled.sealing_key, self.next, time, record).unwrap();
        self.next = envelope.header.next();
        envelope.encode()
    }

    pub async fn send(&self, envelopes: &[Vec<u8>]) -> Result<Acknowledgement, Answer> {
        let batch = Batch { envelopes: envelopes.to_vec() };
        let signed: SignedAcknowledgement = ask(&self.keys, &self.invite, "POST", ENVELOPES_PATH, &batch).await?;
        Ok(signed.verify(&self.enrolled.proving_key).unwrap())
    }

    /// What changed of requests.
    pub async fn changes(&self, cursor: Option<Cursor>) -> Changes {
        let mut changes = self.all_changes(cursor).await;
        changes.changes.retain(|change| !matches!(change, Change::Catalogue { .. }));
        changes
    }

    pub async fn all_changes(&self, cursor: Option<Cursor>) -> Changes {
        let path = match cursor {
            Some(Cursor { incarnation, change }) => {
                format!("{CHANGES_PATH}?after={change}&incarnation={}", hex(&incarnation.0))
            }
            None => CHANGES_PATH.to_owned(),
        };
        ask(&self.keys, &self.invite, "GET", &path, &()).await.unwrap()
    }

    /// A request with one document brought and one to come.
    pub fn request(&self, random_part: u32) -> Request {
        let number = TrackingNumber::new(self.enrolled.kiosk, random_part);
        request(number)
    }

    pub fn receipt(&self, number: TrackingNumber) -> (TrackingNumber, Code) {
        (number, receipt_code(self.keys.receipt_key(), number))
    }
}

pub fn request(number: TrackingNumber) -> Request {
    let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("config/catalog.toml")).unwrap();
    let today = "2026-11-01".parse().unwrap();
    let mut answers = crate::domain::answers::Answers::default();
    let given = [
        ("service", "food_basket"),
        ("name", "نورة بنت سعد القحطاني"),
        ("national_id", "1000000008"),
        ("mobile", "0500000000"),
    ];
    for (id, raw) in given {
        answers.set(id, catalogue.question(id).unwrap().parse(&catalogue, raw, today).unwrap());
    }
    Request {
        id: RequestId(random()),
        tracking_number: number,
        language: Language::Arabic,
        channel: Channel::Kiosk,
        beneficiary: Beneficiary::External,
        versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents: [
            ("id_card".to_owned(), DocumentAnswer::WithMe),
            ("family_record".to_owned(), DocumentAnswer::Later),
        ]
        .into(),
    }
}

pub fn signature(request: RequestId) -> Record {
    let stroke = (0..200).map(|step| step as f32 / 200.0).map(|x| (x, 0.5 + 0.4 * (x * 20.0).sin())).collect();
    Record::Signature { request, signature: Signature::from_fractions(&[stroke]).unwrap() }
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A status and what came with it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body without the marks that isolate directions.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).replace(|c| matches!(c, '\u{2066}'..='\u{2069}'), "")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| line.to_lowercase().starts_with(&format!("{name}:"));
        self.headers.lines().find(|one| line(one)).map(|line| line[name.len() + 1..].trim())
    }

    pub fn read(stream: &mut impl Read) -> Self {
        let mut bytes = Vec::new();
        // A peer that closes without TLS's goodbye still has answered.
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let headers = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }
}

/// Asks the replication listener with the kiosk's key.
pub async fn ask<A: Serialize, B: DeserializeOwned>(
    keys: &KioskKeys,
    invite: &Invite,
    method: &'static str,
    path: &str,
    question: &A,
) -> Result<B, Answer> {
    let body = if method == "GET" { Vec::new() } else { postcard::to_allocvec(question).unwrap() };
    let answer = post_raw(keys, invite, method, path, body).await;
    if answer.status == 200 { Ok(postcard::from_bytes(&answer.body).unwrap()) } else { Err(answer) }
}

pub async fn post_raw(keys: &KioskKeys, invite: &Invite, method: &'static str, path: &str, body: Vec<u8>) -> Answer {
    let config = Arc::new(tls::client_config(keys.tls_secret(), invite.pin).unwrap());
    let (address, path) = (invite.address.clone(), path.to_owned());
    blocking(move || {
        let name = ServerName::try_from("istiqbal").unwrap();
        let connection = rustls::ClientConnection::new(config, name).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(address).unwrap());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: office\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        // Whoever refuses may answer, and close, before all was sent.
        let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        Answer::read(&mut stream)
    })
    .await
}

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

fn encoded(fields: &[(&str, &str)]) -> String {
    let digits = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", digits(value))).collect();
    fields.join("&")
}

/// Keeps cookies and fills forms.
#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn at(address: SocketAddr) -> Self {
        Self { address, cookies: BTreeMap::new() }
    }

    pub fn signed_in(mut self, name: &str, password: &str) -> Self {
        self.get("/sign-in");
        let answer = self.post_from("/sign-in", "/sign-in", &[("name", name), ("password", password)]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        self
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, FORM_TYPE, b"")
    }

    /// Posts a form with the token found on the page it stands on.
    pub fn post_from(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token_of(page);
        self.post(path, &[fields, &[("form_token", &token)]].concat())
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("POST", path, FORM_TYPE, encoded(fields).as_bytes())
    }

    /// Posts a form, and doesn't wait for the answer. Drop what this gives to close the connection.
    pub fn post_unheard(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> TcpStream {
        let token = self.form_token_of(page);
        let body = encoded(&[fields, &[("form_token", &token)]].concat());
        self.begin("POST", path, FORM_TYPE, body.as_bytes())
    }

    /// Posts a body of another type than a form's.
    pub fn post_body(&mut self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.send("POST", path, content_type, body)
    }

    /// Posts a form that may carry files, each with the name of its field, its own name and its bytes.
    pub fn post_files_from(&mut self, page: &str, path: &str, files: &[(&str, &str, &[u8])]) -> Answer {
        const BOUNDARY: &str = "----a-boundary-that-stands-nowhere-else";
        let token = self.form_token_of(page);
        let part = |about: String, bytes: &[u8]| {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {about}\r\n\r\n");
            [head.as_bytes(), bytes, b"\r\n"].concat()
        };
        let mut body = part("name=\"form_token\"".into(), token.as_bytes());
        for (field, name, bytes) in files {
            body.extend(part(format!("name=\"{field}\"; filename=\"{name}\""), bytes));
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        self.send("POST", path, &format!("multipart/form-data; boundary={BOUNDARY}"), &body)
    }

    fn form_token_of(&mut self, page: &str) -> String {
        let text = self.get(page).text();
        text.split_once("name=\"form_token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }

    /// The head of a request, without the lines that say how long its body is.
    pub fn head(&self, method: &str, path: &str, content_type: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "{method} {path} HTTP/1.1\r\nhost: office\r\nconnection: close\r\ncookie: {}\r\n\
             content-type: {content_type}\r\n",
            cookies.join("; ")
        )
    }

    fn begin(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> TcpStream {
        let head = format!("{}content-length: {}\r\n\r\n", self.head(method, path, content_type), body.len());
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // A server that has heard enough answers before all is sent.
        let _ = stream.write_all(body);
        stream
    }

    fn send(&mut self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let answer = Answer::read(&mut self.begin(method, path, content_type, body));
        for line in answer.headers.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}
