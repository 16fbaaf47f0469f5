//! A browser of the staff pages for measuring: one connection at a time, cookies, and nothing drawn.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub struct Client {
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    form_token: String,
}

pub struct Answer {
    pub location: Option<String>,
    pub body: String,
}

impl Answer {
    /// The address behind "next page".
    pub fn later_page(&self) -> Option<String> {
        let mut links = self.body.split("<a class=\"button\" href=\"").skip(1);
        let later = links.find(|link| link.contains("after="))?;
        Some(later.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
    }
}

impl Client {
    pub fn signed_in(address: SocketAddr, name: &str, password: &str) -> Self {
        let mut client = Self { address, cookies: BTreeMap::new(), form_token: String::new() };
        client.read_token("/sign-in");
        let body = format!("form_token={}&name={name}&password={}", client.form_token, password.replace(' ', "+"));
        let answer = client.ask("POST", "/sign-in", &body);
        assert!(answer.location.is_some(), "signed in: {}", answer.body);
        client.read_token("/");
        client
    }

    fn read_token(&mut self, path: &str) {
        let page = self.get(path).body;
        let token = page.split_once("name=\"form_token\" value=\"").expect("a form").1.split('"').next();
        self.form_token = token.expect("its token").to_owned();
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    pub fn scan(&mut self, number: &str) -> Answer {
        let body = format!("form_token={}&scan={number}", self.form_token);
        self.ask("POST", "/", &body)
    }

    /// How long each of so many answers took.
    pub fn times(&mut self, samples: usize, mut path: impl FnMut(usize) -> String) -> Vec<Duration> {
        let mut times = Vec::with_capacity(samples);
        for sample in 0..samples {
            let path = path(sample);
            let begun = Instant::now();
            let answer = self.get(&path);
            times.push(begun.elapsed());
            assert!(answer.body.contains("</html>"), "{path}");
        }
        times
    }

    /// Takes an answer however long it is, and keeps nothing of it but its length.
    pub fn drain(&mut self, path: &str) -> u64 {
        let mut stream = self.send("GET", path, "");
        let (mut bytes, mut whole) = (vec![0; 64 * 1024], 0);
        loop {
            match stream.read(&mut bytes).expect("it goes on") {
                0 => return whole,
                length => whole += length as u64,
            }
        }
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let mut stream = self.send(method, path, body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        for line in head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let pair = line.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie has a name");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = head.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
        Answer { location, body: body.to_owned() }
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> TcpStream {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: office\r\nconnection: close\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).expect("the office listens");
        stream.write_all(head.as_bytes()).expect("it hears");
        stream
    }
}
