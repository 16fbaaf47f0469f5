# ما يقرؤه الزائر على شاشة الاستقبال. المعرّفات نفسها في كل لغة.

app-title = استقبال

## Every screen

home = الرئيسية
call-staff = نداء موظف
call-staff-shown = استُدعي زميل
call-staff-coming = زميل قادم
staff-corner = مدخل الموظفين
text-size = تغيير حجم الخط
contrast = ألوان أوضح
next = متابعة
back = رجوع
skip = تخطّي السؤال
finish = إنهاء
page-next = الصفحة التالية
page-previous = السابقة
page-of = صفحة { $page } من { $pages }
key-clear = حذف الكل
key-delete = حذف
key-space = مسافة
key-shift = حرف كبير
key-digits = ١٢٣

## What may lie over a screen

leave-title = هل تودّون المغادرة؟
leave-text = حفاظًا على خصوصيتكم سيُحذف ما أدخلتموه من هذه الشاشة.
leave-stay = البقاء هنا
leave-leave = المغادرة وحذف ما أدخلتموه
idle-title = هل ما زلتم هنا؟
idle-more-time = أحتاج إلى مزيد من الوقت
idle-finish = إنهاء الآن
idle-text = { PLURAL($seconds) ->
    [zero] حفاظًا على خصوصيتكم تنتهي هذه الزيارة ويُحذف ما فيها الآن.
    [one] حفاظًا على خصوصيتكم تنتهي هذه الزيارة ويُحذف ما فيها بعد ثانية واحدة.
    [two] حفاظًا على خصوصيتكم تنتهي هذه الزيارة ويُحذف ما فيها بعد ثانيتين.
    [few] حفاظًا على خصوصيتكم تنتهي هذه الزيارة ويُحذف ما فيها بعد { $seconds } ثوانٍ.
    [many] حفاظًا على خصوصيتكم تنتهي هذه الزيارة ويُحذف ما فيها بعد { $seconds } ثانية.
   *[other] حفاظًا على خصوصيتكم تنتهي هذه الزيارة ويُحذف ما فيها بعد { $seconds } ثانية.
}
leave-receipt-title = قرأنا إيصالًا. هل ننتقل إلى طلبه؟
leave-receipt-leave = الانتقال وحذف ما أدخلتموه
scan-refused-title = لم نتعرف على هذا الرمز
overlay-close = حسنًا
call-asking-title = نستدعي أحد الزملاء …
call-asking-text = لحظة من فضلكم. وما أدخلتموه باقٍ هنا.
call-shown-title = وصل طلب المساعدة إلى زملائنا
call-shown-text = سيأتيكم أحدهم قريبًا. ويمكنكم المتابعة في هذه الأثناء.
call-coming-title = أحد الزملاء في الطريق إليكم
call-coming-text = نشكر لكم انتظاركم.
call-nobody-title = تعذّر نداء أحد الزملاء من هنا
call-nobody-text = تفضلوا إلى مكتب الاستقبال، وسيسعد زملاؤنا بمساعدتكم.

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
earlier-help = يكفي طلب واحد: بإيصاله تتابعون الرد وتكملون المستندات.
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
date-day-unknown = لا أعرف اليوم من الشهر
date-in-gregorian = بالتقويم الميلادي: { $date }
date-in-hijri = بالتقويم الهجري: { $date }
date-set-it = اضبطوا التاريخ بالأسهم.
count-less = أقل بواحد
count-more = أكثر بواحد
yes = نعم
no = لا
currency = ريال
question-same = استعمال رقمي: { $number }
text-counter = { $used } من { $limit }

## Errors beside a field

