# صفحات الموظفين

office-name = استقبال – المكتب
office-skip = الانتقال إلى المحتوى
office-navigation = الصفحات
office-navigation-more = المزيد
office-nav-scan = المسح
office-nav-requests = الطلبات
office-nav-ratings = التقييم
office-nav-suggestions = المقترحات والشكاوى
office-nav-calls = نداءات الزوار
office-nav-kiosks = الأكشاك
office-back = رجوع
office-yes = نعم
office-no = لا
office-list-separator = {"، "}
office-amount = { $amount } ريال
# العلامة الأخيرة (U+061C) تجعل النسبة عربية الاتجاه حيثما وردت
office-percent = { $percent }٪{"\u061C"}
office-page-earlier = الصفحة السابقة
office-page-later = الصفحة التالية

# الدخول
office-sign-in = تسجيل الدخول
office-sign-in-name = اسم المستخدم
office-sign-in-password = كلمة المرور
office-sign-in-do = دخول
office-sign-in-wrong = اسم المستخدم أو كلمة المرور غير مطابق. تحققوا منهما ثم أعيدوا المحاولة.
office-sign-in-restored = استُعيدت بيانات المكتب من نسخة محفوظة. من لا يستعمل رموز الدخول يحتاج إلى كلمة مرور جديدة: اطلبوها من مسؤول النظام.
office-sign-in-too-many = محاولات كثيرة بهذا الاسم. انتظروا عشر دقائق ثم أعيدوا المحاولة.
office-sign-out = تسجيل الخروج

# الأدوار
office-role-reception = الاستقبال
office-role-researcher = الباحث الاجتماعي
office-role-committee = لجنة البحث
office-role-manager = الإدارة
office-role-administrator = مسؤول النظام
office-role-auditor = المراجعة

# ما لا يمكن الآن
office-refused-title = لا يمكن ذلك الآن
office-refused-stale-form = انتهت صلاحية هذه الصفحة. افتحوها من جديد ثم أعيدوا الخطوة.
office-refused-role = هذه الخطوة ليست من صلاحيات دوركم. اطلبوها ممن يتولاها.
office-refused-not-found = هذه الصفحة غير موجودة. ابدؤوا من صفحة المسح.

# المسح
office-scan-title = افتحوا طلباً
office-scan-label = امسحوا رمز الإيصال أو اكتبوا رقم التتبع
office-scan-help = رقم التتبع اثنا عشر رقماً، بأي شكل للأرقام. المسح يفتح الطلب مباشرة.
office-scan-open = فتح
office-scan-check-digit = أحد الأرقام غير صحيح. قارنوه بالإيصال أو امسحوه مرة أخرى.
office-scan-foreign = هذا ليس إيصالاً من إيصالاتنا. امسحوا الرمز المربع في الإيصال أو اكتبوا أرقامه الاثني عشر.
office-scan-not-found = لا يوجد طلب بهذا الرقم حتى الآن. إن كان الإيصال جديداً فقد يكون الكشك غير متصل: انظروا صفحة الأكشاك ثم أعيدوا المحاولة.
office-scan-wrong-code = رقم التتبع معروف، لكن رمز الإيصال لا يطابقه. تحققوا من هوية صاحب الطلب قبل فتحه بالرقم.
office-scan-choose = أكثر من طلب بهذا الرقم: اختاروا
office-scan-lists = ما ينتظر اليوم

# القوائم
office-requests-table = جدول الطلبات
office-requests-count =
    { PLURAL($count) ->
        [zero] لا طلبات
        [one] طلب واحد
        [two] طلبان
        [few] { $count } طلبات
        [many] { $count } طلباً
       *[other] { $count } طلب
    }
office-list-filter = تصفية القائمة
office-list-all = كل الطلبات
office-list-new = الجديدة
office-list-under-study = قيد الدراسة
office-list-incomplete = مستنداتها ناقصة
office-list-replies-owed = تنتظر الرد
office-list-accepted = مقبولة تنتظر التسليم
office-list-refused = غير مقبولة
office-list-delivered = مسلَّمة
office-list-empty = لا شيء في هذه القائمة.
office-column-number = رقم التتبع
office-column-name = الاسم
office-column-service = الخدمة
office-column-received = تاريخ الاستلام
office-column-stage = المرحلة
office-column-documents = المستندات
office-reply-possible-in =
    { PLURAL($days) ->
        [zero] يمكن الرد اليوم
        [one] يمكن الرد غداً
        [two] يمكن الرد بعد يومين
        [few] يمكن الرد بعد { $days } أيام
        [many] يمكن الرد بعد { $days } يوماً
       *[other] يمكن الرد بعد { $days } يوم
    }
