//! Strangers who hold connections and say nothing, half a word, or never an end: on each listener, while staff and a kiosk work.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use istiqbal::replication::invite::Invite;
use istiqbal::replication::tls;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::pki_types::ServerName;
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;

use crate::support::{Workplace, registration};

/// Connections of each kind, on each listener.
const SILENT: usize = 5_000;
const HALF_SPOKEN: usize = 500;
const NEVER_ENDING: usize = 200;
/// Descriptors that this process needs beside them.
const OWN_DESCRIPTORS: u64 = 1_000;
/// Networks from which they come: addresses of this machine that aren't `127.0.0.1`, where a proxy would stand.
const NETWORKS: usize = 250;
const GROWTH_MAX_KB: u64 = 100 * 1024;
/// The longest that the office may hold what says nothing: it itself says half a minute.
const LET_GO_WAIT: Duration = Duration::from_secs(180);
/// An answer that takes longer is none.
const ANSWER_WAIT: Duration = Duration::from_secs(20);

const HALVES: [&[u8]; 5] = [
    b"P",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: office\r\nx-never: ",
    // The beginning of a TLS hello that says it has 508 bytes
    &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 7, 7],
    b"POST /sign-in HTTP/1.1\r\n",
];

#[test]
fn strangers_who_never_end_keep_nobody_away() {
    let silent = silent_ones();
    let workplace = Workplace::new();
    let public = free_address();
    let replication: SocketAddr = workplace.replication.parse().unwrap();
    let path = workplace.path("office.toml");
    let config = fs::read_to_string(&path).unwrap() + &format!("public_listen = \"{public}\"\n");
    fs::write(path, config).unwrap();
    let office = workplace.set_up();
    let staff: SocketAddr = office.staff.parse().unwrap();
    let invite: Invite = workplace.succeed(&["office", "invite", "--print"], "office.toml", "").trim().parse().unwrap();
    for (listener, path) in [(staff, "/sign-in"), (public, "/")] {
        assert_eq!(status_of(listener, path), Some(200), "before anything");
    }
    let before = kilobytes(office.id());

    let runtime = Runtime::new().unwrap();
    let is_over = AtomicBool::new(false);
    let (answers, again) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let most = thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                for (listener, path) in [(staff, "/sign-in"), (public, "/")] {
                    // A browser tries a line that broke again, too.
                    let answered = (0..3).any(|_| {
                        let answered = status_of(listener, path) == Some(200);
                        again.fetch_add(usize::from(!answered), Ordering::Relaxed);
                        answered
                    });
                    assert!(answered, "{listener}{path} didn't answer");
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                most = most.max(kilobytes(office.id()));
            }
            most
        });
        let mut held = Vec::new();
        for listener in [staff, replication, public] {
            held.extend(runtime.block_on(open_all(listener, silent + HALF_SPOKEN)));
        }
        for (number, line) in held.iter().enumerate().filter(|(number, _)| number % (silent + HALF_SPOKEN) >= silent) {
            // The office may have let it go already.
            let _ = line.try_write(HALVES[number % HALVES.len()]);
        }
        let never_ending =
            [runtime.block_on(open_all(staff, NEVER_ENDING)), runtime.block_on(open_all(public, NEVER_ENDING))];
        let trickling = never_ending
            .into_iter()
            .zip(["/sign-in", "/"])
            .flat_map(|(lines, path)| lines.into_iter().map(move |line| (line, path)));
        let trickling: Vec<_> = trickling.map(|(line, path)| runtime.spawn(trickle(line, path))).collect();
        let packed: Vec<_> = runtime
            .block_on(open_all(replication, NEVER_ENDING))
            .into_iter()
            .enumerate()
            .map(|(number, line)| {
                let (invite, line) = (invite.clone(), line.into_std().unwrap());
                thread::Builder::new().stack_size(256 * 1024).spawn(move || enrol_without_end(line, &invite, number))
            })
            .collect::<Result<_, _>>()
            .unwrap();

        // Meanwhile a kiosk registers, and everything arrives.
        let seen = answers.load(Ordering::Relaxed);
        workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
        let kiosk = workplace.check("kiosk");
        assert_eq!(kiosk["acknowledged"], kiosk["envelopes"], "{kiosk}");
        assert_eq!(workplace.check("office")["requests"], 1);
        let until = Instant::now() + LET_GO_WAIT;
        while answers.load(Ordering::Relaxed) < seen + 20 && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }

        // The office ends bodies without end and lets silent callers go; nobody here has closed a line.
        for task in trickling {
            runtime.block_on(task).unwrap();
        }
        for thread in packed {
            thread.join().unwrap();
        }
        while let of_strangers @ 1.. = strangers_held([staff, replication, public]) {
            assert!(Instant::now() < until, "{of_strangers} connections are still held");
            thread::sleep(Duration::from_millis(100));
        }
        drop(held);
        is_over.store(true, Ordering::Relaxed);
        asking.join().unwrap()
    });
    let (answers, again) = (answers.into_inner(), again.into_inner());
    println!("{answers} pages, {again} asked again; {before} kB before, {most} kB at most");
    assert!(again * 10 <= answers, "honest callers lost their places: {again} of {answers}");
    assert!(most < before + GROWTH_MAX_KB, "{before} kB before, {most} kB at most");
    office.end();
}

