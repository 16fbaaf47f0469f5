//! People with names as they are given around Khamis Mushait: some names are borne by many, most by few. The same seed
//! makes the same people.

/// Steele, Lea and Flood's SplitMix64: fast, and the same everywhere.
pub struct Chance(u64);

impl Chance {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of them: the first is taken twice as often as the second, three times as often as the third, and so on.
    pub fn of<'a>(&mut self, names: &[&'a str]) -> &'a str {
        let whole: f64 = (1..=names.len()).map(|place| 1.0 / place as f64).sum();
        let mut left = self.below(1 << 30) as f64 / f64::from(1 << 30) * whole;
        for (place, name) in names.iter().enumerate() {
            left -= 1.0 / (place + 1) as f64;
            if left <= 0.0 {
                return name;
            }
        }
        names[names.len() - 1]
    }
}

const WOMEN: [&str; 40] = [
    "نورة",
    "فاطمة",
    "عائشة",
    "سارة",
    "مريم",
    "منيرة",
    "هيا",
    "حصة",
    "أمل",
    "منى",
    "هند",
    "خلود",
    "ريم",
    "لطيفة",
    "جميلة",
    "صالحة",
    "شريفة",
    "زهرة",
    "أسماء",
    "إيمان",
    "عبير",
    "نوف",
    "مها",
    "وفاء",
    "هدى",
    "سلمى",
    "رؤى",
    "غادة",
    "بدرية",
    "موضي",
    "مشاعل",
    "عزيزة",
    "ندى",
    "شيخة",
    "نجلاء",
    "هناء",
    "رحمة",
    "آمنة",
    "لولوة",
    "جواهر",
];
const MEN: [&str; 48] = [
    "محمد",
    "عبدالله",
    "أحمد",
    "علي",
    "سعد",
    "عبدالرحمن",
    "سعيد",
    "خالد",
    "عبدالعزيز",
    "ناصر",
    "فهد",
    "سالم",
    "حسن",
    "إبراهيم",
    "عبد الله",
    "يحيى",
    "صالح",
    "سلطان",
    "مسفر",
    "عايض",
    "مبارك",
    "تركي",
    "عبد الرحمن",
    "مشبب",
    "حسين",
    "فيصل",
    "ظافر",
    "بندر",
    "عامر",
    "مانع",
    "هادي",
    "ماجد",
    "عوض",
    "جابر",
    "مفرح",
    "عبدالمجيد",
    "نايف",
    "رائد",
    "طلال",
    "يوسف",
    "عمر",
    "عثمان",
    "زيد",
    "حمد",
    "راشد",
    "معيض",
    "غرم",
    "شايع",
];
const FAMILIES: [&str; 60] = [
    "القحطاني",
    "الشهراني",
    "العسيري",
    "الشهري",
    "الأحمري",
    "الغامدي",
    "الزهراني",
    "آل مشيط",
    "الدوسري",
    "عسيري",
    "الألمعي",
    "البيشي",
    "الوادعي",
    "اليامي",
    "المالكي",
    "الحارثي",
    "العمري",
    "الأسمري",
    "البارقي",
    "السلمي",
    "القرني",
    "الخثعمي",
    "الرفيدي",
    "السرحاني",
    "الشمراني",
    "الكودري",
    "آل سرحان",
    "آل عاطف",
    "المطيري",
    "العتيبي",
    "الحربي",
    "الجهني",
    "البلوي",
    "العنزي",
    "الشمري",
    "السبيعي",
    "السهلي",
    "الخالدي",
    "الهاجري",
    "العجمي",
    "النجمي",
    "الفيفي",
    "الحكمي",
    "الجيزاني",
    "المدخلي",
    "الحازمي",
    "الربيعي",
    "الصيعري",
    "الكثيري",
    "باوزير",
    "بن هشبل",
    "أبو ملحة",
    "آل جعرة",
    "آل مهدي",
    "الهلالي",
    "المحياني",
    "الثقفي",
    "النفيعي",
    "الرويلي",
    "الحسني",
];

/// A person, always the same for the same number.
pub struct SomePerson {
    pub name: String,
    pub national_id: String,
    pub mobile: String,
    pub birth_date: String,
}

pub fn person(number: u64) -> SomePerson {
    let mut chance = Chance::seeded(number ^ 0x1571_0BA1);
    let is_woman = chance.below(5) < 3;
    let first = if is_woman { chance.of(&WOMEN) } else { chance.of(&MEN) };
    let child_of = match (chance.below(3), is_woman) {
        (0, true) => " بنت",
        (0, false) => " بن",
        _ => "",
    };
    let (father, grandfather, family) = (chance.of(&MEN), chance.of(&MEN), chance.of(&FAMILIES));
    SomePerson {
        name: format!("{first}{child_of} {father} {grandfather} {family}"),
        national_id: national_id(number),
        mobile: format!("05{:08}", chance.below(100_000_000)),
        birth_date: format!("{}-{:02}-{:02}", 1940 + chance.below(65), 1 + chance.below(12), 1 + chance.below(28)),
    }
}

/// A family name, a man's and a woman's, by frequency: what people look for.
pub fn looked_for(chance: &mut Chance) -> [&'static str; 3] {
    [chance.of(&WOMEN), chance.of(&MEN), chance.of(&FAMILIES)]
}

/// The id with this number scattered in it, whose check digit (Luhn) is right.
fn national_id(number: u64) -> String {
    let body = format!("1{:08}", number.wrapping_mul(48_271) % 100_000_000);
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0');
            if place % 2 == 0 { value * 2 / 10 + value * 2 % 10 } else { value }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}
