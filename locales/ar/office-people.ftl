# The staff: users, passwords, one-time codes.

office-nav-people = الموظفون

# signing in, step by step
office-sign-in-again = البدء من جديد
office-code-title = رمز الدخول
office-code-label = الرمز الظاهر في هاتفكم
office-code-help = رقم من ست خانات يتجدد كل نصف دقيقة. إن لم يكن هاتفكم معكم فاكتبوا أحد رموز الاسترداد.
office-code-do = متابعة
office-code-wrong = هذا الرمز غير مطابق، أو سبق استخدامه. انتظروا الرمز التالي ثم اكتبوه.
office-code-too-many = رموز كثيرة لم تكن صحيحة. انتظروا ربع ساعة ثم سجلوا الدخول من جديد. وإن كانت ساعة الهاتف غير صحيحة فاجعلوها تُضبط تلقائياً.
office-code-closed = بلغ عدد الرموز غير الصحيحة المتتالية حده. لا يُقبل الآن إلا رمز استرداد، أو أن يعيد المسؤول ضبط رموز دخولكم.
office-code-wrong-before-title = محاولات برموز غير صحيحة
office-code-wrong-before =
    { PLURAL($count) ->
        [zero] لم تُكتب رموز غير صحيحة منذ آخر دخول لكم.
        [one] كُتب رمز واحد غير صحيح منذ آخر دخول لكم.
        [two] كُتب رمزان غير صحيحين منذ آخر دخول لكم.
        [few] كُتبت { $count } رموز غير صحيحة منذ آخر دخول لكم.
        [many] كُتب { $count } رمزاً غير صحيح منذ آخر دخول لكم.
       *[other] كُتب { $count } رمز غير صحيح منذ آخر دخول لكم.
    }
office-code-wrong-before-help = إن لم تكونوا أنتم من كتبها فإن أحداً يعرف كلمة مروركم: غيّروها الآن من صفحة حسابكم، وأخبروا المسؤول.
office-code-wrong-before-on = متابعة
office-new-password-title = اختاروا كلمة مرور خاصة بكم
office-new-password-about = كلمة المرور التي أُعطيت لكم رآها غيركم. اختاروا كلمة لا يعرفها سواكم، وبها تدخلون في المرة القادمة.

# passwords
office-password-old = كلمة المرور الحالية
office-password-new = كلمة المرور الجديدة
office-password-again = كلمة المرور الجديدة مرة أخرى
office-password-do = تغيير كلمة المرور
office-password-rules =
    { PLURAL($count) ->
        [one] حرف واحد على الأقل. ثلاث كلمات أو أربع لا صلة بينها سهلة الحفظ، والمسافات وكل الحروف مقبولة.
        [two] حرفان على الأقل. ثلاث كلمات أو أربع لا صلة بينها سهلة الحفظ، والمسافات وكل الحروف مقبولة.
        [few] { $count } أحرف على الأقل. ثلاث كلمات أو أربع لا صلة بينها سهلة الحفظ، والمسافات وكل الحروف مقبولة.
        [many] { $count } حرفاً على الأقل. ثلاث كلمات أو أربع لا صلة بينها سهلة الحفظ، والمسافات وكل الحروف مقبولة.
       *[other] { $count } حرف على الأقل. ثلاث كلمات أو أربع لا صلة بينها سهلة الحفظ، والمسافات وكل الحروف مقبولة.
    }
office-password-common = هذه الكلمة من أول ما يُجرَّب. اجمعوا ثلاث كلمات أو أربعاً لا صلة بينها.
office-password-name = هذه الكلمة لا تزيد كثيراً على اسمكم أو اسم هذا البرنامج. اجمعوا ثلاث كلمات أو أربعاً غيرها.
office-password-failed = تعذر حفظ هذه الكلمة. جربوا غيرها.
office-password-differs = الكلمتان الجديدتان مختلفتان. اكتبوا الكلمة نفسها مرتين.
office-password-same = هذه كلمة المرور الحالية. اختاروا غيرها.
office-password-old-wrong = ليست هذه كلمة مروركم. اكتبوا التي تدخلون بها الآن.
office-password-busy = يسجل الدخولَ الآن عدد كبير. انتظروا ثوانيَ ثم أعيدوا المحاولة.
office-too-many-own = محاولات كثيرة. انتظروا عشر دقائق ثم أعيدوا المحاولة.

