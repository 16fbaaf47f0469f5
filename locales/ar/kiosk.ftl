# ما يقرؤه الزائر على شاشة الاستقبال. المعرّفات نفسها في كل لغة.

app-title = استقبال

## Every screen

home = الرئيسية
call-staff = مساعدة
staff-corner = مدخل الموظفين
text-size = تغيير حجم الخط
contrast = ألوان أوضح
next = متابعة
back = رجوع
skip = تخطّي السؤال
finish = إنهاء
page-next = الصفحة التالية
page-previous = السابقة
key-clear = مسح الكل
key-delete = حذف
key-space = مسافة
key-shift = حرف كبير
key-digits = ١٢٣

## What may lie over a screen

leave-title = هل تودّون المغادرة؟
leave-text = حفاظًا على خصوصيتكم سيُمحى ما أدخلتموه من هذه الشاشة.
leave-stay = البقاء هنا
leave-leave = المغادرة والمسح
idle-title = هل ما زلتم هنا؟
idle-more-time = أحتاج إلى مزيد من الوقت
idle-finish = إنهاء الآن
idle-text = { $seconds ->
    [zero] حفاظًا على خصوصيتكم تنتهي هذه الزيارة الآن.
    [one] حفاظًا على خصوصيتكم تنتهي هذه الزيارة بعد ثانية واحدة.
    [two] حفاظًا على خصوصيتكم تنتهي هذه الزيارة بعد ثانيتين.
    [few] حفاظًا على خصوصيتكم تنتهي هذه الزيارة بعد { $seconds } ثوانٍ.
    [many] حفاظًا على خصوصيتكم تنتهي هذه الزيارة بعد { $seconds } ثانية.
   *[other] حفاظًا على خصوصيتكم تنتهي هذه الزيارة بعد { $seconds } ثانية.
}
leave-receipt-title = هل تودّون متابعة الطلب الذي مُسح إيصاله؟
leave-receipt-leave = متابعة ذلك الطلب ومسح ما أُدخل
scan-refused-title = لم نتعرف على هذا الرمز
overlay-close = حسنًا
call-asking-title = نستدعي أحد الزملاء …
call-asking-text = لحظة من فضلكم. وما أدخلتموه باقٍ هنا.
call-shown-title = وصل طلب المساعدة إلى زملائنا
call-shown-text = سيأتيكم أحدهم قريبًا. ويمكنكم المتابعة في هذه الأثناء.
call-coming-title = أحد الزملاء في الطريق إليكم
call-coming-text = نشكر لكم انتظاركم.
call-nobody-title = لم نجد أحدًا على الخط الآن
call-nobody-text = تفضلوا إلى مكتب الاستقبال، وسيسعد زملاؤنا بمساعدتكم. وما أدخلتموه باقٍ هنا في هذه الأثناء.

## Home

home-welcome = أهلًا وسهلًا بكم
home-how-can-we-help = كيف يمكننا خدمتكم اليوم؟
home-new-request = طلب جديد
home-new-request-help = التقديم على الدعم
home-follow-up = متابعة طلب
home-follow-up-help = بالإيصال أو برقم التتبع
home-rate = تقييم الخدمة
home-rate-help = رأيكم حق لكم
home-services = خدماتنا
home-services-help = وأجوبة الأسئلة الشائعة
home-suggestion = تقديم اقتراح أو شكوى
home-notice-no-paper = نفد ورق الطابعة. يمكنكم المتابعة، وسيظهر رقمكم على الشاشة لتصويره أو كتابته.
home-notice-printer = الطابعة لا تعمل الآن. يمكنكم المتابعة، وسيظهر رقمكم على الشاشة لتصويره أو كتابته.
home-notice-no-new-requests = لا يمكن استقبال طلبات جديدة على هذا الجهاز الآن، ويسعد زملاؤنا في مكتب الاستقبال باستقبال طلبكم.
home-notice-offline = يمكنكم التسجيل كالمعتاد. وقد تتأخر قليلًا أخبار الطلبات السابقة.

