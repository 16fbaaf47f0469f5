# Working on a request: documents, notes, corrections, registration at the desk.

# Two people at one request
office-conflict-title = تغيّر الطلب في هذه الأثناء
office-conflict-about = عدّل زميل هذا الطلب بعد أن فتحتموه، فلم يُحفظ ما أرسلتموه بعد. قارنوا ما هو موجود الآن بما أردتم، ثم أرسلوه من جديد أو اتركوه.
office-conflict-since = ما حدث منذ أن فتحتم الصفحة
office-conflict-now = الموجود الآن
office-conflict-wanted = ما أردتم كتابته
office-conflict-nothing = لا شيء
office-conflict-again = إرسال ما أردتموه رغم ذلك
office-conflict-leave = الرجوع إلى الطلب دون إرسال
office-note = ملاحظة

# Documents
office-event-document-asked = طُلب مستند إضافي: { $document }
office-step-document-already-asked = هذا المستند موجود في قائمة الطلب.
office-document-unverify = التراجع عن التحقق
office-document-return-reason = سبب الإعادة، ليُقال لصاحب الطلب
office-document-return-needs-reason = اكتبوا سبب إعادة المستند، حتى يعرف صاحبه ما ينقصه.
office-document-ask = طلب مستند إضافي
office-document-ask-which = المستند المطلوب
office-document-ask-choose = اختاروا مستنداً
office-document-ask-why = السبب (اختياري)
office-document-ask-do = إضافته إلى الطلب

# Scans
office-upload-add = إضافة صورة ضوئية
office-upload-choose = ملف أو أكثر
office-upload-help =
    { PLURAL($count) ->
        [one] ملف PDF أو صورة JPEG أو PNG، لا يزيد الملف على { $megabytes } ميغابايت، وملف واحد للطلب كله.
        [two] ملف PDF أو صورة JPEG أو PNG، لا يزيد الملف على { $megabytes } ميغابايت، وملفان للطلب كله.
        [few] ملف PDF أو صورة JPEG أو PNG، لا يزيد الملف على { $megabytes } ميغابايت، ولا يزيد عدد ملفات الطلب كله على { $count } ملفات.
        [many] ملف PDF أو صورة JPEG أو PNG، لا يزيد الملف على { $megabytes } ميغابايت، ولا يزيد عدد ملفات الطلب كله على { $count } ملفًا.
       *[other] ملف PDF أو صورة JPEG أو PNG، لا يزيد الملف على { $megabytes } ميغابايت، ولا يزيد عدد ملفات الطلب كله على { $count }.
    }
office-upload-do = حفظ الملفات
office-upload-opens = (يُفتح في صفحة جديدة)
office-upload-unnamed = ملف بلا اسم
office-upload-about = { $kind }، { $kilobytes } كيلوبايت — { $who }، { $when }
office-upload-kind-pdf = ملف PDF
office-upload-kind-picture = صورة
office-upload-remove = حذف هذا الملف …
office-upload-remove-about = يُتلف الملف ولا يمكن استرجاعه، ويبقى في السجل أنه كان موجوداً ومن حذفه.
office-upload-remove-do = حذف الملف نهائياً
office-upload-refused = لم يُحفظ أي ملف. «{ $name }»: { $why }
office-upload-empty = الملف فارغ؛ اختاروه من جديد.
office-upload-too-large = الملف أكبر من { $megabytes } ميغابايت؛ صوّروه بدقة أقل أو قسّموه.
office-upload-unknown-kind = ليس ملف PDF ولا صورة JPEG أو PNG، مهما كان اسمه؛ احفظوه بأحد هذه الأنواع.
office-upload-heic = التُقطت هذه الصورة بهاتف آيفون بصيغته الخاصة. اختاروا في الهاتف: الإعدادات، ثم الكاميرا، ثم التنسيقات، ثم «الأكثر توافقًا» (Most Compatible)، والتقطوها من جديد؛ أو أرسلوها بصيغة JPEG.
office-upload-other-picture = لا تُحفظ الصور من هذا النوع؛ افتحوها واحفظوها بصيغة JPEG ثم ارفعوها.
office-upload-picture-damaged = الصورة تالفة أو غير مكتملة؛ صوّروا المستند من جديد.
office-upload-too-many-pixels = الصورة أكبر من اللازم؛ صوّروا المستند بدقة أقل.
office-upload-pdf-damaged = ملف PDF تالف أو غير مكتمل؛ احفظوه من جديد أو صوّروا المستند.
office-upload-pdf-active = في ملف PDF نص برمجي أو برنامج أو مقطع يعمل من تلقاء نفسه؛ اطبعوه إلى PDF جديد أو صوّروا المستند.
office-upload-pdf-attached = بملف PDF ملف آخر مرفق؛ اطبعوه إلى PDF جديد، وارفعوا الملف المرفق وحده.
office-upload-pdf-password = لا يُفتح ملف PDF إلا بكلمة مرور؛ افتحوه بها ثم اطبعوه إلى PDF جديد.
office-upload-pdf-locked = ملف PDF مضغوط بطريقة لا يمكن معها فحص محتواه؛ اطبعوه إلى PDF جديد أو صوّروا المستند.
office-upload-none-chosen = لم يُختر أي ملف. اختاروا ملفاً واحداً على الأقل.
office-upload-too-many =
    { PLURAL($count) ->
        [one] لم يُحفظ أي ملف: لا يسع الطلب أكثر من ملف واحد. احذفوا ما لا حاجة إليه أولاً.
        [two] لم يُحفظ أي ملف: لا يسع الطلب أكثر من ملفين. احذفوا ما لا حاجة إليه أولاً.
        [few] لم يُحفظ أي ملف: لا يسع الطلب أكثر من { $count } ملفات. احذفوا ما لا حاجة إليه أولاً.
        [many] لم يُحفظ أي ملف: لا يسع الطلب أكثر من { $count } ملفاً. احذفوا ما لا حاجة إليه أولاً.
       *[other] لم يُحفظ أي ملف: لا يسع الطلب أكثر من { $count } ملف. احذفوا ما لا حاجة إليه أولاً.
    }
