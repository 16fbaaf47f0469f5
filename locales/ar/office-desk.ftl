# التسجيل في المكتب أو بالهاتف، وتصحيح الإجابات، ودليل الخدمات.

office-nav-register = تسجيل طلب
office-nav-catalogue = دليل الخدمات

# حقول الأسئلة
office-field-optional = (اختياري)
office-field-date = يرجى كتابة اليوم والشهر والسنة، هجريًا أو ميلاديًا، وبينها شرطة أو خط مائل.
office-field-date-early = هذا التاريخ بعيد في الماضي. يرجى مراجعة السنة.
office-field-date-day = ينقص اليوم. يرجى كتابة اليوم والشهر والسنة.
office-field-number = يرجى كتابة عدد صحيح بين { $least } و{ $most }.

# التسجيل
office-register-title = تسجيل طلب في المكتب أو بالهاتف
office-register-about = الأسئلة هي أسئلة الكشك نفسها. تظهر الأسئلة التي تترتب على إجابة بعد «متابعة»، ولا يُحفظ شيء قبل التسجيل، ولا يضيع شيء مما كُتب.
office-register-errors = يرجى إكمال ما يلي:
office-register-how = كيف جاء الطلب
office-register-channel = القناة
office-register-language = لغة المستفيد
office-register-beneficiary = المستفيد
office-register-privacy = إشعار الخصوصية
office-register-privacy-told = قُرئ الإشعار على مقدم الطلب، أو قرأه بنفسه
office-register-privacy-missing = يرجى قراءة إشعار الخصوصية على مقدم الطلب ثم تأكيد ذلك هنا.
office-register-questions = الأسئلة
office-register-same = الرقم نفسه المكتوب أعلاه
office-register-documents = المستندات
office-register-documents-about = نقص المستندات لا يمنع التسجيل: ما لم يكن حاضرًا يُحضر فيما بعد بالرقم نفسه.
office-register-with-me = حاضر
office-register-later = فيما بعد
office-register-document-missing = يرجى اختيار «حاضر» أو «فيما بعد».
office-register-continue = متابعة
office-register-check-again = مراجعة دون تسجيل
office-register-declaration = الإقرار
office-register-declaration-version = إصدار الإقرار: { $version }
office-register-print-about = اطبعوا الإقرار وفيه الإجابات، ليراجعها مقدم الطلب ويوقّع عليها بخط يده.
office-register-print = طباعة الإقرار
office-register-signed = راجع مقدم الطلب الورقة ووقّع عليها، وهي محفوظة لدينا
office-register-read-out = قُرئت الإجابات والإقرار على مقدم الطلب بالهاتف، وأقرّ بصحتها وبمسؤوليته عنها
office-register-signed-missing = يرجى طباعة الإقرار، ثم تأكيد التوقيع عليه هنا.
office-register-read-out-missing = يرجى قراءة الإجابات والإقرار على مقدم الطلب، ثم تأكيد ذلك هنا.
office-register-declaration-changed = تغيّر شيء منذ عُرض الإقرار. يرجى عرضه على مقدم الطلب من جديد ثم تأكيد ذلك.
office-register-do = تسجيل الطلب
office-register-other-answers = سُجّل هذا النموذج من قبل بإجابات أخرى، فلم يُسجّل ثانية. افتحوا الطلب لتصحيح إجاباته، أو ابدؤوا نموذجًا جديدًا.
office-register-not-kept = لم يُسجّل شيء: تعذّر على المكتب حفظ النسخة الثانية من الطلب، ولا يُعطى إيصال من دونها. أبلغوا المسؤول. نموذجكم ما زال موجودًا: ارجعوا إليه في المتصفح وأرسلوه من جديد.
office-register-broken-off = انقطع التسجيل. انظروا في قائمة الطلبات: هل الطلب موجود فيها؟ ونموذجكم ما زال موجودًا أيضًا: ارجعوا إليه في المتصفح وأرسلوه من جديد. لا يُسجّل النموذج نفسه مرتين.
office-registered-title = سُجّل الطلب
office-registered-not-before = لا يصدر الرد قبل { $date }.
office-registered-missing = مستندات تُحضر فيما بعد
office-registered-next = اطبعوا الإيصال وسلّموه لصاحبه. وإن كان الطلب بالهاتف فاقرؤوا عليه رقم التتبع.
office-registered-receipt = طباعة الإيصال
office-registered-open = فتح الطلب
office-registered-another = تسجيل طلب آخر
office-receipt-declared = أقرّ مقدم الطلب بالهاتف بأنه مسؤول مسؤولية مباشرة عن صحة المعلومات.
office-declared-paper = طُبع الإقرار ووُقّع عليه بخط اليد، والورقة محفوظة في المكتب.
office-declared-read-out = قُرئ الإقرار بالهاتف وأقرّ به مقدم الطلب.

