//! What the screens show in the pictures: believable, long enough to find what doesn't fit.

use fluent::{FluentBundle, FluentResource};
use istiqbal_ui::*;
use slint::{Global, ModelRc, SharedString, VecModel};

use crate::{qr, say};

type Bundle = FluentBundle<FluentResource>;
type Fill = fn(&App, &Bundle, bool);

pub const SCREENS: &[(&str, Fill)] = &[
    ("home", |app, _, _| screen(app, Screen::Home)),
    ("home-notice", |app, words, _| {
        screen(app, Screen::Home);
        HomeAdapter::get(app).set_notice(say(words, "home-notice-no-paper", &[]));
        HomeAdapter::get(app).set_notice_urgent(true);
    }),
    ("privacy", privacy),
    ("privacy-full", privacy_full),
    ("privacy-full+page-next", privacy_full),
    ("number", number),
    ("number-error", number_error),
    ("text", text),
    ("text-long", text_long),
    ("text+key-digits", text),
    ("text+key-language", text),
    ("text+key-language+key-shift", text),
    ("date", date),
    ("choice", |app, words, rtl| choice(app, words, rtl, 9)),
    ("choice-error", |app, words, rtl| {
        choice(app, words, rtl, 11);
        Question::get(app).set_error(say(words, "error-choices", &[]));
        Question::get(app).set_optional(true);
    }),
    ("choice-two", |app, words, rtl| choice(app, words, rtl, 2)),
    ("count", count),
    ("documents", documents),
    ("documents+page-next", documents),
    ("check", check),
    ("check+page-next", check),
    ("declaration", declaration),
    ("committee", committee),
    ("receipt", |app, words, rtl| receipt_screen(app, words, rtl, PrintState::Printed)),
    ("receipt-failed", |app, words, rtl| receipt_screen(app, words, rtl, PrintState::Failed)),
    ("follow-up", |app, _, _| screen(app, Screen::FollowUp)),
    ("follow-up-result", follow_up),
    ("follow-up-result+page-next", follow_up),
    ("follow-up-accepted", follow_up_accepted),
    ("follow-up-documents", |app, words, rtl| {
        follow_up(app, words, rtl);
        FollowUpAdapter::get(app).set_phase(FollowUpPhase::Documents);
    }),
    ("follow-up-thanks", |app, words, rtl| {
        follow_up(app, words, rtl);
        FollowUpAdapter::get(app).set_thanks_text(say(words, "follow-up-hand-over", &[]));
        FollowUpAdapter::get(app).set_phase(FollowUpPhase::Thanks);
    }),
    ("rate", |app, words, _| {
        screen(app, Screen::Rate);
        RateAdapter::get(app).set_error(say(words, "error-not-delivered", &[]));
    }),
    ("rate-faces", rate_faces),
    ("rate-stand", |app, words, rtl| {
        rate_faces(app, words, rtl);
        RateAdapter::get(app).set_stand_alone(true);
        RateAdapter::get(app).set_service("".into());
    }),
    ("rate-reasons", rate_reasons),
    ("rate-thanks", |app, _, _| {
        screen(app, Screen::Rate);
        RateAdapter::get(app).set_phase(RatePhase::Thanks);
    }),
    ("services", services),
    ("services-questions", questions),
    ("services-detail", detail),
    ("services-answer", answer),
    ("suggestion", suggestion),
    ("suggestion-sent", |app, words, rtl| {
        suggestion(app, words, rtl);
        SuggestionAdapter::get(app).set_sent(true);
    }),
    ("out-of-service", |app, words, _| {
        screen(app, Screen::OutOfService);
        OutOfServiceAdapter::get(app).set_what(say(words, "out-of-service-what", &[]));
        OutOfServiceAdapter::get(app).set_where_to_go(say(words, "out-of-service-where", &[]));
    }),
    ("maintenance", maintenance),
    ("over-idle", |app, words, rtl| {
        count(app, words, rtl);
        Navigation::get(app).set_idle_warning(true);
        Navigation::get(app).set_idle_text(say(words, "idle-text", &[("seconds", "20")]));
    }),
    ("over-leave", |app, words, rtl| {
        count(app, words, rtl);
        Navigation::get(app).set_leave_asked(true);
    }),
    ("over-staff-called", |app, words, rtl| {
        count(app, words, rtl);
        Navigation::get(app).set_staff_called(true);
    }),
];