## Earlier request

earlier-title = هل معكم إيصال من طلب سابق؟
earlier-help = الطلب الواحد يكفي: به نفسه تتابعون الرد وتكملون المستندات.
earlier-follow-up = نعم، أتابع طلبي
earlier-follow-up-help = لمعرفة أين وصل، أو لإحضار مستندات
earlier-new-request = لا، أو أريد خدمة أخرى
earlier-new-request-help = تسجيل طلب جديد

## Privacy notice

privacy-title = خصوصيتكم
privacy-agree = أوافق
privacy-read-more = قراءة المزيد
privacy-read-less = عرض النص المختصر

## Questions

question-progress = السؤال { $done } من { $total }
calendar-hijri = هجري
calendar-gregorian = ميلادي
date-day = اليوم
date-month = الشهر
date-year = السنة
date-earlier = أقدم
date-later = أحدث
date-ten-earlier = أقدم بعشر سنوات
date-ten-later = أحدث بعشر سنوات
date-day-unknown = لا أعرف اليوم
date-in-gregorian = بالتقويم الميلادي: { $date }
date-in-hijri = بالتقويم الهجري: { $date }
count-less = أقل بواحد
count-more = أكثر بواحد
yes = نعم
no = لا
currency = ريال
question-same = الرقم نفسه: { $number }
text-counter = { $used } / { $limit }

## Errors beside a field

error-required = تفضلوا بإدخال الإجابة للمتابعة.
error-national-id = تفضلوا بمراجعة الرقم: عشر خانات أولها ١ أو ٢.
error-national-id-digit = يبدو أن إحدى الخانات مختلفة. تفضلوا بمقارنة الرقم بالبطاقة.
error-mobile = رقم الجوال عشر خانات أولها {"\u2066"}٠٥{"\u2069"}.
error-iban = تفضلوا بمراجعة الآيبان: بعد SA تأتي ٢٢ خانة.
error-name = تفضلوا بكتابة الاسم كما هو في الهوية.
error-text-long = { $limit ->
    [zero] تفضلوا باختصار النص.
    [one] تفضلوا باختصار النص إلى حرف واحد.
    [two] تفضلوا باختصار النص إلى حرفين.
    [few] تفضلوا باختصار النص إلى { $limit } أحرف.
    [many] تفضلوا باختصار النص إلى { $limit } حرفًا.
   *[other] تفضلوا باختصار النص إلى { $limit } حرف.
}
error-date = تفضلوا باختيار اليوم والشهر والسنة من جديد.
error-date-unset = تفضلوا بتحريك اليوم والشهر والسنة إلى التاريخ الصحيح.
error-date-future = هذا التاريخ لم يأتِ بعد. تفضلوا بمراجعة السنة.
error-count-range = تفضلوا باختيار عدد بين { $least } و{ $most }.
error-amount-range = { $most ->
    [zero] تفضلوا بمراجعة المبلغ.
    [one] تفضلوا بإدخال مبلغ بين { $least } وريال واحد.
    [two] تفضلوا بإدخال مبلغ بين { $least } وريالين.
    [few] تفضلوا بإدخال مبلغ بين { $least } و{ $most } ريالات.
    [many] تفضلوا بإدخال مبلغ بين { $least } و{ $most } ريالًا.
   *[other] تفضلوا بإدخال مبلغ بين { $least } و{ $most } ريال.
}
error-choice = تفضلوا باختيار إجابة واحدة.
error-choices = تفضلوا باختيار إجابة واحدة على الأقل.
error-tracking-number = لم نجد هذا الرقم. تفضلوا بمقارنته بالإيصال.
error-tracking-wait = { $seconds ->
    [zero] أرقام كثيرة لم نجدها. تفضلوا بالمحاولة الآن، أو بمسح رمز الإيصال.
    [one] أرقام كثيرة لم نجدها. تفضلوا بالمحاولة بعد ثانية واحدة، أو بمسح رمز الإيصال.
    [two] أرقام كثيرة لم نجدها. تفضلوا بالمحاولة بعد ثانيتين، أو بمسح رمز الإيصال.
    [few] أرقام كثيرة لم نجدها. تفضلوا بالمحاولة بعد { $seconds } ثوانٍ، أو بمسح رمز الإيصال.
    [many] أرقام كثيرة لم نجدها. تفضلوا بالمحاولة بعد { $seconds } ثانية، أو بمسح رمز الإيصال.
   *[other] أرقام كثيرة لم نجدها. تفضلوا بالمحاولة بعد { $seconds } ثانية، أو بمسح رمز الإيصال.
}
error-tracking-tries = تفضلوا بطلب المساعدة من أحد الموظفين في هذا الرقم.
error-scan = هذا الرمز ليس من إيصالاتنا. تفضلوا بالمحاولة مرة أخرى أو بكتابة الرقم.
error-rated = سبق تقييم هذه الخدمة. شكرًا لكم!
error-not-delivered = يمكنكم تقييم هذه الخدمة بعد استلامها.

