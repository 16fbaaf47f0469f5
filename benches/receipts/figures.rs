//! From a durable request to the first byte at the printer, and how many bytes a receipt takes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use istiqbal::domain::answers::{Answer, Answers};
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::clock::SystemClock;
use istiqbal::domain::declaration::Versions;
use istiqbal::domain::documents::DocumentAnswer;
use istiqbal::domain::language::Language;
use istiqbal::domain::request::Beneficiary;
use istiqbal::domain::signature::Signature;
use istiqbal::kiosk::catalogue::CatalogueInUse;
use istiqbal::kiosk::print_room::PrintRoom;
use istiqbal::ledger::Identity;
use istiqbal::ledger::handle::{LedgerHandle, Opening};
use istiqbal::ledger::keeper::{Registered, Registration};
use istiqbal::receipt::content::Receipt;
use istiqbal::receipt::escpos::{INITIALISE, PARTIAL_CUT, raster};
use istiqbal::receipt::paper::Paper as Roll;
use istiqbal::receipt::picture::{PaperWidth, ReceiptDrawer};
use istiqbal::receipt::press::{Press, PressSettings};
use istiqbal::receipt::printer::Address;
use istiqbal::replication::kiosk::Progress;
use istiqbal::seal::envelope::Epoch;
use istiqbal::seal::keys::{KioskKeys, OfficeKeys};
use istiqbal::seal::seed::Seed;

const RECEIPT_LIMIT: Duration = Duration::from_millis(15);
const FIRST_BYTE_LIMIT: Duration = Duration::from_millis(60);
const BYTES_LIMIT: usize = 24_000;
const ROUNDS: usize = 200;

const PYTHON_ESCPOS: &str = "
import sys
from escpos.printer import Dummy
printer = Dummy()
printer.image(sys.argv[1], impl='bitImageRaster')
printer.cut()
print(len(printer.output))
";

pub fn run() {
    let folder = tempfile::tempdir_in("target").or_else(|_| tempfile::tempdir()).expect("a folder");
    let catalogue = Arc::new(Catalogue::read(Path::new("config/catalog.toml")).expect("the shipped catalogue"));
    let (first_bytes, registered) = first_bytes(folder.path(), &catalogue);
    let receipt = Receipt { registered, language: Language::Arabic, catalogue, public_address: None, is_copy: false };
    // A drawer is its thread's only window.
    let figures = std::thread::spawn(move || drawing(&receipt)).join().expect("the drawing ends");
    let (times, bytes, picture) = figures;
    report("receipt, from the request to its bytes", &times, 50, RECEIPT_LIMIT);
    report("touch to the printer's first byte, commit included", &first_bytes, 99, FIRST_BYTE_LIMIT);
    let share = bytes as f64 / BYTES_LIMIT as f64;
    println!("{:52} {bytes} bytes, {share:.2} × the limit of {BYTES_LIMIT}", "receipt, 80 mm, without a paper copy");
    let python = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("python/decoders/bin/python");
    let theirs = Command::new(python).args(["-c", PYTHON_ESCPOS]).arg(&picture).output();
    beside("python-escpos, the same picture", bytes, theirs);
    let mut graphics = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    graphics.args([
        "run",
        "--quiet",
        "--release",
        "--manifest-path",
        "benches/receipts/escpos-graphics/Cargo.toml",
        "--",
    ]);
    beside("escpos with `graphics`, the same picture", bytes, graphics.arg(&picture).output());
    println!();
}

fn report(name: &str, times: &[Duration], percent: usize, limit: Duration) {
    let mut times = times.to_vec();
    times.sort();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let ratio = at(percent).as_secs_f64() / limit.as_secs_f64();
    let (median, p99) = (ms(at(50)), ms(at(99)));
    println!(
        "{name:52} median {median:.1} ms, p99 {p99:.1}; p{percent} is {ratio:.2} × the limit of {:.0} ms",
        ms(limit)
    );
}

fn beside(name: &str, ours: usize, output: std::io::Result<std::process::Output>) {
    // Before the figure there may be words.
    let last = |text: &str| text.trim().lines().last().unwrap_or_default().to_owned();
    let text = output.ok().map(|output| last(&String::from_utf8_lossy(&output.stdout)));
    match text.and_then(|text| text.parse::<usize>().ok()) {
        Some(theirs) => println!("{name:52} {theirs} bytes: ours is {:.2} ×", ours as f64 / theirs as f64),
        None => println!("{name:52} not installed"),
    }
}

