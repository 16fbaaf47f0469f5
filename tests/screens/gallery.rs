//! Every screen in every state that a visitor or a member of staff can meet: empty, filled, wrong, long.
//!
//! The states are made by the real visit machine, fed with the events of real touches; only what other threads would
//! answer (the store, the printer, the office) is given by hand, because it must be the same each time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;
use istiqbal::domain::catalogue::Catalogue;
use istiqbal::domain::code::Code;
use istiqbal::domain::documents::{DocumentAnswer, DocumentState};
use istiqbal::domain::language::Language;
use istiqbal::domain::printer::PrinterState;
use istiqbal::domain::printout::Outcome;
use istiqbal::domain::rating::Face;
use istiqbal::domain::request::Beneficiary;
use istiqbal::domain::stage::{Committee, Ending, RequestStatus, Standing};
use istiqbal::domain::tracking_number::TrackingNumber;
use istiqbal::kiosk::pin::Pin;
use istiqbal::kiosk::print_room::StaffPrint;
use istiqbal::kiosk::screens::joining::JoiningState;
use istiqbal::kiosk::screens::maintenance::{LedgerState, Maintenance, StaffNews, Surroundings};
use istiqbal::kiosk::screens::{self, Around};
use istiqbal::kiosk::visit::{CLEAR, DateColumn, Event, Information, Printing, Station, SuggestionKind, Visit};
use istiqbal::language::Words;
use istiqbal::ledger::OpeningReport;
use istiqbal::ledger::keeper::{LedgerHealth, LookUp, Registered};
use istiqbal::replication::kiosk::Progress;
use istiqbal::seal::envelope::KioskTime;
use istiqbal_ui::{App, Call, Keyboards, Navigation, Script, shown};
use slint::{ComponentHandle, ModelRc, VecModel};

/// What a state shows.
pub enum Sight {
    Visit(Box<Visit>, Around),
    /// A screen that no visit leads to
    Staff(fn(&App, Language)),
}

/// One picture of the gallery.
pub struct State {
    pub name: &'static str,
    pub make: fn(Language) -> Sight,
    /// What lies over it, or was touched on it
    pub then: Option<fn(&App, Language)>,
}

const fn state(name: &'static str, make: fn(Language) -> Sight) -> State {
    State { name, make, then: None }
}

const fn over(name: &'static str, make: fn(Language) -> Sight, then: fn(&App, Language)) -> State {
    State { name, make, then: Some(then) }
}

/// The shipped catalogue, and questions of the kinds that it doesn't use, with the longest texts it may have.
const OTHER_KINDS: &str = r#"
[[question]]
id = "income"
kind = "amount"
label = { ar = "كم يبلغ دخل الأسرة في الشهر؟", en = "What is the household's monthly income?" }
help = { ar = "من الراتب والضمان والمساعدات كلها.", en = "Salary, social security and all other support together." }
max = 100000

[[question]]
id = "iban"
kind = "iban"
optional = true
label = { ar = "ما رقم الآيبان؟", en = "What is the IBAN?" }

[[question]]
id = "owns_home"
kind = "yes_no"
label = { ar = "هل المسكن ملك للأسرة؟", en = "Does the household own its home?" }

[[question]]
id = "needs"
kind = "multiple_choice"
optional = true
label = { ar = "ما الذي تحتاج إليه الأسرة أيضًا؟", en = "What else does the household need?" }
help = { ar = "اختاروا ما تشاؤون.", en = "Choose as many as you like." }
choices = [
    { id = "fridge", icon = "appliance", label = { ar = "ثلاجة", en = "A refrigerator" } },
    { id = "stove", icon = "appliance", label = { ar = "موقد", en = "A cooker" } },
    { id = "blankets", icon = "winter", label = { ar = "بطانيات", en = "Blankets" } },
    { id = "school", icon = "school", label = { ar = "حقائب مدرسية", en = "School bags" } },
    { id = "water", icon = "water", label = { ar = "خزان ماء", en = "A water tank" } },
]

[[question]]
id = "situation"
kind = "text"
optional = true
max = 400
label = { ar = "هل تودّون أن تقولوا شيئًا عن حالكم؟", en = "Is there anything you would like to tell us?" }
"#;

