//! The device as the `escpos` crate wants it: bytes out, bytes in, with one deadline for all of them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ::escpos::driver::Driver;
use ::escpos::errors::{PrinterError, Result};
use rustix::event::{PollFd, PollFlags, poll};

use super::Address;

/// An open printer. Clones are the same device.
#[derive(Clone)]
pub struct Device {
    line: Arc<Line>,
    deadline: Arc<Mutex<Instant>>,
}

enum Line {
    Tcp(TcpStream),
    /// A device file
    File(File),
    /// A plain file: receipts are appended, and nothing answers
    Plain(File),
}

impl Device {
    /// Opens the device; `None` for [`Address::Off`].
    pub fn connect(address: &Address, deadline: Instant) -> Result<Option<Self>> {
        let line = match address {
            Address::Off => return Ok(None),
            Address::Tcp(address) => Line::Tcp(connect_tcp(address, deadline)?),
            Address::File(path) => {
                let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
                let is_device = std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device());
                if is_device {
                    Line::File(OpenOptions::new().read(true).write(true).custom_flags(nonblocking).open(path)?)
                } else {
                    Line::Plain(OpenOptions::new().append(true).create(true).open(path)?)
                }
            }
        };
        Ok(Some(Self { line: Arc::new(line), deadline: Arc::new(Mutex::new(deadline)) }))
    }

    /// False for a plain file.
    pub fn answers(&self) -> bool {
        !matches!(*self.line, Line::Plain(_))
    }

    pub fn deadline(&self) -> Instant {
        *self.deadline.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn set_deadline(&self, deadline: Instant) {
        *self.deadline.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = deadline;
    }

    /// After the last byte: a plain file is made durable.
    pub fn finish(&self) -> Result<()> {
        match &*self.line {
            Line::Plain(file) => Ok(file.sync_all()?),
            Line::Tcp(_) | Line::File(_) => Ok(()),
        }
    }

    fn wait(&self, flags: PollFlags) -> io::Result<()> {
        let left = self.deadline().saturating_duration_since(Instant::now());
        let timeout = rustix::event::Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let mut fds = [PollFd::from_borrowed_fd(self.line.as_fd(), flags)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => Ok(()),
            Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Repeats a call that would block, until it doesn't or the deadline has come.
    fn until_deadline(&self, flags: PollFlags, mut call: impl FnMut(&Line) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            match call(&self.line) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                    self.wait(flags)?
                }
                other => return other,
            }
        }
    }
}

impl Driver for Device {
    fn name(&self) -> String {
        "istiqbal".into()
    }

    fn write(&self, data: &[u8]) -> Result<()> {
        let mut rest = data;
        while !rest.is_empty() {
            let written = self.until_deadline(PollFlags::OUT, |line| match line {
                Line::Tcp(stream) => (&mut &*stream).write(rest),
                Line::File(file) | Line::Plain(file) => (&mut &*file).write(rest),
            })?;
            if written == 0 {
                return Err(PrinterError::Io("the printer takes no more bytes".into()));
            }
            rest = &rest[written..];
        }
        Ok(())
    }

    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        Ok(self.until_deadline(PollFlags::IN, |line| match line {
            Line::Tcp(stream) => (&mut &*stream).read(buffer),
            Line::File(file) | Line::Plain(file) => (&mut &*file).read(buffer),
        })?)
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::File(file) | Self::Plain(file) => file.as_fd(),
        }
    }
}

fn connect_tcp(address: &str, deadline: Instant) -> io::Result<TcpStream> {
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
