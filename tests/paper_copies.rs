//! The paper copy and the record of each print, with the real program: what a kiosk prints when its office is out of reach.

use istiqbal::domain::record::Record;
use istiqbal::kiosk::config::KioskConfig;
use istiqbal::kiosk::enrolment::Enrolment;
use istiqbal::office::OfficeConfig;
use istiqbal::seal::keys::OfficeKeys;
use istiqbal::seal::paper_copy::{self, PAPER_COPY_BYTES_MAX};
use istiqbal::seal::seed::Seed;

use crate::support::{Workplace, registration, zbar};

const NAME: &str = "نورة بنت سعد القحطاني";

/// What zbar reads on the only receipt, its own code first.
fn codes(workplace: &Workplace) -> Vec<String> {
    let receipts = workplace.printer.drawn();
    assert_eq!(receipts.len(), 1);
    let mut codes = zbar(&receipts[0]);
    codes.sort_by_key(String::len);
    codes
}

#[test]
fn without_the_office_the_receipt_ends_with_the_whole_request() {
    let (workplace, office) = Workplace::open();
    drop(office);
    let answers = workplace.visit(&["--offline"], &registration(NAME));
    assert_eq!(answers[0]["printed"], "confirmed");
    let [receipt, copy] = codes(&workplace).try_into().unwrap();
    let expected =
        format!("{}{}", answers[0]["tracking_number"].as_str().unwrap(), answers[0]["code"].as_str().unwrap());
    assert_eq!(receipt, expected);

    // Only the office opens it, and the kiosk's signature proves it.
    let kiosk = KioskConfig::read(&workplace.path("kiosk.toml")).unwrap();
    let enrolment = Enrolment::read(&kiosk.data).unwrap();
    let office = OfficeConfig::read(&workplace.path("office.toml")).unwrap();
    let keys = OfficeKeys::from_seed(&Seed::read(&office.seed_path(), "").unwrap());
    let envelope = paper_copy::parse(&copy).unwrap().restore(&keys).unwrap();
    envelope.verify(&enrolment.identity.keys().proving_key()).unwrap();
    let Record::Request(request) = envelope.open(&keys).unwrap() else { panic!("another record") };
    assert_eq!(request.tracking_number.to_string(), answers[0]["tracking_number"]);
    assert!(format!("{:?}", request.answers).contains(NAME));
    println!("{} of at most {PAPER_COPY_BYTES_MAX} bytes", envelope.len());

    // The kiosk is gone; the paper restores its request, once, and the kiosk that comes back after all doubles nothing.
    let import = |text: &str| {
        let line = workplace.succeed(&["office", "import-paper"], "office.toml", text);
        serde_json::from_str::<serde_json::Value>(&line).unwrap()
    };
    assert_eq!(workplace.check("office")["requests"], 0);
    let taken = import(&copy);
    assert_eq!((&taken["tracking_number"], &taken["imported"]), (&answers[0]["tracking_number"], &true.into()));
    assert_eq!(import(&copy)["imported"], false);
    let _office = workplace.start_office();
    workplace.visit(&["--no-print"], "");
    let office = workplace.check("office");
    assert_eq!((&office["requests"], &office["forks"], &office["trail"]), (&1.into(), &0.into(), &"intact".into()));
    let refused = workplace.fail(&["office", "import-paper"], "office.toml", &copy[17..]);
    assert!(!refused.contains("panicked"));
}

#[test]
fn what_the_office_has_acknowledged_needs_no_copy() {
    let (workplace, _office) = Workplace::open();
    workplace.visit(&[], &registration(NAME));
    assert_eq!(codes(&workplace).len(), 1);
}
