# لجنة البحث وما بعدها: الجلسات والمحاضر والاعتراض والتسليم وإنهاء الطلب.

office-nav-sessions = جلسات اللجنة
office-refused-typed = ما كتبتموه
office-text-erased = مُحي هذا النص مع بيانات صاحبه.

# لماذا لا تمكن الخطوة
office-step-not-decided = لم تقرر اللجنة بعد، فلا قرار يُعاد النظر فيه.
office-step-same-session = النظر الثاني لجلسة أخرى غير الجلسة التي قررت.
office-step-partly-delivered = سُلِّم جزء مما مُنح، فلا يُقرَّر في الطلب من جديد.
office-session-is-sealed = هذه الجلسة مختومة فلا يتغير فيها شيء. يُغيَّر قرارها بقرار جديد في جلسة لاحقة.
office-session-not-yet = موعد الجلسة { $date }؛ تُسجَّل القرارات وتُختم الجلسة من ذلك اليوم.
office-session-no-quorum = لم يكتمل النصاب في هذا الطلب: المشاركون { $count }، والنصاب { $quorum }.
office-session-changed-meanwhile = غيّر شخص آخر في هذه الجلسة في أثناء ذلك. انظروا إليها من جديد ثم أعيدوا الخطوة.
office-session-took-part = شارك هذا العضو في قرار، ومن شارك يبقى في المحضر حاضراً.
office-session-too-many = بلغت الجلسة أقصى عدد من الأعضاء أو الطلبات.
office-session-date-wrong = اكتبوا تاريخ الجلسة بالسنة ثم الشهر ثم اليوم، وألحقوا بالهجري حرف «هـ».
office-case-already-decided = سُجّل قرار هذا الطلب في هذه الجلسة من قبل.
office-case-none = ليس هذا الطلب معروضاً في هذه الجلسة.
office-case-reason-missing = اكتبوا السبب: لا يُسجَّل قرار ولا يُعاد عرض طلب مقرَّر بلا سبب.
office-case-grant-missing = اكتبوا ما مُنح: لا يُسجَّل القبول من دونه.

# الجلسات
office-sessions-title = جلسات لجنة البحث
office-sessions-empty = لا جلسات بعد.
office-column-session = الجلسة
office-column-session-date = التاريخ الميلادي
office-column-session-cases = الطلبات
office-column-session-state = الحال
office-session-title = الجلسة رقم { $number } – { $date }
office-session-cases-count = { $decided } قُرِّر فيها من { $count }
office-session-open = مفتوحة
office-session-sealed = مختومة
office-session-day-too-far = الجلسة في حدود سنة من اليوم؛ تأكدوا من التاريخ.
office-session-day-open = تغيير التاريخ …
office-session-day-do = حفظ التاريخ
office-session-make = جلسة جديدة
office-session-date = تاريخ الجلسة
office-session-members-staff = الأعضاء من الموظفين
office-session-members-outside = أعضاء من خارج الموظفين
office-session-members-outside-help = اسم في كل سطر.
office-session-make-do = إنشاء الجلسة
office-session-quorum = النصاب: { $count }. يُحسب في كل طلب الحاضرون الذين لم يتنحوا عنه.
office-session-present-count = الحاضرون: { $present } من { $count }
office-session-members = الأعضاء والحضور
office-session-member-outside = من خارج الموظفين
office-session-member-fixed = شارك في قرار
office-session-present = حاضر
office-session-absent = غائب
office-session-off = ليس عضواً في هذه الجلسة
office-session-members-more = إضافة أعضاء
office-session-members-do = حفظ الأعضاء والحضور
office-session-cases = الطلبات المعروضة
office-session-cases-none = لم تُعرض طلبات في هذه الجلسة بعد.
office-session-undecided =
    { PLURAL($count) ->
        [one] بقي طلب بلا قرار؛ سيُذكر في المحضر أنه دُرس.
        [two] بقي طلبان بلا قرار؛ سيُذكر في المحضر أنهما دُرسا.
        [few] بقيت { $count } طلبات بلا قرار؛ سيُذكر في المحضر أنها دُرست.
        [many] بقي { $count } طلباً بلا قرار؛ سيُذكر في المحضر أنها دُرست.
       *[other] بقي { $count } طلب بلا قرار؛ سيُذكر في المحضر أنها دُرست.
    }
office-session-seal = ختم الجلسة
office-session-seal-about = بعد الختم لا يتغير في الجلسة شيء، ويُطبع محضرها للتوقيع.
office-session-seal-open = ختم الجلسة …
office-session-seal-do = ختم الجلسة نهائياً
office-session-sealed-line = خُتمت الجلسة في { $time }، ختمها: { $name }
office-session-sealed-about = لا يتغير في الجلسة المختومة شيء. لتغيير قرار افتحوا صفحة الطلب واعرضوه على جلسة لاحقة ليُقرَّر فيه من جديد.
office-seal = الختم الإلكتروني (SHA-256)
office-seal-broken = ليست هذه الجلسة كما خُتمت: غُيّر في قاعدة البيانات شيء منها. أبلغوا الإدارة والمسؤول التقني، وقارنوها بالمحضر الورقي.

