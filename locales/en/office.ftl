# The staff pages

office-name = Istiqbal – Office
office-skip = Skip to the content
office-navigation = Pages
office-navigation-more = More
office-nav-scan = Scan
office-nav-requests = Requests
office-nav-ratings = Ratings
office-nav-suggestions = Suggestions and complaints
office-nav-calls = Visitors' calls
office-nav-kiosks = Kiosks
office-back = Back
office-yes = Yes
office-no = No
office-list-separator = {", "}
office-amount = { $amount } riyals
office-percent = { $percent } %
office-page-earlier = Previous page
office-page-later = Next page

# Signing in
office-sign-in = Sign in
office-sign-in-name = User name
office-sign-in-password = Password
office-sign-in-do = Sign in
office-sign-in-wrong = The user name and the password don't match. Check both and try again.
office-sign-in-restored = The office's data were put back from a copy. Whoever has no one-time codes needs a new password: ask an administrator.
office-sign-in-too-many = Too many tries with this name. Wait ten minutes, then try again.
office-sign-out = Sign out

# Roles
office-role-reception = Reception
office-role-researcher = Social researcher
office-role-committee = Research committee
office-role-manager = Management
office-role-administrator = Administrator
office-role-auditor = Auditor

# What can't be done now
office-refused-title = This can't be done now
office-refused-stale-form = This page is out of date. Open it again and repeat the step.
office-refused-role = Your role doesn't include this step. Ask somebody who is in charge of it.
office-refused-not-found = There is no such page. Begin at the scan page.

# The scan page
office-scan-title = Open a request
office-scan-label = Scan the receipt's code or type the tracking number
office-scan-help = The tracking number has twelve digits, in any style. A scan opens the request at once.
office-scan-open = Open
office-scan-check-digit = One of the digits is not right. Compare it with the receipt, or scan it again.
office-scan-foreign = This is not a receipt of ours. Scan the square code on the receipt, or type its twelve digits.
office-scan-not-found = No request with this number has arrived yet. If the receipt is new, the kiosk may be offline: look at the page of the kiosks, then try again.
office-scan-wrong-code = The tracking number is known, but the receipt's code doesn't belong to it. Check who the person is before you open the request by its number.
office-scan-choose = More than one request has this number: choose
office-scan-lists = What waits today

# Lists
office-requests-table = Table of requests
office-requests-count =
    { PLURAL($count) ->
        [0] no requests
        [one] one request
       *[other] { $count } requests
    }
office-list-filter = Filter the list
office-list-all = All requests
office-list-new = New
office-list-under-study = Under study
office-list-incomplete = Documents incomplete
office-list-replies-owed = Replies owed
office-list-accepted = Accepted, waiting for delivery
office-list-refused = Refused
office-list-delivered = Delivered
office-list-empty = There is nothing in this list.
office-column-number = Tracking number
office-column-name = Name
office-column-service = Service
office-column-received = Received
office-column-stage = Stage
office-column-documents = Documents
office-reply-possible-in =
    { PLURAL($days) ->
        [0] a reply is possible today
        [one] a reply is possible tomorrow
       *[other] a reply is possible in { $days } days
    }
office-reply-owed-since =
    { PLURAL($days) ->
        [0] a reply is owed from today
        [one] a reply is owed for one day
       *[other] a reply is owed for { $days } days
    }

# Stages
office-stage-under-study = Under study
office-stage-accepted = Accepted
office-stage-refused = Refused
office-stage-delivered = Delivered
office-stage-withdrawn = Withdrawn by the applicant
office-stage-closed = Closed

# A request
office-request-person = Beneficiary and applicant
office-request-answers = Answers
office-request-documents = Documents
office-request-committee = Research committee
office-request-delivery = Delivery
office-request-signature = Signature under the declaration
office-request-facts = About the request
office-request-trail = What happened
office-documents-complete = Complete
office-documents-incomplete = Incomplete
office-documents-none = This request needs no documents.
office-document-missing = Missing
office-document-brought = Brought, not verified
office-document-verified = Verified
office-document-verify = Mark as verified
office-document-return = Return to the applicant
office-committee-under-study = The committee is studying the request.
office-committee-accepted = Accepted on { $date }.
office-committee-refused = Refused on { $date }.
office-decision-accept = Accept the request
office-decision-refuse = Refuse the request
office-delivery-not-yet = Not delivered yet.
office-delivery-done = Delivered on { $date }.
office-signature-none = The signature has not arrived yet.

