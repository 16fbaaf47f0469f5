# The research committee and what follows: sessions, minutes, objections, deliveries, ends.

office-nav-sessions = Committee's sessions
office-refused-typed = What you had typed
office-text-erased = This text was erased with the person's data.

# Why a step can't be taken
office-step-not-decided = The committee has not decided yet: there is nothing to decide anew.
office-step-same-session = The second look is for another session than the one that decided.
office-step-partly-delivered = A part of what was granted is already handed over, so it can't be decided anew.
office-session-is-sealed = This session is sealed, and nothing in it changes. What it decided is changed by a new decision in a later session.
office-session-not-yet = This session is on { $date }; decisions are recorded, and it is sealed, from that day.
office-session-no-quorum = There is no quorum for this request: { $count } take part, and { $quorum } are needed.
office-session-changed-meanwhile = Somebody else has changed this session meanwhile. Look at it again, then repeat the step.
office-session-took-part = This member took part in a decision; whoever took part stays in the minutes as present.
office-session-too-many = This session has as many members or requests as it can have.
office-session-date-wrong = Write the session's date as year-month-day, with H behind a Hijri date.
office-case-already-decided = The decision on this request was already recorded in this session.
office-case-none = This request isn't before the committee in this session.
office-case-reason-missing = Write the reason: nothing is decided, and nothing decided is put before the committee again, without one.
office-case-grant-missing = Write what is granted: an acceptance isn't recorded without it.

# Sessions
office-sessions-title = Sessions of the research committee
office-sessions-empty = No sessions yet.
office-column-session = Session
office-column-session-date = Gregorian date
office-column-session-cases = Requests
office-column-session-state = State
office-session-title = Session { $number } – { $date }
office-session-cases-count = { $decided } of { $count } decided
office-session-open = Open
office-session-sealed = Sealed
office-session-day-too-far = A session is within a year of today; check the date.
office-session-day-open = Change the date …
office-session-day-do = Save the date
office-session-make = A new session
office-session-date = Date of the session
office-session-members-staff = Members of the staff
office-session-members-outside = Members from outside the staff
office-session-members-outside-help = One name a line.
office-session-make-do = Make the session
office-session-quorum = Quorum: { $count }. For each request those count who are present and don't step aside.
office-session-present-count = { $present } of { $count } present
office-session-members = Members and attendance
office-session-member-outside = from outside the staff
office-session-member-fixed = took part in a decision
office-session-present = Present
office-session-absent = Absent
office-session-off = Not a member of this session
office-session-members-more = Add members
office-session-members-do = Save members and attendance
office-session-cases = Requests before the committee
office-session-cases-none = No requests are before the committee in this session yet.
office-session-undecided =
    { PLURAL($count) ->
        [one] One request is not decided; the minutes will say that it was studied.
       *[other] { $count } requests are not decided; the minutes will say that they were studied.
    }
office-session-seal = Seal the session
office-session-seal-about = Once sealed, nothing in the session changes, and its minutes are printed to be signed.
office-session-seal-open = Seal the session …
office-session-seal-do = Seal the session for good
office-session-sealed-line = Sealed on { $time } by { $name }
office-session-sealed-about = Nothing changes in a sealed session. To change a decision, open the request's page and put it before a later session to be decided anew.
office-seal = Electronic seal (SHA-256)
office-seal-broken = This session isn't what was sealed: something of it was changed in the database. Tell the management and the administrator, and compare it with the minutes on paper.

# Choosing requests
office-cases-choose = Choose requests
office-cases-ripe = Two weeks have passed
office-cases-early = Two weeks haven't passed
office-cases-early-about = These requests can be studied; no decision is recorded before two weeks have passed since they were received.
office-cases-add-do = Put the chosen ones before the committee
office-column-choose = Choose
office-case-objected-on = The applicant objected on { $date }
office-case-decidable-from = A decision is possible from { $date }

# A request in a session
office-case-taking-part = { $count } take part in this request, and { $quorum } are needed.
office-case-accepted = Accepted
office-case-refused = Refused
office-case-reason = Reason
office-case-granted = What is granted
office-case-granted-help = Kind, amount and until when; for example: a food basket each month until the end of Ramadan.
office-case-took-part = Took part
office-case-aside = Stepped aside
office-case-recorded-by = Recorded by
office-case-objection = A second look after an objection.
office-case-objection-to = A second look after an objection to the decision of: { $session }.
office-case-anew = A new decision on a request that was decided before.
office-case-anew-after = A new decision in the place of that of: { $session }.
office-case-anew-because = Why it is decided anew
office-case-aside-open = Step aside from this request …
office-case-aside-about = Which of those present step aside from this request and don't count in its quorum
office-case-aside-do = Save who steps aside
office-case-off = Take off this session

# The minutes
office-minutes-open = Minutes to print
office-minutes-print = Print
office-minutes-after-sealing = The minutes are printed when the session is sealed.
office-minutes-title = Minutes of session { $number } of the research committee
office-minutes-members = Members
office-minutes-attendance = Attendance
office-minutes-signature = Signature
office-minutes-no-cases = No requests were before the committee in this session.
office-minutes-again = Earlier look
office-minutes-decision = Decision
office-minutes-undecided = Studied, not decided
office-minutes-chair = Chair of the session: name and signature
office-minutes-secretary = Secretary: name and signature

# The committee on a request's page
office-event-accepted-anew = Request accepted by a new decision
office-event-refused-anew = Request refused by a new decision
office-committee-stands-in = Before the committee in:
office-committee-session = Open session
office-committee-put = Decide in the session
office-committee-make-session = Make a session to decide it in
office-committee-anew-open = Put it before a session to be decided anew …
office-committee-anew-about = The earlier decision counts, and stays visible, until the session decides anew.
office-committee-anew-do = Put it before the session again

# Objections
office-objection-open = Record an objection …
office-objection-about = A refusal can be objected to once; the request then goes back under study, in another session.
office-objection-text = The objection
office-objection-do = Record the objection
office-objection-missing = Write the objection as the applicant said it.
office-objection-second-look = The applicant objected on { $date }. The second look is for another session than the one that refused; its members may be the same.
office-objection-second-look-after = The applicant objected on { $date } to the decision of: { $session }. The second look is for another session; its members may be the same.

# Delivery
office-delivery-partly = A part is delivered, and a part remains.
office-delivery-part = Part { $number }
office-delivery-last-part = Last delivery
office-delivery-note = What was handed over
office-delivery-note-missing = Write what was handed over.
office-delivery-part-do = Record a part
office-delivery-last-do = Record the last part, or all of it

# The end of a request
office-ending = End of the request
office-ending-open = End the request without a delivery …
office-ending-about = This can't be undone: nothing is decided or delivered after it.
office-ending-why = Why it ends
office-ending-withdrawn = Withdrawn by the applicant
office-ending-double = The same is asked for in another request
office-ending-expired = The applicant was not heard of for a long time
office-ending-other = Another reason
office-ending-number = Tracking number of the other request, for a double
office-ending-reason = Details
office-ending-confirm = We are sure: this can't be undone.
office-ending-do = End the request
office-ending-reason-missing = Write the details: no request is ended without a written reason.
office-ending-unconfirmed = Confirm the end by the tick: it can't be undone.
office-ending-other-missing = Write the tracking number of the other request, the one that goes on, and check its digits.
office-ending-other-ended = The other request has ended itself, so this one can't be closed as its double.
office-ending-line = { $what }, on { $date }.
office-ending-goes-on = The request that goes on:
