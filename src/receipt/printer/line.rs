//! The line to a printer: bytes out and bytes in, each with a time to wait and never longer.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{ControlModes, InputModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

use super::address::{Address, Flow, SerialAddress};
use super::usb;

/// A byte takes a start bit, eight bits and a stop bit at a serial line.
const BITS_A_BYTE: u32 = 10;

/// A line that is open.
pub trait Line {
    /// Sends the beginning of some bytes; 0 when the line takes none within the time.
    fn send(&self, bytes: &[u8], wait: Duration) -> io::Result<usize>;

    /// Receives some bytes; 0 when none come within the time. A line that has ended is an error.
    fn receive(&self, buffer: &mut [u8], wait: Duration) -> io::Result<usize>;

    /// False when nobody at the other end can answer.
    fn answers(&self) -> bool {
        true
    }

    /// Bytes a second, where the line itself is slow.
    fn pace(&self) -> Option<u32> {
        None
    }

    /// After the last byte of a receipt.
    fn finish(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens the line; `None` for [`Address::Off`]. Connecting takes no longer than the time to wait.
pub fn open(address: &Address, wait: Duration) -> io::Result<Option<Box<dyn Line>>> {
    Ok(Some(match address {
        Address::Off => return Ok(None),
        Address::Tcp(address) => Box::new(Descriptor::new(connect(address, wait)?)),
        Address::Usb(usb) => Box::new(usb::open(usb)?),
        Address::Serial(serial) => Box::new(open_serial(serial)?),
        Address::File(path) => open_file(path)?,
    }))
}

/// A socket, a device file or a serial port: anything that can be waited for.
struct Descriptor {
    file: File,
    pace: Option<u32>,
}

impl Descriptor {
    fn new(descriptor: impl Into<OwnedFd>) -> Self {
        Self { file: File::from(descriptor.into()), pace: None }
    }

    /// False when nothing happened within the time.
    fn wait(&self, flags: PollFlags, wait: Duration) -> io::Result<bool> {
        let timeout = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: wait.subsec_nanos().into() };
        match poll(&mut [PollFd::from_borrowed_fd(self.file.as_fd(), flags)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Tries, and once more when the line has become ready within the time.
    fn try_twice(
        &self,
        flags: PollFlags,
        wait: Duration,
        mut call: impl FnMut(&File) -> io::Result<usize>,
    ) -> io::Result<usize> {
        for is_last in [false, true] {
            match call(&self.file) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Ok(0) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the printer has closed the line")),
                other => return other,
            }
            if is_last || !self.wait(flags, wait)? {
                break;
            }
        }
        Ok(0)
    }
}

impl Line for Descriptor {
    fn send(&self, bytes: &[u8], wait: Duration) -> io::Result<usize> {
        self.try_twice(PollFlags::OUT, wait, |mut file| file.write(bytes))
    }

    fn receive(&self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        self.try_twice(PollFlags::IN, wait, |mut file| file.read(buffer))
    }

    fn pace(&self) -> Option<u32> {
        self.pace
    }
}

/// A plain file: receipts are appended, durably, and nothing answers.
struct PlainFile(File);

impl Line for PlainFile {
    fn send(&self, bytes: &[u8], _: Duration) -> io::Result<usize> {
        (&self.0).write(bytes)
    }

    fn receive(&self, _: &mut [u8], _: Duration) -> io::Result<usize> {
        Ok(0)
    }

    fn answers(&self) -> bool {
        false
    }

    fn finish(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn open_file(path: &Path) -> io::Result<Box<dyn Line>> {
    let kind = std::fs::metadata(path).map(|metadata| metadata.file_type());
    match kind {
        Ok(kind) if kind.is_char_device() => Ok(Box::new(Descriptor::new(open_device(path)?))),
        Ok(kind) if !kind.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "this is neither a device nor a plain file"))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        // A device that is unplugged has no file: making a plain one in its place would look like a printer.
        Err(error) if path.starts_with("/dev") => Err(error),
        _ => Ok(Box::new(PlainFile(OpenOptions::new().append(true).create(true).open(path)?))),
    }
}

fn open_device(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).write(true).custom_flags(flags.bits() as i32).open(path)
}

/// Eight bits, no parity, one stop bit, nothing translated.
fn open_serial(serial: &SerialAddress) -> io::Result<Descriptor> {
    let file = open_device(&serial.path)?;
    let mut settings = tcgetattr(&file)?;
    settings.make_raw();
    settings.set_speed(serial.baud)?;
    settings.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    settings.control_modes.set(ControlModes::CRTSCTS, serial.flow == Flow::Hardware);
    settings.input_modes.set(InputModes::IXON, serial.flow == Flow::Software);
    settings.special_codes[SpecialCodeIndex::VMIN] = 1;
    settings.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(&file, OptionalActions::Now, &settings)?;
    Ok(Descriptor { pace: Some(serial.baud / BITS_A_BYTE), ..Descriptor::new(file) })
}

fn connect(address: &str, wait: Duration) -> io::Result<TcpStream> {
    let deadline = Instant::now() + wait;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name of the printer leads to no address");
    for address in address.to_socket_addrs()? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nonblocking(true)?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
