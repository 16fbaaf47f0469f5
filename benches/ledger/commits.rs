//! A durable commit of a registration, beside the same bytes in other stores.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use istiqbal::ledger::Ledger;
use istiqbal::replication::wire::Held;
use istiqbal::seal::envelope::Envelope;
use redb::{Database, TableDefinition};
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};

use crate::support::{Times, identity, micros, now, open, ratio, registration, verdict};

const COMMITS: usize = 1000;
const STORAGE_LIMIT: f64 = 1.3;

/// A store that makes two values durable.
trait Rival {
    fn name(&self) -> &'static str;
    fn commit(&mut self, number: u64, values: [&[u8]; 2]);
}

/// What the ledger's part of a commit took.
#[derive(Default)]
struct LedgerTimes {
    crypto: Times,
    storage: Times,
    whole: Times,
    behind: Times,
}

impl LedgerTimes {
    /// Commits a registration, and gives its two envelopes.
    fn commit(&mut self, ledger: &mut Ledger) -> Vec<Vec<u8>> {
        let records = registration(ledger);
        let begun = Instant::now();
        ledger.stage(&records, now()).expect("it is staged");
        let staged = begun.elapsed();
        ledger.sync().expect("it is synced");
        let synced = begun.elapsed();
        ledger.apply().expect("it is applied");
        self.behind.add(begun.elapsed() - synced);
        self.crypto.add(staged);
        self.storage.add(synced - staged);
        self.whole.add(synced);
        let envelopes = ledger.unacknowledged(usize::MAX).expect("it can be read");
        acknowledge(ledger);
        envelopes
    }
}

pub fn run(folder: &Path) {
    let mut ledger = open(&folder.join("ledger"), &identity()).0;
    let mut rivals: Vec<Box<dyn Rival>> = vec![
        Box::new(Raw::new(folder)),
        Box::new(Sqlite::new(folder)),
        Box::new(Redb::new(folder)),
        Box::new(Sled::new(folder)),
    ];
    let mut rival_times: Vec<Times> = rivals.iter().map(|_| Times::default()).collect();
    let mut times = LedgerTimes::default();
    let mut values = LedgerTimes::default().commit(&mut ledger).split_off(1);
    let mut bytes = 0;
    for number in 0..COMMITS as u64 {
        // Each goes first as often as the others: what one leaves behind weighs on the next.
        for turn in 0..=rivals.len() {
            let place = (turn + number as usize) % (rivals.len() + 1);
            match rivals.get_mut(place) {
                None => values = times.commit(&mut ledger),
                Some(rival) => {
                    let [.., signature, request] = values.as_slice() else { panic!("two envelopes were written") };
                    rest();
                    let begun = Instant::now();
                    rival.commit(number, [signature, request]);
                    rival_times[place].add(begun.elapsed());
                }
            }
        }
        bytes += values.iter().map(Vec::len).sum::<usize>();
    }
    let raw = &rival_times[0];
    println!("durable commit of a registration ({} bytes in 2 envelopes, {COMMITS} commits)", bytes / COMMITS);
    println!("{:<44} {:>10} {:>10}   ÷ raw: median, p99", "", "median", "p99");
    let line = |name: &str, times: &Times| {
        let (median, p99) = (ratio(times.median(), raw.median()), ratio(times.p99(), raw.p99()));
        println!("{name:<44} {} {}   {median:>5.2}, {p99:>5.2}", micros(times.median()), micros(times.p99()));
        (median, p99)
    };
    line(rivals[0].name(), raw);
    let LedgerTimes { crypto, storage, whole, behind } = &times;
    let (median, p99) = line("ledger: journal and its sync", storage);
    println!(
        "    limit {STORAGE_LIMIT} of raw: median {}, p99 {}",
        verdict(median, STORAGE_LIMIT),
        verdict(p99, STORAGE_LIMIT)
    );
    line("ledger: sealing and signing before it", crypto);
    line("ledger: both, as a visitor waits for it", whole);
    line("ledger: sled, behind the answer", behind);
    for (rival, times) in rivals.iter().zip(&rival_times).skip(1) {
        line(rival.name(), times);
        let (median, p99) = (ratio(storage.median(), times.median()), ratio(storage.p99(), times.p99()));
        println!("    ledger ÷ this: {median:.2} {}, p99 {p99:.2} {}", verdict(median, 1.0), verdict(p99, 1.0));
    }
    println!();
}