pub fn clear(app: &App) {
    screen(app, Screen::Home);
    Navigation::get(app).set_idle_warning(false);
    Navigation::get(app).set_leave_asked(false);
    Navigation::get(app).set_staff_called(false);
    PrivacyNoticeAdapter::get(app).set_expanded(false);
    SuggestionAdapter::get(app).set_sent(false);
    RateAdapter::get(app).set_error("".into());
    HomeAdapter::get(app).set_notice("".into());
    Question::get(app).set_error("".into());
    Question::get(app).set_optional(false);
    FollowUpAdapter::get(app).set_phase(FollowUpPhase::Ask);
    RateAdapter::get(app).set_phase(RatePhase::Scan);
    RateAdapter::get(app).set_stand_alone(false);
    ServicesAndQuestionsAdapter::get(app).set_phase(InformationPhase::Services);
    MaintenanceAdapter::get(app).set_unlocked(false);
}

fn screen(app: &App, screen: Screen) {
    Navigation::get(app).set_screen(screen);
}

fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(rows))
}

fn either(rtl: bool, arabic: &str, english: &str) -> SharedString {
    if rtl { breakable(arabic).into() } else { english.into() }
}

fn question(app: &App, words: &Bundle, title: SharedString, help: SharedString) {
    let question = Question::get(app);
    question.set_title(title);
    question.set_help(help);
    question.set_progress_done(3);
    question.set_progress_total(9);
    question.set_progress_text(say(words, "question-progress", &[("done", "3"), ("total", "9")]));
    Navigation::get(app).set_association(either(true, "جمعية البر الخيرية بخميس مشيط", ""));
}

fn privacy(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::PrivacyNotice);
    PrivacyNoticeAdapter::get(app).set_summary(either(
        rtl,
        "نجمع بياناتكم لدراسة طلب الدعم فقط. يطّلع عليها المكتب ولجنة البحث دون غيرهم، وتُحذف عند انتهاء الغرض منها. ويحق لكم طلب نسخة منها أو تصحيحها أو حذفها في أي وقت.",
        "We collect your data only to study your request for support. Only the office and the research committee see them, and they are deleted when they are no longer needed. You may ask for a copy, a correction or deletion at any time.",
    ));
}

fn privacy_full(app: &App, words: &Bundle, rtl: bool) {
    privacy(app, words, rtl);
    let paragraph = either(
        rtl,
        "من يجمع بياناتكم، ولماذا؟ تجمعها الجمعية المذكورة في أعلى الشاشة، لتسجيل طلبكم ودراسته والرد عليه وتقديم الخدمة لكم. ولا تُستخدم لغرض آخر. أما البيانات الصحية، كالتقرير الطبي، فلا تُطلب إلا إذا احتاجت إليها الخدمة، وتُحفظ بعناية خاصة.",
        "Who collects your data, and why? The association named above, to register your request, study it, reply to it and provide the service. It is used for nothing else. Health data, such as a medical report, is asked for only where the service needs it, and is kept with special care.",
    );
    let text = [paragraph.as_str(); 4].join("\n\n");
    PrivacyNoticeAdapter::get(app).set_full_text(text.into());
    PrivacyNoticeAdapter::get(app).set_expanded(true);
}

fn number(app: &App, words: &Bundle, rtl: bool) {
    screen(app, Screen::NumberQuestion);
    question(
        app,
        words,
        either(rtl, "ما رقم الهوية الوطنية أو الإقامة؟", "What is the national ID or iqama number?"),
        either(rtl, "تجدونه في البطاقة، وهو عشر خانات.", "You find it on the card: ten digits."),
    );
    let adapter = NumberQuestionAdapter::get(app);
    adapter.set_display(either(rtl, "\u{2066}١٠٠٠ ٠٠٠ ٠٠٨\u{2069}", "\u{2066}1000 000 008\u{2069}"));
    adapter.set_valid(true);
    adapter.set_prefix("".into());
}