# اختيار الطلبات
office-cases-choose = اختيار طلبات للعرض
office-cases-ripe = مضت مدتها
office-cases-early = لم تمضِ مدتها
office-cases-early-about = تُدرس هذه الطلبات ولا يُسجَّل فيها قرار قبل مضي أسبوعين على استلامها.
office-cases-add-do = عرض المختارة في الجلسة
office-column-choose = اختيار
office-case-objected-on = اعترض صاحبه في { $date }
office-case-decidable-from = يمكن القرار من { $date }

# طلب في جلسة
office-case-taking-part = المشاركون في هذا الطلب: { $count }، والنصاب { $quorum }.
office-case-accepted = قُبل
office-case-refused = لم يُقبل
office-case-reason = السبب
office-case-granted = ما مُنح
office-case-granted-help = النوع والمقدار والمدة؛ مثلاً: سلة غذائية كل شهر حتى نهاية رمضان.
office-case-took-part = شارك في القرار
office-case-aside = تنحى
office-case-recorded-by = سجّله
office-case-objection = نظر ثانٍ بعد اعتراض.
office-case-objection-to = نظر ثانٍ بعد اعتراض على قرار { $session }.
office-case-anew = قرار جديد في طلب قُرِّر فيه من قبل.
office-case-anew-after = قرار جديد في ما قررته { $session }.
office-case-anew-because = سبب النظر من جديد
office-case-aside-open = التنحي عن هذا الطلب …
office-case-aside-about = من يتنحى من الحاضرين عن هذا الطلب فلا يُحسب في نصابه
office-case-aside-do = حفظ التنحي
office-case-off = رفع الطلب من الجلسة

# المحضر
office-minutes-open = المحضر للطباعة
office-minutes-print = طباعة
office-minutes-after-sealing = يُطبع المحضر بعد ختم الجلسة.
office-minutes-title = محضر جلسة لجنة البحث رقم { $number }
office-minutes-members = الأعضاء
office-minutes-attendance = الحضور
office-minutes-signature = التوقيع
office-minutes-no-cases = لم تُعرض طلبات في هذه الجلسة.
office-minutes-again = نظر سابق
office-minutes-decision = القرار
office-minutes-undecided = دُرس الطلب ولم يُقرَّر فيه
office-minutes-chair = رئيس الجلسة: الاسم والتوقيع
office-minutes-secretary = أمين السر: الاسم والتوقيع

# لجنة البحث في صفحة الطلب
office-event-accepted-anew = قُبل الطلب بقرار جديد
office-event-refused-anew = لم يُقبل الطلب بقرار جديد
office-committee-stands-in = معروض في:
office-committee-session = جلسة مفتوحة
office-committee-put = عرضه ليُقرَّر فيه في الجلسة
office-committee-make-session = أنشئوا جلسة ليُقرَّر فيه
office-committee-anew-open = عرضه ليُقرَّر فيه من جديد …
office-committee-anew-about = يبقى القرار السابق سارياً وظاهراً إلى أن تقرر الجلسة من جديد.
office-committee-anew-do = عرضه من جديد

# الاعتراض
office-objection-open = تسجيل اعتراض …
office-objection-about = يُسجَّل الاعتراض على الرفض مرة واحدة، ويعود به الطلب إلى الدراسة في جلسة أخرى.
office-objection-text = نص الاعتراض
office-objection-do = تسجيل الاعتراض
office-objection-missing = اكتبوا نص الاعتراض كما قاله صاحبه.
office-objection-second-look = اعترض صاحب الطلب في { $date }. يُنظر فيه ثانية في جلسة أخرى غير التي رفضته، ويجوز أن يكون أعضاؤها هم الأعضاء أنفسهم.
office-objection-second-look-after = اعترض صاحب الطلب في { $date } على قرار { $session }. يُنظر فيه ثانية في جلسة أخرى، ويجوز أن يكون أعضاؤها هم الأعضاء أنفسهم.

# التسليم
office-delivery-partly = سُلِّم جزء، وبقي جزء.
office-delivery-part = الجزء { $number }
office-delivery-last-part = التسليم الأخير
office-delivery-note = ما سُلِّم
office-delivery-note-missing = اكتبوا ما سُلِّم.
office-delivery-part-do = تسجيل جزء
office-delivery-last-do = تسجيل التسليم الأخير أو الكامل

# إنهاء الطلب
office-ending = إنهاء الطلب
office-ending-open = إنهاء الطلب من دون تسليم …
office-ending-about = لا رجعة بعد الإنهاء: لا يُقرَّر في الطلب ولا يُسلَّم شيء بعده.
office-ending-why = لماذا ينتهي
office-ending-withdrawn = سحبه صاحبه
office-ending-double = مكرر في طلب آخر
office-ending-expired = انقطع التواصل مع صاحبه مدة طويلة
office-ending-other = سبب آخر
office-ending-number = رقم تتبع الطلب الآخر، للمكرر
office-ending-reason = التفصيل
office-ending-confirm = تأكدنا: لا رجعة بعد الإنهاء.
office-ending-do = إنهاء الطلب
office-ending-reason-missing = اكتبوا التفصيل: لا يُنهى طلب بلا سبب مكتوب.
office-ending-unconfirmed = أكّدوا الإنهاء بالعلامة، فلا رجعة بعده.
office-ending-other-missing = اكتبوا رقم تتبع الطلب الآخر الذي يستمر، وتأكدوا من أرقامه.
office-ending-other-ended = انتهى الطلب الآخر من قبل، فلا يُغلق هذا الطلب لتكراره فيه.
office-ending-line = { $what }، في { $date }.
office-ending-goes-on = الطلب الذي يستمر:
