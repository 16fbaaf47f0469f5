# Dates of both calendars

date-gregorian = { $day } { $month } { $year } م
date-hijri = { $day } { $month } { $year } هـ
date-both = {"\u200F"}{ $hijri } الموافق { $gregorian }
date-time = {"\u200F"}{ $date }، { $time }
date-month-hijri = {"\u200F"}{ $month } { $year } هـ، واليوم غير معروف
date-month-gregorian = {"\u200F"}{ $month } { $year } م، واليوم غير معروف

month-gregorian-1 = يناير
month-gregorian-2 = فبراير
month-gregorian-3 = مارس
month-gregorian-4 = أبريل
month-gregorian-5 = مايو
month-gregorian-6 = يونيو
month-gregorian-7 = يوليو
month-gregorian-8 = أغسطس
month-gregorian-9 = سبتمبر
month-gregorian-10 = أكتوبر
month-gregorian-11 = نوفمبر
month-gregorian-12 = ديسمبر

month-hijri-1 = محرم
month-hijri-2 = صفر
month-hijri-3 = ربيع الأول
month-hijri-4 = ربيع الآخر
month-hijri-5 = جمادى الأولى
month-hijri-6 = جمادى الآخرة
month-hijri-7 = رجب
month-hijri-8 = شعبان
month-hijri-9 = رمضان
month-hijri-10 = شوال
month-hijri-11 = ذو القعدة
month-hijri-12 = ذو الحجة