## Documents

documents-title = ما المستندات التي معكم الآن؟
documents-help = يمكنكم التسجيل وإن نقص بعضها، ثم إحضارها لاحقًا بالرقم نفسه.
documents-with-me = معي
documents-later = لاحقًا

## Check the answers

check-title = تفضلوا بمراجعة إجاباتكم
check-help = يمكنكم تغيير ما ليس صحيحًا.
check-change = تغيير
check-confirm = كلها صحيحة
check-none = لم يُذكر
check-documents-with-me = المستندات التي معكم
check-documents-later = مستندات تحضرونها لاحقًا

## Declaration

declaration-title = الإقرار
declaration-by = المُقِرّ: { $name }.
declaration-for-another = المُقِرّ: { $applicant }، عن: { $beneficiary }.
declaration-contact = ونبلغ بالرد على الجوال { $number }.
declaration-signature = مكان التوقيع
declaration-sign-here = التوقيع هنا بالإصبع، وتكفي أي علامة
declaration-clear = مسح التوقيع
declaration-sign = التوقيع والإرسال

## Committee notice

committee-title = ماذا بعد؟
committee-studies = تدرس لجنة البحث طلبكم.
committee-reply = نبلغكم بقبوله أو رفضه برسالة أو اتصال، دون حاجة إلى السؤال.
committee-documents = يمكنكم إحضار المستندات الناقصة في هذه الأثناء بالرقم نفسه.
committee-register = تسجيل طلبي
committee-not-before = يأتي الرد خلال مدة لا تقل عن أسبوعين، فلا يكون قبل
committee-not-before-unknown = يأتي الرد خلال مدة لا تقل عن أسبوعين من اليوم.

## Receipt on the screen

receipt-printing = تجري طباعة إيصالكم …
receipt-take = تفضلوا بأخذ الإيصال
receipt-registered = تم تسجيل طلبكم
receipt-wait = لحظة من فضلكم. طلبكم مسجل ومحفوظ.
receipt-keep = احتفظوا بالإيصال، فبرقمه تتابعون طلبكم.
receipt-unknown = إن لم يخرج الإيصال فتفضلوا بتصوير هذه الشاشة أو كتابة الرقم.
receipt-failed = تعذرت طباعة الإيصال. تفضلوا بتصوير هذه الشاشة أو كتابة الرقم.
receipt-off = تفضلوا بتصوير هذه الشاشة أو كتابة الرقم.
receipt-tracking-number = رقم التتبع
receipt-qr = رمز فيه رقم التتبع
receipt-missing = تفضلوا بإحضار ما يلي لاحقًا:
receipt-print-again = طباعة مرة أخرى
receipt-not-before = لا يكون الرد قبل { $hijri } الموافق { $gregorian }.
receipt-seconds-left = { $seconds ->
    [zero] تُغلق هذه الصفحة الآن.
    [one] تُغلق هذه الصفحة بعد ثانية واحدة.
    [two] تُغلق هذه الصفحة بعد ثانيتين.
    [few] تُغلق هذه الصفحة بعد { $seconds } ثوانٍ.
    [many] تُغلق هذه الصفحة بعد { $seconds } ثانية.
   *[other] تُغلق هذه الصفحة بعد { $seconds } ثانية.
}