office-upload-too-many-at-once = لم يُحفظ أي ملف: اختاروا عشرة ملفات على الأكثر في المرة الواحدة.
office-upload-form-too-long = لم يُحفظ أي ملف: مجموع الملفات أكبر من { $megabytes } ميغابايت. أرسلوها على دفعات.
office-upload-busy = يرسل عدد من الزملاء ملفات الآن. انتظروا دقيقة ثم أعيدوا الإرسال.
office-upload-broken-off = انقطع الإرسال قبل اكتماله ولم يُحفظ شيء. أعيدوا الإرسال.
office-upload-too-slow = طال الإرسال فأُوقف ولم يُحفظ شيء. تحققوا من الاتصال، أو أرسلوا ملفات أصغر.

# Notes of the staff
office-notes = ملاحظات الموظفين
office-notes-none = لا توجد ملاحظات بعد.
office-note-new = ملاحظة جديدة
office-note-help = يراها زملاؤكم كلهم، ولا يراها صاحب الطلب إلا إذا طلب نسخة من بياناته. لا تُحذف، ويمكن لكاتبها سحبها.
office-note-do = إضافة الملاحظة
office-note-empty = الملاحظة فارغة. اكتبوا نصها ثم أرسلوها.
office-note-withdraw = سحب هذه الملاحظة …
office-note-withdraw-about = تختفي الملاحظة من الصفحة، ويبقى في السجل أنها كُتبت ثم سُحبت.
office-note-withdraw-do = سحب الملاحظة

# Catalogue versions
office-catalogue-not-held = لم تعد نسخة الدليل التي أُجيب عنها موجودة هنا؛ تظهر الأسئلة بألفاظ اليوم.

# ما وجده التحقق
office-nav-findings = التلف
office-alert-findings =
    { PLURAL($count) ->
        [one] في سجلات المكتب موضع واحد تالف أو أُعيد إلى حال أقدم. أبلغوا المسؤول التقني: انظروا صفحة التلف.
        [two] في سجلات المكتب موضعان تالفان أو أُعيدا إلى حال أقدم. أبلغوا المسؤول التقني: انظروا صفحة التلف.
        [few] في سجلات المكتب { $count } مواضع تالفة أو أُعيدت إلى حال أقدم. أبلغوا المسؤول التقني: انظروا صفحة التلف.
        [many] في سجلات المكتب { $count } موضعاً تالفاً أو أُعيد إلى حال أقدم. أبلغوا المسؤول التقني: انظروا صفحة التلف.
       *[other] في سجلات المكتب { $count } موضع تالف أو أُعيد إلى حال أقدم. أبلغوا المسؤول التقني: انظروا صفحة التلف.
    }
office-step-set-apart = في هذا الطلب سجل ليس كما كُتب، فلا تُتخذ فيه خطوة حتى ينظر فيه المسؤول التقني.
office-findings-title = التلف
office-findings-none = كل ما جرى التحقق منه باقٍ كما كُتب.
office-findings-about = قارنوا كل سجل بالورق أو إيصال الكشك أو نسخة احتياطية، وصححوا الخطأ في صفحة الطلب، أو استعيدوا نسخة احتياطية. ثم أكدوا أنكم نظرتم فيه: يُعتمد السجل بعد ذلك كما هو وتُتخذ الخطوات من جديد، ويُقيَّد ذلك في سجل التدقيق.
office-findings-found = وقت اكتشافه
office-findings-request = فتح الطلب
office-findings-settle = نظرتُ فيه: يُعتمد كما هو
office-finding-row = سجل ليس كما كُتب
office-finding-seals = سجلات لا يُعرف هل تغيرت
office-finding-rollback = أُعيدت قاعدة البيانات إلى حال أقدم
office-finding-database = ملف قاعدة البيانات تالف
office-finding-trail = سجل التدقيق مكسور
office-finding-envelopes = سجل من كشك ليس كما وقّعه الكشك
office-finding-minutes = محضر ليس كما خُتم
office-finding-backups = نسخ احتياطية مفقودة أو تالفة
