# The day and the clock: who says which day it is, and what is done when they disagree.

office-nav-clock = اليوم والساعة
office-clock-about = لا يُسجل قرار قبل أربعة عشر يوماً، وتُحذف الطلبات القديمة بعد سنوات، وكلاهما يُحسب بالأيام. لذلك لا تُصدَّق ساعة وحدها: لا بد أن يتفق جهاز المكتب والسجل والأكشاك.
office-clock-certain = اليوم مؤكد: الساعات متفقة.
office-clock-uncertain = اليوم غير مؤكد. لا يُسجل قرار ولا يُحذف شيء لانقضاء مدته حتى يؤكد أحدكم اليوم.
office-clock-before-program = ساعة الجهاز تشير إلى { $shown }، ولم يكن هذا البرنامج موجوداً حينها. اطلبوا ضبطها.
office-clock-behind-trail = ساعة الجهاز تشير إلى { $shown }، وفي السجل قيد بتاريخ { $entry }.
office-clock-jumped = قفزت ساعة الجهاز: أشارت إلى { $shown }، وكان ينبغي أن تشير إلى { $expected }.
office-clock-kiosks = ساعة الجهاز تشير إلى { $shown }، وساعات الأكشاك تقول غير ذلك.
office-clock-witnesses = من يقول أي يوم هذا
office-clock-machine = ساعة الجهاز
office-clock-trail = أحدث قيد في السجل
office-clock-entries = رقمه
office-clock-no-kiosks = لم يذكر أي كشك وقته في آخر ٢٤ ساعة.
office-clock-shows = ساعته تشير إلى
office-clock-heard = قيل في
office-clock-says = مقارنة بالجهاز
office-clock-kiosk-agrees = متفقة
office-clock-kiosk-contradicts = تقول غير ذلك
office-clock-kiosk-known-wrong = معروف أنها خاطئة
office-clock-kiosk-impossible = ساعته معطلة
office-clock-confirm = تأكيد اليوم
office-clock-confirm-about = انظروا في تقويم أو جوال. إن كانت ساعة الجهاز خاطئة فاطلبوا ضبطها أولاً ثم عودوا. الطلبات التي يُشك في يوم وصولها تُحسب من اليوم.
office-clock-today = تاريخ اليوم
office-clock-before = قفزت الساعة إلى الأمام. كيف كانت قبل ذلك؟
office-clock-before-right = كانت صحيحة: مرت هذه الأيام فعلاً، كأن يكون المكتب مغلقاً
office-clock-before-wrong = كانت متأخرة: الطلبات التي وصلت أثناء ذلك تُحسب من اليوم
office-clock-reason = السبب
office-clock-confirm-do = تأكيد اليوم
office-clock-void = قيود كتبتها ساعة خاطئة …
office-clock-void-about = إن كتبت ساعة خاطئة قيوداً في السجل فأعلنوا بطلانها: لا تعود شاهداً على اليوم، وتُحسب الطلبات التي وصلت بها ولم يُقرَّر فيها من اليوم، ولا يُحذف بسببها شيء قبل أوانه. يبقى كل قيد في السجل، ويبقى معه هذا الإعلان.
office-clock-void-first = رقم أول قيد
office-clock-void-last = رقم آخر قيد
office-clock-void-do = إعلان البطلان
office-clock-statements = ما قيل
office-clock-was-confirmed = تأكد اليوم: { $day }
office-clock-was-void = القيود من { $first } إلى { $last } في السجل باطلة
office-clock-other-day = ساعة الجهاز تشير إلى يوم غير الذي كتبتموه. راجعوا الاثنين: إن كانت الساعة خاطئة فاطلبوا ضبطها أولاً.
office-clock-reason-missing = اذكروا السبب.
office-clock-before-missing = اذكروا هل كانت الساعة صحيحة قبل أن تقفز إلى الأمام.
office-clock-no-such-entries = لا قيود بهذه الأرقام في السجل. انظروا الأرقام في صفحة السجل.
office-step-day-in-doubt = الساعات مختلفة في تحديد اليوم، أو في يوم وصول هذا الطلب، فلا يُسجل قرار الآن. يستطيع المدير تأكيد اليوم في صفحة «اليوم والساعة».
office-alert-day = الساعات مختلفة في تحديد اليوم، فلا يُسجل قرار ولا يُحذف شيء. يستطيع المدير تأكيد اليوم في صفحة «اليوم والساعة».
office-alert-kiosk-clock = { $kiosk } – ساعته خاطئة ولا يُعمل بها. يرجى ضبطها.
office-alert-requests-in-doubt =
    { PLURAL($count) ->
        [zero] لا طلبات وصلت والساعات مختلفة.
        [one] طلب واحد وصل والساعات مختلفة، وينتظر تأكيد المدير لليوم.
        [two] طلبان وصلا والساعات مختلفة، وينتظران تأكيد المدير لليوم.
        [few] { $count } طلبات وصلت والساعات مختلفة، وتنتظر تأكيد المدير لليوم.
        [many] { $count } طلباً وصلت والساعات مختلفة، وتنتظر تأكيد المدير لليوم.
       *[other] { $count } طلب وصلت والساعات مختلفة، وتنتظر تأكيد المدير لليوم.
    }
office-trail-void = باطل
office-trail-clock-jumped = قفزت الساعة
office-trail-clock-right-again = عادت الساعة صحيحة
office-trail-day-confirmed = تأكد اليوم
office-trail-day-put-right = صُحّح يوم الوصول
office-trail-entries-void = أُعلن بطلان قيود
