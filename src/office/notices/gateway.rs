//! The gateway that turns a notice into an SMS: any provider that takes one HTTP request a message. How it wants to be
//! asked stands in the office's file under `[sms]` (`docs/operations.md`).

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use toml::Spanned;
use zeroize::Zeroizing;

use super::answer::cleaned;
use super::limits::{LimitsFile, MessageLimits};
use super::template::{BodyPattern, Filling, Pattern};
use crate::config::{ConfigError, error_at};
use crate::domain::mobile::Mobile;
use crate::office::database::notices::AttemptOutcome;

/// How long a gateway may take, unless the file says otherwise.
const TIMEOUT_SECONDS: u32 = 15;
const TIMEOUT_SECONDS_MAX: u32 = 120;
/// How often a notice is tried, unless the file says otherwise.
const ATTEMPTS: u32 = 8;
const ATTEMPTS_MAX: u32 = 20;
/// No more of an answer is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
const KEY_BYTES_MAX: u64 = 4096;

/// `[sms]` of the office's file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsFile {
    url: Spanned<String>,
    method: Option<Spanned<String>>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<String>>,
    body: Option<Spanned<String>>,
    #[serde(default)]
    sender: String,
    key_file: Option<PathBuf>,
    success_text: Option<String>,
    timeout_seconds: Option<Spanned<u32>>,
    attempts: Option<Spanned<u32>>,
    #[serde(default)]
    limits: LimitsFile,
}

/// How a gateway wants to be asked; its patterns are right.
#[derive(Clone, Debug)]
pub struct SmsConfig {
    pub url: Pattern,
    pub method: Method,
    pub headers: Vec<(HeaderName, Pattern)>,
    pub body: Option<BodyPattern>,
    pub sender: String,
    pub key_file: Option<PathBuf>,
    /// Besides a status of 200 to 299, what the answer has to contain
    pub success_text: Option<String>,
    pub timeout: Duration,
    /// How often a notice is tried before it goes to the call list
    pub attempts: u32,
    pub limits: MessageLimits,
}

impl SmsFile {
    /// Checks everything that can be checked without sending; `text` is the file's, for the line of an error.
    pub fn check(self, path: &Path, text: &str) -> Result<SmsConfig, ConfigError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let wrong = |place: usize, cause: String| error_at(path, text, Some(place), cause);
        let at_url = self.url.span().start;
        let url = Pattern::parse(self.url.get_ref()).map_err(|error| wrong(at_url, error.to_string()))?;
        check_address(&url).map_err(|cause| wrong(at_url, cause.to_owned()))?;
        let method = match self.method.as_ref().map(|method| method.get_ref().as_str()) {
            None | Some("POST") => Method::POST,
            Some("GET") => Method::GET,
            Some("PUT") => Method::PUT,
            Some(_) => {
                let place = self.method.as_ref().map_or(at_url, |method| method.span().start);
                return Err(wrong(place, "the method is POST, GET or PUT".into()));
            }
        };
        let mut headers = Vec::new();
        let mut kind = String::new();
        for (name, value) in &self.headers {
            let place = value.span().start;
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| wrong(place, format!("`{name}` is no name of a header")))?;
            let pattern = Pattern::parse(value.get_ref()).map_err(|error| wrong(place, error.to_string()))?;
            if pattern.has("text") {
                return Err(wrong(place, "a header takes no {text}: put it into the body or the address".into()));
            }
            if header == CONTENT_TYPE {
                kind = value.get_ref().to_ascii_lowercase();
            }
            headers.push((header, pattern));
        }
        let body = match &self.body {
            None => None,
            Some(body) => {
                let place = body.span().start;
                let parsed = if kind.contains("json") {
                    BodyPattern::json(body.get_ref())
                } else if kind.contains("x-www-form-urlencoded") {
                    BodyPattern::form(body.get_ref())
                } else {
                    let cause = "with a body, `headers` needs a \"Content-Type\": application/json, or \
                                 application/x-www-form-urlencoded";
                    return Err(wrong(place, cause.into()));
                };
                Some(parsed.map_err(|error| wrong(place, error.to_string()))?)
            }
        };
        let somewhere =
            |placeholder: &str| url.has(placeholder) || body.as_ref().is_some_and(|body| body.has(placeholder));
        if !somewhere("text") || !(somewhere("to") || somewhere("to_digits")) {
            return Err(wrong(
                at_url,
                "{text}, and {to} or {to_digits}, have to stand in the address or the body".into(),
            ));
        }
        let uses_key = somewhere("key") || headers.iter().any(|(_, pattern)| pattern.has("key"));
        if uses_key != self.key_file.is_some() {
            let cause =
                "{key} and `key_file` belong together: the key stands in a file of its own, and {key} where it goes";
            return Err(wrong(at_url, cause.into()));
        }
        let within = |number: &Option<Spanned<u32>>, custom: u32, max: u32| match number {
            None => Ok(custom),
            Some(given) if (1..=max).contains(given.get_ref()) => Ok(*given.get_ref()),
            Some(given) => Err(wrong(given.span().start, format!("at least 1 and at most {max}"))),
        };
        Ok(SmsConfig {
            method,
            headers,
            body,
            sender: self.sender,
            key_file: self.key_file.map(|file| folder.join(file)),
            success_text: self.success_text.filter(|text| !text.is_empty()),
            timeout: Duration::from_secs(within(&self.timeout_seconds, TIMEOUT_SECONDS, TIMEOUT_SECONDS_MAX)?.into()),
            attempts: within(&self.attempts, ATTEMPTS, ATTEMPTS_MAX)?,
            limits: self.limits.checked(wrong)?,
            url,
        })
    }
}

