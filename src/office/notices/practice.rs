//! A gateway to practise with, on this machine only: it sends nothing, and keeps what it was given. The demo shows people
//! its messages; the tests let it fail, stall and answer nonsense.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use serde::Deserialize;

/// A message is shorter; whoever sends more is let go.
const BODY_BYTES_MAX: usize = 64 * 1024;
const HEADER_BYTES_MAX: u64 = 16 * 1024;
/// Whoever says nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the gateway behaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes messages: status 200 and `{"status":"ok"}`
    #[default]
    Take,
    /// Takes the message, but answers with this status and body
    Answer(u16, String),
    /// Takes the message and answers nothing, until it behaves otherwise
    Stall,
    /// Takes the message and answers what isn't HTTP
    Nonsense,
    /// Hangs up before the message is read
    HangUp,
}

/// What came: [`PracticeGateway::patterns`] makes the office send it so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Message {
    pub to: String,
    pub text: String,
    /// The same at each try
    pub id: String,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// Method and path
    pub line: String,
    /// Names in small letters
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Came {
    /// What it says, where it is the JSON of [`PracticeGateway::patterns`].
    pub fn message(&self) -> Option<Message> {
        serde_json::from_str(&self.body).ok()
    }
}

/// A running gateway. Its threads end with the process.
pub struct PracticeGateway {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Where each message is kept as a text file
    folder: Option<PathBuf>,
}

#[derive(Default)]
struct State {
    behaviour: Behaviour,
    came: Vec<Came>,
}

impl PracticeGateway {
    /// Listens on a port of this machine; 0 takes any. With a folder, each new message is a text file there.
    pub fn start(port: u16, folder: Option<&Path>) -> io::Result<Self> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)?;
        }
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { folder: folder.map(Path::to_owned), ..Shared::default() });
        let listening = shared.clone();
        std::thread::Builder::new().name("practice gateway".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = listening.clone();
                std::thread::spawn(move || {
                    if let Err(error) = shared.answer(stream) {
                        tracing::debug!(%error, "the practice gateway");
                    }
                });
            }
        })?;
        Ok(Self { address, shared })
    }

    /// `[sms]` of an office's file that sends here.
    pub fn patterns(port: u16) -> String {
        format!(
            "[sms]\nurl = \"http://127.0.0.1:{port}/messages\"\n\
             headers = {{ Content-Type = \"application/json\" }}\n\
             body = '{{\"to\":\"{{to}}\",\"text\":\"{{text}}\",\"id\":\"{{id}}\"}}'\n\
             success_text = '\"ok\"'\ntimeout_seconds = 5\n"
        )
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.shared.lock().behaviour = behaviour;
        self.shared.changed.notify_all();
    }

    /// Everything that came, in its order, repeats too.
    pub fn came(&self) -> Vec<Came> {
        self.shared.lock().came.clone()
    }

    /// The messages that people would have got: each id once.
    pub fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        for message in self.came().iter().filter_map(Came::message) {
            if messages.iter().all(|known| known.id != message.id) {
                messages.push(message);
            }
        }
        messages
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere can't leave the state half changed.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        if self.lock().behaviour == Behaviour::HangUp {
            return Ok(());
        }
        stream.set_read_timeout(Some(PATIENCE))?;
        let came = read(&stream)?;
        let mut state = self.lock();
        let is_new = came
            .message()
            .is_some_and(|message| !state.came.iter().filter_map(Came::message).any(|known| known.id == message.id));
        let number = state.came.len() + 1;
        state.came.push(came.clone());
        if is_new {
            self.keep(number, &came)?;
        }
        while state.behaviour == Behaviour::Stall {
            state = self.changed.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        let behaviour = state.behaviour.clone();
        drop(state);
        let (status, body) = match behaviour {
            Behaviour::Nonsense => return stream.write_all(b"\x00\xff this is no answer\r\n\r\n"),
            Behaviour::HangUp => return Ok(()),
            Behaviour::Answer(status, body) => (status, body),
            Behaviour::Take | Behaviour::Stall => (200, "{\"status\":\"ok\"}".to_owned()),
        };
        let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
    }

    fn keep(&self, number: usize, came: &Came) -> io::Result<()> {
        let (Some(folder), Some(message)) = (&self.folder, came.message()) else { return Ok(()) };
        // Earlier runs have left some.
        let earlier = std::fs::read_dir(folder)?.count();
        let path = folder.join(format!("message-{:03}.txt", number.max(earlier + 1)));
        std::fs::write(path, format!("{}\n\n{}\n", message.to, message.text))
    }
}

/// One request.
fn read(stream: &TcpStream) -> io::Result<Came> {
    let mut reader = BufReader::new(stream).take(HEADER_BYTES_MAX);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.trim().split_once(':') {
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0_usize);
    if length > BODY_BYTES_MAX {
        return Err(io::Error::other("the message is too long"));
    }
    let mut body = vec![0; length];
    reader.set_limit(BODY_BYTES_MAX as u64);
    reader.read_exact(&mut body)?;
    Ok(Came {
        line: line.trim().trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
