//! One Chromium with a driver of its own, both gone when the test ends, however it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::super::support::{Browser, TestOffice, blocking};
use crate::domain::language::Language;
use crate::office::people::Role;

/// Nothing takes so long, not even on a machine that builds meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A window without a screen, and what it is told beside WebDriver's own commands.
pub struct Chrome {
    pub client: Client,
    /// Scheme, address and port of the staff pages
    pub office: String,
    session: Session,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub language: Language,
    pub dark: bool,
    /// In CSS pixels
    pub width: u32,
}

/// Ends the browser, then its driver.
struct Session {
    driver: Child,
    port: u16,
    id: String,
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver takes the browser along; a driver that is killed would leave it.
        if !self.id.is_empty() {
            let _ = request(self.port, "DELETE", &format!("/session/{}", self.id), "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// True when Chromium and its driver are there; if not, that is said, and it is an error where nothing may be skipped.
pub fn is_installed() -> bool {
    let there = ["chromium", "chromedriver"].iter().all(|program| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    });
    if !there {
        let why = "chromium and chromium-driver aren't installed: make test installs them";
        assert!(std::env::var_os("ISTIQBAL_SKIP_NOTHING").is_none(), "nothing may be skipped here: {why}");
        println!("SKIPPED: {why}");
        // Past the harness, which keeps what a passing test prints to itself.
        let _ = std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
    }
    there
}

impl Chrome {
    /// A fresh browser before the office's sign-in, with further switches of Chromium's command line.
    pub async fn start(office: &TestOffice, switches: &[&str]) -> Self {
        let (driver, port) = blocking(start_driver).await;
        let mut session = Session { driver, port, id: String::new() };
        let mut words = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-gpu",
            "--no-first-run",
            "--window-size=1280,900",
        ];
        words.extend(switches);
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": words } });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is written as an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        session.id = client.session_id().await.unwrap().expect("a session has an id");
        Self { client, office: format!("http://{}", office.server.staff_address), session }
    }

    /// The same, with somebody of this role signed in.
    pub async fn signed_in(office: &TestOffice, role: Role) -> Self {
        let chrome = Self::start(office, &[]).await;
        chrome.take_cookies(&office.browser(role).await).await;
        chrome
    }

    /// Goes on with the session of a browser without a screen.
    pub async fn take_cookies(&self, browser: &Browser) {
        for (name, value) in &browser.cookies {
            self.cookie(name, value).await;
        }
    }

    pub async fn cookie(&self, name: &str, value: &str) {
        let cookie = json!({ "name": name, "value": value, "url": self.office });
        assert_eq!(self.devtools("Network.setCookie", cookie).await["success"], true);
    }

    /// A command of Chromium's own protocol: keys with their codes, colour schemes, widths.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let path = format!("/session/{}/goog/cdp/execute", self.session.id);
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let port = self.session.port;
        let answer = blocking(move || request(port, "POST", &path, &body)).await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["value"].get("error").is_none(), "{command}: {answer}");
        answer["value"].clone()
    }

    pub async fn look(&self, look: Look) {
        self.cookie("istiqbal_language", look.language.code()).await;
        self.scheme(look.dark).await;
        self.width(look.width).await;
    }

    pub async fn scheme(&self, dark: bool) {
        self.medium("", &[scheme(dark)]).await;
    }

    /// What the page is shown on (`print`, or nothing for the screen), and what its reader prefers.
    pub async fn medium(&self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features })).await;
    }

    pub async fn width(&self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Opens a page of the office; anything but 200 fails.
    pub async fn open(&self, path: &str) {
        self.visit(&format!("{}{path}", self.office), 200).await;
    }

    /// Opens any address; another status fails.
    pub async fn visit(&self, address: &str, status: u16) {
        self.client.goto(address).await.unwrap();
        assert_eq!(self.status().await, status, "{address}");
    }

    /// With which status the page came.
    pub async fn status(&self) -> Value {
        self.run("return performance.getEntriesByType('navigation')[0].responseStatus").await
    }

    /// Does what leads to another page, and waits until that is there.
    pub async fn leave(&self, act: impl AsyncFnOnce()) {
        self.run("window.isLeft = false").await;
        act().await;
        self.until("window.isLeft === undefined && document.readyState === 'complete'").await;
    }

    /// Counts how often pages ask for paper from now on, in `window.asked`: the browser's own dialogue would wait for ever.
    pub async fn count_prints(&self) {
        let source = "window.asked = 0; window.print = () => { window.asked += 1; };";
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    }

    /// Prints the page as its style says, on a printer with A4 (in inches): the size of each sheet in points.
    pub async fn sheets(&self) -> Vec<(f64, f64)> {
        let printer = json!({ "preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69 });
        let paper = self.devtools("Page.printToPDF", printer).await["data"].take();
        let sizes = "const box = /\\/MediaBox ?\\[0 0 ([0-9.]+) ([0-9.]+)\\]/g;
            return [...atob(arguments[0]).matchAll(box)].map((found) => [Number(found[1]), Number(found[2])]);";
        serde_json::from_value(self.client.execute(sizes, vec![paper]).await.unwrap()).unwrap()
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// The page's path and query.
    pub async fn path(&self) -> String {
        self.run("return location.pathname + location.search").await.as_str().unwrap().to_owned()
    }

    /// All that the page shows, without the marks that isolate directions.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body.innerText").await;
        text.as_str().unwrap().replace(|c| matches!(c, '\u{2066}'..='\u{2069}' | '\u{200f}'), "")
    }

    /// A key as a keyboard sends it: `code` is its place, `key` what the layout makes of it.
    pub async fn key(&self, code: &str, key: &str, virtual_key: u32) {
        let is_character = key.chars().count() == 1;
        let mut down = json!({ "type": "keyDown", "code": code, "key": key, "windowsVirtualKeyCode": virtual_key });
        if is_character || code == "Enter" {
            down["text"] = if code == "Enter" { "\r".into() } else { key.into() };
        }
        self.devtools("Input.dispatchKeyEvent", down).await;
        let up = json!({ "type": "keyUp", "code": code, "key": key, "windowsVirtualKeyCode": virtual_key });
        self.devtools("Input.dispatchKeyEvent", up).await;
    }

    pub async fn tab(&self) {
        self.key("Tab", "Tab", 9).await;
    }

    pub async fn enter(&self) {
        self.key("Enter", "Enter", 13).await;
    }

    /// Waits until a script's expression is true: for the thing, never for a time.
    pub async fn until(&self, expression: &str) {
        let script = format!("try {{ return Boolean({expression}); }} catch {{ return false; }}");
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            // A page that is left takes the script along: asked again on the next one.
            if matches!(self.client.execute(&script, vec![]).await, Ok(Value::Bool(true))) {
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        panic!("never true: {expression}\non {}:\n{}", self.path().await, self.text().await);
    }
}

/// The colours that somebody prefers, for [`Chrome::medium`].
pub fn scheme(dark: bool) -> (&'static str, &'static str) {
    ("prefers-color-scheme", if dark { "dark" } else { "light" })
}

/// A driver at a port that it chose itself. Whoever gets it ends it; one that names no port has ended already.
#[allow(clippy::zombie_processes)]
fn start_driver() -> (Child, u16) {
    let mut driver =
        Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().expect("its output is piped"));
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the driver ended without naming its port");
        let Some((_, port)) = line.trim_end().trim_end_matches('.').rsplit_once("successfully on port ") else {
            continue;
        };
        if let Ok(port) = port.parse() {
            // It goes on writing: a full pipe would stop it.
            std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
            return (driver, port);
        }
    }
}

/// A request to the driver; what it answers.
fn request(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
