//! Nothing that a visitor has typed stands anywhere on the kiosk's disk: the real program's files, its log at its most
//! talkative, and its temporary files are looked through for known words, in every way they could be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use istiqbal::domain::calendar::parse_date;
use istiqbal::domain::digits::to_eastern;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::disk::{skip, text};
use crate::support::random::Random;
use crate::support::{Workplace, json_lines, program, registration, stored};

/// Where the programs of these tests run and keep temporary files.
const TEMPORARY: &str = "tmp";

/// Two questions more than the shipped catalogue asks, of the two kinds of typed answers that it doesn't use.
const MORE_QUESTIONS: &str = r#"
[[question]]
id = "home_address"
kind = "text"
label = { ar = "أين المسكن؟", en = "Where is the home?" }

[[question]]
id = "bank_account"
kind = "iban"
label = { ar = "ما رقم الحساب؟", en = "Which account?" }

"#;

/// What one visitor types, each under what it is; words that nothing else in the world of this program contains.
const TYPED: [(&str, &str); 10] = [
    ("name", "قُرْطُبة بنت زِرْياب الأَنْدَلُسيّة"),
    ("national id", "1872635493"),
    ("mobile", "563918472"),
    ("birth date", "1371-11-23"),
    ("address", "خلف مستودع البلورسلين، شارع الأقحوانات"),
    ("account", "9680739158264073915826"),
    ("other applicant", "Wolfgangamadeus Schneewittchen"),
    ("other applicant's mobile", "574829163"),
    ("other name", "Bartholomew Featherstonehaugh"),
    ("suggestion", "الزعفرانيون يقترحون مظلة أرجوانية فوق المدخل"),
];

/// The number of whoever came for another.
const OTHER_ID: (&str, &str) = ("other id", "2739184659");

/// The visits in which [`TYPED`] is typed: both kinds of registration, a suggestion, and one that is refused.
fn visits() -> [String; 4] {
    let of = |place: usize| TYPED[place].1;
    let asked = |mine: Value| {
        let mut answers = json!({
            "birth_date": format!("{} H", of(3)), "category": "elderly", "household": 4, "service": "food_basket",
            "home_address": of(4), "bank_account": format!("SA{}", of(5)),
        });
        answers.as_object_mut().unwrap().extend(mine.as_object().unwrap().clone());
        answers
    };
    let documents = json!({ "id_card": "with_me", "family_record": "later" });
    let signature = json!([[[0.1, 0.5], [0.4, 0.2]], [[0.3, 0.1], [0.6, 0.9]]]);
    let own = asked(json!({
        "national_id": of(1), "name": of(0), "mobile": to_eastern(&format!("0{}", of(2))),
    }));
    let for_another = asked(json!({
        "applicant_name": of(6), "applicant_mobile": format!("+966{}", of(7)), "national_id": OTHER_ID.1,
        "name": of(8), "mobile": format!("0{}", of(7)),
    }));
    let refused = asked(json!({ "national_id": of(1), "name": of(0), "mobile": "0400000000" }));
    let register = |language: &str, whom: &str, answers: Value| {
        json!({
            "visit": "register", "language": language, "for": whom, "answers": answers,
            "documents": documents, "signature": signature,
        })
        .to_string()
    };
    [
        register("ar", "self", own),
        register("en", "other", for_another),
        json!({ "visit": "suggest", "text": of(9) }).to_string(),
        register("ar", "self", refused),
    ]
}

/// Plays visits with everything logged to `kiosk.log`; whether all went well, and their answers.
pub fn play_logged(workplace: &Workplace, options: &[&str], script: &str) -> (bool, Vec<Value>) {
    let temporary = workplace.path(TEMPORARY);
    fs::create_dir_all(&temporary).unwrap();
    let log = fs::OpenOptions::new().create(true).append(true).open(workplace.path("kiosk.log")).unwrap();
    let mut command = program();
    command.args(["kiosk", "visit", "--script", "-"]).args(options).arg("--config").arg(workplace.path("kiosk.toml"));
    command.env("ISTIQBAL_LOG", "trace").env("TMPDIR", &temporary).current_dir(&temporary);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let answers = json_lines(&String::from_utf8(output.stdout).unwrap());
    assert!(script.is_empty() || !answers.is_empty(), "{}", fs::read_to_string(workplace.path("kiosk.log")).unwrap());
    (output.status.success(), answers)
}

