# ما يُطبع على الإيصال.

receipt-title = إيصال طلب دعم
receipt-copy = نسخة
receipt-number-title = رقم التتبع
receipt-qr-text = ضعوا أحد الرمزين تحت القارئ للمتابعة
receipt-qr-text-one = ضعوا هذا الرمز تحت القارئ للمتابعة
receipt-registered-on = سُجّل في { $hijri } الموافق { $gregorian }
receipt-registered-untrusted = سُجّل الطلب (ويؤكد المكتب التاريخ)
receipt-service = الخدمة: { $service }
receipt-missing-title = { PLURAL($count) ->
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
receipt-paper-copy = يرجى الاحتفاظ بهذا الرمز الثاني أيضًا: ففيه طلبكم كاملًا ومختومًا إلى أن يصل إلى المكتب.
receipt-return = إن لم نتواصل معكم فتفضلوا بمراجعتنا ومعكم هذا الإيصال.
receipt-slip-on = طُبع في { $hijri } الموافق { $gregorian }
receipt-status-slip-title = أين وصل طلبكم
receipt-documents-slip-title = المستندات التي أحضرتموها
receipt-brought-title = { PLURAL($count) ->
    [zero] لم تحضروا مستندات.
    [one] ذكرتم أنكم أحضرتم هذا المستند:
    [two] ذكرتم أنكم أحضرتم هذين المستندين:
    [few] ذكرتم أنكم أحضرتم هذه المستندات، وعددها { $count }:
    [many] ذكرتم أنكم أحضرتم هذه المستندات، وعددها { $count }:
   *[other] ذكرتم أنكم أحضرتم هذه المستندات، وعددها { $count }:
}
receipt-brought-hand-over = تفضلوا بتسليمها لأحد الزملاء في مكتب الاستقبال للتحقق منها.