fn number_error(app: &App, words: &Bundle, rtl: bool) {
    number(app, words, rtl);
    let adapter = NumberQuestionAdapter::get(app);
    adapter.set_valid(false);
    adapter.set_prefix("SA".into());
    adapter.set_display("\u{2066}03 8000 0000 6080 1016 7519\u{2069}".into());
    Question::get(app).set_error(say(words, "error-national-id-digit", &[]));
    Question::get(app).set_optional(true);
}

fn text(app: &App, words: &Bundle, rtl: bool) {
    screen(app, Screen::TextQuestion);
    question(
        app,
        words,
        either(rtl, "ما الاسم الكامل؟", "What is the full name?"),
        either(rtl, "كما هو مكتوب في الهوية.", "As it stands on the identity card."),
    );
    TextQuestionAdapter::get(app).set_text(either(rtl, "نورة بنت عبدالله القحطاني", "Noura Abdullah Alqahtani"));
    TextQuestionAdapter::get(app).set_lines(1);
}

fn text_long(app: &App, words: &Bundle, rtl: bool) {
    text(app, words, rtl);
    let adapter = TextQuestionAdapter::get(app);
    adapter.set_lines(4);
    adapter.set_counter(say(words, "text-counter", &[("used", "104"), ("limit", "500")]));
    adapter.set_text(either(
        rtl,
        "نحن أسرة من سبعة أفراد، ورب الأسرة مريض منذ سنتين ولا يستطيع العمل، ونسكن بيتًا مستأجرًا في أطراف المدينة",
        "We are a family of seven. The father has been ill for two years and can’t work, and we rent a home at the edge of the town",
    ));
}

fn date(app: &App, words: &Bundle, rtl: bool) {
    screen(app, Screen::DateQuestion);
    question(app, words, either(rtl, "ما تاريخ الميلاد؟", "What is the date of birth?"), "".into());
    let adapter = DateQuestionAdapter::get(app);
    let column = |label: &str, previous: &str, current: &str, next: &str| WheelColumn {
        label: say(words, label, &[]),
        previous: previous.into(),
        current: current.into(),
        next: next.into(),
        can_go_back: true,
        can_go_on: true,
    };
    if rtl {
        adapter.set_day(column("date-day", "٣", "٤", "٥"));
        adapter.set_month(column("date-month", "جمادى الأولى", "جمادى الآخرة", "رجب"));
        adapter.set_year(column("date-year", "١٣٩٨", "١٣٩٩", "١٤٠٠"));
    } else {
        adapter.set_day(column("date-day", "3", "4", "5"));
        adapter.set_month(column("date-month", "Jumada al-Ula", "Jumada al-Akhira", "Rajab"));
        adapter.set_year(column("date-year", "1398", "1399", "1400"));
    }
    adapter.set_day_unknown_allowed(true);
    let date = either(rtl, "٣٠ مايو ١٩٧٩", "30 May 1979");
    adapter.set_other_calendar_text(say(words, "date-in-gregorian", &[("date", &date)]));
}

fn choices(rtl: bool) -> Vec<Choice> {
    [
        ("widow", "person", "أرملة", "Widow"),
        ("divorced", "person", "مطلقة", "Divorced"),
        ("orphan", "child", "يتيم أو وليّ يتيم", "Orphan, or guardian of an orphan"),
        ("elderly", "elder", "كبير في السن", "Elderly"),
        ("poor", "family", "أسرة محدودة الدخل", "Family with little income"),
        ("prisoner", "people", "أسرة سجين", "Prisoner’s family"),
        ("disabled", "wheelchair", "من ذوي الإعاقة", "Person with a disability"),
        ("debt", "debt", "مدين متعثر", "In debt"),
        ("ill", "medical", "مريض", "Ill"),
        ("marriage", "ring", "مقبل على الزواج", "About to marry"),
        ("other", "other", "غير ذلك", "Something else"),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, (id, icon, arabic, english))| Choice {
        id: id.into(),
        label: either(rtl, arabic, english),
        help: if i == 4 {
            either(rtl, "دون ٦٠٠٠ ريال في الشهر", "Below 6,000 riyals a month")
        } else {
            "".into()
        },
        icon: icon.into(),
        selected: i == 1,
    })
    .collect()
}

fn choice(app: &App, words: &Bundle, rtl: bool, count: usize) {
    screen(app, Screen::ChoiceQuestion);
    question(app, words, either(rtl, "أي وصف هو الأقرب إلى حالتكم؟", "Which description fits best?"), "".into());
    ChoiceQuestionAdapter::get(app).set_choices(model(choices(rtl).into_iter().take(count).collect()));
}