office-reply-owed-since =
    { PLURAL($days) ->
        [zero] الرد مستحق من اليوم
        [one] الرد مستحق منذ يوم
        [two] الرد مستحق منذ يومين
        [few] الرد مستحق منذ { $days } أيام
        [many] الرد مستحق منذ { $days } يوماً
       *[other] الرد مستحق منذ { $days } يوم
    }

# المراحل
office-stage-under-study = قيد الدراسة
office-stage-accepted = مقبول
office-stage-refused = غير مقبول
office-stage-delivered = سُلِّمت الخدمة
office-stage-withdrawn = سحبه صاحبه
office-stage-closed = مغلق

# الطلب
office-request-person = المستفيد ومقدم الطلب
office-request-answers = الإجابات
office-request-documents = المستندات
office-request-committee = لجنة البحث
office-request-delivery = تسليم الخدمة
office-request-signature = التوقيع على الإقرار
office-request-facts = عن الطلب
office-request-trail = ما جرى
office-documents-complete = مكتملة
office-documents-incomplete = ناقصة
office-documents-none = لا تُطلب مستندات لهذا الطلب.
office-document-missing = ناقص
office-document-brought = أُحضر ولم يُتحقق منه
office-document-verified = تم التحقق
office-document-verify = تأكيد التحقق
office-document-return = إعادة إلى صاحبه
office-committee-under-study = اللجنة تدرس الطلب.
office-committee-accepted = قُبل الطلب في { $date }.
office-committee-refused = لم يُقبل الطلب، في { $date }.
office-decision-accept = قبول الطلب
office-decision-refuse = عدم القبول
office-delivery-not-yet = لم تُسلَّم الخدمة بعد.
office-delivery-done = سُلِّمت الخدمة في { $date }.
office-signature-none = لم يصل التوقيع بعد.

# لماذا لا تمكن الخطوة
office-step-too-early = ترد اللجنة خلال مدة لا تقل عن أسبوعين: يمكن تسجيل القرار من { $date }.
office-step-already-decided = سجّلت اللجنة قرارها من قبل.
office-step-not-accepted = لا تُسلَّم الخدمة إلا لطلب مقبول.
office-step-documents-incomplete = تُسلَّم الخدمة بعد اكتمال المستندات والتحقق منها كلها.
office-step-already-delivered = سُلِّمت الخدمة من قبل.
office-step-ended = انتهى هذا الطلب.
office-step-no-such-document = هذا المستند ليس من مستندات الطلب.
office-step-role-deliver = تسجيل التسليم للاستقبال والإدارة.

# معلومات الطلب
office-fact-received = يوم الاستلام
office-fact-registered = وقت التسجيل
office-fact-arrived = وقت الوصول إلى المكتب
office-fact-channel = القناة
office-fact-kiosk = رقم الكشك
office-fact-beneficiary = المستفيد
office-fact-language = لغة الطلب
office-fact-catalogue-version = إصدار دليل الخدمات
office-fact-declaration-version = إصدار الإقرار
office-fact-privacy-version = إصدار إشعار الخصوصية
office-fact-policy-version = إصدار السياسة
office-channel-kiosk = الكشك
office-channel-desk = مكتب الاستقبال
office-channel-phone = الهاتف
office-beneficiary-internal = داخلي
office-beneficiary-external = خارجي

# ما جرى
office-event-registered = سُجِّل الطلب
office-event-document-brought = أُحضر: { $document }
office-event-document-verified = تم التحقق: { $document }
office-event-document-returned = أُعيد إلى صاحبه: { $document }
office-event-accepted = قُبل الطلب
office-event-refused = لم يُقبل الطلب
office-event-delivered = سُلِّمت الخدمة
office-event-withdrawn = سُحب الطلب
office-event-closed-double = أُغلق الطلب لتكراره في طلب آخر
office-event-closed-expired = أُغلق الطلب لانقطاع التواصل مدة طويلة
office-event-objected = اعترض مقدم الطلب على الرفض
office-event-part-delivered = سُلِّم جزء من الخدمة
office-event-document-unverified = { $document }: أُلغي التحقق
office-step-not-refused = لا يُعترض إلا على قرار الرفض.
office-step-already-objected = يُعترض على الرفض مرة واحدة، وقد سُجِّل الاعتراض على هذا القرار.
office-event-closed = أُغلق الطلب
office-actor-kiosk = الكشك { $number }
office-actor-command = من الخادم
office-actor-former = موظف سابق

