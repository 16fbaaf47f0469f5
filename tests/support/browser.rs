//! A very small browser: forms, cookies, redirects. The pages' look is tried in a real one.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use super::{PASSWORD, USER};

/// A page as it came back.
pub struct Page {
    pub status: u16,
    pub text: String,
    location: Option<String>,
}

/// One person at one browser.
pub struct Browser {
    address: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), cookies: BTreeMap::new() }
    }

    /// Signed in, in English.
    pub fn signed_in(address: &str) -> Self {
        let mut browser = Self::new(address);
        let page = browser.get("/sign-in");
        let form = [("form_token", page.field("form_token")), ("name", USER.into()), ("password", PASSWORD.into())];
        let home = browser.post("/sign-in", &form);
        assert_eq!(home.status, 200, "{}", home.text);
        browser
    }

    pub fn get(&mut self, path: &str) -> Page {
        let page = self.exchange("GET", path, "");
        self.follow(page)
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, String)]) -> Page {
        let body = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&");
        let page = self.exchange("POST", path, &body);
        self.follow(page)
    }

    fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..5 {
            match page.location.take() {
                // The place on a page is the browser's own business.
                Some(location) => page = self.exchange("GET", location.split('#').next().unwrap_or_default(), ""),
                None => break,
            }
        }
        page
    }

    fn exchange(&mut self, method: &str, path: &str, body: &str) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\nOrigin: http://{}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            cookies.join("; "),
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let mut location = None;
        for line in head.lines().skip(1) {
            let Some((name, value)) = line.split_once(": ") else { continue };
            match name.to_ascii_lowercase().as_str() {
                "set-cookie" => {
                    let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
                "location" => location = Some(value.to_owned()),
                _ => {}
            }
        }
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        Page { status, text: text.to_owned(), location }
    }
}

impl Page {
    /// The value of a form's field.
    pub fn field(&self, name: &str) -> String {
        let input = self.text.split("<input").find(|input| input.contains(&format!("name=\"{name}\"")));
        let input = input.unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        let value = input.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or_else(|| panic!("no value in {input}")).to_owned()
    }

    /// Where a form whose address ends so is sent to.
    pub fn action(&self, end: &str) -> String {
        let mut actions = self.text.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
        actions
            .find(|action| action.ends_with(end))
            .unwrap_or_else(|| panic!("no form {end} in {}", self.text))
            .to_owned()
    }

    pub fn has_action(&self, end: &str) -> bool {
        self.text
            .split("action=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .any(|action| action.ends_with(end))
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
