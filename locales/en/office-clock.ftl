# The day and the clock: who says which day it is, and what is done when they disagree.

office-nav-clock = Day and clock
office-clock-about = Decisions wait fourteen days, and old requests are erased after years. Both are counted in days, so no clock is believed alone: the office’s machine, the trail and the kiosks have to agree.
office-clock-certain = The day is certain: the clocks agree.
office-clock-uncertain = The day is not certain. Until somebody confirms it, no decision is recorded and nothing is erased because of its age.
office-clock-before-program = The machine’s clock shows { $shown }, when this program did not exist yet. Have it set right.
office-clock-behind-trail = The machine’s clock shows { $shown }, but an entry of the trail is of { $entry }.
office-clock-jumped = The machine’s clock jumped: it showed { $shown } where it should have shown { $expected }.
office-clock-kiosks = The machine’s clock shows { $shown }, and the clocks of the kiosks say otherwise.
office-clock-witnesses = Who says which day it is
office-clock-machine = The machine’s clock
office-clock-trail = Newest entry of the trail
office-clock-entries = Its number
office-clock-no-kiosks = No kiosk has said its time in the last 24 hours.
office-clock-shows = Its clock shows
office-clock-heard = Heard
office-clock-says = Compared with the machine
office-clock-kiosk-agrees = Agrees
office-clock-kiosk-contradicts = Says otherwise
office-clock-kiosk-known-wrong = Known to be wrong
office-clock-kiosk-impossible = Its clock has failed
office-clock-confirm = Confirm the day
office-clock-confirm-about = Look at a calendar or a telephone. If the machine’s clock is wrong, have it set right first, then come back. Requests whose day is in doubt will count from today.
office-clock-today = Today’s date
office-clock-before = The clock jumped forward. How was it before?
office-clock-before-right = It was right: the days between have really passed, as when the office was closed
office-clock-before-wrong = It was behind: requests that arrived meanwhile count from today
office-clock-reason = Reason
office-clock-confirm-do = Confirm the day
office-clock-void = Entries of a wrong clock …
office-clock-void-about = If a wrong clock wrote entries of the trail, declare them void: they no longer count as a witness, undecided requests that arrived by them count from today, and nothing is erased sooner because of them. The trail keeps every entry, and this declaration with them.
office-clock-void-first = Number of the first entry
office-clock-void-last = Number of the last entry
office-clock-void-do = Declare void
office-clock-statements = What was said
office-clock-was-confirmed = The day was confirmed: { $day }
office-clock-was-void = Entries { $first } to { $last } of the trail are void
office-clock-other-day = The machine’s clock shows another day than the one typed. Check both: if the clock is wrong, have it set right first.
office-clock-reason-missing = Give a reason.
office-clock-before-missing = Say whether the clock was right before it jumped forward.
office-clock-no-such-entries = The trail has no such entries. Look up the numbers on the page of the trail.
office-step-day-in-doubt = The clocks disagree about the day, or about the day this request arrived, so no decision is recorded now. A manager can confirm the day on the page “Day and clock”.
office-alert-day = The clocks disagree about the day, so no decision is recorded and nothing is erased. A manager can confirm the day on the page “Day and clock”.
office-alert-kiosk-clock = { $kiosk } – its clock is wrong and is not followed. Please have it set right.
office-alert-requests-in-doubt =
    { PLURAL($count) ->
        [one] { $count } request arrived while the clocks disagreed, and waits until a manager confirms the day.
       *[other] { $count } requests arrived while the clocks disagreed, and wait until a manager confirms the day.
    }
office-trail-void = void
office-trail-clock-jumped = The clock jumped
office-trail-clock-right-again = The clock is right again
office-trail-day-confirmed = Day confirmed
office-trail-day-put-right = Day of receipt put right
office-trail-entries-void = Entries declared void