const LONG_NAME_ARABIC: &str = "عبدالرحمن بن عبدالمحسن بن عبدالعزيز بن سليمان آل معيض القحطاني الشهراني العسيري";
const LONG_NAME_ENGLISH: &str = "Abdulrahman Abdulmohsen Abdulaziz Sulaiman Al-Muayyad Al-Qahtani Al-Shahrani Jr.";
const LONG_TEXT_ARABIC: &str = "تسكن الأسرة في بيت مستأجر منذ سبع سنوات، وقد توقف راتب الأب بعد مرضه في العام الماضي، والأبناء كلهم في المدارس، وعلى الأسرة دين للمؤجر عن أربعة أشهر، ونرجو النظر في حالها قبل حلول الشتاء، فالبيت بلا تدفئة.";
const LONG_TEXT_ENGLISH: &str = "The family has lived in a rented home for seven years. The father's salary stopped when he fell ill last year, the children are all at school, four months of rent are owed, and the house has no heating for the winter that is coming.";

pub fn catalogue() -> Arc<Catalogue> {
    let text = include_str!("../../config/catalog.toml").to_owned() + OTHER_KINDS;
    Arc::new(Catalogue::parse(Path::new("catalog.toml"), &text).unwrap())
}

pub fn today() -> NaiveDate {
    "2026-11-25".parse().unwrap()
}

const WELL: Around = Around {
    public_address: None,
    printer: PrinterState::Ready,
    office_is_reachable: true,
    today: NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(),
};

fn begun(language: Language) -> Visit {
    let mut visit = Visit::new(Station::Reception, catalogue(), Beneficiary::External);
    play(&mut visit, [Event::ChooseLanguage(language)]);
    visit
}

fn play(visit: &mut Visit, events: impl IntoIterator<Item = Event>) {
    for event in events {
        visit.handle(event, today());
    }
}

fn seen(visit: Visit) -> Sight {
    Sight::Visit(Box::new(visit), WELL)
}

fn after(language: Language, events: impl IntoIterator<Item = Event>) -> Sight {
    let mut visit = begun(language);
    play(&mut visit, events);
    seen(visit)
}

fn name(language: Language) -> &'static str {
    match language {
        Language::Arabic => "نورة بنت سعد القحطاني",
        Language::English => "Noura Saad Alqahtani",
    }
}

fn long_name(language: Language) -> &'static str {
    match language {
        Language::Arabic => LONG_NAME_ARABIC,
        Language::English => LONG_NAME_ENGLISH,
    }
}

fn long_text(language: Language) -> &'static str {
    match language {
        Language::Arabic => LONG_TEXT_ARABIC,
        Language::English => LONG_TEXT_ENGLISH,
    }
}

/// The answers in the catalogue's order; what stands before the colon is the question.
fn answers(language: Language) -> Vec<(&'static str, &'static str)> {
    vec![
        ("for", "self"),
        ("national_id", "1000000008"),
        ("name", name(language)),
        ("birth_date", "1399-07-04 H"),
        ("mobile", "0551234567"),
        ("category", "widow"),
        ("household", "4"),
        ("service", "rent"),
        ("income", "2500"),
        ("iban", "0380000000608010167519"),
        ("owns_home", "no"),
        ("needs", "fridge,blankets"),
        ("situation", long_text(language)),
    ]
}

fn answers_for_another(language: Language) -> Vec<(&'static str, &'static str)> {
    let mut answers = answers(language);
    answers[0].1 = "other";
    answers.splice(1..1, [("applicant_name", long_name(language)), ("applicant_mobile", "0559876543")]);
    answers.iter_mut().filter(|(id, _)| *id == "name").for_each(|(_, name)| *name = long_name(language));
    answers
}

/// Registering with all answers before the question with this id; with none such, to the documents.
fn registering(language: Language, answers: &[(&str, &str)], before: &str) -> Visit {
    let mut visit = begun(language);
    play(&mut visit, [Event::NewRequest, Event::WithoutReceipt, Event::Next]);
    for (_, answer) in answers.iter().take_while(|(id, _)| *id != before) {
        play(&mut visit, [Event::Enter((*answer).to_owned()), Event::Next]);
    }
    visit
}