/// So long the ledger seals before it writes, and the disk rests; the others get the same rest.
fn rest() {
    let until = Instant::now() + Duration::from_micros(230);
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}

/// The office holds everything: the next look at what is unacknowledged finds only the next commit.
fn acknowledge(ledger: &mut Ledger) {
    let batch = ledger.unacknowledged(usize::MAX).expect("it can be read");
    if let Some(last) = batch.last() {
        let header = Envelope::decode(last).expect("it is an envelope").header;
        let (epoch, sequence, head) = (header.epoch, header.sequence, header.hash());
        let held = Held { epoch, sequence, head, backed_up_through: None };
        ledger.acknowledge(&[held], false).expect("it is taken");
    }
}

/// Overwriting zeros that are on the disk, and `fdatasync`: no store can be durable for less.
struct Raw {
    file: File,
    end: u64,
}

impl Raw {
    fn new(folder: &Path) -> Self {
        let path = folder.join("raw");
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path).expect("a file");
        file.write_all_at(&vec![0; 16 * 1024 * 1024], 0).and_then(|()| file.sync_all()).expect("zeros");
        Self { file, end: 0 }
    }
}

impl Rival for Raw {
    fn name(&self) -> &'static str {
        "raw: overwrite zeros, fdatasync"
    }

    fn commit(&mut self, _: u64, values: [&[u8]; 2]) {
        let bytes = values.concat();
        self.file.write_all_at(&bytes, self.end).and_then(|()| self.file.sync_data()).expect("a write");
        self.end += bytes.len() as u64;
    }
}

/// SQLite as the office uses it: WAL, `synchronous=FULL`, through sqlx.
struct Sqlite {
    runtime: tokio::runtime::Runtime,
    connection: SqliteConnection,
}

impl Sqlite {
    fn new(folder: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = SqliteConnectOptions::new()
            .filename(folder.join("sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let connection = runtime.block_on(async {
            let mut connection = SqliteConnection::connect_with(&options).await.expect("SQLite");
            let table = "CREATE TABLE envelope (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";
            sqlx::query(table).execute(&mut connection).await.expect("a table");
            connection
        });
        Self { runtime, connection }
    }
}

impl Rival for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite, WAL, synchronous=FULL (sqlx)"
    }

    fn commit(&mut self, number: u64, values: [&[u8]; 2]) {
        let connection = &mut self.connection;
        self.runtime.block_on(async {
            let mut writing = connection.begin().await.expect("a transaction");
            for (place, value) in values.iter().enumerate() {
                sqlx::query("INSERT INTO envelope VALUES ($1, $2)")
                    .bind((2 * number) as i64 + place as i64)
                    .bind(*value)
                    .execute(&mut *writing)
                    .await
                    .expect("a row");
            }
            writing.commit().await.expect("a commit");
        });
    }
}

struct Redb(Database);

impl Redb {
    const TABLE: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("envelopes");

    fn new(folder: &Path) -> Self {
        Self(Database::create(folder.join("redb")).expect("redb"))
    }
}

impl Rival for Redb {
    fn name(&self) -> &'static str {
        "redb 4"
    }

    fn commit(&mut self, number: u64, values: [&[u8]; 2]) {
        let writing = self.0.begin_write().expect("a transaction");
        {
            let mut table = writing.open_table(Self::TABLE).expect("a table");
            for (place, value) in (0..).zip(values) {
                table.insert(2 * number + place, value).expect("a row");
            }
        }
        writing.commit().expect("a commit");
    }
}

/// sled with the `fdatasync` that its own flush lacks.
struct Sled {
    store: sled::Db,
    file: File,
}

impl Sled {
    fn new(folder: &Path) -> Self {
        let store = sled::Config::default().path(folder.join("sled")).flush_every_ms(None).open().expect("sled");
        let file = File::open(folder.join("sled/db")).expect("its file");
        Self { store, file }
    }
}

impl Rival for Sled {
    fn name(&self) -> &'static str {
        "sled, flush and fdatasync"
    }

    fn commit(&mut self, number: u64, values: [&[u8]; 2]) {
        for (place, value) in (0..).zip(values) {
            self.store.insert((2 * number + place).to_be_bytes(), value).expect("a row");
        }
        self.store.flush().expect("a flush");
        self.file.sync_data().expect("a sync");
    }
}
