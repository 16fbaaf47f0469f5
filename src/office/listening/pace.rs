//! The pace of a connection: who reads or sends too little is let go.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::places::{Doing, Place};

/// Window in which a pace is measured.
const WINDOW: Duration = Duration::from_secs(15);
/// Minimum that a request's body brings in a window: a fifth of what the slowest mobile line of today carries.
const SENT_MIN: usize = 2 * 1024;
/// Minimum that a caller takes of an answer in a window.
const TAKEN_MIN: usize = 4 * 1024;

/// Measures what moves while the other end keeps us waiting.
struct Pace {
    bytes_min: usize,
    moved: usize,
    window: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    fn new(bytes_min: usize) -> Self {
        Self { bytes_min, moved: 0, window: None }
    }

    fn moved(&mut self, bytes: usize) {
        self.moved += bytes;
    }

    /// Nothing is to be moved now.
    fn rest(&mut self) {
        self.window = None;
    }

    /// Called while the other end keeps us waiting; ready when less has moved in a window than must.
    fn poll_too_slow(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(window) = &mut self.window else {
                self.moved = 0;
                self.window = Some(Box::pin(sleep(WINDOW)));
                continue;
            };
            ready!(window.as_mut().poll(context));
            if self.moved < self.bytes_min {
                return Poll::Ready(());
            }
            self.moved = 0;
            window.as_mut().reset(Instant::now() + WINDOW);
        }
    }
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the other end is too slow")
}

/// A line whose other end must take what is written to it.
pub struct PacedLine<Line> {
    line: Line,
    pace: Pace,
}

impl<Line> PacedLine<Line> {
    pub fn new(line: Line) -> Self {
        Self { line, pace: Pace::new(TAKEN_MIN) }
    }

    fn paced<T>(&mut self, context: &mut Context<'_>, found: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if found.is_pending() && self.pace.poll_too_slow(context).is_ready() {
            return Poll::Ready(Err(too_slow()));
        }
        found
    }
}

impl<Line: AsyncRead + Unpin> AsyncRead for PacedLine<Line> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_read(context, buffer)
    }
}

impl<Line: AsyncWrite + Unpin> AsyncWrite for PacedLine<Line> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.pace.moved(*count);
        }
        self.paced(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write_vectored(context, pieces);
        if let Poll::Ready(Ok(count)) = &written {
            self.pace.moved(*count);
        }
        self.paced(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    /// HTTP and TLS flush when they have written all that they had: then nobody waits.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.line).poll_flush(context);
        if flushed.is_ready() {
            self.pace.rest();
        }
        self.paced(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.line).poll_shutdown(context);
        self.paced(context, closed)
    }
}

/// A request's body that must come at some pace, and within a time.
pub struct PacedBody<B> {
    body: B,
    pace: Pace,
    time: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    place: Place,
}

impl<B: Body> PacedBody<B> {
    pub fn new(body: B, time: Duration, place: Place) -> Self {
        Self { body, pace: Pace::new(SENT_MIN), time, deadline: None, place }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for PacedBody<B>
where
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(frame)) => {
                if let Ok(bytes) = frame.as_ref().map(|frame| frame.data_ref().map_or(0, Bytes::len)) {
                    this.pace.moved(bytes);
                }
                if this.body.is_end_stream() {
                    this.place.does(Doing::Answering);
                }
                Poll::Ready(Some(frame.map_err(Into::into)))
            }
            Poll::Ready(None) => {
                this.place.does(Doing::Answering);
                Poll::Ready(None)
            }
            Poll::Pending => {
                let time = this.time;
                let deadline = this.deadline.get_or_insert_with(|| Box::pin(sleep(time)));
                if deadline.as_mut().poll(context).is_ready() || this.pace.poll_too_slow(context).is_ready() {
                    return Poll::Ready(Some(Err(too_slow().into())));
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_takes_too_little_of_an_answer_is_let_go() {
        const PIECE: usize = 1024;
        for (seconds, is_let_go) in [(3, false), (5, true), (100, true)] {
            let (line, mut other) = duplex(PIECE);
            tokio::spawn(async move {
                let mut piece = [0; PIECE];
                while other.read_exact(&mut piece).await.is_ok() {
                    sleep(Duration::from_secs(seconds)).await;
                }
            });
            let written = PacedLine::new(line).write_all(&[7; 64 * PIECE]).await;
            let kind = written.err().map(|error| error.kind());
            assert_eq!(kind, is_let_go.then_some(io::ErrorKind::TimedOut), "a KiB every {seconds} seconds");
        }
    }
}
