//! The scan page's camera: Chromium plays a picture of a receipt's code as if a phone saw it.

use std::path::Path;

use fantoccini::Locator;
use qrcode::{Color, EcLevel, QrCode};
use serde_json::json;

use super::chrome::{Chrome, is_installed};
use super::furnished::Furnished;
use crate::office::people::Role;

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
const FAKE_CAMERA: &str = "--use-fake-device-for-media-stream";
/// Presses "allow" whenever a page asks for the camera.
const ALLOW: &str = "--use-fake-ui-for-media-stream";

/// A film of one picture: a code on grey paper, a little aside. YUV4MPEG2, the format that Chromium's camera plays.
fn film(path: &Path, text: Option<&str>) {
    let mut grey = vec![190_u8; WIDTH * HEIGHT];
    if let Some(text) = text {
        let code = QrCode::with_error_correction_level(text, EcLevel::H).unwrap();
        let modules = code.to_colors();
        let (side, dots) = (code.width(), 8);
        let (left, top) = (WIDTH / 2 - side * dots / 2 + 40, HEIGHT / 2 - side * dots / 2 - 20);
        for y in 0..side * dots {
            for x in 0..side * dots {
                let dark = modules[y / dots * side + x / dots] == Color::Dark;
                grey[(top + y) * WIDTH + left + x] = if dark { 45 } else { 215 };
            }
        }
    }
    let mut bytes = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
    for _ in 0..3 {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(&grey);
        bytes.resize(bytes.len() + WIDTH * HEIGHT / 2, 128);
    }
    std::fs::write(path, bytes).unwrap();
}

async fn press(chrome: &Chrome, id: &str) {
    chrome.client.find(Locator::Id(id)).await.unwrap().click().await.unwrap();
}

/// Keeps what the page does with cameras: how often it asked, and what it got.
const WATCH: &str = "
    window.asked = 0;
    window.streams = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        window.asked += 1;
        window.wanted = wanted;
        const stream = await ask(wanted);
        window.streams.push(stream);
        return stream;
    };";

const ALL_OFF: &str = "window.streams.length > 0 && window.streams.every((stream) => stream.getTracks().every((track) => track.readyState === 'ended'))";

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_before_the_camera_opens_its_request() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let path = furnished.office.config.data.join("camera.y4m");
    let (number, code) = furnished.kiosk.receipt(furnished.numbers["brought"]);
    film(&path, Some(&format!("{number}{}", code.as_str())));
    let play = format!("--use-file-for-fake-video-capture={}", path.display());
    let chrome = Chrome::start(&furnished.office, &[FAKE_CAMERA, ALLOW, &play]).await;
    chrome.take_cookies(&furnished.office.browser(Role::Reception).await).await;
    chrome.open("/").await;
    chrome.run(WATCH).await;
    assert_eq!(chrome.run("return window.asked").await, 0, "nobody is asked before the button");
    let loaded = "return performance.getEntriesByType('resource').filter((one) => one.name.includes('zxing')).length";
    assert_eq!(chrome.run(loaded).await, 0, "nor is anything loaded");
    press(&chrome, "camera-start").await;
    let request = format!("/requests/{}", furnished.requests["brought"]);
    chrome.until(&format!("location.pathname === {}", json!(request))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_camera_is_off_when_nobody_uses_it() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let path = furnished.office.config.data.join("camera.y4m");
    film(&path, Some("https://example.org/a-poster"));
    let play = format!("--use-file-for-fake-video-capture={}", path.display());
    let chrome = Chrome::start(&furnished.office, &[FAKE_CAMERA, ALLOW, &play]).await;
    chrome.take_cookies(&furnished.office.browser(Role::Reception).await).await;
    chrome.open("/").await;
    chrome.run(WATCH).await;
    press(&chrome, "camera-start").await;
    // A code that is no receipt's is passed over: the picture goes on.
    chrome.until("document.getElementById('camera-video').videoWidth > 0 && window.ZXingWASM !== undefined").await;
    chrome.until("performance.getEntriesByType('resource').some((one) => one.name.endsWith('.wasm'))").await;
    assert_eq!(chrome.run("return window.wanted.video.facingMode.ideal").await, "environment");
    assert_eq!(chrome.run("return document.activeElement.id").await, "camera-stop");
    press(&chrome, "camera-stop").await;
    chrome.until(ALL_OFF).await;
    assert_eq!(chrome.run("return document.activeElement.id").await, "camera-start");
    assert_eq!(chrome.run("return document.getElementById('camera-view').hidden").await, true);
    // Leaving the page turns it off, too.
    press(&chrome, "camera-start").await;
    chrome.until("window.asked === 2 && window.streams.length === 2").await;
    chrome.run("window.dispatchEvent(new Event('pagehide'))").await;
    chrome.until(ALL_OFF).await;
}

/// Which explanation is shown.
async fn explained(chrome: &Chrome) -> String {
    chrome.until("document.querySelector('#camera-problems p:not([hidden])') !== null").await;
    let script = "return document.querySelector('#camera-problems p:not([hidden])').dataset.why";
    chrome.run(script).await.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_explained() {
    if !is_installed() {
        return;
    }
    let furnished = Furnished::start().await;
    let browser = furnished.office.browser(Role::Reception).await;
    // No camera at all.
    let chrome = Chrome::start(&furnished.office, &[ALLOW]).await;
    chrome.take_cookies(&browser).await;
    chrome.open("/").await;
    press(&chrome, "camera-start").await;
    assert_eq!(explained(&chrome).await, "none");
    drop(chrome);
    // Somebody said no.
    let chrome = Chrome::start(&furnished.office, &[FAKE_CAMERA, "--deny-permission-prompts"]).await;
    chrome.take_cookies(&browser).await;
    chrome.open("/").await;
    press(&chrome, "camera-start").await;
    assert_eq!(explained(&chrome).await, "denied");
    drop(chrome);
    // An address without HTTPS that isn't this machine's own.
    let mut chrome =
        Chrome::start(&furnished.office, &[FAKE_CAMERA, ALLOW, "--host-resolver-rules=MAP office.example 127.0.0.1"])
            .await;
    chrome.office = format!("http://office.example:{}", furnished.office.server.staff_address.port());
    chrome.take_cookies(&browser).await;
    chrome.open("/").await;
    press(&chrome, "camera-start").await;
    assert_eq!(explained(&chrome).await, "insecure");
}

/// The permission to compile code stands on the scan page alone, and the reader comes with the right kind.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_scan_page_may_read_pictures() {
    let office = super::super::support::TestOffice::start().await;
    let mut browser = office.browser(Role::Reception).await;
    super::super::support::blocking(move || {
        for (path, may) in [("/", true), ("/requests", false), ("/sign-in", false), ("/static/camera.js", false)] {
            let answer = browser.get(path);
            let policy = answer.header("content-security-policy").unwrap().to_owned();
            assert_eq!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), may, "{path}: {policy}");
            assert!(!policy.contains("'unsafe-eval'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
            let camera = if may { "camera=(self)" } else { "camera=()" };
            assert!(answer.header("permissions-policy").unwrap().contains(camera), "{path}");
        }
        let reader = browser.get("/static/zxing-reader-3.1.4.wasm");
        assert_eq!(reader.header("content-type"), Some("application/wasm"));
        assert!(reader.body.starts_with(b"\0asm"));
        assert!(reader.header("cache-control").unwrap().contains("immutable"));
    })
    .await;
}