# ورقة الإقرار
office-declaration-title = إقرار مقدم طلب الدعم
office-declaration-versions = إصدار الإقرار { $declaration }، إصدار السياسة { $policy }، إصدار دليل الخدمات { $catalogue }
office-declaration-number = رقم التتبع (يُكتب بعد التسجيل):
office-declaration-name = الاسم:
office-declaration-signature = التوقيع:
office-declaration-date = التاريخ:
office-declaration-close = بعد الطباعة أغلقوا هذه الصفحة وعودوا إلى النموذج.

# تصحيح إجابة
office-correct = تصحيح
office-correction-title = تصحيح إجابة
office-correction-about = ما وقّع عليه مقدم الطلب يبقى كما هو، ويظهر التصحيح بجانبه مع اسمكم ووقته وسببه.
office-correction-errors = يرجى مراجعة ما يلي قبل الحفظ.
office-correction-stands = الإجابة الحالية:
office-correction-no-answer = بلا إجابة
office-correction-reason = سبب التصحيح
office-correction-reason-missing = يرجى كتابة سبب التصحيح، مثل: ورد في الهوية.
office-correction-do = حفظ التصحيح
office-correction-meanwhile = صحّح أحد الزملاء هذه الإجابة منذ فتحتم الصفحة. افتحوا الطلب وانظروا الإجابة الحالية، ثم صححوها إن لزم.
office-corrected = صُحّحت في { $time } – { $who }. كانت: { $was }. السبب: { $reason }
office-event-document-not-asked = لم يعد مطلوبًا بعد تصحيح إجابة: { $document }
office-step-document-stays = هذا المستند أُحضر، فيبقى مع الطلب.