fn count(app: &App, words: &Bundle, rtl: bool) {
    screen(app, Screen::CountQuestion);
    question(app, words, either(rtl, "كم عدد أفراد الأسرة؟", "How many people live in the household?"), "".into());
    let adapter = CountQuestionAdapter::get(app);
    adapter.set_value(either(rtl, "٤", "4"));
    adapter.set_unit_text(either(rtl, "أفراد", "people"));
}

fn documents(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::Documents);
    let rows = [
        (
            "id_card",
            "id-card",
            "الهوية الوطنية أو الإقامة",
            "National ID or iqama",
            "من الأحوال المدنية أو الجوازات. والهوية الرقمية في تطبيق توكلنا أو أبشر مقبولة.",
            "From Civil Affairs or Passports. The digital ID in Tawakkalna or Absher is accepted.",
            DocumentState::WithMe,
        ),
        (
            "family_record",
            "family",
            "سجل الأسرة",
            "Family record",
            "من الأحوال المدنية أو منصة أبشر.",
            "From Civil Affairs or Absher.",
            DocumentState::Later,
        ),
        (
            "social",
            "bank",
            "مشهد الضمان الاجتماعي",
            "Social security statement",
            "من موقع وزارة الموارد البشرية والتنمية الاجتماعية، حتى إن لم يُصرف لكم ضمان.",
            "From the website of the Ministry of Human Resources and Social Development, even if you receive none.",
            DocumentState::Unset,
        ),
        (
            "rent",
            "contract",
            "عقد الإيجار الموثق أو صك الملكية أو ما يثبت السكن",
            "Registered rent contract, deed or other proof of housing",
            "من منصة إيجار، أو من مكتب العقار الذي وثقه.",
            "From the Ejar platform, or from the estate office that registered it.",
            DocumentState::Unset,
        ),
        (
            "salary",
            "money",
            "تعريف بالراتب",
            "Salary statement",
            "من جهة العمل أو المؤسسة العامة للتأمينات الاجتماعية.",
            "A statement from the employer, or from the General Organization for Social Insurance.",
            DocumentState::Unset,
        ),
        (
            "address",
            "address",
            "إثبات العنوان الوطني",
            "Proof of the national address",
            "من موقع سبل.",
            "From SPL.",
            DocumentState::Unset,
        ),
        (
            "account",
            "bank",
            "شهادة الحساب البنكي",
            "Bank account certificate",
            "من المصرف أو تطبيقه.",
            "From the bank or its app.",
            DocumentState::Unset,
        ),
    ];
    let rows = rows.map(|(id, icon, arabic, english, arabic_place, english_place, state)| DocumentRow {
        id: id.into(),
        label: either(rtl, arabic, english),
        place: either(rtl, arabic_place, english_place),
        icon: icon.into(),
        state,
    });
    DocumentsAdapter::get(app).set_documents(model(rows.into()));
}