# التقييم
office-ratings-title = رضا المستفيدين
office-ratings-right = تقييم جودة الخدمة حق من حقوق المستفيد، وأداة للتقويم والتطوير لا للعقاب والتشهير. لا يدل أي رقم هنا على شخص، لا مستفيداً ولا موظفاً.
office-ratings-withheld-note =
    { PLURAL($minimum) ->
        [one] تظهر الأرقام من أول تقييم.
        [two] تُحجب الأرقام التي تقل عن تقييمين، وما يكشفها.
        [few] تُحجب الأرقام التي تقل عن { $minimum } تقييمات، وما يكشفها.
        [many] تُحجب الأرقام التي تقل عن { $minimum } تقييماً، وما يكشفها.
       *[other] تُحجب الأرقام التي تقل عن { $minimum } تقييم، وما يكشفها.
    }
office-ratings-total = كل الخدمات
office-ratings-general = دون إيصال
office-ratings-unassigned = تقييمات وردت دون تحديد الخدمة
office-ratings-withheld = محجوب: التقييمات قليلة، وإظهارها قد يدل على أصحابها.
office-ratings-empty = لا تقييمات بعد.
office-ratings-rated-of = { $rated } قيّموا من { $delivered } سُلِّمت لهم الخدمة.
office-ratings-rated = { $rated } قيّموا.
office-ratings-distribution = توزيع التقييمات
office-ratings-interval = الراضون: { $share }. بثقة ٩٥٪ تقع النسبة بين { $low } و{ $high }.
office-face-4 = راضٍ جداً
office-face-3 = راضٍ
office-face-2 = غير راضٍ
office-face-1 = غير راضٍ إطلاقاً

# المقترحات والأكشاك
office-suggestions-empty = لا مقترحات ولا شكاوى بعد.
office-kiosks-empty = لا أكشاك بعد.
office-column-kiosk = الرقم
office-column-kiosk-name = الاسم
office-column-enrolled = انضم في
office-column-last-seen = آخر اتصال
office-column-step = الخطوة
office-kiosk-reports = تقارير مخزن بياناته
office-kiosk-gap = { $count ->
    [zero] لا شيء ناقص من سجلاته
    [one] وصل منه سجل واحد ينقص ما قبله؛ سيعيد الكشك إرساله من تلقائه إن كان لديه
    [two] وصل منه سجلان ينقص ما قبلهما؛ سيعيد الكشك إرساله من تلقائه إن كان لديه
    [few] وصلت منه { $count } سجلات ينقص ما قبلها؛ سيعيد الكشك إرساله من تلقائه إن كان لديه
    [many] وصل منه { $count } سجلاً ينقص ما قبلها؛ سيعيد الكشك إرساله من تلقائه إن كان لديه
   *[other] وصل منه { $count } سجل ينقص ما قبلها؛ سيعيد الكشك إرساله من تلقائه إن كان لديه
}
office-kiosk-revoked = موقوف
office-kiosk-revoke = إيقاف الكشك …
office-kiosk-revoke-about = بعد الإيقاف يخرج الكشك من الخدمة، وتبطل رموز إيصالاته، ولا رجعة في ذلك. ما وصل منه يبقى، وما يرسله بعد ذلك ينتظر القرار هنا.
office-kiosk-revoke-do = إيقاف نهائي
office-knocks = أكشاك تطلب الانضمام من جديد
office-knocks-about = لا يعرف هذا المكتب هذه الأكشاك. وبعد الاستعادة من نسخة احتياطية تكون هي كل كشك انضم بعد تلك النسخة. ولا يستقبل أيٌّ منها طلبات جديدة حتى يأذن له أحد المخولين، ثم يرسل كل ما لديه. يرجى النظر في الكشك نفسه أولاً، فهذا المكتب لم يعد يعرف إن كان أحدها قد أُوقف بعد النسخة.
office-column-knock-first = يطلب منذ
office-column-knock-last = آخر طلب
office-knock-proved = هذا المكتب هو الذي أعطاه هذا الرقم.
office-knock-unproved = تعذّر إثبات رقمه: لا يؤذن له إلا إذا كان الكشك معروفاً لديكم ولم يحمل الرقمَ غيرُه.
office-knock-let-in = الإذن له بالانضمام من جديد
office-knock-number-taken = أُعطي هذا الرقم لكشك آخر. ولا ينضم هذا الكشك إلا برقم جديد وبمجلد بيانات جديد، ويُحفظ مجلده القديم.
office-knock-revoked = الكشك صاحب هذا المفتاح موقوف، ولا ينضم إلا من جديد.
office-knock-receipt-key = تعذّر فتح مفتاح إيصالات هذا الكشك لأن أحد مفاتيح المكتب مفقود. يُرجى استعادته ثم المحاولة ثانيةً.
office-invite-about = الدعوة تضم كشكاً واحداً إلى هذا المكتب، وتصلح ساعة واحدة ومرة واحدة.
office-invite-make = إنشاء دعوة
office-invite-title = دعوة كشك
office-invite-scan = امسحوا هذا الرمز بماسح الكشك.
office-invite-qr = رمز الدعوة
office-invite-text = أو اكتبوا هذا النص في أمر الانضمام عند الكشك:
office-invite-until = تصلح الدعوة حتى { $time }، ومرة واحدة.