impl SmsConfig {
    /// The port that the address names; `None` where it names none.
    pub fn port(&self) -> Option<u16> {
        let sample = Filling { to: "", text: "", id: "", sender: "", key: "" };
        self.url.in_address(&sample).parse::<Uri>().ok()?.port_u16()
    }
}

/// Where the message goes has to be fixed, and to be encrypted on its way.
fn check_address(url: &Pattern) -> Result<(), &'static str> {
    const FORM: &str = "an address begins with https://host/, and placeholders stand behind that";
    let sample = Filling { to: "+966500000000", text: "t", id: "0", sender: "s", key: "k" };
    let address: Uri = url.in_address(&sample).parse().map_err(|_| FORM)?;
    let host = address.host().ok_or(FORM)?;
    // Everything through the host stands before the first placeholder.
    let (_, behind_scheme) = url.beginning().split_once("://").ok_or(FORM)?;
    if !behind_scheme.contains(['/', '?']) && url.beginning() != url.in_address(&sample) {
        return Err(FORM);
    }
    let is_here = host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match address.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if is_here => Ok(()),
        Some("http") => Err("numbers and texts go out encrypted: https://; http:// only to this machine (127.0.0.1)"),
        _ => Err(FORM),
    }
}

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("{}: the key of the SMS gateway can't be read ({source}); `key_file` in the office's file names it", path.display())]
    Key { path: PathBuf, source: std::io::Error },
    #[error("{}: others can read this key (mode {mode:o}). Run: chmod 600 {}", path.display(), path.display())]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("{}: the key is one line of at most {KEY_BYTES_MAX} bytes", path.display())]
    KeyForm { path: PathBuf },
    #[error("`{0}` in `headers` of [sms] can't stand in a header")]
    Header(HeaderName),
    #[error("TLS can't be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// How a try to send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub outcome: AttemptOutcome,
    pub status: Option<u16>,
    /// Shortened, without number, text and key
    pub answer: String,
}

impl Answered {
    fn silent(outcome: AttemptOutcome) -> Self {
        Self { outcome, status: None, answer: String::new() }
    }
}

/// A gateway, ready to be asked.
pub struct Gateway {
    config: SmsConfig,
    key: Zeroizing<String>,
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gateway").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Reads the key. Nothing is sent.
    pub fn open(config: &SmsConfig) -> Result<Self, GatewayError> {
        let key = config.key_file.as_deref().map(read_key).transpose()?.unwrap_or_default();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        // A message now and then: a connection kept open would only be found dead.
        let http = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        let gateway = Self { config: config.clone(), key, http };
        // Whatever can't stand in a header shows now and not with the first notice.
        let sample = Filling { to: "+966500000000", text: "", id: "0", ..gateway.filling() };
        for (name, pattern) in &gateway.config.headers {
            let fits = HeaderValue::from_str(&pattern.plain(&sample)).is_ok();
            fits.then_some(()).ok_or_else(|| GatewayError::Header(name.clone()))?;
        }
        Ok(gateway)
    }

    pub fn attempts(&self) -> u32 {
        self.config.attempts
    }

    pub fn limits(&self) -> MessageLimits {
        self.config.limits
    }

    /// The longest that one try may take.
    pub fn timeout(&self) -> Duration {
        self.config.timeout
    }

    fn filling(&self) -> Filling<'_> {
        Filling { to: "", text: "", id: "", sender: &self.config.sender, key: &self.key }
    }

    /// Sends one message. `id` is the same at each try, so that a gateway can drop what comes twice.
    pub async fn send(&self, to: &Mobile, text: &str, id: &str) -> Answered {
        let filling = Filling { to: to.as_str(), text, id, ..self.filling() };
        let Some(request) = self.request(&filling) else { return Answered::silent(AttemptOutcome::Refused) };
        let exchange = async {
            let response = self.http.request(request).await.map_err(|_| AttemptOutcome::Unreachable)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            // A gateway that breaks off within its answer, or never ends it, has taken nothing that we know of.
            let body = body.map_err(|_| AttemptOutcome::Unreachable)?.to_bytes();
            Ok((status, String::from_utf8_lossy(&body).into_owned()))
        };
        let (status, body) = match tokio::time::timeout(self.config.timeout, exchange).await {
            Err(_) => return Answered::silent(AttemptOutcome::TimedOut),
            Ok(Err(outcome)) => return Answered::silent(outcome),
            Ok(Ok(answer)) => answer,
        };
        let says_so = self.config.success_text.as_ref().is_none_or(|expected| body.contains(expected));
        let outcome = if status.is_success() && says_so { AttemptOutcome::Sent } else { AttemptOutcome::Refused };
        let national = to.national();
        let secrets = [to.as_str(), &to.as_str()[1..], &national, &national[1..], text, &self.key];
        Answered { outcome, status: Some(status.as_u16()), answer: cleaned(&body, &secrets) }
    }

    fn request(&self, filling: &Filling<'_>) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(self.config.method.clone());
        request = request.uri(self.config.url.in_address(filling));
        for (name, pattern) in &self.config.headers {
            let mut value = HeaderValue::from_str(&pattern.plain(filling)).ok()?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let body = self.config.body.as_ref().map(|body| body.filled(filling)).unwrap_or_default();
        request.body(Full::from(body)).ok()
    }
}

/// One line, readable by its owner only.
fn read_key(path: &Path) -> Result<Zeroizing<String>, GatewayError> {
    let failed = |source| GatewayError::Key { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(GatewayError::ReadableByOthers { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(KEY_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    let key = Zeroizing::new(text.trim().to_owned());
    if key.is_empty() || text.len() as u64 > KEY_BYTES_MAX || key.contains(char::is_control) {
        return Err(GatewayError::KeyForm { path: path.to_owned() });
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn read(text: &str) -> Result<SmsConfig, ConfigError> {
        let path = Path::new("office.toml");
        let file: SmsFile = config::parse(path, text)?;
        file.check(path, text)
    }

    #[test]
    fn what_would_send_in_clear_or_elsewhere_is_refused() {
        let good = "url = 'https://sms.example/send?to={to}&text={text}'\nmethod = 'GET'\n";
        assert!(read(good).is_ok());
        for url in [
            "http://sms.example/?to={to}&text={text}",
            "https://{id}.example/?to={to}&text={text}",
            "https://sms.example{to}/{text}",
            "ftp://sms.example/?to={to}&text={text}",
            "sms.example/?to={to}&text={text}",
            "https://sms.example/?to={to}",
            "https://sms.example/?text={text}",
            "https://sms.example/?to={to}&text={text}&key={key}",
            "https://sms.example/?to={to}&text={tekst}",
        ] {
            let error = read(&format!("url = '{url}'\n")).unwrap_err();
            assert_eq!((error.line, error.key.as_deref()), (Some(1), Some("url")), "{url}");
        }
        for url in
            ["http://127.0.0.1:9000/?to={to}&text={text}", "http://[::1]/{to}/{text}", "http://localhost/{to}{text}"]
        {
            assert!(read(&format!("url = '{url}'\n")).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        let good = "url = 'https://sms.example/'\n";
        for (more, key) in [
            ("body = '{\"to\":\"{to}\",\"text\":\"{text}\"}'", "body"),
            ("method = 'DELETE'\nbody = 'to={to}&text={text}'", "method"),
            (
                "timeout_seconds = 0\nheaders = { Content-Type = 'application/x-www-form-urlencoded' }\nbody = 'to={to}&text={text}'",
                "timeout_seconds",
            ),
            ("headers = { X-Text = '{text}' }", "headers"),
            ("headers = { 'X Text' = 'a' }", "headers"),
        ] {
            let error = read(&format!("{good}{more}\n")).unwrap_err();
            assert_eq!((error.line, error.key.as_deref()), (Some(2), Some(key)), "{more}: {error}");
        }
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "secret\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read_key(&path), Err(GatewayError::ReadableByOthers { mode: 0o644, .. })));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_key(&path).unwrap().as_str(), "secret");
        std::fs::write(&path, "two\nlines").unwrap();
        assert!(matches!(read_key(&path), Err(GatewayError::KeyForm { .. })));
        assert!(matches!(read_key(folder.path().join("none").as_path()), Err(GatewayError::Key { .. })));
    }
}