fn check(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::CheckAnswers);
    let row = |id: &str, label: (&str, &str), value: (&str, &str)| Answer {
        id: id.into(),
        label: either(rtl, label.0, label.1),
        value: either(rtl, value.0, value.1),
        changeable: true,
    };
    CheckAnswersAdapter::get(app).set_answers(model(vec![
        row("national_id", ("رقم الهوية", "National ID"), ("\u{2066}١٠٠٠ ٠٠٠ ٠٠٨\u{2069}", "1000 000 008")),
        row("name", ("الاسم", "Name"), ("نورة بنت عبدالله القحطاني", "Noura Abdullah Alqahtani")),
        row(
            "birth",
            ("تاريخ الميلاد", "Date of birth"),
            ("٤ رجب ١٣٩٩ الموافق ٣٠ مايو ١٩٧٩", "4 Rajab 1399, 30 May 1979"),
        ),
        row("mobile", ("الجوال", "Mobile"), ("\u{2066}٠٥٠ ٠٠٠ ٠٠٠٠\u{2069}", "050 000 0000")),
        row("category", ("الفئة", "Category"), ("أرملة", "Widow")),
        row("household", ("عدد أفراد الأسرة", "Household"), ("٤", "4")),
        row("service", ("الخدمة", "Service"), ("سلة غذائية", "Food basket")),
        row("income", ("الدخل الشهري", "Monthly income"), ("٣٠٠٠ ريال", "3,000 riyals")),
        row("housing", ("السكن", "Housing"), ("مستأجر", "Rented")),
        row("marital", ("الحالة الاجتماعية للمستفيد من الخدمة", "Marital status of the person"), ("أرملة", "Widow")),
        row(
            "situation",
            ("وصف الحال", "The situation"),
            (
                "نحن أسرة من سبعة أفراد، ورب الأسرة مريض منذ سنتين ولا يستطيع العمل، ونسكن بيتًا مستأجرًا في أطراف المدينة",
                "We are a family of seven. The father has been ill for two years and can’t work, and we rent a home at the edge of the town",
            ),
        ),
        row("contact", ("من نتواصل معه", "Whom to contact"), ("مقدم الطلب", "The applicant")),
        row(
            "documents",
            ("المستندات التي معكم", "Documents with you"),
            (
                "الهوية الوطنية أو الإقامة، وسجل الأسرة، ومشهد الضمان الاجتماعي، وتعريف بالراتب",
                "National ID or iqama, family record, social security statement and salary statement",
            ),
        ),
        row(
            "documents",
            ("مستندات تحضرونها لاحقًا", "Documents to bring later"),
            (
                "عقد الإيجار الموثق أو صك الملكية أو ما يثبت السكن، وإثبات العنوان الوطني، وشهادة الحساب البنكي",
                "Registered rent contract, deed or other proof of housing, proof of the national address and bank account certificate",
            ),
        ),
    ]));
}

fn declaration(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::Declaration);
    let adapter = DeclarationAdapter::get(app);
    adapter.set_text(either(
        rtl,
        "أقرّ بأن جميع البيانات التي قدمتها في هذا الطلب صحيحة وكاملة، وأتعهد بإبلاغ الجمعية بأي تغيير يطرأ عليها، وأوافق على أن تتحقق الجمعية منها لدى الجهات المختصة، وأعلم أن الطلب سيُرفع إلى لجنة البحث لدراسته.",
        "I declare that all the information given in this request is correct and complete. I will tell the association of any change, I agree that it may verify the information with the authorities, and I know that the request goes to the research committee.",
    ));
    adapter.set_responsibility(either(
        rtl,
        "وأنا مسؤول مسؤولية مباشرة عن صحة هذه المعلومات.",
        "I am directly responsible for the accuracy of this information.",
    ));
    adapter.set_commands("M 120 250 L 180 120 L 230 260 L 300 150 L 330 240 L 420 180 L 520 230 L 700 130".into());
    adapter.set_can_clear(true);
    adapter.set_can_send(true);
}

fn committee(app: &App, words: &Bundle, rtl: bool) {
    screen(app, Screen::CommitteeNotice);
    let adapter = CommitteeNoticeAdapter::get(app);
    adapter.set_not_before(say(words, "committee-not-before", &[]));
    adapter.set_hijri(either(rtl, "١٨ رجب ١٤٤٥ هـ", "18 Rajab 1445 H"));
    adapter.set_gregorian(either(rtl, "٣٠ يناير ٢٠٢٤ م", "30 January 2024"));
}

fn missing(rtl: bool) -> ModelRc<SharedString> {
    model(vec![
        either(rtl, "سجل الأسرة", "Family record"),
        either(rtl, "عقد الإيجار أو صك الملكية", "Rent contract or deed"),
        either(rtl, "مشهد الضمان الاجتماعي", "Social security statement"),
        either(
            rtl,
            "تعريف بالراتب من جهة العمل أو من التأمينات الاجتماعية",
            "Salary statement from the employer or from social insurance",
        ),
        either(rtl, "شهادة الحساب البنكي", "Bank account certificate"),
    ])
}

fn not_before(words: &Bundle, id: &str, rtl: bool) -> SharedString {
    let hijri = either(rtl, "١٨ رجب ١٤٤٥", "18 Rajab 1445");
    let gregorian = either(rtl, "٣٠ يناير ٢٠٢٤", "30 January 2024");
    say(words, id, &[("hijri", &hijri), ("gregorian", &gregorian)])
}