/// The times of drawing, the bytes, and the picture as a PNG that other makers can print.
fn drawing(receipt: &Receipt) -> (Vec<Duration>, usize, PathBuf) {
    let drawer = ReceiptDrawer::new(PaperWidth::Mm80, None).expect("a drawer");
    let width = PaperWidth::Mm80.dots();
    let make = || {
        let picture = drawer.draw(receipt.content(width).expect("a receipt"));
        [&INITIALISE[..], &raster(&picture), &PARTIAL_CUT[..]].concat()
    };
    let times = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        std::hint::black_box(make());
        begun.elapsed()
    });
    let times = times.collect();
    let bytes = make();
    let sheet = Roll::new(width as usize).feed(&bytes).expect("our own bytes").remove(0).trimmed();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-receipt.png");
    sheet.save_png(&path, 0).expect("the folder is ours");
    (times, bytes.len(), path)
}

/// Registers and prints, again and again; how long after the touch the receipt's first byte is at a printer on TCP.
fn first_bytes(folder: &Path, catalogue: &Arc<Catalogue>) -> (Vec<Duration>, Registered) {
    let (address, arrived) = printer();
    let opening = Opening {
        folder: folder.join("kiosk"),
        identity: Identity::new(
            KioskKeys::from_seed(&Seed::random()),
            1.try_into().expect("1 is a kiosk's number"),
            Epoch::random(),
            OfficeKeys::from_seed(&Seed::random()).sealing_key(),
        ),
        clock: SystemClock::shared(),
        patience: Duration::from_secs(60),
    };
    let (ledger, _, _) = LedgerHandle::start(opening, &|_| {}, |_| {}).expect("the ledger opens");
    let settings = PressSettings { address, width: PaperWidth::Mm80, logo: None };
    let (ready, known) = mpsc::channel();
    let on_state = move |state| {
        // Only the first one is waited for.
        let _ = ready.send(state);
    };
    let (press, _) = Press::start(settings, on_state).expect("a thread");
    known.recv().expect("the printer's state");
    let progress = tokio::sync::watch::channel(Progress::default()).1;
    let room = PrintRoom {
        press: Some(press),
        ledger: ledger.clone(),
        catalogue: CatalogueInUse::new(catalogue.clone()),
        public_address: None,
        waker: None,
        progress,
    };
    let mut times = Vec::new();
    let mut last = None;
    for round in 0..ROUNDS {
        let registration = registration();
        let (room, (tell, told)) = (room.clone(), mpsc::channel());
        let begun = Instant::now();
        ledger.commit(
            move |keeper| keeper.register(registration),
            move |done| {
                let registered = done.expect("it is durable");
                let ended = tell.clone();
                room.print_receipt(registered.clone(), Language::Arabic, move |_| {
                    ended.send(registered).expect("somebody waits for it");
                });
            },
        );
        let first = arrived.recv().expect("the receipt's first byte");
        last = Some(told.recv().expect("the print ends"));
        // The first one makes the drawer.
        if round > 0 {
            times.push(first - begun);
        }
    }
    (times, last.expect("there were rounds"))
}

/// A printer that tells when a receipt begins, and answers everything.
fn printer() -> (Address, mpsc::Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut roll = Roll::new(576);
            let mut bytes = vec![0; 64 * 1024];
            let mut begun = false;
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                let now = Instant::now();
                if !begun && bytes[..count].windows(2).any(|pair| pair == INITIALISE) {
                    begun = tell.send(now).is_ok();
                }
                let sheets = roll.feed(&bytes[..count]).expect("our own bytes");
                begun &= sheets.is_empty();
                if stream.write_all(&roll.take_answers()).is_err() {
                    break;
                }
            }
        }
    });
    (Address::try_from(format!("tcp://{address}")).expect("an address"), told)
}

fn registration() -> Registration {
    let mut answers = Answers::default();
    answers.set("name", Answer::Text("نورة بنت سعد بن عبدالله القحطاني".into()));
    answers.set("service", Answer::Choice("food_basket".into()));
    let stroke = (0..60).map(|step| (0.1 + step as f32 / 250.0, 0.3 + (step % 9) as f32 / 30.0)).collect();
    let documents = [("id_card", DocumentAnswer::WithMe), ("family_record", DocumentAnswer::Later)];
    Registration {
        language: Language::Arabic,
        beneficiary: Beneficiary::External,
        versions: Versions { catalogue: 1, declaration: 1, privacy_notice: 1, policy: 1 },
        answers,
        documents: documents.map(|(id, answer)| (id.to_owned(), answer)).into_iter().collect::<BTreeMap<_, _>>(),
        signature: Signature::from_fractions(&[stroke]).expect("it is a signature"),
    }
}
