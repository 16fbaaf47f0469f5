//! The demo without a display: a visit walks through the real screens, drawn into memory, and each is saved as a picture.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use istiqbal_ui::{
    App, CheckAnswersAdapter, ChoiceQuestionAdapter, CountQuestionAdapter, DateQuestionAdapter, DeclarationAdapter,
    DocumentState, DocumentsAdapter, EarlierRequestAdapter, HomeAdapter, Languages, Navigation, NumberQuestionAdapter,
    RateAdapter, ReceiptAdapter, ServicesAndQuestionsAdapter, TextQuestionAdapter,
};
use slint::{ComponentHandle, Rgb8Pixel, SharedPixelBuffer};

use super::past::PastReceipts;
use super::printer::DrawnPrinter;
use crate::domain::calendar::riyadh_day;
use crate::domain::catalogue::{Catalogue, QuestionKind};
use crate::domain::clock::SystemClock;
use crate::domain::language::Language as SpokenLanguage;
use crate::domain::rating::Face;
use crate::kiosk::config::KioskConfig;
use crate::kiosk::lobby::{Lobby, Settings};
use crate::kiosk::running::{Parts, Running, StartError};
use crate::kiosk::visit::{self, Input, Printing, QuestionScreen, Visit};
use crate::kiosk::window::px_per_mm;
use crate::offscreen::{Offscreen, OffscreenError};