fn receipt_screen(app: &App, words: &Bundle, rtl: bool, state: PrintState) {
    screen(app, Screen::Receipt);
    let adapter = ReceiptAdapter::get(app);
    adapter.set_state(state);
    adapter.set_can_print_again(state == PrintState::Failed);
    adapter.set_tracking_number("\u{2066}4712 8039 5614\u{2069}".into());
    adapter.set_tracking_number_eastern("\u{2066}٤٧١٢ ٨٠٣٩ ٥٦١٤\u{2069}".into());
    adapter.set_qr(qr("47128039561412345678901234567890", 8));
    adapter.set_missing(missing(rtl));
    adapter.set_not_before(not_before(words, "receipt-not-before", rtl));
    adapter.set_seconds_left(say(words, "receipt-seconds-left", &[("seconds", "20")]));
}

fn follow_up(app: &App, words: &Bundle, rtl: bool) {
    screen(app, Screen::FollowUp);
    let adapter = FollowUpAdapter::get(app);
    adapter.set_phase(FollowUpPhase::Result);
    let stage = |id: &str, detail: SharedString, state| Stage { label: say(words, id, &[]), detail, state };
    let date = either(
        rtl,
        "١٣ جمادى الآخرة ١٤٤٨ هـ الموافق ٢٣ نوفمبر ٢٠٢٦ م",
        "13 Jumada al-Akhirah 1448 AH, 23 November 2026",
    );
    adapter.set_decision("".into());
    adapter.set_to_bring(model(
        choices(rtl).into_iter().take(5).map(|choice| Choice { icon: "document".into(), ..choice }).collect(),
    ));
    adapter.set_documents_track(model(vec![
        stage("stage-received", say(words, "stage-on-date", &[("date", &date)]), StageState::Done),
        stage("stage-incomplete", "".into(), StageState::Current),
    ]));
    adapter.set_committee_track(model(vec![
        stage("stage-under-study", say(words, "stage-not-before", &[("date", &date)]), StageState::Current),
        stage("stage-delivered", "".into(), StageState::Ahead),
    ]));
    adapter.set_service(either(rtl, "سلة غذائية", "Food basket"));
    adapter.set_tracking_number("\u{2066}4712 8039 5614\u{2069}".into());
    adapter.set_missing(missing(rtl));
    adapter.set_whats_next(say(words, "next-bring-documents", &[]));
    adapter.set_can_bring(true);
}

fn follow_up_accepted(app: &App, words: &Bundle, rtl: bool) {
    follow_up(app, words, rtl);
    let adapter = FollowUpAdapter::get(app);
    let date = either(
        rtl,
        "١٣ جمادى الآخرة ١٤٤٨ هـ الموافق ٢٣ نوفمبر ٢٠٢٦ م",
        "13 Jumada al-Akhirah 1448 AH, 23 November 2026",
    );
    let stage = |id: &str, state| Stage {
        label: say(words, id, &[]),
        detail: say(words, "stage-on-date", &[("date", &date)]),
        state,
    };
    adapter.set_documents_track(model(vec![
        stage("stage-received", StageState::Done),
        stage("stage-to-verify", StageState::Current),
    ]));
    adapter.set_committee_track(model(vec![
        stage("stage-under-study", StageState::Done),
        stage("stage-accepted", StageState::Done),
        stage("stage-delivered", StageState::Done),
    ]));
    adapter.set_decision(say(words, "follow-up-decision-at-desk", &[]));
    adapter.set_whats_next(say(words, "next-receive", &[]));
    adapter.set_missing(model(vec![]));
    adapter.set_can_bring(false);
}

fn rate_faces(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::Rate);
    RateAdapter::get(app).set_service(either(rtl, "سلة غذائية", "Food basket"));
    RateAdapter::get(app).set_phase(RatePhase::Faces);
}