## Follow up

follow-up-title = متابعة طلبكم
follow-up-scan = ضعوا رمز الإيصال تحت القارئ
follow-up-or-type = أو اكتبوا رقم التتبع، وهو ١٢ خانة:
follow-up-show = عرض طلبي
follow-up-documents-track = مستنداتكم
follow-up-committee-track = لجنة البحث
follow-up-missing = ما زال ناقصًا:
follow-up-bring-documents = أحضرت مستندات
follow-up-which-documents = ما المستندات التي أحضرتموها؟
follow-up-confirm = تأكيد
follow-up-thanks = شكرًا لكم
follow-up-hand-over = تفضلوا بتسليم المستندات إلى موظف الاستقبال.
follow-up-decision-at-desk = الرد على طلبكم جاهز. تفضلوا بالسؤال في مكتب الاستقبال أو بمسح الإيصال.
stage-received = تم الاستلام
stage-incomplete = بعضها ناقص
stage-to-verify = أُحضرت كلها، وسيتحقق منها أحد الزملاء في مكتب الاستقبال
stage-complete = مكتملة
stage-under-study = قيد الدراسة
stage-accepted = مقبول
stage-refused = لم يُقبل
stage-delivered = تم تقديم الخدمة
stage-on-date = في { $date }
stage-not-before = لا يكون قبل { $date }
next-bring-documents = تفضلوا بإحضار المستندات الناقصة.
next-wait = لا يلزمكم شيء الآن، وسنبلغكم بكل جديد.
next-receive = طلبكم مقبول ومستنداتكم مكتملة، وسنبلغكم بموعد استلام الخدمة.
next-object = يمكنكم الاعتراض على هذا الرد مرة واحدة. تفضلوا بالسؤال في مكتب الاستقبال.
next-nothing = انتهى هذا الطلب. شكرًا لثقتكم.

## Rate

rate-title = تقييم الخدمة
rate-scan = ضعوا رمز الإيصال تحت القارئ
rate-without-receipt = التقييم دون إيصال
rate-is-a-right = التقييم حق لكم، ولا يُعرف صاحبه. وهو أداة للتقويم والتطوير، لا للعقاب والتشهير.
rate-how = كيف كانت خدمتنا؟
rate-face-1 = سيئة
rate-face-2 = دون المأمول
rate-face-3 = جيدة
rate-face-4 = ممتازة
rate-reasons-happy = ما الذي أعجبكم؟
rate-reasons-unhappy = ما الذي نحسّنه؟
rate-reasons-help = إن أحببتم فاختاروا واحدًا أو أكثر.
rate-send = إرسال
rate-thanks = شكرًا على رأيكم
rate-thanks-text = نقرأ كل تقييم، ونتحسن بمساعدتكم.

## Services and questions

services-title = خدماتنا وأسئلتكم
services-list = الخدمات
services-questions = الأسئلة الشائعة
services-request = طلب هذه الخدمة
services-for-whom = لمن هذه الخدمة
services-about = ما تشمله الخدمة وما لا تشمله
services-documents = ما يلزم إحضاره

## Suggestion or complaint