#[test]
fn nothing_typed_is_on_the_kiosk_s_disk() {
    let (workplace, office) = Workplace::open();
    let catalogue = fs::read_to_string(workplace.path("catalog.toml")).unwrap();
    let (before, after) = catalogue.split_once("\n[[common_question]]").unwrap();
    fs::write(workplace.path("catalog.toml"), format!("{before}\n{MORE_QUESTIONS}[[common_question]]{after}")).unwrap();
    let [own, for_another, suggestion, refused] = visits();

    // Offline and on paper; then online; then with an office that doesn't answer.
    let script = [own.as_str(), &refused, &for_another, &suggestion].join("\n");
    let (all_well, offline) = play_logged(&workplace, &["--offline"], &script);
    assert!(!all_well && offline[1]["error"].as_str().unwrap().contains("mobile"), "{offline:?}");
    let (all_well, online) = play_logged(&workplace, &["--no-print"], &[own.as_str(), &for_another].join("\n"));
    assert!(all_well, "{online:?}");
    let receipt = |answer: &Value| {
        let of = |key: &str| answer[key].as_str().unwrap().to_owned();
        (of("tracking_number"), of("code"))
    };
    let receipts = [&offline[0], &offline[2], &online[0], &online[1]].map(receipt);
    let (number, code) = &receipts[0];
    let follow_up = json!({ "visit": "follow_up", "scan": format!("{number}{code}") });
    let brought = json!({ "visit": "documents", "scan": format!("{number}{code}"), "brought": ["family_record"] });
    let (all_well, answers) = play_logged(&workplace, &["--no-print"], &format!("{follow_up}\n{brought}"));
    assert!(all_well, "{answers:?}");
    office.end();
    let (all_well, answers) = play_logged(&workplace, &["--no-print"], &suggestion);
    assert!(!all_well && answers.len() == 1, "{answers:?}");
    let log = fs::read_to_string(workplace.path("kiosk.log")).unwrap();
    assert!(log.contains("can't be reached"), "what the program says is gathered: {log}");

    let birth_date = parse_date(&format!("{} H", TYPED[3].1)).unwrap().to_string();
    let mut typed: Vec<(&str, &str)> = TYPED.to_vec();
    typed.extend([OTHER_ID, ("birth date", birth_date.as_str())]);
    // Who holds a code holds the receipt: it's computed from the key whenever it is needed.
    typed.extend(receipts.iter().map(|(_, code)| ("code", code.as_str())));
    let search = Search::for_all(&typed);
    search.prove_itself(&workplace, &typed);
    assert_eq!(found(&search, &kiosk_files(&workplace)), BTreeMap::new());

    // What docs/protocol.md says to stand there in clear is found by the same search.
    let listed = [("number", number.as_str()), ("service", "food_basket"), ("document", "family_record")];
    let found = found(&Search::for_all(&listed), &kiosk_files(&workplace));
    let everything: BTreeSet<String> = listed.iter().map(|(what, _)| (*what).to_owned()).collect();
    for folder in ["journal", "sled"] {
        let of_folder = found.iter().filter(|(path, _)| path.starts_with(workplace.path("kiosk").join(folder)));
        let of_folder: BTreeSet<String> = of_folder.flat_map(|(_, what)| what.clone()).collect();
        assert_eq!(of_folder, everything, "{folder}");
    }
    assert_eq!(core_files(&workplace), Vec::<PathBuf>::new());
}

#[test]
fn nothing_typed_is_left_by_kill_9() {
    /// Enough for the slowest machine to come as far as a registration.
    const ROUNDS_MAX: u64 = 20;
    let mut random = Random::seeded();
    let (workplace, office) = Workplace::open();
    office.end();
    let typed = [("name", "نورة القحطاني"), ("national id", "1000000008")];
    assert!(typed.iter().all(|(_, text)| registration(typed[0].1).contains(text)));
    let search = Search::for_all(&typed);
    let temporary = workplace.path(TEMPORARY);
    fs::create_dir(&temporary).unwrap();
    let folder = format!("TMPDIR={}", temporary.display());
    let mut answered = BTreeSet::new();
    for round in 1..=ROUNDS_MAX {
        let playing = workplace.play(&["env", "ISTIQBAL_LOG=trace", &folder]);
        // Longer each time, as long as none has been answered.
        std::thread::sleep(random.instant(50..200 + 200 * round));
        answered.extend(playing.kill());
        assert_eq!(found(&search, &kiosk_files(&workplace)), BTreeMap::new(), "round {round}");
        if round >= 4 && !answered.is_empty() {
            break;
        }
    }
    assert!(!answered.is_empty(), "no round came as far as a registration");
    // The opening repairs, and says what it did.
    assert!(play_logged(&workplace, &["--offline", "--no-print"], "").0);
    assert_eq!(found(&search, &kiosk_files(&workplace)), BTreeMap::new());
    let (kept, _) = stored(&workplace);
    assert!(answered.is_subset(&kept), "{:?} are lost", answered.difference(&kept));
    let numbers: Vec<(&str, &str)> = answered.iter().take(3).map(|number| ("number", number.as_str())).collect();
    assert!(
        !found(&Search::for_all(&numbers), &kiosk_files(&workplace)).is_empty(),
        "it's looked for in the right place"
    );
    assert_eq!(core_files(&workplace), Vec::<PathBuf>::new());
}

/// A program that breaks off while it holds a visit in its memory leaves no picture of that memory behind, also where the
/// machine would write one.
#[test]
fn no_core_file_is_written() {
    /// As much as the machine allows.
    const AS_LARGE_AS_ALLOWED: &str = "ulimit -S -c \"$(ulimit -H -c)\"";
    let (workplace, office) = Workplace::open();
    office.end();
    let temporary = workplace.path(TEMPORARY);
    fs::create_dir(&temporary).unwrap();
    let shell = |script: String| {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sh").current_dir(&temporary);
        command
    };
    // Without this control, a machine that never writes core files would prove nothing.
    let control = shell(format!("{AS_LARGE_AS_ALLOWED}; kill -ABRT $$")).status().unwrap();
    assert_eq!(control.signal(), Some(6), "{control}");
    if !control.core_dumped() {
        skip("this machine writes no core file for any program (ulimit -H -c)");
    }
    for path in core_files(&workplace) {
        fs::remove_file(path).unwrap();
    }

    let mut command = shell(format!("{AS_LARGE_AS_ALLOWED}; exec \"$@\""));
    command.arg(env!("CARGO_BIN_EXE_istiqbal")).args(["kiosk", "visit", "--offline", "--no-print", "--script", "-"]);
    command.arg("--config").arg(workplace.path("kiosk.toml")).env("TMPDIR", &temporary);
    let log = fs::File::create(workplace.path("kiosk.log")).unwrap();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", registration("نورة القحطاني")).unwrap();
    let mut answer = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    assert!(answer.contains("tracking_number"), "{answer}");
    kill_process(Pid::from_raw(child.id() as i32).unwrap(), Signal::ABORT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6), "{status}");
    assert!(!status.core_dumped(), "its memory was written to a file");
    assert_eq!(core_files(&workplace), Vec::<PathBuf>::new());
    drop(input);
}

/// Everything that the kiosk's machine keeps: its folder, its log, its temporary files. Papers lie elsewhere.
fn kiosk_files(workplace: &Workplace) -> Vec<PathBuf> {
    let mut files = vec![workplace.path("kiosk.log")];
    gather(&workplace.path("kiosk"), &mut files);
    gather(&workplace.path(TEMPORARY), &mut files);
    assert!(files.len() > 2, "{files:?}");
    files
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { gather(&path, files) } else { files.push(path) }
    }
}

/// Files in which a kernel leaves the memory of a program that broke off.
fn core_files(workplace: &Workplace) -> Vec<PathBuf> {
    let mut files = Vec::new();
    gather(&workplace.path("kiosk"), &mut files);
    gather(&workplace.path(TEMPORARY), &mut files);
    let is_core = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == "core" || name.starts_with("core.")
    };
    files.retain(is_core);
    files
}

/// In which files something is found, and what.
fn found(search: &Search, files: &[PathBuf]) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let found = files.iter().map(|path| (path.clone(), search.look_through(&fs::read(path).unwrap())));
    found.filter(|(_, what)| !what.is_empty()).collect()
}

/// Looks for words in every way they could be written, all at once.
struct Search {
    /// The bytes, and what they'd give away
    needles: Vec<(Vec<u8>, String)>,
    /// Which of them begin with these two bytes
    by_beginning: Vec<Vec<usize>>,
}

/// Shorter than this, bytes would be found by chance in megabytes of sealed ones.
const NEEDLE_BYTES_MIN: usize = 7;

impl Search {
    fn for_all(secrets: &[(&str, &str)]) -> Self {
        let mut search = Self { needles: Vec::new(), by_beginning: vec![Vec::new(); 1 << 16] };
        let mut known = BTreeSet::new();
        for (what, secret) in secrets {
            for form in forms(secret) {
                for needle in encodings(&form) {
                    assert!(needle.len() >= NEEDLE_BYTES_MIN, "{form} is too short to be looked for");
                    if known.insert(needle.clone()) {
                        let beginning = u16::from_be_bytes([needle[0], needle[1]]);
                        search.by_beginning[usize::from(beginning)].push(search.needles.len());
                        search.needles.push((needle, (*what).to_owned()));
                    }
                }
            }
        }
        search
    }

    /// What of the secrets these bytes give away.
    fn look_through(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            for place in &self.by_beginning[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
                let (needle, what) = &self.needles[*place];
                if bytes[at..].starts_with(needle) {
                    found.insert(what.clone());
                }
            }
        }
        found
    }

    /// A search that finds nothing anywhere proves nothing: here it must find each secret, written on purpose in each way,
    /// by other means than its own where there are some.
    fn prove_itself(&self, workplace: &Workplace, secrets: &[(&str, &str)]) {
        let path = workplace.path("control");
        for (what, secret) in secrets {
            let mut written = Vec::new();
            for form in forms(secret) {
                written.push(form.clone().into_bytes());
                written.push(form.encode_utf16().flat_map(u16::to_le_bytes).collect());
                written.push(form.encode_utf16().flat_map(u16::to_be_bytes).collect());
                written.push(form.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
                written.push(form.bytes().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes());
                for before in ["", "{", "{\""] {
                    fs::write(&path, format!("{before}{form}}}")).unwrap();
                    let base64 = Command::new("base64").args(["-w0", text(&path)]).output().unwrap();
                    assert!(base64.status.success() && !base64.stdout.is_empty());
                    written.push(base64.stdout.iter().map(|byte| url_safe(*byte)).collect());
                    written.push(base64.stdout);
                }
            }
            for bytes in written {
                fs::write(&path, [b"sealed \0\xff".as_slice(), &bytes, b"\x01"].concat()).unwrap();
                let found = found(self, std::slice::from_ref(&path));
                let what_is_found = found.get(&path).is_some_and(|found| found.contains(*what));
                assert!(what_is_found, "{what} isn't found in {:?}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}

fn url_safe(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

/// A text as a program might keep it: whole, its words of four letters and more, both as people search them; and if it is
/// a number, in ٠-٩ and from behind.
fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned()]);
    if secret.bytes().all(|byte| byte.is_ascii_digit()) {
        let reversed: String = secret.chars().rev().collect();
        forms.extend([to_eastern(secret), to_eastern(&reversed), reversed]);
        return forms;
    }
    let words = secret.split(|c: char| c.is_whitespace() || c == '،');
    forms.extend(words.filter(|word| normalised(word).chars().count() >= 4).map(str::to_owned));
    let plain: Vec<String> = forms.iter().map(|form| normalised(form)).collect();
    forms.extend(plain);
    forms
}

/// As the office's search keeps a name (`office/database/requests.rs`).
fn normalised(text: &str) -> String {
    let letters = text.chars().filter(|c| !matches!(c, '\u{064B}'..='\u{0652}' | '\u{0670}' | 'ـ')).map(|c| match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' => 'ي',
        'ة' => 'ه',
        other => other,
    });
    letters.collect::<String>().to_lowercase()
}

/// A text as the bytes that it may have become.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut encodings = vec![
        bytes.to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes(),
    ];
    for before in 0..3 {
        let core = base64_core(bytes, before);
        encodings.push(core.iter().map(|byte| url_safe(*byte)).collect());
        encodings.push(core);
    }
    encodings
}

/// The characters of base64 (RFC 4648) that these bytes alone decide, when so many bytes of their first group stand before
/// them.
fn base64_core(bytes: &[u8], before: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded = [vec![0; before].as_slice(), bytes, &[0]].concat();
    let first = (before * 8).div_ceil(6);
    let end = (before + bytes.len()) * 8 / 6;
    let six_bits = |place: usize| {
        let (byte, shift) = (place * 6 / 8, place * 6 % 8);
        usize::from(u16::from_be_bytes([padded[byte], padded[byte + 1]]) >> (10 - shift)) & 63
    };
    (first..end).map(|place| ALPHABET[six_bits(place)]).collect()
}

#[test]
fn base64_is_that_of_the_standard() {
    assert_eq!(base64_core(b"foobar", 0), b"Zm9vYmFy");
    assert_eq!(base64_core(b"fooba", 0), b"Zm9vYm");
    // "xfoobar" is eGZvb2Jhcg==, "xxfoobar" is eHhmb29iYXI=.
    assert_eq!(base64_core(b"foobar", 1), b"Zvb2Jhc");
    assert_eq!(base64_core(b"foobar", 2), b"mb29iYX");
}
