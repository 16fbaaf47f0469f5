//! Scans of documents: what is kept, how it is shown, and what hostile hands send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, Rgb, RgbImage};

use super::support::*;
use super::working::{hidden, office_with_request, office_with_request_in, standing};
use crate::domain::clock::SharedClock;
use crate::domain::documents::DocumentState;
use crate::domain::language::Language;
use crate::domain::record::Record;
use crate::domain::request::Request;
use crate::language::Words;
use crate::office::database::{Database, notes, uploads};
use crate::office::keys;
use crate::office::people::Role;
use crate::office::uploads::UploadLimits;
use crate::office::{OfficeConfig, Server};

const BOUNDARY: &str = "----boundary-of-tests";

/// A picture that compresses badly, so that it fills several parts.
fn picture(side: u32) -> DynamicImage {
    let mut state = 1_u32;
    DynamicImage::ImageRgb8(RgbImage::from_fn(side, side, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(state >> 8) as u8, (state >> 16) as u8, (state >> 24) as u8])
    }))
}

pub fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    picture(64).write_with_encoder(JpegEncoder::new(&mut bytes)).unwrap();
    bytes
}

fn png(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture(side).write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

/// A PDF with one page that says this.
fn pdf(catalogue: &str, text: &str) -> Vec<u8> {
    let stream = format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
    let objects = [
        format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>".to_owned(),
        stream,
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let start = file.len();
    format!("{file}{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes()
}

/// One part of a form.
fn part(head: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn field(name: &str, value: &str) -> Vec<u8> {
    part(&format!("name=\"{name}\""), value.as_bytes())
}

pub fn file(name: &str, content: &[u8]) -> Vec<u8> {
    part(&format!("name=\"file\"; filename=\"{name}\"\r\ncontent-type: image/jpeg"), content)
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat().as_slice(), format!("--{BOUNDARY}--\r\n").as_bytes()].concat()
}

fn form_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A browser that has a request's page open.
pub struct Desk {
    browser: Browser,
    page: String,
    token: String,
}

impl Desk {
    pub async fn of(office: &TestOffice, role: Role, request: &Request) -> Self {
        let mut browser = office.browser(role).await;
        let page = format!("/requests/{}", request.id);
        blocking(move || {
            let token = hidden(&browser.get(&page).text(), "form_token");
            Self { browser, page, token }
        })
        .await
    }

    pub fn upload(&mut self, document: &str, files: &[Vec<u8>]) -> Answer {
        let fields = [field("form_token", &self.token), field("document", document)];
        self.send(&form(&[&fields, files].concat()))
    }

    fn send(&mut self, body: &[u8]) -> Answer {
        self.browser.post_body(&format!("{}/uploads", self.page), &form_type(), body)
    }

    fn shown(&mut self) -> String {
        self.browser.get(&self.page.clone()).text()
    }

    /// The addresses of the scans on the page.
    fn scans(&mut self) -> Vec<String> {
        let text = self.shown();
        let before = format!("href=\"{}/uploads/", self.page);
        let links = text.split(&before).skip(1);
        let id = |rest: &str| rest.split('"').next().unwrap().to_owned();
        links.map(|rest| format!("{}/uploads/{}", self.page, id(rest))).collect()
    }
}

/// Whether bytes stand anywhere in the office's folder.
fn stands_in_clear(config: &OfficeConfig, bytes: &[u8]) -> bool {
    let holds = |entry: std::io::Result<std::fs::DirEntry>| {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    };
    std::fs::read_dir(&config.data).unwrap().any(holds)
}

#[tokio::test]
async fn a_scan_is_kept_sealed_and_shown_alone() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    let mut auditor = office.browser(Role::Auditor).await;
    let address = office.server.staff_address;
    let (text, kept) = blocking(move || {
        let scan = pdf("", "a very secret sentence in a scan");
        let answer = desk.upload("family_record", &[file("ورقة <فريدة>.jpg", &scan)]);
        assert_eq!(answer.status, 303, "{}", answer.text());
        let text = desk.shown();
        let scans = desk.scans();
        assert_eq!(scans.len(), 1);
        // Everybody who is signed in may look, and nobody else.
        let answer = auditor.get(&scans[0]);
        assert_eq!(answer.status, 200);
        assert!(answer.body.starts_with(b"%PDF-") && answer.text().contains("a very secret sentence"));
        let kept = answer.body.clone();
        assert_eq!(answer.header("content-type"), Some("application/pdf"), "what it is, not what was said");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("sandbox;") && policy.contains("default-src 'none'") && !policy.contains("script-src"));
        let name = answer.header("content-disposition").unwrap();
        assert!(name.starts_with("inline; filename=\"scan-") && name.ends_with(".pdf\"") && name.is_ascii(), "{name}");
        assert_eq!(Browser::at(address).get(&scans[0]).header("location"), Some("/sign-in"));
        (text, kept)
    })
    .await;
    assert!(text.contains("ورقة &#60;فريدة&#62;.jpg"), "{text}");
    assert_eq!(standing(&office, &request).await.documents["family_record"], DocumentState::Brought);
    assert!(!stands_in_clear(&office.config, b"secret sentence"));
    assert!(!stands_in_clear(&office.config, &kept[kept.len() - 40..]));
    assert!(!stands_in_clear(&office.config, "فريدة".as_bytes()));
    let actions = actions(&office, &request).await;
    for action in ["upload added", "document brought", "upload opened"] {
        assert_eq!(actions.iter().filter(|one| *one == action).count(), 1, "{action}");
    }
    assert_eq!(office.check().await.trail, "intact");
}

/// What the trail says of a request.
async fn actions(office: &TestOffice, request: &Request) -> Vec<String> {
    let path = format!("sqlite://{}", office.config.database_path().display());
    let database = sqlx::SqlitePool::connect(&path).await.unwrap();
    let actions = sqlx::query_scalar("SELECT action FROM trail WHERE subject = $1 ORDER BY number")
        .bind(request.id.to_string())
        .fetch_all(&database)
        .await
        .unwrap();
    database.close().await;
    actions
}

/// All sealed parts.
async fn parts(office: &TestOffice) -> Vec<Vec<u8>> {
    let path = format!("sqlite://{}", office.config.database_path().display());
    let database = sqlx::SqlitePool::connect(&path).await.unwrap();
    let parts = sqlx::query_scalar("SELECT sealed FROM upload_part").fetch_all(&database).await.unwrap();
    database.close().await;
    parts
}

#[tokio::test]
async fn what_is_erased_leaves_nothing_behind() {
    let (office, mut kiosk, request) = office_with_request().await;
    let other = kiosk.request(7_654_321);
    let envelope = kiosk.seal(&Record::Request(other.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    let mut other_desk = Desk::of(&office, Role::Reception, &other).await;
    blocking(move || {
        for desk in [&mut desk, &mut other_desk] {
            let note = hidden(&desk.shown(), "id");
            let fields = [("form_token", desk.token.as_str()), ("id", &note), ("text", "a very secret note")];
            assert_eq!(desk.browser.post(&format!("{}/notes", desk.page), &fields).status, 303);
            assert_eq!(desk.upload("id_card", &[file("a.png", &png(300))]).status, 303);
        }
    })
    .await;
    assert!(stands_in_clear(&office.config, b"a very secret note"));
    let before = parts(&office).await;
    let database = Database::open(&office.config.database_path()).await.unwrap();
    let mut writing = database.write().await.unwrap();
    for erased in [request.id, other.id] {
        notes::erase(&mut writing, erased).await.unwrap();
        uploads::erase(&mut writing, erased).await.unwrap();
        if erased == request.id {
            assert_eq!(notes::of_request(&mut writing, other.id).await.unwrap().len(), 1, "only its own");
            assert_eq!(uploads::of_request(&mut writing, other.id).await.unwrap().len(), 1);
        }
    }
    writing.commit().await.unwrap();
    database.close().await;
    assert_eq!(office.check().await.trail, "intact");
    let config = office.config.clone();
    // The last to close the database writes its log back and takes it away.
    office.server.shutdown().await;
    assert!(!stands_in_clear(&config, b"a very secret note"));
    for part in before {
        assert!(!stands_in_clear(&config, &part[..64]) && !stands_in_clear(&config, &part[part.len() - 64..]));
    }
}

#[tokio::test]
async fn pictures_are_encoded_anew_and_several_stand_under_one_document() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Researcher, &request).await;
    blocking(move || {
        let polyglot = [png(400).as_slice(), b"<html><script>alert(1)</script>"].concat();
        let files = [file("front.jpg", &jpeg()), file("back.html", &polyglot)];
        assert_eq!(desk.upload("id_card", &files).status, 303);
        assert_eq!(desk.upload("id_card", &files).status, 303, "the same form sent twice counts once");
        let scans = desk.scans();
        assert_eq!(scans.len(), 2);
        let kinds: Vec<_> = scans
            .iter()
            .map(|scan| {
                let answer = desk.browser.get(scan);
                assert!(!answer.body.windows(6).any(|six| six == b"script"));
                let picture = image::load_from_memory(&answer.body).unwrap();
                (answer.header("content-type").unwrap().to_owned(), picture.width())
            })
            .collect();
        assert!(kinds.contains(&("image/jpeg".into(), 64)) && kinds.contains(&("image/png".into(), 400)), "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn hostile_files_are_refused_and_nothing_of_them_is_kept() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    blocking(move || {
        let mut bomb = png(1);
        bomb[16..24].copy_from_slice(&[60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
        let mut crc = flate2::Crc::new();
        crc.update(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        let half = jpeg();
        let large = [jpeg(), vec![0; 11 * 1024 * 1024]].concat();
        let script = "/OpenAction << /S /JavaScript /JS (app.alert(1)) >>";
        let hidden_script = "/OpenAction << /S /Java#53cript /JS (app.alert(1)) >>";
        for (name, bytes, status) in [
            ("empty.pdf", &[][..], 422),
            ("page.jpg", b"<!doctype html><script>alert(1)</script>", 422),
            ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
            ("half.jpg", &half[..half.len() / 2], 422),
            ("bomb.png", &bomb, 413),
            ("script.pdf", &pdf(script, ""), 422),
            ("hidden.pdf", &pdf(hidden_script, ""), 422),
            ("archive.pdf", b"PK\x03\x04", 422),
            ("large.jpg", &large, 413),
        ] {
            let answer = desk.upload("id_card", &[file(name, bytes)]);
            assert_eq!(answer.status, status, "{name}: {}", answer.text());
            assert!(answer.text().contains(name), "{name} is named");
        }
        // One bad file among good ones: none is kept, so that nobody wonders which.
        assert_eq!(desk.upload("id_card", &[file("good.jpg", &jpeg()), file("bad.jpg", b"<html>")]).status, 422);
        assert_eq!(desk.upload("id_card", &[file("", b"")]).status, 422, "no file was chosen");
        assert_eq!(desk.upload("id_card", &[]).status, 422);
        assert_eq!(desk.upload("no_such_document", &[file("a.jpg", &jpeg())]).status, 409);
        assert!(desk.scans().is_empty());
    })
    .await;
    assert!(actions(&office, &request).await.iter().all(|action| action != "upload added"));
}

/// Files as phones and portals make them, and what staff are told of those that aren't kept.
#[tokio::test]
async fn files_of_phones_and_portals_are_kept_or_refused_in_words_that_help() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    blocking(move || {
        let kept: [(&str, &[u8]); 5] = [
            ("owner.pdf", include_bytes!("../uploads/samples/owner_only_aes256.pdf")),
            ("invoice.pdf", include_bytes!("../uploads/samples/zatca_pdfa3.pdf")),
            ("line.pdf", include_bytes!("../uploads/samples/leading_newline.pdf")),
            ("progressive.jpg", include_bytes!("../uploads/samples/progressive.jpg")),
            ("inks.jpg", include_bytes!("../uploads/samples/cmyk_white.jpg")),
        ];
        for (name, bytes) in kept {
            let answer = desk.upload("id_card", &[file(name, bytes)]);
            assert_eq!(answer.status, 303, "{name}: {}", answer.text());
        }
        for scan in desk.scans() {
            let body = desk.browser.get(&scan).body;
            assert!(
                !body.windows(8).any(|window| window == b"/Encrypt") && !body.windows(5).any(|one| one == b"/EF <")
            );
        }
        let refused: [(&str, &[u8], &str); 4] = [
            ("locked.pdf", include_bytes!("../uploads/samples/user_pw.pdf"), "office-upload-pdf-password"),
            ("script.pdf", include_bytes!("../uploads/samples/owner_only_script.pdf"), "office-upload-pdf-active"),
            ("iphone.heic", include_bytes!("../uploads/samples/iphone.heic"), "office-upload-heic"),
            ("red.webp", include_bytes!("../uploads/samples/red.webp"), "office-upload-other-picture"),
        ];
        for (name, bytes, why) in refused {
            let answer = desk.upload("id_card", &[file(name, bytes)]);
            assert_eq!(answer.status, 422, "{name}");
            let words = Words::of(Language::Arabic).get(why);
            let first = words.split(['\u{ab}', '(']).next().unwrap().trim();
            assert!(answer.text().contains(first), "{name}: {words}: {}", answer.text());
        }
    })
    .await;
}

#[tokio::test]
async fn hostile_forms_are_refused() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    let mut auditor = Desk::of(&office, Role::Auditor, &request).await;
    blocking(move || {
        let good = file("a.jpg", &jpeg());
        let token = field("form_token", &desk.token);
        let document = field("document", "id_card");
        for (what, parts) in [
            ("no token", vec![document.clone(), good.clone()]),
            ("the token last", vec![document.clone(), good.clone(), token.clone()]),
            ("a wrong token", vec![field("form_token", "00"), document.clone(), good.clone()]),
            ("a long token", vec![field("form_token", &"0".repeat(100_000)), document.clone(), good.clone()]),
            ("no document", vec![token.clone(), good.clone()]),
            ("a field of its own", vec![token.clone(), document.clone(), field("role", "manager"), good.clone()]),
        ] {
            assert_eq!(desk.send(&form(&parts)).status, 403, "{what}");
        }
        let whole = form(&[token, document, good]);
        let path = format!("{}/uploads", desk.page);
        let other_boundary = desk.browser.post_body(&path, "multipart/form-data; boundary=another", &whole);
        assert!([400, 403].contains(&other_boundary.status), "{}", other_boundary.status);
        assert_eq!(desk.browser.post_body(&path, "multipart/form-data", &whole).status, 403);
        assert_eq!(desk.browser.post_body(&path, "application/json", &whole).status, 403);
        assert_eq!(desk.send(&whole[..whole.len() - 40]).status, 400, "broken off");
        assert!(desk.scans().is_empty());
        // A name that would write headers of its own.
        let evil = "x\\\"\\r\\nset-cookie: a=b; <script>alert(1)</script>.jpg";
        assert_eq!(desk.upload("id_card", &[file(evil, &jpeg())]).status, 303);
        assert!(!desk.shown().contains("<script>alert"));
        let scan = desk.scans().remove(0);
        let answer = desk.browser.get(&scan);
        assert!(answer.header("set-cookie").is_none() && !answer.headers.contains("alert"), "{}", answer.headers);
        // Who only reads may not send, and doesn't see how.
        assert!(!auditor.shown().contains("multipart/form-data"));
        assert_eq!(auditor.upload("id_card", &[file("a.jpg", &jpeg())]).status, 403);
        assert_eq!(auditor.browser.post_from(&auditor.page.clone(), &format!("{scan}/removal"), &[]).status, 403);
        assert_eq!(desk.scans(), [scan]);
    })
    .await;
}

#[tokio::test]
async fn a_body_without_end_is_cut_off_early() {
    let small = UploadLimits { bytes_max: 100_000, ..UploadLimits::default() };
    let (office, _, request) =
        office_with_request_in(TestOffice::start_with(|config| config.uploads = small).await).await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    blocking(move || {
        let path = format!("{}/uploads", desk.page);
        let head = desk.browser.head("POST", &path, &form_type());
        // Five gigabytes are announced: the answer comes before the first of them.
        let mut stream = TcpStream::connect(desk.browser.address).unwrap();
        stream.write_all(format!("{head}content-length: 5368709120\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(Answer::read(&mut stream).status, 413);
        // Nothing is announced, and it doesn't end.
        let begin = [
            field("form_token", &desk.token),
            field("document", "id_card"),
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n")
                .into_bytes(),
        ]
        .concat();
        let mut stream = TcpStream::connect(desk.browser.address).unwrap();
        stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).unwrap();
        let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        stream.write_all(&chunk(&begin)).unwrap();
        let mut sent = 0;
        while stream.write_all(&chunk(&[0x41; 65_536])).is_ok() {
            sent += 65_536;
            assert!(sent < 100 * 1024 * 1024, "nobody stops it");
        }
        assert!(desk.scans().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_stands_still_is_let_go() {
    let hasty = UploadLimits { time_max: Duration::from_millis(300), ..UploadLimits::default() };
    let (office, _, request) =
        office_with_request_in(TestOffice::start_with(|config| config.uploads = hasty).await).await;
    let desk = Desk::of(&office, Role::Reception, &request).await;
    blocking(move || {
        let head = desk.browser.head("POST", &format!("{}/uploads", desk.page), &form_type());
        let mut stream = TcpStream::connect(desk.browser.address).unwrap();
        stream.write_all(format!("{head}content-length: 1000\r\n\r\n").as_bytes()).unwrap();
        stream.write_all(&field("form_token", &desk.token)).unwrap();
        assert_eq!(Answer::read(&mut stream).status, 408);
    })
    .await;
}

#[tokio::test]
async fn only_so_many_upload_at_once() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    blocking(move || {
        let head = desk.browser.head("POST", &format!("{}/uploads", desk.page), &form_type());
        let waiting: Vec<TcpStream> = (0..4)
            .map(|_| {
                let mut stream = TcpStream::connect(desk.browser.address).unwrap();
                let expect = format!("{head}content-length: 1000\r\nexpect: 100-continue\r\n\r\n");
                stream.write_all(expect.as_bytes()).unwrap();
                // The server says `100 Continue` once it reads the body: the place is taken.
                let mut answer = [0; 25];
                stream.read_exact(&mut answer).unwrap();
                assert!(answer.starts_with(b"HTTP/1.1 100"));
                stream
            })
            .collect();
        assert_eq!(desk.upload("id_card", &[file("a.jpg", &jpeg())]).status, 503);
        drop(waiting);
        // Their places are free again as soon as the server notices.
        while desk.upload("id_card", &[file("a.jpg", &jpeg())]).status == 503 {}
        assert_eq!(desk.scans().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_request_takes_so_many_files_and_no_more() {
    let few = UploadLimits { files_max: 2, ..UploadLimits::default() };
    let (office, _, request) =
        office_with_request_in(TestOffice::start_with(|config| config.uploads = few).await).await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    blocking(move || {
        let scan = |number: u8| file("scan.pdf", &pdf("", &number.to_string()));
        assert_eq!(desk.upload("id_card", &[scan(1)]).status, 303);
        assert_eq!(desk.upload("family_record", &[scan(2), scan(3)]).status, 409);
        assert_eq!(desk.upload("family_record", &[scan(2)]).status, 303);
        assert_eq!(desk.upload("family_record", &[scan(3)]).status, 409);
        assert_eq!(desk.scans().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn another_request_s_scan_is_not_found_and_a_removed_one_is_gone() {
    let (office, mut kiosk, request) = office_with_request().await;
    let other = kiosk.request(7_654_321);
    let envelope = kiosk.seal(&Record::Request(other.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    blocking({
        let request = request.clone();
        move || {
            assert_eq!(desk.upload("id_card", &[file("a.jpg", &jpeg()), file("b.png", &png(300))]).status, 303);
            let scans = desk.scans();
            for scan in &scans {
                let foreign = scan.replace(&request.id.to_string(), &other.id.to_string());
                assert_eq!(desk.browser.get(&foreign).status, 404);
                assert_eq!(desk.browser.post_from(&desk.page.clone(), &format!("{foreign}/removal"), &[]).status, 404);
            }
            for strange in ["0", &"0".repeat(32), &"é".repeat(16)] {
                assert_eq!(desk.browser.get(&format!("{}/uploads/{strange}", desk.page)).status, 404, "{strange}");
            }
            assert_eq!(desk.browser.post(&format!("{}/removal", scans[0]), &[]).status, 403, "without a token");
            for scan in &scans {
                assert_eq!(desk.browser.post_from(&desk.page.clone(), &format!("{scan}/removal"), &[]).status, 303);
                assert_eq!(desk.browser.get(scan).status, 404);
            }
            assert!(desk.scans().is_empty());
        }
    })
    .await;
    assert_eq!(parts(&office).await, Vec::<Vec<u8>>::new());
    assert_eq!(actions(&office, &request).await.iter().filter(|action| *action == "upload removed").count(), 2);
    assert_eq!(office.check().await.trail, "intact");
}

#[tokio::test]
async fn a_scan_outlives_the_rotation_of_the_key() {
    let (office, _, request) = office_with_request().await;
    let mut desk = Desk::of(&office, Role::Reception, &request).await;
    let (mut desk, scan) = blocking(move || {
        assert_eq!(desk.upload("id_card", &[file("a.pdf", &pdf("", "before"))]).status, 303);
        let scan = desk.scans().remove(0);
        (desk, scan)
    })
    .await;
    let TestOffice { config, clock, server, _folder } = office;
    server.shutdown().await;
    let shared: SharedClock = clock.clone();
    keys::rotate(&config, &shared).await.unwrap();
    let catalogue = crate::domain::catalogue::Catalogue::read(&config.catalogue).unwrap();
    let server = Server::start(&config, catalogue, shared).await.unwrap();
    desk.browser.address = server.staff_address;
    blocking(move || {
        assert!(desk.browser.get(&scan).text().contains("before"));
        assert!(desk.shown().contains("a.pdf"));
        assert_eq!(desk.upload("id_card", &[file("b.pdf", &pdf("", "after"))]).status, 303);
        let scans = desk.scans();
        assert_eq!(scans.len(), 2);
        let bodies: Vec<_> = scans.iter().map(|scan| desk.browser.get(scan).text()).collect();
        for word in ["before", "after"] {
            assert!(bodies.iter().any(|body| body.contains(word)), "{word}");
        }
    })
    .await;
    server.shutdown().await;
}
