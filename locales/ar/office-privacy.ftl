# Privacy rights, the trail, backups.

office-copy-erased = حُذفت بيانات هذا الطلب، فلا تُؤخذ نسخته من جديد. يمكن لصاحبه أن يسجل طلباً جديداً.

# النسخ الاحتياطي
office-alert-backup-none = لا تُعدّ نسخ احتياطية لهذا المكتب: إن تعطل القرص ضاع كل شيء. أضيفوا مفتاحاً عاماً إلى recipients في ملف office.toml.
office-alert-backup-failed = تعذر إعداد النسخة الاحتياطية ({ $when }). أبلغوا المسؤول التقني: { $why }
office-alert-log-copy = تعذّر تحديث نسخ سجلات المكتب بجانب النسخ الاحتياطية: ما حُذف وما سُجّل في الاستقبال منذ ذلك محفوظ على جهاز المكتب وحده. أبلغوا المسؤول التقني: { $why }
office-alert-backup-late = لم تُعدّ نسخة احتياطية منذ { $when }. أبلغوا المسؤول التقني.

# الحذف
office-refused-erased = حُذفت بيانات هذا الطلب، فلا تُتخذ فيه خطوة أخرى.
office-name-erased = بيانات محذوفة
office-privacy-erased = حُذفت بيانات هذا الطلب ({ $when }). بقي رقمه وحاله للإحصاء فقط.
office-alert-asks-overdue =
    { PLURAL($count) ->
        [one] تجاوز طلبُ حقٍّ واحد مدة الرد عليه: انظروا صفحة حقوق البيانات.
        [two] تجاوز طلبا حقوق مدة الرد عليهما: انظروا صفحة حقوق البيانات.
        [few] تجاوزت { $count } طلبات حقوق مدة الرد عليها: انظروا صفحة حقوق البيانات.
        [many] تجاوز { $count } طلب حقوق مدة الرد عليه: انظروا صفحة حقوق البيانات.
       *[other] تجاوز { $count } طلب حقوق مدة الرد عليه: انظروا صفحة حقوق البيانات.
    }
office-alert-retention =
    { PLURAL($count) ->
        [one] طلب واحد انتهت مدة حفظه أو كادت: انظروا صفحة حقوق البيانات.
        [two] طلبان انتهت مدة حفظهما أو كادت: انظروا صفحة حقوق البيانات.
        [few] { $count } طلبات انتهت مدة حفظها أو كادت: انظروا صفحة حقوق البيانات.
        [many] { $count } طلباً انتهت مدة حفظها أو كادت: انظروا صفحة حقوق البيانات.
       *[other] { $count } طلب انتهت مدة حفظها أو كادت: انظروا صفحة حقوق البيانات.
    }

office-suggestion-erased-on = يُحذف في { $day }
office-suggestion-erase = حذف النص
office-suggestion-erase-about = يُحذف النص هنا نهائياً بطلب من كتبه أو من ذُكر فيه. ويبقى في النسخ الاحتياطية القديمة حتى تنقضي مدتها.
office-suggestion-erase-confirm = أؤكد أن صاحب الشأن طلب حذفه
office-suggestion-unconfirmed = أكدوا أولاً أن صاحب الشأن طلب حذفه.

# سجل حقوق البيانات
office-nav-privacy = حقوق البيانات
office-privacy-about = يحق لكل شخص أن يطلب نسخة من بياناته أو تصحيحها أو حذفها. سجّلوا كل طلب هنا، وردوا عليه في مدته.
office-privacy-part = حقوق صاحب البيانات
office-privacy-asks-none = لم تُسجل طلبات حقوق.
office-privacy-table = سجل طلبات الحقوق
office-privacy-enter = تسجيل طلب حق
office-privacy-enter-do = تسجيل طلب حق
office-privacy-readers = من اطلع على الملف
office-privacy-trail-of = كل ما في السجل عن هذا الطلب
office-ask-kind = المطلوب
office-ask-copy = نسخة من البيانات
office-ask-correction = تصحيح البيانات
office-ask-deletion = حذف البيانات
office-ask-channel = طريقة الوصول
office-ask-desk = حضوراً
office-ask-phone = هاتفياً
office-ask-letter = خطاب
office-ask-email = بريد إلكتروني
office-ask-person = صاحب البيانات:
office-ask-number = رقم تتبع لأحد طلبات الشخص، إن وُجد
office-ask-received = تاريخ الوصول
office-ask-due = آخر يوم للرد
office-ask-identity = التحقق من الهوية
office-ask-identity-checked = تحققتُ من هوية صاحب البيانات
office-ask-identity-about = اطلعوا على الهوية قبل أن تردوا: فالبيانات لا تُعطى ولا تُحذف إلا بطلب صاحبها.
office-ask-entered-by = سجله
office-ask-about = عن الطلب
office-ask-state = الحال
office-ask-line = { $kind }: { $state }
office-ask-done = تم الرد ({ $when })
office-ask-refused = رُفض مع ذكر السبب ({ $when })
office-ask-days-left =
    { PLURAL($count) ->
        [zero] اليوم آخر يوم للرد
        [one] بقي يوم واحد
        [two] بقي يومان
        [few] بقيت { $count } أيام
        [many] بقي { $count } يوماً
       *[other] بقي { $count } يوم
    }
