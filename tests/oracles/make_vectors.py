#!/usr/bin/env python3
"""Writes the vectors of tests/oracles: what programs by other people say about dates and check digits.

    python3 -m venv /tmp/oracles
    /tmp/oracles/bin/pip install hijridate==2.6.0 python-stdnum==2.2
    /tmp/oracles/bin/python tests/oracles/make_vectors.py           # writes the files
    /tmp/oracles/bin/python tests/oracles/make_vectors.py --check   # compares them, writes nothing

The files are committed, so the tests need neither Python nor a network. The same seed and versions give the same bytes.
"""

import random
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from hijridate import Gregorian, Hijri
from stdnum import damm, iban, luhn

SEED = 1445_07_04
HERE = Path(__file__).parent

HIJRIDATE = f"hijridate {version('hijridate')} (PyPI, MIT)"
STDNUM = f"python-stdnum {version('python-stdnum')} (PyPI, LGPL-2.1-or-later)"


def digits(rng, count):
    return "".join(rng.choice("0123456789") for _ in range(count))


def one_digit_wrong(rng, number, first=0):
    """The number with one digit changed, at `first` or behind it."""
    place = rng.randrange(first, len(number))
    other = rng.choice([d for d in "0123456789" if d != number[place]])
    return number[:place] + other + number[place + 1 :]


def neighbours_swapped(rng, number, first=0):
    """The number with two different neighbours swapped, or as it was where all of them are equal."""
    places = [i for i in range(first, len(number) - 1) if number[i] != number[i + 1]]
    if not places:
        return number
    i = rng.choice(places)
    return number[:i] + number[i + 1] + number[i] + number[i + 2 :]


def word(valid):
    return "valid" if valid else "invalid"


HIJRI_COLUMNS = "year,Gregorian day of 1 Muharram,lengths of the 12 months by their last digit (8 for 28 to 1 for 31)"


def hijri_hijridate():
    """The calendars as they were printed in their time; eight months before 1365 H have 28 or 31 days."""
    yield f"Umm al-Qura calendar by {HIJRIDATE}; made by make_vectors.py"
    yield HIJRI_COLUMNS
    for year in range(1343, 1501):
        first = Hijri(year, 1, 1).to_gregorian()
        lengths = [Hijri(year, month, 1).month_length() for month in range(1, 13)]
        # The oracle must agree with itself: the day after the last one is the next year's first.
        if year < 1500:
            after = Gregorian.fromordinal(first.toordinal() + sum(lengths)).to_hijri()
            assert after.datetuple() == (year + 1, 1, 1), year
        yield f"{year},{first.isoformat()},{''.join(str(length % 10) for length in lengths)}"


def hijri_openjdk():
    """The table of java.time, which OpenJDK says is Saudi Arabia's; needs a `java` of 17 or later."""
    version_line = subprocess.run(["java", "-version"], check=True, capture_output=True, text=True).stderr.split("\n")[0]
    java = subprocess.run(["java", HERE / "HijrahYears.java"], check=True, capture_output=True, text=True)
    yield f"Umm al-Qura calendar by {version_line} (GPL-2.0 with Classpath exception); made by make_vectors.py"
    yield HIJRI_COLUMNS
    yield from java.stdout.split()


def national_ids(rng):
    """Ten digits each, most of them beginning as an id (1) or an iqama (2) does."""
    yield f"Luhn check digits by {STDNUM}; made by make_vectors.py, seed {SEED}"
    yield "number,whether its Luhn sum is right"
    numbers = ["1000000008", "1000000000"]
    for _ in range(50):
        body = rng.choice("12") + digits(rng, 8)
        right = body + luhn.calc_check_digit(body)
        numbers += [right, one_digit_wrong(rng, right, 1), neighbours_swapped(rng, right, 1)]
    for _ in range(25):
        body = rng.choice("03456789") + digits(rng, 8)
        right = body + luhn.calc_check_digit(body)
        numbers += [right, one_digit_wrong(rng, right, 1)]
    for number in numbers:
        yield f"{number},{word(luhn.is_valid(number))}"


def ibans(rng):
    """Saudi ones, of digits only. The registry allows letters in the account number; banks there give none."""
    yield f"IBAN check digits and registry by {STDNUM}; made by make_vectors.py, seed {SEED}"
    yield "iban,whether it is right"
    numbers = ["SA0380000000608010167519", "SA0380000000608010167518"]
    for _ in range(34):
        account = digits(rng, 20)
        right = "SA" + iban.calc_check_digits("SA00" + account) + account
        wrong = "SA" + one_digit_wrong(rng, right[2:])
        swapped = "SA" + neighbours_swapped(rng, right[2:])
        numbers += [right, wrong, swapped]
    for number in numbers:
        yield f"{number},{word(iban.is_valid(number))}"


def damm_numbers(rng):
    """Half of them have 11 digits, as a tracking number has before its check digit."""
    yield f"Damm check digits (the table of Damm's thesis) by {STDNUM}; made by make_vectors.py, seed {SEED}"
    yield "number,its check digit"
    for n in range(200):
        number = "572" if n == 0 else digits(rng, 11 if n % 2 else rng.randrange(1, 21))
        yield f"{number},{damm.calc_check_digit(number)}"


def main():
    files = {
        "hijri_hijridate.csv": hijri_hijridate(),
        "hijri_openjdk.csv": hijri_openjdk(),
        "national_ids.csv": national_ids(random.Random(SEED)),
        "ibans.csv": ibans(random.Random(SEED + 1)),
        "damm.csv": damm_numbers(random.Random(SEED + 2)),
    }
    different = []
    for name, lines in files.items():
        # The first line tells whose word this is, the second what the columns are.
        about, columns, *rows = lines
        text = "\n".join([f"# {about}", f"# {columns}", *rows]) + "\n"
        path = HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != text:
            different.append(name)
    if different:
        sys.exit(f"not as the oracles say now: {', '.join(different)}")


if __name__ == "__main__":
    main()