# Why a step can't be taken
office-step-too-early = The committee replies in no less than two weeks: a decision can be recorded from { $date }.
office-step-already-decided = The committee has already recorded its decision.
office-step-not-accepted = Only an accepted request is delivered.
office-step-documents-incomplete = The service is delivered when all documents are there and verified.
office-step-already-delivered = The service has already been delivered.
office-step-ended = This request has ended.
office-step-no-such-document = This request has no such document.
office-step-role-deliver = Reception and management record deliveries.

# About a request
office-fact-received = Day of receipt
office-fact-registered = Registered at
office-fact-arrived = Arrived at the office
office-fact-channel = Channel
office-fact-kiosk = Kiosk number
office-fact-beneficiary = Beneficiary
office-fact-language = Language of the request
office-fact-catalogue-version = Catalogue version
office-fact-declaration-version = Declaration version
office-fact-privacy-version = Privacy notice version
office-fact-policy-version = Policy version
office-channel-kiosk = Kiosk
office-channel-desk = Reception desk
office-channel-phone = Phone
office-beneficiary-internal = Internal
office-beneficiary-external = External

# What happened
office-event-registered = Request registered
office-event-document-brought = Brought: { $document }
office-event-document-verified = Verified: { $document }
office-event-document-returned = Returned to the applicant: { $document }
office-event-accepted = Request accepted
office-event-refused = Request refused
office-event-delivered = Service delivered
office-event-withdrawn = Request withdrawn
office-event-closed-double = Closed: the same was asked for in another request
office-event-closed-expired = Closed: the applicant was not heard of for a long time
office-event-objected = The applicant objected to the refusal
office-event-part-delivered = A part of the service was delivered
office-event-document-unverified = { $document }: verification taken back
office-step-not-refused = Only a refusal can be objected to.
office-step-already-objected = A refusal can be objected to once, and the objection to this one is recorded.
office-event-closed = Request closed
office-actor-kiosk = Kiosk { $number }
office-actor-command = From the server
office-actor-former = Former member of staff

# Ratings
office-ratings-title = Satisfaction of beneficiaries
office-ratings-right = Rating the quality of a service is a right of the beneficiary, a tool for improvement and not for punishment or defamation. No figure here points at a person, neither a beneficiary nor an employee.
office-ratings-withheld-note =
    { PLURAL($minimum) ->
        [one] Figures are shown from the first rating on.
       *[other] Figures of fewer than { $minimum } ratings are withheld, and so is what would give them away.
    }
office-ratings-total = All services
office-ratings-general = Without a receipt
office-ratings-unassigned = Ratings that came in without their service
office-ratings-withheld = Withheld: there are few ratings, and showing them might point at those who gave them.
office-ratings-empty = No ratings yet.
office-ratings-rated-of = { $rated } rated, of { $delivered } deliveries.
office-ratings-rated = { $rated } rated.
office-ratings-distribution = Distribution of the ratings
office-ratings-interval = Satisfied: { $share }. With 95 % confidence the share lies between { $low } and { $high }.
office-face-4 = Very satisfied
office-face-3 = Satisfied
office-face-2 = Unsatisfied
office-face-1 = Very unsatisfied

# Suggestions and kiosks
office-suggestions-empty = No suggestions or complaints yet.
office-kiosks-empty = No kiosks yet.
office-column-kiosk = Number
office-column-kiosk-name = Name
office-column-enrolled = Enrolled
office-column-last-seen = Last seen
office-column-step = Step
office-kiosk-reports = Reports on its store
office-kiosk-gap = { $count ->
    [one] Something is missing before { $count } of its records; the kiosk sends it again by itself if it still has it
   *[other] Something is missing before { $count } of its records; the kiosk sends it again by itself if it still has it
}
office-kiosk-revoked = Revoked
office-kiosk-revoke = Revoke the kiosk …
office-kiosk-revoke-about = Once revoked, the kiosk goes out of service and the codes of its receipts are off; this can’t be undone. What has arrived stays; what the kiosk still sends waits here for a decision.
office-kiosk-revoke-do = Revoke for good
office-knocks = Kiosks that ask to be let in again
office-knocks-about = This office doesn’t know these kiosks. After a restore from a backup, that is every kiosk that joined since; each takes no new requests until somebody lets it in, and then sends all that it holds. Look at the kiosk itself first: whether one of them was revoked after the backup, this office no longer knows.
office-column-knock-first = Asks since
office-column-knock-last = Last asked
office-knock-proved = This office itself gave it this number.
office-knock-unproved = Its number can’t be proved: let it in only if you know the kiosk, and nobody else has had the number.
office-knock-let-in = Let it in again
office-knock-number-taken = This number was given to another kiosk. This one can only join anew, with a fresh data folder; keep its old folder.
office-knock-revoked = The kiosk with this key was revoked: it can only join anew.
office-knock-receipt-key = The key of this kiosk’s receipts can’t be opened: a key of the office is missing. Restore it, then try again.
office-invite-about = An invite lets one kiosk join this office; it is good for one hour and once.
office-invite-make = Make an invite
office-invite-title = Invite a kiosk
office-invite-scan = Scan this code with the kiosk's scanner.
office-invite-qr = The invite's code
office-invite-text = Or type this text into the kiosk's enrolment command:
office-invite-until = The invite is good until { $time }, and once.

# Visitors' calls
office-call-title = A visitor needs your help
office-call-kiosk = { $name } – kiosk { $number }
office-call-since = { $duration } ago
office-call-language = screen language: { $language }
office-call-come = I'm coming
office-call-coming = A colleague is on the way to the visitor
office-call-place-home = at the first screen
office-call-place-registration = while registering a request
office-call-place-follow-up = while following up a request
office-call-place-rating = while rating the service
office-call-place-information = at the services and questions
office-call-place-suggestion = while writing a suggestion or complaint
office-call-place-other = at another screen
office-calls-ended = Your session has ended: no visitor's call can reach this page any more.
office-calls-lost = The connection to the office is broken: no visitor's call can reach this page. It is tried again by itself.
office-calls-today = Visitors' calls today
office-calls-about = A call reaches every open page of the office within seconds. When no member of staff has a page in view, the visitor is told so. Who answered isn't shown here.
office-calls-none = No calls today.
office-column-call-kiosk = Kiosk
office-column-call-place = Where the visitor was
office-column-call-time = Called at
office-column-call-outcome = What happened
office-call-waiting = The visitor is waiting
office-call-answered = Answered after { $duration }
office-call-unanswered = Not answered; it ended after { $duration }
office-duration-seconds =
    { PLURAL($count) ->
        [0] less than a second
        [one] one second
       *[other] { $count } seconds
    }
office-duration-minutes =
    { PLURAL($count) ->
        [0] less than a minute
        [one] one minute
       *[other] { $count } minutes
    }

## Paper

office-request-papers = Papers
office-papers-none = Nothing has been printed yet, as far as the office knows.
office-printout-receipt = Receipt
office-printout-copy = Copy of the receipt
office-printout-status-slip = Status slip
office-printout-documents-slip = Slip for documents
office-outcome-confirmed = Printed
office-outcome-unknown = Not confirmed
office-outcome-failed = Not printed
office-receipt-again = Print the receipt once more
office-receipt-about = For a lost receipt. Give it only to its holder or someone they sent: whoever has the paper can follow the request.
office-receipt-print = Print
office-receipt-no-code = This copy has no QR code: the kiosk was revoked, or the office has never heard it.
office-copy-not-whole = This code didn’t come in whole. Please scan it once more, slowly and straight.
office-copy-changed = This code isn’t what the kiosk signed: it was changed or misread. Please scan it once more; if that doesn’t help, register the request anew.
office-copy-unknown-kiosk = This code is from a kiosk that this office doesn’t know.
office-copy-no-request = This code holds no request.
office-copy-waits = The number of this code belongs to another kiosk, so the request waits for a decision on the page of the kiosks. Please ask a manager or an administrator to look at it.
office-copy-revoked = The kiosk of this code was revoked, so the code proves nothing by itself. Please ask a manager or an administrator to look at it.
office-copy-admit-about = The kiosk of this code has been revoked since { $since }: whoever took it could have made this code. Look at the person and the papers before you admit the request.
office-copy-admit = Admit the request
office-scan-long = A long code is being read. Please wait until it is finished.
office-scan-so-far = Digits so far:
office-digits = 0123456789
office-alert-printer = { $kiosk } – printer: { $what }
office-alert-unprinted = { PLURAL($what) ->
    [one] { $kiosk } – { $what } receipt didn’t come out and waits for staff (maintenance screen)
   *[other] { $kiosk } – { $what } receipts didn’t come out and wait for staff (maintenance screen)
}
office-kiosk-health = How it is
office-kiosk-version = Program
office-kiosk-heard = Said on

# Records that need a decision
office-waiting-title = Records that need a decision
office-waiting-about = These arrived after the kiosk was revoked, or bear another kiosk’s number. Each bears the kiosk's signature, but whoever took the kiosk could have made it, too. If the kiosk was only replaced, admit them; if it was stolen, ask the people named before you admit anything. A request counts from the day on which it was registered, or arrived.
office-waiting-none = Nothing of this kiosk waits for a decision.
office-waiting-count = { $count ->
    [one] { $count } record waits for a decision
   *[other] { $count } records wait for a decision
}
office-waiting-request = Request for support
office-waiting-documents = Documents brought
office-waiting-suggestion = Suggestion or complaint
office-waiting-unreadable = A record that this program can’t read
office-waiting-kiosk-time = Time by the kiosk’s clock
office-waiting-admit = Admit
office-waiting-decline = Don’t admit
office-waiting-all = Decide all of them at once …
office-waiting-admit-all = Admit all
office-waiting-decline-all = Admit none of them
office-waiting-decided-already = This was decided already, or nothing waits any more.
office-alert-messages-limit = { $count ->
    [one] So many messages were sent that { $count } person stands on the call list instead. Please look whether its request is genuine.
   *[other] So many messages were sent that { $count } people stand on the call list instead. Please look whether their requests are genuine.
}
office-alert-strange = { $what ->
    [one] { $kiosk } – { $what } record in a week that is not its own, and was not taken. Its reports say more.
   *[other] { $kiosk } – { $what } records in a week that are not its own, and were not taken. Its reports say more.
}
office-alert-waiting = { $what ->
    [one] { $kiosk } – { $what } record waits for a decision
   *[other] { $kiosk } – { $what } records wait for a decision
}

# Times past
office-time-now = just now
office-time-today = today
office-time-minutes-ago =
    { PLURAL($count) ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
office-time-hours-ago =
    { PLURAL($count) ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
office-time-days-ago =
    { PLURAL($count) ->
        [one] yesterday
       *[other] { $count } days ago
    }

# The camera of the scan page
office-camera-start = Scan with the camera
office-camera-stop = Stop the camera
office-camera-picture = The camera’s picture
office-camera-hold = Point the camera at the square code on the receipt: the request opens by itself. No picture is kept or sent.
office-camera-insecure = Browsers allow the camera on secure connections only. Open this page by an address that begins with https, or type the tracking number.
office-camera-none = We found no camera on this device. Type the tracking number, or use the code reader.
office-camera-denied = This page wasn’t allowed to use the camera. Allow it in the browser’s settings for this site and try again, or type the tracking number.
office-camera-busy = The camera can’t be used now; another program may be using it. Close that and try again, or type the tracking number.
office-camera-failed = The picture couldn’t be read. Try again, or type the tracking number.

# Pages on which nothing stands yet
office-suggestions-empty-about = Whatever visitors suggest or complain about at a kiosk stands here, the newest first.
office-kiosks-empty-about = Make an invite and scan it with the kiosk’s reader: the kiosk then stands here.
office-kiosks-empty-ask = A manager or administrator adds the first kiosk.