suggestion-title = ماذا تودّون أن تقولوا لنا؟
suggestion-help = لا حاجة إلى كتابة أسماء أو أرقام، إلا إن أردتم أن نرد عليكم.
suggestion-kind-suggestion = اقتراح
suggestion-kind-complaint = شكوى
suggestion-placeholder = اكتبوا هنا
suggestion-send = إرسال
suggestion-thanks = شكرًا لكم
suggestion-thanks-text = حُفظ ما كتبتموه، وسيقرؤه المكتب.

## While the kiosk starts

starting-title = لحظة من فضلكم، يجري تجهيز الجهاز
starting-opening = فتح مخزن البيانات
starting-reading = قراءة ما سُجّل: { $percent }٪
starting-mending = إصلاح ما تضرر: { $percent }٪
starting-making = ترتيب مخزن البيانات: { $percent }٪

## Out of service

out-of-service-title = نعتذر منكم
out-of-service-what = لا يستقبل هذا الجهاز الطلبات الآن.
no-new-requests-what = لا يستقبل هذا الجهاز طلبات جديدة الآن. ويمكنكم هنا متابعة طلب سابق أو تقييم خدمة.
not-kept-what = تعذّر حفظ ما أدخلتموه، ولم يُسجَّل منه شيء.
out-of-service-where = تفضلوا إلى مكتب الاستقبال، وسيسعد زملاؤنا بخدمتكم.

## Maintenance (staff)

maintenance-title = الصيانة
maintenance-pin = تفضلوا بإدخال رقم الموظفين السري.
maintenance-unlock = دخول
maintenance-test-print = طباعة تجريبية
maintenance-restart = إعادة التشغيل
maintenance-close = إغلاق
maintenance-pin-missing = لم يُحدَّد رقم سري بعد. نفّذوا على الجهاز: istiqbal kiosk pin
maintenance-pin-wrong = الرقم السري غير مطابق. تفضلوا بالمحاولة مرة أخرى.
maintenance-pin-wait = { $seconds ->
    [zero] محاولات كثيرة. تفضلوا بالمحاولة الآن.
    [one] محاولات كثيرة. تفضلوا بالانتظار ثانية واحدة.
    [two] محاولات كثيرة. تفضلوا بالانتظار ثانيتين.
    [few] محاولات كثيرة. تفضلوا بالانتظار { $seconds } ثوانٍ.
    [many] محاولات كثيرة. تفضلوا بالانتظار { $seconds } ثانية.
   *[other] محاولات كثيرة. تفضلوا بالانتظار { $seconds } ثانية.
}
maintenance-version = استقبال { $version }
maintenance-office = المكتب
maintenance-office-reachable = متصل
maintenance-office-unreachable = غير متصل
maintenance-acknowledged = آخر تأكيد استلام
maintenance-acknowledged-never = لم يرد منذ التشغيل
maintenance-unsent = بانتظار الإرسال
maintenance-unsent-count = { $count ->
    [zero] لا شيء
    [one] سجل واحد
    [two] سجلان
    [few] { $count } سجلات
    [many] { $count } سجلًا
   *[other] { $count } سجل
}
maintenance-unsent-unknown = غير معروف
maintenance-storage = مساحة التخزين المتاحة
maintenance-storage-megabytes = { $count } ميغابايت
maintenance-storage-read-only = للقراءة فقط
maintenance-store = مخزن البيانات
maintenance-store-sound = سليم منذ التشغيل
maintenance-store-repaired = أُصلح عند التشغيل
maintenance-store-failed = تعطّل، يلزم إعادة التشغيل
maintenance-clock = الساعة
maintenance-clock-trusted = مطابقة لساعة المكتب
maintenance-clock-untrusted = غير مؤكدة: بلا تاريخ
maintenance-printer = الطابعة
maintenance-printer-off = لا توجد
maintenance-printer-ready = جاهزة
maintenance-printer-paper-out = نفد الورق
maintenance-printer-cover-open = الغطاء مفتوح
maintenance-printer-offline = متوقفة
maintenance-printer-unreachable = غير متصلة
maintenance-printer-unknown = لا تذكر حالتها
