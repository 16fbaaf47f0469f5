# Notices to beneficiaries and the public status page.

# Messages: an SMS on a telephone that others may read. No name, no service, no reason, no decision; short.
office-notice-message = { $association }: { $sentence }
office-notice-see = أو من جوالكم: { $address }
office-notice-received = استلمنا طلبكم المنتهي بـ { $number }، وسنبلغكم بكل جديد.
office-notice-documents-needed = طلبكم المنتهي بـ { $number } بحاجة إلى مستند منكم. تفضلوا إلى مكتب الاستقبال ومعكم الإيصال.
office-notice-documents-complete = اكتملت مستندات طلبكم المنتهي بـ { $number }، ولا يلزمكم شيء الآن.
office-notice-decided = الرد على طلبكم المنتهي بـ { $number } جاهز. تفضلوا بمعرفته بالإيصال في مكتب الاستقبال أو لدى الجهاز.
office-notice-objection = وصلنا ما تقدمتم به بشأن طلبكم المنتهي بـ { $number }، وستنظر فيه لجنة البحث ثم نبلغكم.
office-notice-ready = ننتظر زيارتكم بشأن طلبكم المنتهي بـ { $number }. تفضلوا إلى مكتب الاستقبال ومعكم الإيصال والهوية.
office-notice-part-delivered = سجلنا خطوة جديدة في طلبكم المنتهي بـ { $number }. إن لم تكونوا على علم بها فتفضلوا بالاتصال بنا.
office-notice-delivered = اكتمل طلبكم المنتهي بـ { $number }. رأيكم يهمنا وهو حق لكم: قيّموا خدمتنا بالإيصال لدى الجهاز، دون أن يُعرف اسمكم.
office-notice-withdrawn = سُحب طلبكم المنتهي بـ { $number } كما رغبتم. إن لم تطلبوا ذلك فتفضلوا بالاتصال بنا.
office-notice-closed = انتهى العمل على طلبكم المنتهي بـ { $number }. للاستفسار تفضلوا إلى مكتب الاستقبال ومعكم الإيصال.
office-notice-closed-as-double = ضُم طلبكم المنتهي بـ { $number } إلى طلبكم الآخر، والعمل عليه مستمر.

# What a notice is about
office-notice-kind-received = استلام الطلب
office-notice-kind-documents-needed = مستند مطلوب
office-notice-kind-documents-complete = اكتمال المستندات
office-notice-kind-decided = الرد جاهز
office-notice-kind-objection = تسجيل الاعتراض
office-notice-kind-ready = الخدمة جاهزة للاستلام
office-notice-kind-part-delivered = تسليم جزء
office-notice-kind-delivered = التسليم وطلب التقييم
office-notice-kind-withdrawn = سحب الطلب
office-notice-kind-closed = إغلاق الطلب
office-notice-kind-closed-as-double = إغلاق الطلب لتكراره

# Where it stands
office-notice-waiting = ينتظر الإرسال
office-notice-sent = أُرسل
office-notice-overtaken = لم تعد حاجة إليه
office-notice-told = أُبلغ هاتفيًا
office-notice-no-mobile = لا جوال في الطلب
office-notice-wrong-number = الرقم ليس لصاحب الطلب
office-notice-attempts = لم تصل الرسالة بعد عدة محاولات
office-notice-no-gateway = الرسائل غير مفعّلة
office-notice-limit = بلغت الرسائل المرسلة حدّها
office-attempt = { $when }: { $outcome }
office-attempt-open = لم تُعرف النتيجة
office-attempt-sent = استلمها مزود الرسائل
office-attempt-refused = رفضها مزود الرسائل
office-attempt-timed-out = تأخر مزود الرسائل في الرد
office-attempt-unreachable = تعذر الوصول إلى مزود الرسائل
office-attempt-status = (الحالة { $status })
office-attempt-answer = (الحالة { $status }: { $answer })

# On the page of a request
office-request-notices = ما أُبلغ به صاحب الطلب
office-request-notices-none = لم يُبلغ بشيء بعد.
office-request-called = اتصال هاتفي
office-ready-about = تصل رسالة إلى صاحب الطلب بأننا ننتظر زيارته، دون ذكر الخدمة.
office-ready-tell = إبلاغه بأن الخدمة جاهزة

# The call list
office-nav-notices = الاتصال بالمستفيدين
office-notices-title = من لم تصل إليهم رسائلنا
office-notices-about = تفضلوا بالاتصال بهم وإبلاغهم. كل اتصال يُسجل.
office-notices-no-gateway = لا مزود رسائل في إعدادات الخادم، فكل إبلاغ يكون بالهاتف.
office-scan-to-call = { PLURAL($count) ->
    [one] شخص واحد ينتظر اتصالكم
    [two] شخصان ينتظران اتصالكم
    [few] { $count } أشخاص ينتظرون اتصالكم
    [many] { $count } شخصًا ينتظرون اتصالكم
   *[other] { $count } شخص ينتظرون اتصالكم
}
office-notices-now = للاتصال الآن ({ $count })
office-notices-later = للاتصال لاحقًا ({ $count })
office-notices-nobody = لا أحد في هذه القائمة.
office-notices-no-number = لا رقم صالح للاتصال. أبلغوه عند زيارته، أو صححوا رقمه في طلبه.
office-notices-say = ما يقال
office-notices-say-first = السلام عليكم، معكم { $association }. هل أتحدث مع صاحب الطلب؟
office-notices-say-about = لا تذكروا الاسم ولا الخدمة ولا القرار قبل التأكد ممن يحدثكم. يُعرف القرار بالإيصال، أو في مكتب الاستقبال بالهوية.
office-notices-calls = { PLURAL($count) ->
    [zero] لا اتصالات بعد
    [one] اتصال واحد
    [two] اتصالان
    [few] { $count } اتصالات
    [many] { $count } اتصالًا
   *[other] { $count } اتصال
}
office-notices-again-from = الاتصال من جديد ابتداءً من { $date }
office-notices-again = الاتصال من جديد في
office-notices-again-wrong = اختاروا يومًا من اليوم وحتى شهرين.
office-notices-reached = تم إبلاغه
office-notices-not-reached = لم يرد
office-notices-wrong = الرقم ليس له
office-notices-reached-button = أبلغته
office-notices-not-reached-button = لم يرد
office-notices-wrong-button = الرقم ليس له
office-notices-openings = فُتحت صفحة المتابعة على الجوالات { $shown } مرة خلال الشهر الأخير، ورُفضت محاولات عددها { $refused }. لا يُسجل من فتحها.

# The public status page
office-status-title = متابعة طلبكم
office-status-about = وجّهوا كاميرا الجوال إلى المربع المطبوع في الإيصال، أو اكتبوا ما يلي.
office-status-number = رقم التتبع
office-status-number-help = الأرقام المكتوبة في الإيصال.
office-status-code = رمز الإيصال
office-status-code-help = الأرقام التي تلي رقم التتبع عند قراءة المربع المطبوع بأي قارئ.
office-status-show = عرض طلبي
office-status-refused = لم نجد طلبًا بهذا الرقم وهذا الرمز. تفضلوا بمراجعتهما، أو بالاتصال بنا.
office-status-too-many = محاولات كثيرة. تفضلوا بالمحاولة بعد عشر دقائق، أو بالاتصال بنا.
office-status-nothing = لا شيء هنا
office-status-keep = من معه الإيصال أو صورته يرى هذه الصفحة، فاحتفظوا به لأنفسكم.
