//! The demo's receipt printer: it speaks ESC/POS on a TCP port and draws each receipt as a PNG file.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::receipt::paper::Paper;
use crate::receipt::picture::PaperWidth;

/// White dots around the drawn paper.
const MARGIN_DOTS: usize = 24;

/// A printer whose paper is a folder.
pub struct DrawnPrinter {
    pub address: SocketAddr,
    drawn: Arc<Mutex<Vec<PathBuf>>>,
}

impl DrawnPrinter {
    /// Listens on any free port of this machine; the threads end with the process. Numbers go on after the receipts
    /// that the folder already holds.
    pub fn start(folder: &Path, width: PaperWidth) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let drawn = Arc::new(Mutex::new(Vec::new()));
        let next = Arc::new(AtomicUsize::new(std::fs::read_dir(folder)?.count() + 1));
        let sheets = Sheets { folder: folder.to_owned(), width, next, drawn: drawn.clone() };
        std::thread::Builder::new().name("drawn printer".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                let sheets = sheets.clone();
                std::thread::spawn(move || {
                    if let Err(error) = sheets.print_from(stream) {
                        tracing::warn!("the drawn printer: {error}");
                    }
                });
            }
        })?;
        Ok(Self { address, drawn })
    }

    /// The receipts drawn since the start, in order.
    pub fn drawn(&self) -> Vec<PathBuf> {
        self.drawn.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

#[derive(Clone)]
struct Sheets {
    folder: PathBuf,
    width: PaperWidth,
    next: Arc<AtomicUsize>,
    drawn: Arc<Mutex<Vec<PathBuf>>>,
}

impl Sheets {
    fn print_from(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut paper = Paper::new(self.width.dots() as usize);
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let count = stream.read(&mut bytes)?;
            if count == 0 {
                return Ok(());
            }
            for receipt in paper.feed(&bytes[..count]).map_err(io::Error::other)? {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let path = self.folder.join(format!("receipt-{number:03}.png"));
                receipt.save_png(&path, MARGIN_DOTS)?;
                self.drawn.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(path);
            }
            // The answers come after the paper: "printed" is said of what is drawn.
            stream.write_all(&paper.take_answers())?;
        }
    }
}