/// Raises this process's own limit; how many silent connections fit below it on each of three listeners.
fn silent_ones() -> usize {
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
    let others = (HALF_SPOKEN + NEVER_ENDING) as u64;
    let fit = most.map_or(u64::MAX, |most| (most.saturating_sub(OWN_DESCRIPTORS) / 3).saturating_sub(others));
    let silent = SILENT.min(usize::try_from(fit).unwrap_or(usize::MAX));
    if silent < SILENT {
        eprintln!(
            "ONLY {silent} SILENT CONNECTIONS A LISTENER instead of {SILENT}: this machine's limit of descriptors is {most:?}"
        );
    }
    silent
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Opens so many connections from many addresses, some at a time.
async fn open_all(listener: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut lines = Vec::with_capacity(count);
    for begin in (0..count).step_by(100) {
        let some: Vec<_> = (begin..count.min(begin + 100)).map(|number| tokio::spawn(open(listener, number))).collect();
        for line in some {
            lines.push(line.await.unwrap().unwrap());
        }
    }
    lines
}

async fn open(listener: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let from = Ipv4Addr::new(127, 7, 0, 1 + (number % NETWORKS) as u8);
    socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
    socket.connect(listener).await
}

/// A form that comes a byte a second, until the office has enough.
async fn trickle(line: TcpStream, path: &str) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: office\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: 4000\r\n\r\nname="
    );
    let mut next = head.as_bytes();
    loop {
        if line.writable().await.is_err() {
            return;
        }
        match line.try_write(next) {
            Ok(_) => next = b"a",
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// An enrolment that never ends: half of them a byte a second, half of them a mebibyte without its last byte.
fn enrol_without_end(line: std::net::TcpStream, invite: &Invite, number: usize) {
    line.set_nonblocking(false).unwrap();
    line.set_read_timeout(Some(LET_GO_WAIT)).unwrap();
    let mut secret = [7; 32];
    secret[..8].copy_from_slice(&(number as u64).to_be_bytes());
    let config = Arc::new(tls::client_config(&secret, invite.pin).unwrap());
    let connection = rustls::ClientConnection::new(config, ServerName::try_from("istiqbal").unwrap()).unwrap();
    let mut line = rustls::StreamOwned::new(connection, line);
    let length = if number.is_multiple_of(2) { 1_000 } else { 1024 * 1024 };
    let head = format!("POST /enrolment/v1 HTTP/1.1\r\nhost: office\r\ncontent-length: {length}\r\n\r\n");
    if line.write_all(head.as_bytes()).is_err() {
        return;
    }
    if number % 2 == 1 {
        // It ends when the office has answered and closed.
        let _ = line.write_all(&vec![7; length - 1]);
        let _ = io::copy(&mut line, &mut io::sink());
        return;
    }
    while line.write_all(b"a").and_then(|()| line.flush()).is_ok() {
        thread::sleep(Duration::from_secs(1));
    }
}

/// The status of a page; `None` when the line breaks before there is one.
fn status_of(listener: SocketAddr, path: &str) -> Option<u16> {
    let mut line = std::net::TcpStream::connect_timeout(&listener, ANSWER_WAIT).ok()?;
    line.set_read_timeout(Some(ANSWER_WAIT)).ok()?;
    let head = format!("GET {path} HTTP/1.1\r\nhost: office\r\nconnection: close\r\n\r\n");
    line.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).ok()?;
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

fn kilobytes(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().split(' ').next().unwrap().parse().unwrap()
}

/// How many connections from strangers' addresses the listeners still hold, as the system counts them.
fn strangers_held(listeners: [SocketAddr; 3]) -> usize {
    const ESTABLISHED: &str = "01";
    const CLOSED_BY_THE_OTHER: &str = "08";
    let ports = listeners.map(|listener| format!("{:04X}", listener.port()));
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let is_held = |line: &&str| {
        let mut words = line.split_whitespace().skip(1);
        let (Some(local), Some(remote), Some(state)) = (words.next(), words.next(), words.next()) else { return false };
        // Addresses stand there in the machine's order of bytes: 127.7.0.x ends with 00077F.
        ports.iter().any(|port| local.ends_with(port.as_str()))
            && remote.split(':').next().is_some_and(|address| address.ends_with("00077F"))
            && [ESTABLISHED, CLOSED_BY_THE_OTHER].contains(&state)
    };
    table.lines().skip(1).filter(is_held).count()
}