# نداءات الزوار
office-call-title = زائر يحتاج إلى مساعدتكم
office-call-kiosk = { $name } – الكشك { $number }
office-call-since = منذ { $duration }
office-call-language = لغة الشاشة: { $language }
office-call-come = سأحضر الآن
office-call-coming = أحد الزملاء في طريقه إلى الزائر
office-call-place-home = عند صفحة البداية
office-call-place-registration = أثناء تسجيل طلب
office-call-place-follow-up = أثناء متابعة طلب
office-call-place-rating = أثناء تقييم الخدمة
office-call-place-information = عند صفحة الخدمات والأسئلة
office-call-place-suggestion = أثناء كتابة اقتراح أو شكوى
office-call-place-other = عند صفحة أخرى
office-calls-ended = انتهت جلستكم، فلا يصل إلى هذه الصفحة أي نداء من الزوار.
office-calls-lost = انقطع الاتصال بالمكتب، فلا يصل إلى هذه الصفحة أي نداء من الزوار. تُعاد المحاولة من تلقاء نفسها.
office-calls-today = نداءات الزوار اليوم
office-calls-about = يصل النداء خلال ثوانٍ إلى كل صفحة مفتوحة من صفحات المكتب. وإن لم تكن أمام أي موظف صفحة مفتوحة قيل للزائر ذلك. ولا يظهر هنا من لبّى النداء.
office-calls-none = لا نداءات اليوم.
office-column-call-kiosk = الكشك
office-column-call-place = أين كان الزائر
office-column-call-time = وقت النداء
office-column-call-outcome = ما جرى
office-call-waiting = الزائر ينتظر
office-call-answered = لُبّي النداء بعد { $duration }
office-call-unanswered = لم يُلبَّ النداء، وانتهى بعد { $duration }
office-duration-seconds =
    { PLURAL($count) ->
        [zero] أقل من ثانية
        [one] ثانية واحدة
        [two] ثانيتين
        [few] { $count } ثوانٍ
        [many] { $count } ثانية
       *[other] { $count } ثانية
    }
office-duration-minutes =
    { PLURAL($count) ->
        [zero] أقل من دقيقة
        [one] دقيقة واحدة
        [two] دقيقتين
        [few] { $count } دقائق
        [many] { $count } دقيقة
       *[other] { $count } دقيقة
    }

## الورق