error-required = تفضلوا بإدخال الإجابة للمتابعة.
error-national-id = تفضلوا بمراجعة الرقم: عشرة أرقام أولها ١ أو ٢.
error-national-id-digit = تفضلوا بمقارنة الرقم بالبطاقة، فقد يكون أحد الأرقام مختلفًا.
error-mobile = تفضلوا بمراجعة الرقم: أوله {"\u2066"}٠٥{"\u2069"} وهو عشرة أرقام.
error-iban = تفضلوا بمراجعة الآيبان: بعد SA يأتي {"\u2066"}22{"\u2069"} رقمًا.
error-iban-digit = تفضلوا بمقارنة الآيبان بما في البطاقة أو التطبيق، فقد يكون أحد الأرقام مختلفًا.
error-name = تفضلوا بكتابة الاسم كما هو في الهوية.
error-text-long = { PLURAL($limit) ->
    [zero] تفضلوا باختصار النص.
    [one] تفضلوا باختصار النص إلى حرف واحد.
    [two] تفضلوا باختصار النص إلى حرفين.
    [few] تفضلوا باختصار النص إلى { $limit } أحرف.
    [many] تفضلوا باختصار النص إلى { $limit } حرفًا.
   *[other] تفضلوا باختصار النص إلى { $limit } حرف.
}
error-date = تفضلوا باختيار اليوم والشهر والسنة من جديد.
error-date-unset = تفضلوا بضبط اليوم والشهر والسنة بالأسهم.
error-date-future = هذا التاريخ لم يأتِ بعد. تفضلوا بمراجعة السنة.
error-count-range = تفضلوا باختيار عدد بين { $least } و{ $most }.
error-amount-range = { PLURAL($most) ->
    [zero] تفضلوا بمراجعة المبلغ.
    [one] تفضلوا بمراجعة المبلغ، وأكثره ريال واحد.
    [two] تفضلوا بمراجعة المبلغ، وأكثره ريالان.
    [few] تفضلوا بمراجعة المبلغ، وهو بين { $least ->
        [0] صفر
       *[other] { $least }
    } و{ $amount } ريالات.
    [many] تفضلوا بمراجعة المبلغ، وهو بين { $least ->
        [0] صفر
       *[other] { $least }
    } و{ $amount } ريالًا.
   *[other] تفضلوا بمراجعة المبلغ، وهو بين { $least ->
        [0] صفر
       *[other] { $least }
    } و{ $amount } ريال.
}
error-choice = تفضلوا باختيار إجابة واحدة.
error-choices = تفضلوا باختيار إجابة واحدة على الأقل.
error-tracking-number = لم نجد هذا الطلب. تفضلوا بمقارنة الرقم بالإيصال، أو بسؤال مكتب الاستقبال.
error-receipt-unknown = هذا الإيصال غير معروف هنا بعد. يرجى سؤال أحد الزملاء في مكتب الاستقبال.
error-tracking-digit = تفضلوا بمقارنة الرقم بالإيصال، فقد يكون أحد الأرقام مختلفًا.
error-tracking-wait = { PLURAL($seconds) ->
    [zero] لم نجد الأرقام التي كُتبت. تفضلوا بالمحاولة الآن، أو بتقريب الإيصال من القارئ.
    [one] لم نجد الأرقام التي كُتبت. تفضلوا بالمحاولة بعد ثانية واحدة، أو بتقريب الإيصال من القارئ.
    [two] لم نجد الأرقام التي كُتبت. تفضلوا بالمحاولة بعد ثانيتين، أو بتقريب الإيصال من القارئ.
    [few] لم نجد الأرقام التي كُتبت. تفضلوا بالمحاولة بعد { $seconds } ثوانٍ، أو بتقريب الإيصال من القارئ.
    [many] لم نجد الأرقام التي كُتبت. تفضلوا بالمحاولة بعد { $seconds } ثانية، أو بتقريب الإيصال من القارئ.
   *[other] لم نجد الأرقام التي كُتبت. تفضلوا بالمحاولة بعد { $seconds } ثانية، أو بتقريب الإيصال من القارئ.
}
error-tracking-tries = تفضلوا بطلب المساعدة من زملائنا بشأن هذا الرقم.
error-scan = هذا الرمز ليس من إيصالاتنا. تفضلوا بالمحاولة مرة أخرى أو بكتابة الرقم.
error-scan-home = هذا الرمز ليس من إيصالاتنا. تفضلوا بتقريب إيصال الجمعية من القارئ.
error-scan-foreign = هذا الرمز ليس من إيصالاتنا. يمكنكم المتابعة.
error-rated = سبق تقييم هذه الخدمة. شكرًا لكم!
error-not-delivered = يمكنكم تقييم هذه الخدمة بعد استلامها.

## Documents

documents-title = ما المستندات التي معكم الآن؟
documents-help = يمكنكم التسجيل الآن، وإحضار ما ينقص لاحقًا.
documents-choose-each = اختاروا لكل مستند: معي أو لاحقًا.
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
declaration-by = باسم: { $name }
declaration-for-another = باسم: { $applicant }، نيابةً عن: { $beneficiary }
declaration-contact = يصلكم الرد على الجوال { $number }
declaration-signature = مكان التوقيع
declaration-sign-here = التوقيع هنا بالإصبع، وتكفي أي علامة
declaration-clear = حذف التوقيع
declaration-sign = التوقيع والمتابعة

## Committee notice

committee-title = خطوة أخيرة: ماذا بعد الإرسال؟
committee-last-step = طلبكم يُسجَّل عند لمس «إرسال الطلب».
committee-studies = تدرس لجنة البحث طلبكم.
committee-reply = نبلغكم بقبوله أو رفضه برسالة أو اتصال، دون حاجة إلى السؤال.
committee-documents = يمكنكم إحضار المستندات الناقصة في هذه الأثناء بالرقم نفسه.
committee-register = إرسال الطلب
committee-not-before = تستغرق الدراسة أسبوعين على الأقل.{"\u000A"}لا يأتي الرد قبل:
committee-not-before-unknown = تستغرق الدراسة أسبوعين على الأقل من اليوم.

## Receipt on the screen

receipt-printing = تجري طباعة إيصالكم …
receipt-take = تفضلوا بأخذ الإيصال
receipt-registered = تم تسجيل طلبكم
receipt-wait = لحظة من فضلكم. طلبكم مسجل ومحفوظ.
receipt-keep = احتفظوا بالإيصال، فبرقمه تتابعون طلبكم.
receipt-unknown = إن لم يخرج الإيصال فصوّروا هذه الشاشة بالجوال، أو اكتبوا الرقم، أو اطلبوا المساعدة.
receipt-failed = تعذرت طباعة الإيصال. صوّروا هذه الشاشة بالجوال، أو اكتبوا الرقم، أو اطلبوا المساعدة.
receipt-show-paper = قراءة الإيصال
receipt-off = لا يُطبع إيصال هنا. صوّروا هذه الشاشة بالجوال، أو اكتبوا الرقم، أو اطلبوا المساعدة.
receipt-tracking-number = رقم التتبع
receipt-qr = رمز فيه رقم التتبع
receipt-missing = تفضلوا بإحضار ما يلي لاحقًا:
receipt-not-before = لا يأتي الرد قبل { $hijri } الموافق { $gregorian }.
receipt-seconds-left = { PLURAL($seconds) ->
    [zero] تُغلق هذه الصفحة الآن.
    [one] تُغلق هذه الصفحة بعد ثانية واحدة.
    [two] تُغلق هذه الصفحة بعد ثانيتين.
    [few] تُغلق هذه الصفحة بعد { $seconds } ثوانٍ.
    [many] تُغلق هذه الصفحة بعد { $seconds } ثانية.
   *[other] تُغلق هذه الصفحة بعد { $seconds } ثانية.
}

## Follow up

follow-up-title = متابعة طلبكم
follow-up-scan = قرّبوا المربع المطبوع في الإيصال من القارئ
follow-up-or-type = أو اكتبوا رقم التتبع، وهو ١٢ رقمًا:
follow-up-show = عرض طلبي
follow-up-documents-track = مستنداتكم
follow-up-committee-track = لجنة البحث
follow-up-missing = ما زال ناقصًا:
follow-up-bring-documents = أحضرت مستندات
follow-up-which-documents = ما المستندات التي أحضرتموها؟
follow-up-confirm = تأكيد
follow-up-thanks = شكرًا لكم
follow-up-hand-over = تفضلوا بتسليم المستندات إلى زملائنا في مكتب الاستقبال.
follow-up-decision-at-desk = الرد على طلبكم جاهز. تفضلوا بتقريب الإيصال من القارئ، أو بالسؤال في مكتب الاستقبال.
follow-up-accepted = طلبكم مقبول.
follow-up-refused = نأسف، لم يُقبل طلبكم هذه المرة.
stage-received = استُلم الطلب
stage-incomplete = بعض المستندات ناقص
stage-to-verify = أُحضرت كلها، وسيتحقق منها أحد الزملاء في مكتب الاستقبال
stage-complete = المستندات مكتملة
stage-under-study = قيد الدراسة
stage-studied = اكتملت الدراسة
stage-accepted = مقبول
stage-refused = لم يُقبل
stage-delivered = تقديم الخدمة
stage-withdrawn = سُحب الطلب برغبة صاحبه
stage-closed = أُغلق الطلب
stage-on-date = في { $date }
stage-reply-any-day = قد يصل الرد في أي يوم
stage-not-before = لا يأتي الرد قبل { $date }
follow-up-print = طباعة هذا على الورق
follow-up-printing = تجري الطباعة …
follow-up-printed = تفضلوا بأخذ الورقة
follow-up-not-printed = تعذرت الطباعة
follow-up-slip-coming = تجري طباعة ورقة بقائمة مستنداتكم.
follow-up-slip-take = تفضلوا بأخذ الورقة التي فيها قائمة مستنداتكم.
next-bring-documents = تفضلوا بإحضار المستندات الناقصة.
next-bring-by-number = تفضلوا بتقريب الإيصال من القارئ لإحضار المستندات الناقصة، أو بتسليمها في مكتب الاستقبال.
next-wait = لا يلزمكم شيء الآن، وسنبلغكم بكل جديد.
next-receive = طلبكم مقبول ومستنداتكم مكتملة، وسنبلغكم بموعد استلام الخدمة.
next-object = يمكنكم الاعتراض على هذا الرد مرة واحدة. تفضلوا بالسؤال في مكتب الاستقبال.
next-nothing = اكتمل طلبكم. شكرًا لثقتكم.
next-ended = انتهى هذا الطلب دون تقديم خدمة. للاستفسار تفضلوا إلى مكتب الاستقبال.

## Rate

rate-title = تقييم الخدمة
rate-scan = قرّبوا المربع المطبوع في الإيصال من القارئ
rate-without-receipt = التقييم دون إيصال
rate-is-a-right = التقييم حق لكم، ولا نعرف صاحبه. وهو لتحسين الخدمة، لا لمعاقبة أحد أو التشهير به.
rate-how = كيف كانت خدمتنا؟
rate-face-1 = سيئة
rate-face-2 = ضعيفة
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
services-documents-if = مستندات بحسب الحال

## Suggestion or complaint

suggestion-title = ماذا تودّون أن تقولوا لنا؟
suggestion-help = لا حاجة إلى كتابة أسماء أو أرقام، إلا إن أردتم أن نرد عليكم.
suggestion-kind-suggestion = اقتراح
suggestion-kind-complaint = شكوى
suggestion-placeholder = اكتبوا هنا
suggestion-send = إرسال
suggestion-thanks = شكرًا لكم
suggestion-thanks-text = حفظنا ما كتبتم، وسيقرؤه زملاؤنا.

## While the kiosk starts

starting-title = لحظة من فضلكم، يجري تجهيز الجهاز
starting-opening = فتح مخزن البيانات
starting-reading = تجهيز البيانات: { $percent }٪
starting-mending = إصلاح ما تضرر: { $percent }٪
starting-making = ترتيب مخزن البيانات: { $percent }٪

## Out of service

# كشك لم ينضم إلى مكتب
joining-title = لم ينضم هذا الجهاز إلى مكتب بعد
joining-what = أنشئوا دعوة في صفحة «الأكشاك» لدى المكتب، ثم ضعوا رمزها أمام ماسح هذا الجهاز.
joining-busy = لحظة من فضلكم: جارٍ الانضمام …
joining-no-invite = ليس هذا رمز دعوة، أو لم يُقرأ كما هو. امسحوه مرة أخرى من فضلكم.
joining-refused = لم يقبل المكتب هذه الدعوة: استُعملت من قبل، أو مضت عليها ساعة. أنشئوا دعوة أخرى.
joining-unreachable = لا يمكن الوصول إلى المكتب على { $address }. تحققوا من الشبكة، ثم امسحوا الدعوة مرة أخرى.
joining-failed = لم يتم الانضمام؛ السبب في سجل الجهاز.

out-of-service-title = نعتذر إليكم
out-of-service-what = لا يستقبل هذا الجهاز الطلبات الآن.
out-of-service-files = لا يستقبل هذا الجهاز الطلبات الآن، فملفاته لا يوافق بعضها بعضاً. للموظفين: نفّذوا الأمر ⁦istiqbal kiosk check⁩ فهو يسمّي الملف الذي يجب استعادته من نسخته.
no-new-requests-what = لا يستقبل هذا الجهاز طلبات جديدة الآن. ويمكنكم هنا متابعة طلب سابق أو تقييم خدمة.
not-kept-what = تعذّر حفظ ما أدخلتموه، ولم يُسجَّل منه شيء.
revoked-what = أخرجت الجمعية هذا الجهاز من الخدمة. وإن كنتم تُدخلون طلباً فلم يُحفظ منه شيء.
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
maintenance-pin-wait = { PLURAL($seconds) ->
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
maintenance-unsent-count = { PLURAL($count) ->
    [zero] لا شيء
    [one] سجل واحد
    [two] سجلان
    [few] { $count } سجلات
    [many] { $count } سجلًا
   *[other] { $count } سجل
}
maintenance-unsent-unknown = غير معروف
maintenance-storage = مساحة التخزين المتاحة
maintenance-storage-megabytes = { $count } م.ب
maintenance-storage-read-only = للقراءة فقط
maintenance-store = مخزن البيانات
maintenance-store-sound = سليم منذ التشغيل
maintenance-store-repaired = أُصلح عند التشغيل
maintenance-store-revoked = أوقفه المكتب: يرسل ما لديه ولا يخدم أحداً
maintenance-store-not-known = لا يعرفه المكتب: لا يستقبل طلبات جديدة ويحفظ ما لديه. يؤذن له بالانضمام من جديد في صفحة الأكشاك بالمكتب
maintenance-store-failed = تعطّل، يلزم إعادة التشغيل
maintenance-clock = الساعة
maintenance-clock-trusted = مطابقة لساعة المكتب
maintenance-clock-untrusted = غير مؤكدة: بلا تاريخ
maintenance-printer = الطابعة
maintenance-printer-off = لا توجد
maintenance-printer-ready = جاهزة
maintenance-printer-paper-low = الورق يوشك أن ينفد
maintenance-printer-paper-out = نفد الورق
maintenance-printer-cutter-error = القاطعة عالقة
maintenance-printer-cover-open = الغطاء مفتوح
maintenance-printer-offline = متوقفة
maintenance-printer-unreachable = غير متصلة
maintenance-printer-unknown = لا تذكر حالتها
maintenance-unprinted = إيصالات لم تُطبع
maintenance-unprinted-count = { PLURAL($count) ->
    [zero] لا شيء
    [one] إيصال واحد
    [two] إيصالان
    [few] { $count } إيصالات
    [many] { $count } إيصالًا
   *[other] { $count } إيصال
}
maintenance-print-unprinted = { PLURAL($count) ->
    [zero] طباعة ما لم يُطبع
    [one] طباعة الإيصال الذي لم يُطبع
    [two] طباعة الإيصالين اللذين لم يُطبعا
    [few] طباعة { $count } إيصالات لم تُطبع
    [many] طباعة { $count } إيصالًا لم تُطبع
   *[other] طباعة { $count } إيصال لم تُطبع
}
maintenance-reprint = إعادة طباعة إيصال
maintenance-reprint-help = اكتبوا رقم تتبعه. لا يُعطى إلا لصاحبه أو لمن أرسله صاحبه، فمن معه الورقة يستطيع متابعة الطلب.
maintenance-reprint-print = طباعة
maintenance-reprint-underway = تجري الطباعة …
maintenance-reprint-printed = تمت الطباعة.
maintenance-reprint-unknown = أُرسل إلى الطابعة، ولم تؤكد طباعته.
maintenance-reprint-failed = تعذرت الطباعة. تحققوا من الورق والغطاء ثم أعيدوا المحاولة.
maintenance-reprint-not-here = لا يمكن طباعة هذا الإيصال من هذا الجهاز. افتحوا الطلب في صفحات المكتب واطبعوه منها.
maintenance-reprint-no-printer = لا طابعة لهذا الجهاز.