/// The screen that is drawn: portrait, 21.5 inches.
const WIDTH: u32 = 1080;
const HEIGHT: u32 = 1920;
/// How long the walk waits for store, printer or office.
const WAIT: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub enum PicturesError {
    #[error(transparent)]
    Offscreen(#[from] OffscreenError),
    #[error("the screens can't be drawn: {0}")]
    Platform(#[from] slint::PlatformError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the walk through the screens came to a halt at `{0}`: look at its last picture")]
    Halted(String),
}

/// Walks through the screens in every language and prints a summary of all that was made.
pub fn walk(
    folder: &Path,
    config: &KioskConfig,
    receipts: &PastReceipts,
    printer: &DrawnPrinter,
) -> Result<(), PicturesError> {
    std::fs::create_dir_all(folder).map_err(|source| PicturesError::Io { path: folder.to_owned(), source })?;
    let catalogue = Arc::new(Catalogue::read(&config.catalogue).map_err(StartError::from)?);
    let offscreen = Offscreen::for_this_thread()?;
    let (news, received) = mpsc::channel();
    let clock = SystemClock::shared();
    let parts = Parts { printer: true, replication: true };
    let running = Running::start(config, catalogue.clone(), clock.clone(), parts, news, || {}, &|_| {})?;
    wait_for_office(&running);
    let px_per_mm = px_per_mm(config.screen_inches, WIDTH as f32, HEIGHT as f32);
    let settings = Settings { now: paced_now, ..Settings::of(config, clock, px_per_mm, running.report.clone()) };
    let app = App::new()?;
    app.show()?;
    let visit = Visit::new(config.station, catalogue.clone(), config.beneficiaries);
    let lobby = Lobby::new(app, visit, running.attendant.clone(), received, settings);
    let mut walk = Walk {
        offscreen,
        lobby,
        catalogue,
        folder: folder.to_owned(),
        language: SpokenLanguage::Arabic,
        pictures: Vec::new(),
        requests: Vec::new(),
        ratings: 0,
    };
    for language in SpokenLanguage::ALL {
        walk.language = language;
        walk.register()?;
        walk.follow_up()?;
        walk.rate(&receipts.delivered)?;
        walk.inform()?;
    }
    walk.summarise(printer);
    drop(walk);
    let sent = wait_until_sent(&running, config.batch_minimum);
    running.stop();
    println!("The office {}.\n", if sent { "holds everything" } else { "has not acknowledged everything yet" });
    Ok(())
}

/// Each touch is a second after the one before: a person's pace, without waiting.
static TOUCHES: AtomicU64 = AtomicU64::new(0);

fn paced_now() -> Instant {
    Instant::now() + Duration::from_secs(TOUCHES.load(Ordering::Relaxed))
}

struct Walk {
    offscreen: Offscreen,
    lobby: std::rc::Rc<Lobby>,
    catalogue: Arc<Catalogue>,
    folder: PathBuf,
    language: SpokenLanguage,
    pictures: Vec<PathBuf>,
    /// Number and code of each request that was registered
    requests: Vec<String>,
    ratings: usize,
}

impl Walk {
    /// Home → privacy notice → questions → documents → check, change one → declaration → committee → receipt.
    fn register(&mut self) -> Result<(), PicturesError> {
        self.go_home();
        let language = self.language.code();
        self.touch(|app| app.global::<Languages>().invoke_choose(language.into()));
        self.picture("home")?;
        self.touch(|app| app.global::<HomeAdapter>().invoke_new_request());
        self.picture("earlier-request")?;
        self.touch(|app| app.global::<EarlierRequestAdapter>().invoke_new_request());
        self.picture("privacy-notice")?;
        self.next();
        while let visit::Screen::Question(screen) = self.lobby.screen() {
            self.answer(&screen)?;
        }
        self.documents()?;
        self.expect("check-answers", |screen| matches!(screen, visit::Screen::CheckAnswers))?;
        self.picture("check-answers")?;
        self.change_household()?;
        self.next();
        self.expect("declaration", |screen| matches!(screen, visit::Screen::Declaration))?;
        self.sign();
        self.picture("declaration")?;
        self.next();
        self.wait("committee-notice", |screen| matches!(screen, visit::Screen::CommitteeNotice { time: Some(_), .. }))?;
        self.picture("committee-notice")?;
        self.next();
        self.wait("receipt", |screen| matches!(screen, visit::Screen::Receipt { .. }))?;
        self.wait("receipt", |screen| !matches!(screen, visit::Screen::Receipt { printing: Printing::Underway, .. }))?;
        if let visit::Screen::Receipt { registered, .. } = self.lobby.screen() {
            self.requests.push(crate::domain::public_address::receipt_text(
                None,
                registered.tracking_number,
                &registered.code,
            ));
        }
        self.picture("receipt")?;
        self.touch(|app| app.global::<ReceiptAdapter>().invoke_finish());
        Ok(())
    }

    fn answer(&mut self, screen: &QuestionScreen) -> Result<(), PicturesError> {
        let catalogue = self.catalogue.clone();
        let Some(question) = catalogue.question(&screen.question) else {
            return Err(PicturesError::Halted(screen.question.clone()));
        };
        if question.kind == QuestionKind::NationalId {
            // A wrong digit is caught at the last one, beside the field.
            self.type_number("1000000000");
            self.picture("question-national_id-wrong")?;
            self.touch(|app| app.global::<NumberQuestionAdapter>().invoke_key(visit::CLEAR.into()));
        }
        match &screen.input {
            Input::Number(_) => self.type_number(match question.kind {
                QuestionKind::NationalId => "1000000008",
                QuestionKind::Mobile => "0551234567",
                QuestionKind::Iban => "0380000000608010167519",
                _ => "2500",
            }),
            Input::Text(_) => {
                let name = match self.language {
                    SpokenLanguage::Arabic => "نورة بنت سعد القحطاني",
                    SpokenLanguage::English => "Noura Saad Alqahtani",
                };
                for letter in name.chars() {
                    self.touch(|app| app.global::<TextQuestionAdapter>().invoke_key(letter.to_string().into()));
                }
            }
            Input::Date(_) => {
                self.touch(|app| app.global::<DateQuestionAdapter>().invoke_step(2, -1));
                self.touch(|app| app.global::<DateQuestionAdapter>().invoke_step(0, 1));
            }
            Input::Choice(_) => {
                let wanted = ["self", "widow", "food_basket"];
                let choices = question.choices(&catalogue);
                let usual = choices.iter().find(|choice| wanted.contains(&choice.id)).or(choices.first());
                let id = usual.map_or("yes", |choice| choice.id).to_owned();
                self.touch(|app| app.global::<ChoiceQuestionAdapter>().invoke_choose(id.as_str().into()));
            }
            Input::Count(_) => {
                for _ in 0..3 {
                    self.touch(|app| app.global::<CountQuestionAdapter>().invoke_change(1));
                }
            }
        }
        self.picture(&format!("question-{}", screen.question))?;
        self.next();
        match self.lobby.screen() {
            visit::Screen::Question(now) if now.question == screen.question => Err(PicturesError::Halted(now.question)),
            _ => Ok(()),
        }
    }

    fn documents(&mut self) -> Result<(), PicturesError> {
        if self.lobby.screen() != visit::Screen::Documents {
            return Ok(());
        }
        let rows = self.lobby.app().global::<DocumentsAdapter>().get_documents();
        let ids: Vec<_> = slint::Model::iter(&rows).map(|row| row.id).collect();
        for (place, id) in ids.into_iter().enumerate() {
            let state = if place == 0 { DocumentState::WithMe } else { DocumentState::Later };
            self.touch(|app| app.global::<DocumentsAdapter>().invoke_choose(id.clone(), state));
        }
        self.picture("documents")?;
        self.next();
        Ok(())
    }

    /// One answer is changed from the list, and the list comes back.
    fn change_household(&mut self) -> Result<(), PicturesError> {
        if self.catalogue.question("household").is_none_or(|question| question.kind != QuestionKind::Count) {
            return Ok(());
        }
        self.touch(|app| app.global::<CheckAnswersAdapter>().invoke_change("household".into()));
        self.touch(|app| app.global::<CountQuestionAdapter>().invoke_change(1));
        self.next();
        self.expect("check-answers", |screen| matches!(screen, visit::Screen::CheckAnswers))
    }

    fn sign(&self) {
        let strokes: [&[(f32, f32)]; 2] = [
            &[(0.15, 0.6), (0.25, 0.3), (0.3, 0.7), (0.4, 0.35), (0.5, 0.65), (0.62, 0.4), (0.7, 0.6), (0.85, 0.5)],
            &[(0.4, 0.8), (0.7, 0.78)],
        ];
        for stroke in strokes {
            for (place, (x, y)) in stroke.iter().enumerate() {
                self.touch(|app| {
                    let pad = app.global::<DeclarationAdapter>();
                    if place == 0 { pad.invoke_stroke_began(*x, *y) } else { pad.invoke_stroke_moved(*x, *y) }
                });
            }
        }
    }

    /// The receipt just printed is scanned at home; documents that were missing are brought.
    fn follow_up(&mut self) -> Result<(), PicturesError> {
        self.choose_language();
        self.touch(|app| app.global::<HomeAdapter>().invoke_follow_up());
        self.picture("follow-up")?;
        self.go_home();
        self.choose_language();
        if let Some(digits) = self.requests.last().cloned() {
            self.scan(&digits);
            self.wait("follow-up-result", |screen| {
                matches!(screen, visit::Screen::FollowUp(visit::FollowUp::Result { .. }))
            })?;
            self.picture("follow-up-result")?;
        }
        self.go_home();
        Ok(())
    }

    fn rate(&mut self, delivered: &str) -> Result<(), PicturesError> {
        self.choose_language();
        self.touch(|app| app.global::<HomeAdapter>().invoke_rate());
        self.picture("rate")?;
        self.scan(delivered);
        self.wait("rate-faces", |screen| {
            !matches!(screen, visit::Screen::Rate(visit::RateScreen::Scan { waiting: true, .. }))
        })?;
        if matches!(self.lobby.screen(), visit::Screen::Rate(visit::RateScreen::Faces { .. })) {
            self.picture("rate-faces")?;
            self.touch(|app| app.global::<RateAdapter>().invoke_choose_face(4));
            if let Some(reason) =
                self.catalogue.reasons_for(Face::ALL[3]).next().map(|reason| reason.id.get_ref().clone())
            {
                self.touch(|app| app.global::<RateAdapter>().invoke_toggle_reason(reason.as_str().into()));
            }
            self.picture("rate-reasons")?;
            self.next();
            self.wait("rate-thanks", |screen| matches!(screen, visit::Screen::Rate(visit::RateScreen::Thanks)))?;
            self.ratings += 1;
            self.picture("rate-thanks")?;
        } else {
            self.picture("rate-refused")?;
        }
        self.go_home();
        Ok(())
    }

    fn inform(&mut self) -> Result<(), PicturesError> {
        self.choose_language();
        self.touch(|app| app.global::<HomeAdapter>().invoke_services());
        self.picture("services")?;
        if let Some(service) = self.catalogue.services.first().map(|service| service.id.get_ref().clone()) {
            self.touch(|app| app.global::<ServicesAndQuestionsAdapter>().invoke_open_service(service.as_str().into()));
            self.picture("service")?;
        }
        self.go_home();
        self.choose_language();
        self.touch(|app| app.global::<HomeAdapter>().invoke_suggest());
        self.picture("suggestion")?;
        self.go_home();
        Ok(())
    }

    fn choose_language(&self) {
        let language = self.language.code();
        self.touch(|app| app.global::<Languages>().invoke_choose(language.into()));
    }

    fn go_home(&self) {
        self.touch(|app| app.global::<Navigation>().invoke_home());
        self.touch(|app| app.global::<Navigation>().invoke_leave());
    }

    fn next(&self) {
        self.touch(|app| app.global::<Navigation>().invoke_next());
    }

    fn type_number(&self, digits: &str) {
        for digit in digits.chars() {
            self.touch(|app| app.global::<NumberQuestionAdapter>().invoke_key(digit.to_string().into()));
        }
    }

    /// The scanner types into the window.
    fn scan(&self, text: &str) {
        TOUCHES.fetch_add(1, Ordering::Relaxed);
        for key in text.chars().chain(['\n']) {
            self.lobby.app().global::<Navigation>().invoke_key_typed(key.to_string().into());
        }
    }

    fn touch(&self, touch: impl FnOnce(&App)) {
        TOUCHES.fetch_add(1, Ordering::Relaxed);
        touch(self.lobby.app());
    }

    fn expect(&mut self, name: &str, is_there: impl Fn(&visit::Screen) -> bool) -> Result<(), PicturesError> {
        if is_there(&self.lobby.screen()) {
            return Ok(());
        }
        self.picture(&format!("{name}-halted"))?;
        Err(PicturesError::Halted(name.to_owned()))
    }

    fn wait(&mut self, name: &str, is_there: impl Fn(&visit::Screen) -> bool) -> Result<(), PicturesError> {
        let until = Instant::now() + WAIT;
        while !is_there(&self.lobby.screen()) && Instant::now() < until {
            self.lobby.wait_for_news(Duration::from_millis(100));
        }
        self.expect(name, is_there)
    }

    /// Draws the screen as it is and saves it.
    fn picture(&mut self, name: &str) -> Result<(), PicturesError> {
        self.lobby.take_news();
        let path = self.folder.join(format!("{:02}-{name}-{}.png", self.pictures.len() + 1, self.language.code()));
        save(&self.offscreen.draw(WIDTH, HEIGHT), &path)
            .map_err(|source| PicturesError::Io { path: path.clone(), source })?;
        self.pictures.push(path);
        Ok(())
    }

    fn summarise(&self, printer: &DrawnPrinter) {
        println!("Screens, {WIDTH} × {HEIGHT}:");
        self.pictures.iter().for_each(|path| println!("  {}", path.display()));
        println!("Receipts:");
        printer.drawn().iter().for_each(|path| println!("  {}", path.display()));
        println!("Registered: {}, rated: {}. What their QR codes say:", self.requests.len(), self.ratings);
        self.requests.iter().for_each(|digits| println!("  {digits}"));
    }
}

fn save(picture: &SharedPixelBuffer<Rgb8Pixel>, path: &Path) -> io::Result<()> {
    let file = io::BufWriter::new(std::fs::File::create(path)?);
    let mut encoder = png::Encoder::new(file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(picture.as_bytes()).map_err(io::Error::other)
}

/// The office's first word makes the kiosk's clock count; without it, receipts would bear no dates.
fn wait_for_office(running: &Running) {
    let until = Instant::now() + WAIT;
    let heard = || {
        let progress = *running.progress.borrow();
        progress.last_acknowledged_at.is_some() && progress.all_heard
    };
    while !heard() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wait_until_sent(running: &Running, batch_minimum: usize) -> bool {
    let until = Instant::now() + WAIT;
    let (send, answer) = mpsc::channel();
    while Instant::now() < until {
        let send = send.clone();
        running.attendant.ledger.run(move |keeper| {
            let left = keeper.ledger().unacknowledged_count().unwrap_or(u64::MAX);
            let today = riyadh_day(keeper.now().at);
            let _ = send.send(left == 0 && !keeper.ratings().has_to_send(batch_minimum, today));
        });
        if answer.recv_timeout(WAIT) == Ok(true) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