office-request-papers = الأوراق
office-papers-none = لم يُطبع شيء بعد بحسب علم المكتب.
office-printout-receipt = إيصال
office-printout-copy = نسخة من الإيصال
office-printout-status-slip = ورقة حال الطلب
office-printout-documents-slip = ورقة المستندات
office-outcome-confirmed = طُبع
office-outcome-unknown = لم تتأكد طباعته
office-outcome-failed = لم يُطبع
office-receipt-again = طباعة الإيصال مرة أخرى
office-receipt-about = لمن فقد إيصاله. لا يُعطى إلا لصاحبه أو لمن أرسله صاحبه، فمن معه الورقة يستطيع متابعة الطلب.
office-receipt-print = طباعة
office-receipt-no-code = لا رمز على هذه النسخة: الكشك موقوف، أو لم يتصل بالمكتب قط.
office-copy-not-whole = لم يصل الرمز كاملًا. يرجى مسحه مرة أخرى ببطء واستقامة.
office-copy-changed = هذا الرمز ليس ما وقّعه الكشك: غُيّر أو أُسيئت قراءته. يرجى مسحه مرة أخرى، فإن لم يُجدِ فسجّلوا الطلب من جديد.
office-copy-unknown-kiosk = هذا الرمز من كشك لا يعرفه هذا المكتب.
office-copy-no-request = لا طلب في هذا الرمز.
office-copy-waits = رقم هذا الرمز من أرقام كشك آخر، فالطلب ينتظر القرار في صفحة الأكشاك. يرجى عرضه على المدير أو مسؤول النظام.
office-copy-revoked = الكشك الذي أصدر هذا الرمز موقوف، فلا يثبت الرمز وحده شيئًا. يرجى عرضه على المدير أو مسؤول النظام.
office-copy-admit-about = الكشك الذي أصدر هذا الرمز موقوف منذ { $since }، وربما صنعه من أخذ الكشك. تحققوا من الشخص وأوراقه قبل قبول الطلب.
office-copy-admit = قبول الطلب
office-scan-long = يُقرأ رمز طويل. يرجى الانتظار حتى ينتهي.
office-scan-so-far = الأرقام حتى الآن:
office-digits = ٠١٢٣٤٥٦٧٨٩
office-alert-printer = { $kiosk } – الطابعة: { $what }
office-alert-unprinted = { PLURAL($what) ->
    [zero] { $kiosk } – لا إيصالات تنتظر
    [one] { $kiosk } – إيصال لم يُطبع وينتظر الموظفين (شاشة الصيانة)
    [two] { $kiosk } – إيصالان لم يُطبعا وينتظران الموظفين (شاشة الصيانة)
    [few] { $kiosk } – { $what } إيصالات لم تُطبع وتنتظر الموظفين (شاشة الصيانة)
    [many] { $kiosk } – { $what } إيصالًا لم تُطبع وتنتظر الموظفين (شاشة الصيانة)
   *[other] { $kiosk } – { $what } إيصال لم تُطبع وتنتظر الموظفين (شاشة الصيانة)
}
office-kiosk-health = حاله
office-kiosk-version = البرنامج
office-kiosk-heard = قيل في

# سجلات كشك موقوف
office-waiting-title = سجلات تنتظر القرار
office-waiting-about = وصلت هذه السجلات بعد إيقاف الكشك، أو تحمل رقماً من أرقام كشك آخر. كلٌّ منها يحمل توقيع الكشك، غير أن من أخذ الكشك يستطيع صنع مثله. إن كان الكشك قد استُبدل فحسب فاقبلوها؛ وإن كان قد سُرق فاسألوا المذكورين فيها قبل قبول أي شيء. يُحسب الطلب من يوم تسجيله أو وصوله.
office-waiting-none = لا شيء من هذا الكشك ينتظر القرار.
office-waiting-count = { $count ->
    [zero] لا سجل ينتظر القرار
    [one] سجل واحد ينتظر القرار
    [two] سجلان ينتظران القرار
    [few] { $count } سجلات تنتظر القرار
    [many] { $count } سجلاً ينتظر القرار
   *[other] { $count } سجل ينتظر القرار
}
office-waiting-request = طلب دعم
office-waiting-documents = مستندات أُحضرت
office-waiting-suggestion = اقتراح أو شكوى
office-waiting-unreadable = سجل لا يستطيع هذا البرنامج قراءته
office-waiting-kiosk-time = الوقت بساعة الكشك
office-waiting-admit = قبول
office-waiting-decline = عدم القبول
office-waiting-all = القرار فيها جميعاً مرة واحدة …
office-waiting-admit-all = قبول الجميع
office-waiting-decline-all = عدم قبول أيٍّ منها
office-waiting-decided-already = سبق القرار في هذا، أو لم يعد شيء ينتظر.
office-alert-messages-limit = { $count ->
    [zero] لا أحد في قائمة الاتصال بسبب كثرة الرسائل
    [one] بلغت الرسائل المرسلة حدّها، فشخص واحد في قائمة الاتصال بدلاً منها. يرجى التحقق من صحة طلبه.
    [two] بلغت الرسائل المرسلة حدّها، فشخصان في قائمة الاتصال بدلاً منها. يرجى التحقق من صحة طلبيهما.
    [few] بلغت الرسائل المرسلة حدّها، ففي قائمة الاتصال { $count } أشخاص بدلاً منها. يرجى التحقق من صحة طلباتهم.
    [many] بلغت الرسائل المرسلة حدّها، ففي قائمة الاتصال { $count } شخصاً بدلاً منها. يرجى التحقق من صحة طلباتهم.
   *[other] بلغت الرسائل المرسلة حدّها، ففي قائمة الاتصال { $count } شخص بدلاً منها. يرجى التحقق من صحة طلباتهم.
}
office-alert-strange = { $what ->
    [zero] { $kiosk } – لا سجلات غريبة هذا الأسبوع
    [one] { $kiosk } – سجل واحد في أسبوع ليس من سجلاته، ولم يُؤخذ. التفاصيل في تقاريره.
    [two] { $kiosk } – سجلان في أسبوع ليسا من سجلاته، ولم يُؤخذا. التفاصيل في تقاريره.
    [few] { $kiosk } – { $what } سجلات في أسبوع ليست من سجلاته، ولم تُؤخذ. التفاصيل في تقاريره.
    [many] { $kiosk } – { $what } سجلاً في أسبوع ليست من سجلاته، ولم تُؤخذ. التفاصيل في تقاريره.
   *[other] { $kiosk } – { $what } سجل في أسبوع ليست من سجلاته، ولم تُؤخذ. التفاصيل في تقاريره.
}
office-alert-waiting = { $what ->
    [zero] { $kiosk } – لا سجل ينتظر القرار
    [one] { $kiosk } – سجل واحد ينتظر القرار
    [two] { $kiosk } – سجلان ينتظران القرار
    [few] { $kiosk } – { $what } سجلات تنتظر القرار
    [many] { $kiosk } – { $what } سجلاً ينتظر القرار
   *[other] { $kiosk } – { $what } سجل ينتظر القرار
}