office-ask-overdue =
    { PLURAL($count) ->
        [one] تأخر الرد يوماً واحداً
        [two] تأخر الرد يومين
        [few] تأخر الرد { $count } أيام
        [many] تأخر الرد { $count } يوماً
       *[other] تأخر الرد { $count } يوم
    }
office-ask-answer = الرد
office-ask-reason = السبب أو ما تم (يلزم عند الرفض)
office-ask-answer-done = تم ما طُلب
office-ask-answer-refuse = رفض مع السبب
office-ask-covered = ما يشمله
office-ask-covered-none = لا يحفظ المكتب شيئاً عن هذا الشخص، أو لم يبق شيء.
office-ask-merged = ضمّ الموظفون ملفات أخرى إلى هذا الملف. تأكدوا أنها لهذا الشخص. أرقام هوياتها:
office-ask-held = ما أُجّل حذفه يبقى، ويبقى طلب الحق مفتوحاً بعد الحذف: اذكروا في الرد سبب بقائه.
office-ask-held-reason-missing = بقي ما أُجّل حذفه. اذكروا في الرد سبب بقائه.
office-ask-changed = تغيرت طلبات هذا الشخص منذ فتح الصفحة، فلم يُحذف شيء. راجعوها من جديد ثم أكدوا.
office-ask-nothing-free = لا شيء هنا يجوز حذفه: أُجّل حذف ما بقي.
office-ask-shared-number = أكثر من طلب يحمل هذا الرقم. افتحوا الطلب الصحيح وسجلوا طلب الحق من صفحته.
office-ask-erase = حذف البيانات نهائياً
office-ask-erase-about = يُحذف كل ما يدل على الشخص في جميع الطلبات أعلاه: الإجابات والتوقيع والمستندات والملاحظات والأسباب، هنا وفي كل كشك. تبقى أرقام الطلبات وأحوالها وتواريخها للإحصاء، وينتهي ما كان منها تحت الإجراء. لا يمكن التراجع عن ذلك، وتبقى البيانات في النسخ الاحتياطية القديمة حتى تنقضي مدتها.
office-ask-erase-confirm = أؤكد أن صاحب البيانات طلب حذفها
office-ask-erase-proof = لا رجعة في الحذف، ولذلك نطلب منكم إثبات هويتكم مرة أخرى.
office-ask-gives-up = في القائمة طلب مقبول لم يُسلَّم بعد: الحذف ينهيه دون تسليم. تأكدوا أن صاحبه يعلم ذلك.
office-ask-wrong-day = تاريخ الوصول غير صحيح، أو لم يأتِ بعد. صححوه ثم أعيدوا.
office-ask-wrong-number = رقم التتبع اثنا عشر رقماً. صححوه، أو اتركوه فارغاً إن لم يوجد طلب.
office-ask-unknown-number = لا يوجد طلب بهذا الرقم. صححوه، أو اتركوه فارغاً.
office-ask-reason-missing = اذكروا سبب الرفض: من حق صاحب البيانات أن يعرفه.
office-ask-identity-missing = تحققوا من هوية صاحب البيانات أولاً.
office-ask-erase-first = احذفوا البيانات من هذه الصفحة أولاً.
office-ask-unconfirmed = أكدوا أولاً أن صاحب البيانات طلب حذفها.
office-ask-log-failed = تعذرت كتابة سجل المحذوفات، فلم يُحذف شيء. أبلغوا المسؤول التقني.

