# ما يُطبع على الإيصال.

receipt-title = إيصال طلب دعم
receipt-copy = نسخة
receipt-number-title = رقم التتبع
receipt-qr-text = ضعوا هذا الرمز تحت القارئ للمتابعة
receipt-registered-on = سُجّل في { $hijri } الموافق { $gregorian }
receipt-registered-untrusted = سُجّل الطلب (ويؤكد المكتب التاريخ)
receipt-service = الخدمة: { $service }
receipt-missing-title = { $count ->
    [zero] لا مستندات ناقصة.
    [one] تفضلوا بإحضار هذا المستند:
    [two] تفضلوا بإحضار هذين المستندين:
    [few] تفضلوا بإحضار هذه المستندات، وعددها { $count }:
    [many] تفضلوا بإحضار هذه المستندات، وعددها { $count }:
   *[other] تفضلوا بإحضار هذه المستندات، وعددها { $count }:
}
receipt-committee = سيُرفع طلبكم إلى لجنة البحث لدراسته، وسنبلغكم بقبوله أو رفضه دون حاجة إلى السؤال.
receipt-paper-not-before = يأتي الرد خلال مدة لا تقل عن أسبوعين، فلا يكون قبل { $hijri } الموافق { $gregorian }.
receipt-paper-not-before-unknown = يأتي الرد خلال مدة لا تقل عن أسبوعين من اليوم.
receipt-follow-up = تابعوا طلبكم بهذا الإيصال لدى الجهاز، أو برقم التتبع في مكتب الاستقبال أو بالهاتف.
receipt-declaration = أقرّ مقدم الطلب بأنه مسؤول مسؤولية مباشرة عن صحة المعلومات، ووقّع على ذلك.
receipt-contact = { $association } · { $phone }
receipt-paper-copy-title = للمكتب: نسخة من الطلب
receipt-paper-copy-text = في هذا الرمز نسخة مختومة من الطلب لا يقرؤها إلا المكتب.
receipt-paper-copy-left-out = الطلب أطول من أن تُطبع نسخته، وهو محفوظ في الجهاز.
receipt-slip-title = قسيمة مستندات
receipt-slip-text = تفضلوا بتسليم هذه القسيمة مع المستندات إلى موظف الاستقبال.
receipt-slip-brought-title = { $count ->
    [zero] لا مستندات.
    [one] المستند الذي أُحضر:
    [two] المستندان اللذان أُحضرا:
    [few] المستندات التي أُحضرت، وعددها { $count }:
    [many] المستندات التي أُحضرت، وعددها { $count }:
   *[other] المستندات التي أُحضرت، وعددها { $count }:
}
receipt-test-title = طباعة تجريبية