# أوقات مضت
office-time-now = الآن
office-time-today = اليوم
office-time-minutes-ago =
    { PLURAL($count) ->
        [one] قبل دقيقة
        [two] قبل دقيقتين
        [few] قبل { $count } دقائق
        [many] قبل { $count } دقيقة
       *[other] قبل { $count } دقيقة
    }
office-time-hours-ago =
    { PLURAL($count) ->
        [one] قبل ساعة
        [two] قبل ساعتين
        [few] قبل { $count } ساعات
        [many] قبل { $count } ساعة
       *[other] قبل { $count } ساعة
    }
office-time-days-ago =
    { PLURAL($count) ->
        [one] أمس
        [two] قبل يومين
        [few] قبل { $count } أيام
        [many] قبل { $count } يومًا
       *[other] قبل { $count } يوم
    }

# الكاميرا في صفحة المسح
office-camera-start = المسح بالكاميرا
office-camera-stop = إيقاف الكاميرا
office-camera-picture = صورة الكاميرا
office-camera-hold = وجّهوا الكاميرا إلى الرمز المربع في الإيصال؛ يُفتح الطلب من تلقاء نفسه. لا تُحفظ أي صورة ولا تُرسل.
office-camera-insecure = لا يسمح المتصفح بالكاميرا إلا عبر اتصال آمن. افتحوا الصفحة بعنوان يبدأ بـ https، أو اكتبوا رقم التتبع.
office-camera-none = لم نجد كاميرا في هذا الجهاز. اكتبوا رقم التتبع، أو استعملوا قارئ الرموز.
office-camera-denied = لم يُسمح لهذه الصفحة باستعمال الكاميرا. اسمحوا بها من إعدادات الموقع في المتصفح ثم أعيدوا المحاولة، أو اكتبوا رقم التتبع.
office-camera-busy = لا يمكن استعمال الكاميرا الآن، فقد يكون برنامج آخر يستعملها. أغلقوه ثم أعيدوا المحاولة، أو اكتبوا رقم التتبع.
office-camera-failed = تعذّرت قراءة الصورة. أعيدوا المحاولة، أو اكتبوا رقم التتبع.

# صفحات ليس فيها شيء بعد
office-suggestions-empty-about = ما يكتبه الزوار عند الكشك من اقتراح أو شكوى يظهر هنا، والأحدث أولًا.
office-kiosks-empty-about = أنشئوا دعوة، ثم امسحوها بقارئ الكشك، فيظهر هنا.
office-kiosks-empty-ask = يضيف المدير أو المسؤول التقني أول كشك.
