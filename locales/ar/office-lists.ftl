# قوائم العمل والبحث والتصدير وملفات المستفيدين

# القوائم
office-nav-doubles = ملفات قد تتكرر
office-list-ready = جاهزة للجنة البحث
office-list-objections = اعتراضات
office-list-not-reached = لم يصلهم الإشعار
office-list-forks = تحتاج تحققاً
office-requests-more-than = أكثر من { $count } طلب
office-purpose-all = هنا كل الطلبات. لم يصل طلب حتى الآن.
office-purpose-new = هنا الطلبات قيد الدراسة التي لم تمضِ عليها أربعة عشر يوماً. لا شيء منها الآن.
office-purpose-under-study = هنا الطلبات التي لم تبتَّ فيها لجنة البحث بعد. لا شيء منها الآن.
office-purpose-incomplete = هنا الطلبات التي ينقصها مستند أو لم يُتحقق من مستنداتها. لا شيء منها الآن.
office-purpose-ready = هنا الطلبات التي اكتملت مستنداتها ومضت مدتها ويمكن عرضها على لجنة البحث. لا شيء منها الآن.
office-purpose-replies-owed = هنا الطلبات التي مضت مدتها وينتظر أصحابها الرد. لا أحد ينتظر رداً الآن.
office-purpose-accepted = هنا الطلبات المقبولة التي لم تُسلَّم خدمتها. لا شيء منها الآن.
office-purpose-refused = هنا الطلبات غير المقبولة. لا شيء منها الآن.
office-purpose-delivered = هنا الطلبات التي سُلِّمت خدمتها. لا شيء منها الآن.
office-purpose-objections = هنا الطلبات التي اعترض أصحابها على الرفض وتنتظر نظراً ثانياً. لا شيء منها الآن.
office-purpose-not-reached = هنا الطلبات التي لم يصل إلى أصحابها إشعار بما جدّ، وتنتظر اتصالاً منكم. وصل الجميع ما يخصهم.
office-purpose-forks = هنا الطلبات التي تشترك في رقم تتبع واحد، أو التي نُسخ سجل كشكها. لا شيء منها الآن، وهذا هو المعتاد.

# التصفية
office-filter-title = تصفية القائمة
office-filter-all = الكل
office-filter-from = استُلم من تاريخ
office-filter-to = إلى تاريخ
office-filter-do = تطبيق
office-filter-none = إلغاء التصفية

# البحث
office-search-label = البحث عن مستفيد أو طلب
office-search-do = بحث
office-search-help = الاسم كيفما كُتب، أو رقم التتبع أو جزء منه، أو رقم الهوية، أو الجوال، بأي شكل للأرقام.
office-search-short = اكتبوا كلمة من حرفين على الأقل، أو أربعة أرقام على الأقل.
office-export-too-many = هناك ملفات أخرى لم يكتمل تنزيلها بعد. أكملوا تنزيلها أو ألغوه، ثم حاولوا من جديد.
office-search-common = كلمات شائعة يحملها أكثر من { $count } شخص. أضيفوا كلمة أخرى لتضييق البحث.

# التصدير
office-export-csv = تنزيل القائمة (CSV)
office-export-xlsx = تنزيل القائمة لبرنامج Excel ‏(XLSX)
office-export-national-id = رقم الهوية
office-export-mobile = الجوال
office-export-category = الفئة
office-export-received = تاريخ الاستلام (ميلادي)
office-export-registered = وقت التسجيل (UTC)
office-export-channel = القناة
office-export-beneficiary = نوع المستفيد
office-export-kiosk = رقم الكشك

# خطوة واحدة لعدة طلبات
office-bulk-choose = اختيار
office-bulk-expire = إغلاق المختارة لانقضاء المدة…
office-bulk-put = عرض المختارة على لجنة البحث…
office-bulk-session = عرض طلبات على { $session }
office-bulk-will-put = سيُعرض الطلب
office-bulk-in-session = معروض في هذه الجلسة من قبل
office-bulk-put-confirm = تأكيد العرض
office-bulk-no-session = لا توجد جلسة قادمة مفتوحة للجنة البحث. افتحوا جلسة ثم أعيدوا الخطوة.
office-bulk-title = إغلاق طلبات لانقضاء المدة
office-bulk-what = ما سيحدث
office-bulk-will-close = سيُغلق الطلب
office-bulk-closed = أُغلق الطلب
office-bulk-done-before = كان منتهياً من قبل
office-bulk-note = السبب، ويُحفظ مع كل طلب
office-bulk-note-missing = اكتبوا سبب الإغلاق.
office-bulk-confirm = تأكيد الإغلاق
office-bulk-done = نتيجة الإغلاق
office-bulk-none = لم تختاروا أي طلب. ارجعوا إلى القائمة واختاروا طلباً واحداً على الأقل.
office-bulk-too-many = الحد الأعلى { $count } طلب في المرة الواحدة.

# ملف المستفيد
office-person-title = ملف المستفيد
office-person-file = ملف المستفيد
office-person-requests = طلبات المستفيد
office-person-birth = تاريخ الميلاد
office-person-others =
    { PLURAL($count) ->
        [zero] لا طلبات أخرى لهذا المستفيد
        [one] طلب آخر لهذا المستفيد
        [two] طلبان آخران لهذا المستفيد
        [few] { $count } طلبات أخرى لهذا المستفيد
        [many] { $count } طلباً آخر لهذا المستفيد
       *[other] { $count } طلب آخر لهذا المستفيد
    }
office-person-same-service = للمستفيد طلب آخر للخدمة نفسها:
office-person-same-service-more =
    { PLURAL($count) ->
        [one] وطلب آخر للخدمة نفسها: انظروا ملف المستفيد
        [two] وطلبان آخران للخدمة نفسها: انظروا ملف المستفيد
        [few] و{ $count } طلبات أخرى للخدمة نفسها: انظروا ملف المستفيد
        [many] و{ $count } طلباً آخر للخدمة نفسها: انظروا ملف المستفيد
       *[other] و{ $count } طلب آخر للخدمة نفسها: انظروا ملف المستفيد
    }
office-person-maybe = قد يكون لهذا المستفيد ملف آخر
office-person-more = عدد من يشتركون في هذا الاسم الأول وتاريخ الميلاد أكثر مما يُقترح هنا. يرجى البحث بالاسم أيضاً.
office-person-merged = ملفات ضُمَّت إلى هذا الملف
office-person-undo = فصل هذا الملف من جديد
office-person-merged-elsewhere = أحد الملفين مضموم إلى ملف آخر. افصلوه أولاً ثم أعيدوا الخطوة.

# ملفات قد تتكرر
office-doubles-about = ملفان قد يكونان لشخص واحد. لا يُضم ملف إلى آخر إلا بقرار منكم بعد مقارنتهما.
office-doubles-empty = لا توجد ملفات متشابهة تنتظر المقارنة.
office-doubles-pair = الملفان
office-doubles-why = وجه التشابه
office-double-name = الاسم وتاريخ الميلاد
office-double-national-id = رقما هوية يفرق بينهما خطأ كتابة واحد
office-beside-title = هل الملفان لشخص واحد؟
office-beside-about = قارنوا بين الملفين بالهوية قبل ضمهما. يمكن فصلهما بعد ذلك، ويعود كل طلب إلى ملفه.
office-beside-merge-here = شخص واحد: أبقوا هذا الملف وضموا الآخر إليه
office-beside-apart-about = إن كانا شخصين فلن يُعرض الملفان معاً مرة أخرى.
office-beside-apart = شخصان مختلفان