# the second factor
office-factor-title = إعداد رموز الدخول
office-factor-about = من الآن يُطلب عند الدخول رمز يظهر في هاتفكم. تحتاجون إلى تطبيق لرموز الدخول، مثل Aegis أو FreeOTP أو Google Authenticator أو Microsoft Authenticator.
office-factor-scan = امسحوا هذا الرمز بالتطبيق.
office-factor-qr = رمز مربع فيه السر الخاص بهاتفكم
office-factor-type = إن لم تكن هناك كاميرا فاكتبوا هذا السر في التطبيق:
office-factor-confirm = ثم اكتبوا الرقم ذا الست خانات الظاهر في التطبيق
office-factor-do = تأكيد
office-recovery-title = رموز الاسترداد
office-recovery-done = أُعدت رموز الدخول.
office-recovery-renewed = لم يعد أي من رموز الاسترداد السابقة صالحاً. هذه رموز جديدة.
office-recovery-about = إن فُقد هاتفكم فكل رمز من هذه يفتح مرة واحدة بدلاً منه. لا تظهر إلا الآن: اطبعوا هذه الصفحة أو اكتبوها، واحفظوها بعيداً عن الهاتف.
office-recovery-go-on = حفظتُها
office-recovery-left =
    { PLURAL($count) ->
        [zero] لم يبق من رموز الاسترداد شيء.
        [one] بقي رمز استرداد واحد.
        [two] بقي رمزا استرداد.
        [few] بقيت { $count } رموز استرداد.
        [many] بقي { $count } رمز استرداد.
       *[other] بقي { $count } رمز استرداد.
    }

# the own account
office-account = حسابكم
office-account-password = كلمة المرور
office-account-password-about = تغييرها ينهي جلساتكم في كل المتصفحات الأخرى.
office-account-factor = رموز الدخول
office-account-factor-on = يُطلب عند الدخول رمز من هاتفكم.
office-account-factor-off = تكفي كلمة المرور وحدها للدخول. والرمز من هاتفكم يحميكم حتى لو رأى أحد كلمة مروركم.
office-account-factor-set-up = إعداد رموز الدخول
office-account-factor-anew = إعداد من جديد، برموز استرداد جديدة
office-account-factor-code = رمز من هاتفكم، أو رمز استرداد
office-account-sessions = أين سجلتم الدخول
office-account-session-begun = الدخول
office-account-session-used = آخر استخدام
office-account-session-this = هذا المتصفح
office-account-sign-out-about = ينهي كل هذه الجلسات، ومنها هذه.
office-account-sign-out = الخروج من كل مكان

# the staff
office-people-add = إضافة موظف
office-people-add-do = إضافة، وإظهار كلمة المرور مرة واحدة
office-people-name = اسم المستخدم
office-people-name-help = حتى أربعين من الحروف والأرقام والنقاط والشرطات، دون مسافات.
office-people-name-wrong = اسم المستخدم حتى أربعين من الحروف والأرقام والنقاط والشرطات، دون مسافات.
office-people-name-taken = اسم المستخدم هذا لموظف آخر. اختاروا غيره.
office-people-full-name = الاسم الكامل
office-people-full-name-help = كما يُطبع في محاضر الجلسات. إذا تُرك فارغًا فهو اسم المستخدم.
office-people-full-name-wrong = الاسم الكامل في سطر واحد ولا يزيد على 80 حرفًا.
office-people-full-name-do = تغيير الاسم الكامل
office-people-role = الدور
office-people-role-do = تغيير الدور
office-people-factor = رموز الدخول
office-people-factor-on = مفعّلة
office-people-factor-off = غير مفعّلة
office-people-factor-owed = بانتظار الإعداد
office-people-last-seen = آخر حضور
office-people-never-seen = لم يدخل بعد
office-people-disabled = موقوف
office-people-no-password = يحتاج إلى كلمة مرور جديدة
office-people-initial = لم تُغيَّر كلمة المرور بعد
office-people-steps = تعديل
office-people-password-help = لمن نسيها: كلمة مرور جديدة تظهر مرة واحدة. تنهي كل جلساته.
office-people-password-do = إنشاء كلمة مرور جديدة
office-people-factor-help = لمن فقد هاتفه ورموز الاسترداد. تحققوا أنه صاحب الطلب حقاً.
office-people-factor-do = إعادة ضبط رموز الدخول
office-people-sign-out = إخراجه من كل مكان
office-people-disable-help = لا يستطيع الدخول بعد الآن. ويبقى ما عمله في السجل باسمه.
office-people-disable = إيقاف
office-people-enable = السماح بالدخول من جديد
office-people-last-administrator = هذا آخر مسؤول نظام يستطيع الدخول. اجعلوا غيره مسؤولاً أولاً، وإلا لم يبق من يتولى أمر الموظفين.
office-people-password-title = كلمة المرور الجديدة
office-people-password-about = أعطوا { $name } هذه الكلمة. يجب تغييرها عند الدخول القادم.
office-people-password-once = لا تظهر إلا الآن. إن ضاعت فأنشئوا غيرها.

# the trail
office-trail-password-changed = تغيير كلمة المرور الخاصة
office-trail-password-reset = إنشاء كلمة مرور جديدة لموظف
office-trail-recovery-code-used = استخدام رمز استرداد
office-trail-recovery-codes-given = إصدار رموز استرداد جديدة
office-trail-role-changed = تغيير الدور
office-trail-full-name-changed = تغيير الاسم الكامل
office-trail-second-factor-reset = إعادة ضبط رموز الدخول
office-trail-second-factor-set-up = إعداد رموز الدخول
office-trail-signed-out-everywhere = خروج من كل مكان
office-trail-user-disabled = إيقاف موظف
office-trail-user-enabled = السماح لموظف بالدخول من جديد