fn at(language: Language, question: &str, events: impl IntoIterator<Item = Event>) -> Sight {
    let mut visit = registering(language, &answers(language), question);
    assert_eq!(visit.question().map(|question| question.id()), Some(question));
    play(&mut visit, events);
    seen(visit)
}

fn keys(text: &str) -> Vec<Event> {
    text.chars().map(|key| Event::Key(key.to_string())).collect()
}

fn with_documents(mut visit: Visit) -> Visit {
    let asked: Vec<String> =
        visit.catalogue().documents_for(visit.answers()).iter().map(|document| document.id.get_ref().clone()).collect();
    for (place, id) in asked.into_iter().enumerate() {
        let answer = if place % 2 == 0 { DocumentAnswer::WithMe } else { DocumentAnswer::Later };
        play(&mut visit, [Event::SetDocument(id, answer)]);
    }
    play(&mut visit, [Event::Next]);
    visit
}

fn checked(language: Language, answers: &[(&str, &str)]) -> Visit {
    with_documents(registering(language, answers, ""))
}

fn declaring(language: Language, answers: &[(&str, &str)]) -> Visit {
    let mut visit = checked(language, answers);
    play(&mut visit, [Event::Next]);
    visit
}

fn sign(visit: &mut Visit) {
    play(visit, [Event::StrokeBegan(0.15, 0.6)]);
    for step in 1..40 {
        let x = 0.15 + 0.017 * step as f32;
        let y = 0.5 + 0.22 * (step as f32 * 0.7).sin();
        play(visit, [Event::StrokeMoved(x, y)]);
    }
}

fn at_committee(language: Language, trusted: bool) -> Visit {
    let mut visit = declaring(language, &answers(language));
    sign(&mut visit);
    play(&mut visit, [Event::Next, Event::Time(time(trusted))]);
    visit
}

fn time(trusted: bool) -> KioskTime {
    KioskTime { at: "2026-11-25T08:30:00Z".parse().unwrap(), trusted }
}

fn number() -> TrackingNumber {
    TrackingNumber::new(17.try_into().unwrap(), 4_839_205)
}

fn with_receipt(language: Language, printing: Printing, missing: &[&str]) -> Sight {
    let mut visit = at_committee(language, true);
    let registered = Registered {
        tracking_number: number(),
        code: Code::from_number(12_345_678_901_234_567_890),
        time: time(printing != Printing::Unknown),
        service: "rent".into(),
        missing_documents: missing.iter().map(|id| (*id).to_owned()).collect(),
        place: None,
    };
    play(&mut visit, [Event::Next, Event::Registered(registered), Event::Printed(printing)]);
    seen(visit)
}

fn status(missing: &[&str], committee: Committee, delivered: bool) -> RequestStatus {
    // Where something is missing the study has just begun; elsewhere a reply may have come.
    let is_fresh = committee == Committee::UnderStudy && !missing.is_empty();
    let received: NaiveDate = if is_fresh { "2026-11-20" } else { "2026-11-01" }.parse().unwrap();
    let mut documents: BTreeMap<String, DocumentState> =
        missing.iter().map(|id| ((*id).to_owned(), DocumentState::Missing)).collect();
    documents.insert("id_card".into(), DocumentState::Verified);
    let mut standing = Standing::received(received, documents);
    standing.committee = committee;
    standing.delivered_on = delivered.then(today);
    RequestStatus { tracking_number: number(), service: "rent".into(), standing }
}

fn found(status: RequestStatus, proved: bool) -> Event {
    Event::LookedUp(LookUp::Found { status, proved, rated: false })
}

fn scan() -> Event {
    Event::Scanned(format!("{}12345678901234567890", number()))
}

const MANY: [&str; 5] =
    ["family_record", "rent_contract", "social_security_statement", "death_certificate", "debt_deed"];

fn followed(language: Language, status: RequestStatus, proved: bool) -> Sight {
    after(language, [Event::FollowUp, scan(), found(status, proved)])
}

fn rated(language: Language, events: impl IntoIterator<Item = Event>) -> Sight {
    let delivered = status(&[], Committee::Accepted { on: today() }, true);
    after(language, [Event::Rate, scan(), found(delivered, true)].into_iter().chain(events))
}

fn accepted() -> Committee {
    Committee::Accepted { on: "2026-11-20".parse().unwrap() }
}