# مدة الحفظ
office-retention-title = طلبات انتهت مدة حفظها
office-retention-about =
    { PLURAL($count) ->
        [one] تُحذف بيانات الطلب تلقائياً بعد سنة من انتهائه. يظهر هنا قبل حذفه بشهر، ويمكن تأجيله لسبب.
        [two] تُحذف بيانات الطلب تلقائياً بعد سنتين من انتهائه. يظهر هنا قبل حذفه بشهر، ويمكن تأجيله لسبب.
        [few] تُحذف بيانات الطلب تلقائياً بعد { $count } سنوات من انتهائه. يظهر هنا قبل حذفه بشهر، ويمكن تأجيله لسبب.
        [many] تُحذف بيانات الطلب تلقائياً بعد { $count } سنة من انتهائه. يظهر هنا قبل حذفه بشهر، ويمكن تأجيله لسبب.
       *[other] تُحذف بيانات الطلب تلقائياً بعد { $count } سنة من انتهائه. يظهر هنا قبل حذفه بشهر، ويمكن تأجيله لسبب.
    }
office-retention-waiting =
    { PLURAL($count) ->
        [zero] لا توجد طلبات انتهت مدة حفظها
        [one] طلب واحد انتهت مدة حفظه أو كادت
        [two] طلبان انتهت مدة حفظهما أو كادت
        [few] { $count } طلبات انتهت مدة حفظها أو كادت
        [many] { $count } طلباً انتهت مدة حفظها أو كادت
       *[other] { $count } طلب انتهت مدة حفظها أو كادت
    }
office-retention-none = لا يوجد شيء هنا الآن.
office-retention-ended = آخر ما جرى
office-retention-erased = يُحذف في
office-retention-held = أُجّل الحذف
office-retention-reason = سبب التأجيل
office-retention-hold = تأجيل الحذف
office-retention-let-go = إنهاء التأجيل
office-retention-reason-missing = اذكروا سبب التأجيل.

# نسخة البيانات
office-copy-title = نسخة من جميع بياناتكم
office-copy-make = نسخة من جميع البيانات
office-copy-about = راجعوا النسخة قبل تسليمها: قد تذكر ملاحظة شخصاً آخر. سلموها لصاحبها بعد التحقق من هويته.
office-copy-file = تنزيل ملف JSON
office-copy-nothing = لم يعد المكتب يحفظ شيئاً عن هذا الشخص، فلا شيء يُنسخ.
office-copy-asks = ما طُلب من قبل
office-copy-decisions = قرارات اللجنة
office-copy-anew = سبب إعادة النظر
office-copy-reason = سبب القرار
office-copy-granted = ما تقرر منحه
office-copy-notes = ملاحظات الموظفين
office-copy-note = { $who }، { $when }
office-copy-note-withdrawn = { $who }، { $when } (سُحبت)
office-copy-upload = صورة محفوظة:
office-copy-reader = { $who }: { $what }