fn rate_reasons(app: &App, words: &Bundle, rtl: bool) {
    rate_faces(app, words, rtl);
    let adapter = RateAdapter::get(app);
    let reasons = [
        ("respect", "حسن الاستقبال والاحترام", "A warm and respectful reception"),
        ("speed", "سرعة إنجاز الخدمة", "How quickly it was done"),
        ("clarity", "وضوح الخطوات والمواعيد", "Clear steps and dates"),
        ("quality", "جودة ما قُدّم لنا", "The quality of what was given"),
        ("privacy", "حفظ الخصوصية والكرامة", "Privacy and dignity"),
        ("other", "غير ذلك", "Something else"),
    ];
    let reasons = reasons.map(|(id, arabic, english)| Choice {
        id: id.into(),
        label: either(rtl, arabic, english),
        help: "".into(),
        icon: "".into(),
        selected: id == "speed",
    });
    adapter.set_reasons(model(reasons.into()));
    adapter.set_face(2);
    adapter.set_phase(RatePhase::Reasons);
}

fn suggestion(app: &App, words: &Bundle, rtl: bool) {
    text_long(app, words, rtl);
    screen(app, Screen::Suggestion);
    let adapter = SuggestionAdapter::get(app);
    adapter.set_text(TextQuestionAdapter::get(app).get_text());
    adapter.set_counter(TextQuestionAdapter::get(app).get_counter());
}

fn services(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::ServicesAndQuestions);
    let service = |id: &str, icon: &str, arabic: &str, english: &str| Choice {
        id: id.into(),
        label: either(rtl, arabic, english),
        help: "".into(),
        icon: icon.into(),
        selected: false,
    };
    ServicesAndQuestionsAdapter::get(app).set_services(model(vec![
        service("food", "basket", "السلة الغذائية", "Food basket"),
        service("rent", "house", "المساعدة في الإيجار", "Help with the rent"),
        service("bills", "bill", "فواتير الكهرباء والماء", "Electricity and water bills"),
        service("appliances", "appliance", "الأجهزة المنزلية", "Household appliances"),
        service("clothes", "clothes", "كسوة العيد والشتاء", "Clothes for feasts and winter"),
        service("medicine", "medicine", "الأدوية", "Medicine"),
        service("marriage", "ring", "إعانة الزواج", "Support for marriage"),
        service("ramadan", "moon", "دعم رمضان", "Ramadan support"),
    ]));
}

fn detail(app: &App, words: &Bundle, rtl: bool) {
    services(app, words, rtl);
    let adapter = ServicesAndQuestionsAdapter::get(app);
    adapter.set_phase(InformationPhase::Detail);
    adapter.set_title(either(rtl, "السلة الغذائية", "Food basket"));
    adapter.set_can_request(true);
    let section = |id: &str, arabic: &str, english: &str| Section {
        heading: say(words, id, &[]),
        text: either(rtl, arabic, english),
    };
    adapter.set_sections(model(vec![
        section(
            "services-for-whom",
            "للأسر محدودة الدخل المقيمة في خميس مشيط والقرى التابعة لها.",
            "Families with little income who live in Khamis Mushait and its villages.",
        ),
        section(
            "services-about",
            "أجهزة أساسية كالثلاجة والموقد والمكيف والغسالة، تصل إلى المسكن. لا تشمل الأجهزة الكمالية ولا يُصرف بدلها مبلغ نقدي.",
            "Basic appliances such as a refrigerator, cooker, air conditioner or washing machine, brought to the home. Luxury appliances and cash instead are not included.",
        ),
        section(
            "services-documents",
            "الهوية الوطنية أو الإقامة، وسجل الأسرة، وإثبات العنوان الوطني، ومشهد الضمان الاجتماعي، وعقد الإيجار أو صك الملكية، وتعريف بالراتب",
            "National ID or iqama, family record, proof of the national address, social security statement, rent contract or deed, and salary statement",
        ),
    ]));
}

fn questions(app: &App, words: &Bundle, rtl: bool) {
    services(app, words, rtl);
    let adapter = ServicesAndQuestionsAdapter::get(app);
    let questions = [
        ("هل أسجّل وإن نقصت بعض المستندات؟", "May I register although documents are missing?"),
        ("متى يأتيني الرد؟", "When do I get a reply?"),
        ("كيف أتابع طلبي إن ضاع الإيصال مني؟", "How do I follow up a request when I’ve lost my receipt?"),
        ("هل التسجيل يعني قبول الطلب؟", "Does registering mean that the request is accepted?"),
        ("هل عليّ أن أدفع شيئًا؟", "Do I have to pay anything?"),
        ("ماذا أفعل إن لم يُقبل طلبي؟", "What can I do when my request isn’t accepted?"),
    ];
    let tile = |(place, (arabic, english)): (usize, (&str, &str))| Choice {
        id: place.to_string().into(),
        label: either(rtl, arabic, english),
        help: "".into(),
        icon: "question".into(),
        selected: false,
    };
    adapter.set_questions(model(questions.into_iter().enumerate().map(tile).collect()));
    adapter.set_phase(InformationPhase::Questions);
}