# دليل الخدمات
office-catalogue-title = دليل الخدمات، الإصدار { $version }
office-catalogue-about = هذا ما يُعرض على الزوار ويُسألون عنه، هنا وفي الأكشاك.
office-catalogue-earlier = هذا إصدار صدر إلى الأكشاك، كما كان. ويمكن أن يكون بداية لإصدار جديد.
office-catalogue-begin-with = بدء إصدار جديد منه
office-catalogue-file = تنزيل الملف
office-catalogue-edit = تحرير دليل الخدمات
office-catalogue-upload-label = أو ملف حُرّر في مكان آخر
office-catalogue-upload = رفع الملف ومراجعته
office-catalogue-unreadable = لا يستطيع هذا البرنامج قراءة هذا الإصدار:
office-catalogue-none = لا شيء هنا.
office-catalogue-versions = الإصدارات التي صدرت
office-catalogue-column-version = الإصدار
office-catalogue-column-at = صدر في
office-catalogue-column-by = أصدره
office-catalogue-in-force = المعمول به
office-catalogue-version = الإصدار: { $version }
office-catalogue-department = القسم: { $value }
office-catalogue-documents = المستندات: { $value }
office-catalogue-choices = الاختيارات: { $value }
office-catalogue-when = فقط عند الإجابة عن «{ $question }» بـ: { $answers }
office-catalogue-days = من { $from } إلى { $until }
office-catalogue-optional = { $kind }، اختياري
office-catalogue-part-texts = الجمعية والسياسة والإشعار والإقرار
office-catalogue-part-privacy = إشعار الخصوصية
office-catalogue-part-declaration = الإقرار
office-catalogue-part-services = الخدمات
office-catalogue-part-categories = الفئات
office-catalogue-part-documents = المستندات
office-catalogue-part-questions = الأسئلة
office-catalogue-part-common = أسئلة شائعة
office-catalogue-part-reasons = أسباب التقييم
office-catalogue-part-notices = إعلانات للزوار
office-catalogue-kind-national-id = رقم هوية أو إقامة
office-catalogue-kind-mobile = رقم جوال
office-catalogue-kind-name = اسم
office-catalogue-kind-text = نص
office-catalogue-kind-date = تاريخ
office-catalogue-kind-single-choice = اختيار واحد
office-catalogue-kind-multiple-choice = اختيارات متعددة
office-catalogue-kind-count = عدد
office-catalogue-kind-amount = مبلغ
office-catalogue-kind-iban = آيبان
office-catalogue-kind-yes-no = نعم أو لا
office-catalogue-edit-about = هذا نص الملف كاملًا، وفيه شرح كل جزء. يُراجع أولًا ويُعرض ما يتغير، ثم يُنشر هنا وفي الأكشاك. ويزيد رقم الإصدار مع كل نشر.
office-catalogue-text = نص دليل الخدمات
office-catalogue-check = مراجعة
office-catalogue-mistake = في الملف خطأ:
office-catalogue-mistake-line = في السطر { $line } خطأ:
office-catalogue-mistake-key = في السطر { $line }، عند { $key }، خطأ:
office-catalogue-too-long = النص أطول مما تقبله الأكشاك. يرجى اختصاره.
office-catalogue-not-newer = صدر الإصدار { $version } من قبل. يرجى جعل رقم الإصدار أكبر منه.
office-catalogue-meanwhile = نشر أحد الزملاء الإصدار { $version } منذ بدأتم. نصكم محفوظ أدناه برقم إصدار جديد، ويظهر ما يغيّره فيما نشره. راجعوه حتى لا يضيع عمل أحد.
office-catalogue-changes = ما يتغير
office-catalogue-no-changes = لا يتغير شيء سوى رقم الإصدار والملاحظات.
office-catalogue-publish-about = يصير المعمول به فورًا هنا، وفي كل كشك متى لم يكن أمامه أحد. الإصدار:
office-catalogue-publish = نشر
office-catalogue-added = يُضاف: { $part }
office-catalogue-changed = يتغير: { $part }
office-catalogue-removed = يُزال: { $part }
office-catalogue-moved = يتغير الترتيب: { $part }
office-catalogue-without-version = تغيّر النص ولم يزد رقم إصداره هو. يرجى زيادته، حتى يُعرف كل طلب على أي نص قُدّم.
office-catalogue-in-use =
    { PLURAL($count) ->
        [zero] لا طلبات عليه.
        [one] عليه طلب واحد، وسيظهر في القوائم رمزه بدل اسمه.
        [two] عليه طلبان، وسيظهر في القوائم رمزه بدل اسمه.
        [few] عليه { $count } طلبات، وسيظهر في القوائم رمزه بدل اسمه.
        [many] عليه { $count } طلبًا، وسيظهر في القوائم رمزه بدل اسمه.
       *[other] عليه { $count } طلب، وسيظهر في القوائم رمزه بدل اسمه.
    }
office-catalogue-of-association = اسم الجمعية أو عنوانها
office-catalogue-of-policy = السياسة
office-catalogue-of-privacy = إشعار الخصوصية
office-catalogue-of-declaration = الإقرار
office-catalogue-of-service = خدمة
office-catalogue-of-category = فئة
office-catalogue-of-document = مستند
office-catalogue-of-question = سؤال
office-catalogue-of-common = سؤال شائع
office-catalogue-of-reason = سبب تقييم
office-catalogue-of-notice = إعلان للزوار