# السجل
office-nav-trail = السجل
office-trail-about = كل اطلاع على بيانات شخص وكل تغيير مسجل هنا، ولا يمكن تعديل سطر دون أن يظهر ذلك.
office-trail-verify = التحقق من سلامة السجل
office-trail-head = بصمة آخر سطر:
office-trail-intact = السجل سليم، لم يتغير فيه شيء. عدد أسطره: { $count }
office-trail-broken = السجل ليس كما كُتب ابتداءً من السطر { $number }. أبلغوا الإدارة فوراً، واحتفظوا بآخر نسخة احتياطية.
office-trail-who = من
office-trail-what = ماذا
office-trail-subject = المعرّف
office-trail-from = من يوم
office-trail-to = إلى يوم
office-trail-all = الكل
office-trail-show = عرض
office-trail-none = لا أسطر بهذا الشرط.
office-trail-number = السطر
office-trail-when = متى
office-trail-backup-made = أُعدت نسخة احتياطية
office-trail-call-answered = أُجيب نداء زائر
office-trail-cases-opened = فُتحت قائمة الطلبات للجلسة
office-trail-catalogue-published = نُشر الدليل
office-trail-data-copy-made = أُعدت نسخة من البيانات
office-trail-database-restored = استُعيدت قاعدة البيانات
office-trail-document-brought = أُحضر مستند
office-trail-envelope-admitted = قُبل سجل معلق
office-trail-envelope-damaged = وصل سجل لا يُقرأ
office-trail-envelope-not-signed = وصل سجل لم يوقّعه كشكه
office-trail-envelope-declined = رُفض سجل معلق
office-trail-envelope-kept-aside = عُلق سجل وصل
office-trail-epoch-opened = بدأ الكشك سجلاً جديداً
office-trail-erased-envelope = وصل سجل محذوف
office-trail-erasure-announced = أُعلن قرب الحذف
office-trail-erasure-held-back = أُجّل الحذف
office-trail-erasure-let-go = أُنهي تأجيل الحذف
office-trail-fork-found = وُجد سجلان في موضع واحد
office-trail-invite-made = أُعدت دعوة كشك
office-trail-kiosk-enrolled = انضم كشك
office-trail-kiosk-let-in = أُذن لكشك بالانضمام من جديد
office-trail-kiosk-repaired = أصلح الكشك مخزنه
office-trail-losses-named = سمّى الكشك سجلات فقدها نهائيًّا
office-trail-kiosk-revoked = أُوقف كشك
office-trail-list-opened = فُتحت قائمة
office-trail-minutes-opened = فُتح محضر
office-trail-paper-copy = أُدخلت نسخة ورقية
office-trail-printed = طُبع
office-trail-ask-answered = رُدّ على طلب حق
office-trail-ask-entered = سُجل طلب حق
office-trail-ask-opened = فُتح طلب حق
office-trail-ask-identity = تُحقق من هوية طالب الحق
office-trail-receipt-again = طُبعت نسخة إيصال
office-trail-request-erased = حُذفت بيانات طلب
office-trail-request-erased-again = حُذفت بيانات طلب مرة أخرى
office-trail-request-opened = فُتح طلب
office-trail-request-received = وصل طلب
office-trail-request-again = وصل طلب مرة أخرى
office-trail-key-rotated = جُدد مفتاح التشفير
office-trail-session-opened = فُتحت جلسة
office-trail-session-sealed = خُتمت جلسة
office-trail-signature-received = وصل توقيع
office-trail-signed-in = دخل
office-trail-signed-out = خرج
office-trail-suggestion-erased = حُذف مقترح
office-trail-suggestion-erased-again = حُذف مقترح من جديد
office-trail-suggestion-received = وصل مقترح
office-trail-trail-opened = فُتح السجل
office-trail-trail-verified = تُحقق من السجل
office-trail-user-added = أُضيف مستخدم
office-trail-wrong-code = مُسح رمز غير مطابق
office-trail-head-missing = بصمة حفظها كشك ليست في السجل
office-trail-decision = سُجل قرار
office-trail-delivery = سُجل تسليم
office-trail-document-asked = طُلب مستند
office-trail-document-returned = أُعيد مستند
office-trail-document-unverified = أُلغي التحقق من مستند
office-trail-document-verified = تُحقق من مستند
office-trail-list-exported = صُدّرت قائمة
office-trail-merge-undone = أُلغي دمج ملفين
office-trail-new-decision = سُجل قرار جديد
office-trail-note-added = أُضيفت ملاحظة
office-trail-note-withdrawn = سُحبت ملاحظة
office-trail-notice-tried = أُرسل إشعار
office-trail-objection = سُجل اعتراض
office-trail-part-delivery = سُجل تسليم جزئي
office-trail-person-called = اتُّصل بشخص
office-trail-person-opened = فُتح ملف شخص
office-trail-persons-merged = دُمج ملفان
office-trail-persons-apart = مُيّز بين شخصين
office-trail-request-closed = أُغلق طلب
office-trail-request-withdrawn = سُحب طلب
office-trail-told-ready = أُبلغ شخص بأن طلبه جاهز
office-trail-upload-added = حُفظت صورة مستند
office-trail-upload-opened = فُتحت صورة مستند
office-trail-upload-removed = حُذفت صورة مستند
office-trail-answer-corrected = صُحّح جواب
office-trail-declaration-printed = طُبع إقرار
office-trail-documents-adapted = عُدّلت المستندات المطلوبة
office-trail-receipt-printed = طُبع إيصال
office-trail-request-registered = سُجّل طلب في المكتب
office-trail-request-taken-in = أُعيد طلب من سجل المكتب
office-trail-erasures-keyed = لم تعد السطور غير الموثقة بمفتاح في سجل المحذوفات معتبرة
office-trail-damage-found = وُجد تلف
office-trail-damage-looked-at = نُظر في تلف
office-trail-rows-sealed = خُتمت سجلات قاعدة البيانات
office-trail-rollback-accepted = قُبلت قاعدة بيانات أُعيدت إلى حال أقدم
office-trail-changes-missing = كشك وصلته تغييرات ليست في قاعدة البيانات
office-trail-session-made = أُنشئت جلسة
office-trail-session-members = عُدّل أعضاء جلسة
office-trail-session-day = غُيّر موعد جلسة
office-trail-cases-added = عُرضت طلبات في جلسة
office-trail-case-taken-off = رُفع طلب من جلسة
office-trail-members-aside = تنحّى أعضاء عن طلب
office-trail-document-not-asked = لم يعد مستند مطلوباً
office-trail-list-searched = بُحث في قائمة