fn answer(app: &App, words: &Bundle, rtl: bool) {
    questions(app, words, rtl);
    let adapter = ServicesAndQuestionsAdapter::get(app);
    adapter.set_phase(InformationPhase::Detail);
    adapter.set_title(either(
        rtl,
        "كيف أتابع طلبي إن ضاع الإيصال مني؟",
        "How do I follow up a request when I’ve lost my receipt?",
    ));
    adapter.set_can_request(false);
    adapter.set_sections(model(vec![Section {
        heading: "".into(),
        text: either(
            rtl,
            "نعم، سجّلوا الآن وأحضروا ما بقي فيما بعد برقم التتبع نفسه، هنا أو لدى موظفي الاستقبال. ودراسة الطلب لا تتوقف لذلك، أما تقديم الخدمة فيكون بعد اكتمال المستندات.",
            "Yes. Register now and bring the rest later with the same tracking number, here or to the reception staff. The study does not wait for it; the service itself is delivered once the documents are complete.",
        ),
    }]));
}

fn maintenance(app: &App, _: &Bundle, rtl: bool) {
    screen(app, Screen::Maintenance);
    let adapter = MaintenanceAdapter::get(app);
    adapter.set_unlocked(true);
    adapter.set_version(either(rtl, "الإصدار 0.1.0", "Version 0.1.0"));
    let rows = [
        ("الورق", "Paper", "قليل", "Low", Health::Warning),
        ("الطابعة", "Printer", "سليم", "Good", Health::Good),
        ("الشبكة", "Network", "غير متصل", "Not connected", Health::Bad),
        ("سجلات لم تُرسل", "Unsent records", "٣", "3", Health::Good),
        ("آخر تأكيد", "Last acknowledgement", "قبل ٣ دقائق", "3 minutes ago", Health::Good),
        ("المساحة الخالية", "Free storage", "سليم", "Good", Health::Good),
        ("الساعة", "Clock", "موثوقة", "Trusted", Health::Good),
    ];
    let rows = rows.map(|(arabic, english, arabic_value, english_value, state)| Status {
        label: either(rtl, arabic, english),
        value: either(rtl, arabic_value, english_value),
        state,
    });
    adapter.set_rows(model(rows.into()));
}

pub fn receipt(words: &Bundle, rtl: bool) -> ReceiptContent {
    let hijri = either(rtl, "٤ رجب ١٤٤٥", "4 Rajab 1445");
    let gregorian = either(rtl, "١٦ يناير ٢٠٢٤", "16 January 2024");
    let service = either(rtl, "سلة غذائية", "Food basket");
    ReceiptContent {
        part: ReceiptPart::Request,
        rtl,
        association: "جمعية البر الخيرية بخميس مشيط".into(),
        title: say(words, "receipt-title", &[]),
        copy_mark: "".into(),
        tracking_title: say(words, "receipt-number-title", &[]),
        tracking_number: "\u{2066}4712 8039 5614\u{2069}".into(),
        tracking_number_eastern: "\u{2066}٤٧١٢ ٨٠٣٩ ٥٦١٤\u{2069}".into(),
        qr: qr("47128039561412345678901234567890", 8),
        qr_text: say(words, "receipt-qr-text", &[]),
        registered_on: say(words, "receipt-registered-on", &[("hijri", &hijri), ("gregorian", &gregorian)]),
        service: say(words, "receipt-service", &[("service", &service)]),
        missing_title: say(words, "receipt-missing-title", &[("count", "3")]),
        missing: missing(rtl),
        committee_sentence: say(words, "receipt-committee", &[]),
        not_before: not_before(words, "receipt-paper-not-before", rtl),
        follow_up_hint: say(words, "receipt-follow-up", &[]),
        declaration: say(words, "receipt-declaration", &[]),
        contact: either(true, "\u{2066}017 223 0000\u{2069}", ""),
    }
}
