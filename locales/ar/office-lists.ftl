# Lists, search, persons and doubles.