fn refused() -> Committee {
    Committee::Refused { on: "2026-11-20".parse().unwrap() }
}

fn at_home(language: Language, around: Around, events: impl IntoIterator<Item = Event>) -> Sight {
    let mut visit = begun(language);
    play(&mut visit, events);
    Sight::Visit(Box::new(visit), around)
}

fn call(app: &App, call: Call) {
    let navigation = app.global::<Navigation>();
    navigation.set_call(call);
    navigation.set_call_open(call != Call::None);
}

fn report(problems: bool) -> OpeningReport {
    let mut report = OpeningReport::default();
    if problems {
        report.repairs = vec![
            "segment 1: 4 bytes behind the last frame were cut off; the original is in damaged/".into(),
            "the store was made anew from the journal".into(),
        ];
    }
    report
}

fn show_maintenance(app: &App, language: Language, maintenance: &Maintenance, problems: bool) {
    let printer = if problems { PrinterState::PaperOut } else { PrinterState::Ready };
    let office = Progress {
        reachable: !problems,
        last_acknowledged_at: (!problems).then(|| time(true).at),
        ..Progress::default()
    };
    let report = report(problems);
    maintenance.show(app, Words::of(language), &Surroundings { printer, office, report: &report });
}

/// At the door, with so many digits typed.
fn locked(app: &App, language: Language, typed: &str, unlocking: bool) {
    let mut maintenance = Maintenance::default();
    maintenance.knock();
    typed.chars().for_each(|key| maintenance.key(&key.to_string()));
    if unlocking {
        maintenance.unlock(None, Instant::now());
    }
    show_maintenance(app, language, &maintenance, false);
}

fn unlocked(app: &App, language: Language, problems: bool) {
    show_maintenance(app, language, &behind_the_pin(problems), problems);
}

/// A receipt is printed again: so far the number, then what came of it.
fn reprinting(app: &App, language: Language, digits: &str, printed: Option<StaffPrint>) {
    let mut maintenance = behind_the_pin(false);
    maintenance.open_reprint();
    digits.chars().for_each(|key| maintenance.key(&key.to_string()));
    if let Some(printed) = printed {
        assert!(maintenance.number_to_print().is_some());
        maintenance.take(StaffNews::Printed(printed));
    }
    show_maintenance(app, language, &maintenance, false);
}

fn behind_the_pin(problems: bool) -> Maintenance {
    let folder = tempfile::tempdir().unwrap();
    Pin::set(folder.path(), "4821").unwrap();
    let mut maintenance = Maintenance::default();
    maintenance.knock();
    "4821".chars().for_each(|key| maintenance.key(&key.to_string()));
    assert!(maintenance.unlock(Pin::read(folder.path()).unwrap().as_ref(), Instant::now()));
    maintenance.take(StaffNews::Ledger(LedgerState {
        health: if problems { LedgerHealth::NoRoom } else { LedgerHealth::Well },
        free: Some(if problems { 40_000_000 } else { 21_400_000_000 }),
        unsent: Some(if problems { 1234 } else { 0 }),
        unprinted: if problems { 2 } else { 0 },
        clock_is_trusted: !problems,
    }));
    maintenance
}

/// Everything that the pictures show, in the order of a visit.
pub const STATES: &[State] = &[
    state("home", |language| at_home(language, WELL, [])),
    state("home-no-paper", |language| at_home(language, Around { printer: PrinterState::PaperOut, ..WELL }, [])),
    state("home-no-new-requests", |language| at_home(language, WELL, [Event::Health(LedgerHealth::NoRoom)])),
    state("home-foreign-scan", |language| at_home(language, WELL, [Event::Scanned("WIFI:S:guest;;".into())])),
    state("home-offline", |language| at_home(language, Around { office_is_reachable: false, ..WELL }, [])),
    state("earlier-request", |language| after(language, [Event::NewRequest])),
    state("privacy-notice", |language| after(language, [Event::NewRequest, Event::WithoutReceipt])),
    state("privacy-notice-whole", |language| {
        after(language, [Event::NewRequest, Event::WithoutReceipt, Event::ReadMore])
    }),
    state("question-for", |language| at(language, "for", [])),
    state("question-for-chosen", |language| at(language, "for", [Event::Choose("other".into())])),
    state("question-for-missing", |language| at(language, "for", [Event::Next])),
    state("question-national-id", |language| at(language, "national_id", [])),
    state("question-national-id-right", |language| at(language, "national_id", keys("1000000008"))),
    state("question-national-id-wrong", |language| at(language, "national_id", keys("1000000000"))),
    state("question-name", |language| at(language, "name", [])),
    state("question-name-typed", |language| at(language, "name", [Event::Enter(name(language).into())])),
    state("question-name-long", |language| at(language, "name", [Event::Enter(long_name(language).into())])),
    over(
        "question-name-urdu-keyboard",
        |language| at(language, "name", []),
        |app, _| app.global::<Keyboards>().set_scripts(scripts(&[Script::Urdu])),
    ),
    state("question-name-wrong", |language| at(language, "name", [Event::Enter("x".into()), Event::Next])),
    state("question-birth-date", |language| at(language, "birth_date", [])),
    state("question-birth-date-gregorian", |language| {
        let gregorian = Event::ChooseCalendar(istiqbal::domain::calendar::Calendar::Gregorian);
        at(language, "birth_date", [gregorian, Event::StepDate(DateColumn::Month, -2)])
    }),
    state("question-birth-date-day-unknown", |language| at(language, "birth_date", [Event::ToggleDayUnknown])),
    state("question-birth-date-unset", |language| at(language, "birth_date", [Event::Next])),
    state("question-birth-date-future", |language| {
        at(language, "birth_date", [Event::StepDate(DateColumn::Year, 90), Event::Next])
    }),
    state("question-mobile", |language| at(language, "mobile", keys("0551"))),
    state("question-mobile-wrong", |language| at(language, "mobile", keys("0651234567"))),
    state("question-mobile-same", |language| seen(registering(language, &answers_for_another(language), "mobile"))),
    state("question-category", |language| at(language, "category", [Event::Choose("widow".into())])),
    state("question-household", |language| at(language, "household", [Event::Count(11)])),
    state("question-service", |language| at(language, "service", [])),
    state("question-income", |language| at(language, "income", keys("12500"))),
    state("question-income-wrong", |language| {
        at(language, "income", keys("99999999").into_iter().chain([Event::Next]))
    }),
    state("question-iban", |language| at(language, "iban", keys("0380000000608010167519"))),
    state("question-iban-wrong", |language| at(language, "iban", keys("0380000000608010167518"))),
    state("question-owns-home", |language| at(language, "owns_home", [])),
    state("question-needs", |language| at(language, "needs", [Event::Choose("stove".into())])),
    state("question-situation", |language| at(language, "situation", [])),
    state("question-situation-long", |language| at(language, "situation", [Event::Enter(long_text(language).into())])),
    state("documents", |language| seen(registering(language, &answers(language), ""))),
    state("documents-answered", |language| {
        let mut visit = checked(language, &answers(language));
        play(&mut visit, [Event::Back]);
        seen(visit)
    }),
    state("check-answers", |language| seen(checked(language, &answers(language)))),
    state("check-answers-long", |language| seen(checked(language, &answers_for_another(language)))),
    state("declaration", |language| seen(declaring(language, &answers(language)))),
    state("declaration-signed", |language| {
        let mut visit = declaring(language, &answers(language));
        sign(&mut visit);
        seen(visit)
    }),
    state("declaration-for-another", |language| seen(declaring(language, &answers_for_another(language)))),
    state("committee-notice", |language| seen(at_committee(language, true))),
    state("committee-notice-no-date", |language| seen(at_committee(language, false))),
    state("receipt-printing", |language| with_receipt(language, Printing::Underway, &["family_record"])),
    state("receipt-printed", |language| with_receipt(language, Printing::Confirmed, &["family_record"])),
    state("receipt-unknown", |language| with_receipt(language, Printing::Unknown, &[])),
    state("receipt-failed", |language| with_receipt(language, Printing::Failed, &MANY)),
    state("receipt-off", |language| with_receipt(language, Printing::Off, &[])),
    state("receipt-paper", |language| {
        let Sight::Visit(mut visit, around) = with_receipt(language, Printing::Failed, &MANY) else { unreachable!() };
        play(&mut visit, [Event::ShowPaper(true)]);
        Sight::Visit(visit, around)
    }),
    state("follow-up", |language| after(language, [Event::FollowUp])),
    state("follow-up-typed", |language| {
        after(language, [Event::FollowUp].into_iter().chain(keys(&number().to_string())))
    }),
    state("follow-up-unknown", |language| after(language, [Event::FollowUp, scan(), Event::LookedUp(LookUp::Unknown)])),
    state("follow-up-wait", |language| {
        let typed = keys(&number().to_string());
        after(language, [Event::FollowUp].into_iter().chain(typed).chain([Event::Next, Event::TryLater(40)]))
    }),
    state("follow-up-missing", |language| followed(language, status(&MANY, Committee::UnderStudy, false), true)),
    state("follow-up-studied", |language| followed(language, status(&[], Committee::UnderStudy, false), true)),
    state("follow-up-accepted", |language| followed(language, status(&["family_record"], accepted(), false), true)),
    state("follow-up-refused", |language| followed(language, status(&[], refused(), false), true)),
    state("follow-up-delivered", |language| {
        let delivered = status(&[], accepted(), true);
        let rated = Event::LookedUp(LookUp::Found { status: delivered, proved: true, rated: true });
        after(language, [Event::FollowUp, scan(), rated])
    }),
    state("follow-up-by-number", |language| followed(language, status(&["family_record"], accepted(), false), false)),
    state("follow-up-ended", |language| {
        let mut withdrawn = status(&["family_record"], Committee::UnderStudy, false);
        withdrawn.standing.ended = Some(Ending::Withdrawn);
        followed(language, withdrawn, true)
    }),
    state("follow-up-wrong-digit", |language| {
        after(language, [Event::FollowUp].into_iter().chain(keys("001748392051")))
    }),
    state("follow-up-slip-printed", |language| {
        let found = found(status(&MANY, accepted(), false), true);
        after(language, [Event::FollowUp, scan(), found, Event::PrintSlip, Event::Printed(Printing::Confirmed)])
    }),
    state("follow-up-documents", |language| {
        let found = found(status(&MANY, Committee::UnderStudy, false), true);
        let events = [Event::FollowUp, scan(), found, Event::BringDocuments, Event::Choose("debt_deed".into())];
        after(language, events)
    }),
    state("follow-up-thanks", |language| {
        let found = found(status(&["family_record"], Committee::UnderStudy, false), true);
        let brought = [Event::BringDocuments, Event::Choose("family_record".into()), Event::Next, Event::Kept];
        after(language, [Event::FollowUp, scan(), found].into_iter().chain(brought))
    }),
    state("rate", |language| after(language, [Event::Rate])),
    state("rate-not-delivered", |language| {
        after(language, [Event::Rate, scan(), found(status(&[], accepted(), false), true)])
    }),
    state("rate-faces", |language| rated(language, [])),
    state("rate-stand", |language| {
        let mut visit = Visit::new(Station::Rating, catalogue(), Beneficiary::External);
        play(&mut visit, [Event::ChooseLanguage(language)]);
        seen(visit)
    }),
    state("rate-reasons-happy", |language| {
        rated(language, [Event::ChooseFace(Face::ALL[3]), Event::Choose("fast".into())])
    }),
    state("rate-reasons-unhappy", |language| rated(language, [Event::ChooseFace(Face::ALL[0])])),
    state("rate-thanks", |language| rated(language, [Event::ChooseFace(Face::ALL[3]), Event::Next, Event::Kept])),
    state("services", |language| after(language, [Event::Information])),
    state("common-questions", |language| {
        after(language, [Event::Information, Event::ShowInformation(Information::Questions)])
    }),
    state("service", |language| {
        after(language, [Event::Information, Event::ShowInformation(Information::Service("rent".into()))])
    }),
    state("common-question", |language| {
        after(language, [Event::Information, Event::ShowInformation(Information::CommonQuestion(0))])
    }),
    state("suggestion", |language| after(language, [Event::Suggest])),
    state("suggestion-written", |language| {
        let complaint = Event::ChooseSuggestionKind(SuggestionKind::Complaint);
        after(language, [Event::Suggest, complaint, Event::Enter(long_text(language).into())])
    }),
    state("suggestion-thanks", |language| {
        after(language, [Event::Suggest, Event::Enter(long_text(language).into()), Event::Next, Event::Kept])
    }),
    state("no-new-requests", |language| after(language, [Event::Health(LedgerHealth::NoRoom), Event::NewRequest])),
    state("not-kept", |language| after(language, [Event::NotKept])),
    state("out-of-service", |language| after(language, [Event::StoreFailed])),
    state("revoked", |language| after(language, [Event::Health(LedgerHealth::Revoked)])),
    state("joining", |_| Sight::Staff(|app, _| screens::joining::show(app, &JoiningState::Waiting))),
    state("joining-unreachable", |_| {
        Sight::Staff(|app, _| {
            let address = "office.example:7443".to_owned();
            screens::joining::show(app, &JoiningState::Unreachable { address });
        })
    }),
    state("starting", |_| {
        Sight::Staff(|app, language| {
            let progress = istiqbal::ledger::OpeningProgress {
                work: istiqbal::ledger::OpeningWork::ReadingJournal,
                done: 40,
                total: 100,
            };
            screens::starting::show(app, Words::of(language), Some(progress), true);
        })
    }),
    state("maintenance-locked", |_| Sight::Staff(|app, language| locked(app, language, "4821", false))),
    state("maintenance-no-pin", |_| Sight::Staff(|app, language| locked(app, language, "", true))),
    state("maintenance", |_| Sight::Staff(|app, language| unlocked(app, language, false))),
    state("maintenance-troubled", |_| Sight::Staff(|app, language| unlocked(app, language, true))),
    state("maintenance-reprint", |_| Sight::Staff(|app, language| reprinting(app, language, "00174839", None))),
    state("maintenance-reprint-printed", |_| {
        Sight::Staff(|app, language| {
            let printed = StaffPrint::Done(Outcome::Confirmed);
            reprinting(app, language, &number().to_string(), Some(printed));
        })
    }),
    state("maintenance-reprint-not-here", |_| {
        Sight::Staff(|app, language| reprinting(app, language, &number().to_string(), Some(StaffPrint::NotHere)))
    }),
    over(
        "call-shown",
        |language| at(language, "household", []),
        |app, _| app.global::<Navigation>().set_call(Call::Shown),
    ),
    over(
        "call-coming",
        |language| at(language, "household", []),
        |app, _| app.global::<Navigation>().set_call(Call::Coming),
    ),
    over(
        "over-idle",
        |language| at(language, "household", []),
        |app, language| {
            let navigation = app.global::<Navigation>();
            navigation.set_idle_text(shown(Words::of(language).format("idle-text", &[("seconds", 20.into())])));
            navigation.set_idle_warning(true);
        },
    ),
    state("over-leave", |language| at(language, "household", [Event::Home])),
    state("over-leave-for-receipt", |language| at(language, "household", [scan()])),
    state("over-foreign-scan", |language| at(language, "household", [Event::Scanned("WIFI:S:guest;;".into())])),
    over("over-call-asking", |language| at(language, "household", []), |app, _| call(app, Call::Asking)),
    over("over-call-shown", |language| at(language, "household", []), |app, _| call(app, Call::Shown)),
    over("over-call-coming", |language| at(language, "household", []), |app, _| call(app, Call::Coming)),
    over("over-call-nobody", |language| at(language, "household", []), |app, _| call(app, Call::Nobody)),
];

fn scripts(scripts: &[Script]) -> ModelRc<Script> {
    ModelRc::new(VecModel::from(scripts.to_vec()))
}

/// Back to nothing, as between two visitors.
pub fn clear(app: &App) {
    screens::forget(app);
    app.global::<Keyboards>().set_scripts(scripts(&[Script::Arabic, Script::Latin]));
    let navigation = app.global::<Navigation>();
    navigation.set_screen(istiqbal_ui::Screen::Starting);
    navigation.set_idle_warning(false);
    navigation.set_leave_asked(false);
    navigation.set_scan_refused("".into());
    call(app, Call::None);
    slint::platform::update_timers_and_animations();
}

#[test]
fn every_state_has_its_own_name() {
    let names: std::collections::BTreeSet<_> = STATES.iter().map(|state| state.name).collect();
    assert_eq!(names.len(), STATES.len());
    assert!(keys(CLEAR).len() == 1, "one key clears all");
}
