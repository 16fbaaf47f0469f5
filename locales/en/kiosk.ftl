# What visitors read on the kiosk. The same ids stand in every language.

app-title = Istiqbal – reception

## Every screen

home = Home
call-staff = Call staff
call-staff-shown = Called
call-staff-coming = On the way
staff-corner = Staff entrance
text-size = Change the letter size
contrast = Clearer colours
next = Continue
back = Back
skip = Skip this
finish = Finish
page-next = Next page
page-previous = Previous
page-of = Page { $page } of { $pages }
key-clear = Clear all
key-delete = Delete
key-space = Space
key-shift = Capital letter
key-digits = 123

## What may lie over a screen

leave-title = Would you like to leave?
leave-text = What you have entered will be erased from this screen to protect your privacy.
leave-stay = Stay here
leave-leave = Leave and erase
idle-title = Are you still here?
idle-more-time = I need more time
idle-finish = Finish now
idle-text = { PLURAL($seconds) ->
    [one] To protect your privacy, this visit ends and is erased in { $seconds } second.
   *[other] To protect your privacy, this visit ends and is erased in { $seconds } seconds.
}
leave-receipt-title = Follow up the request of the scanned receipt?
leave-receipt-leave = Follow it up and erase this
scan-refused-title = We don’t know this code
overlay-close = OK
call-asking-title = Calling a colleague …
call-asking-text = One moment, please. What you have entered stays here.
call-shown-title = Your call has reached our colleagues
call-shown-text = Somebody will be with you soon. You can go on in the meantime.
call-coming-title = A colleague is on the way
call-coming-text = Thank you for waiting.
call-nobody-title = We couldn’t reach a colleague from here
call-nobody-text = Please turn to the reception desk: our colleagues will gladly help you.

## Home

home-welcome = Welcome
home-how-can-we-help = How can we help you today?
home-new-request = New request
home-new-request-help = Ask for support
home-follow-up = Follow up a request
home-follow-up-help = With your receipt or number
home-rate = Rate our service
home-rate-help = Your opinion is your right
home-services = Our services
home-services-help = And answers to common questions
home-suggestion = Make a suggestion or complaint
home-notice-no-paper = The printer is out of paper. You can go on: your number will appear on the screen so that you can photograph or write it down.
home-notice-printer = The printer isn’t working at the moment. You can go on: your number will appear on the screen so that you can photograph or write it down.
home-notice-no-new-requests = New requests can’t be taken at this kiosk right now. Our colleagues at the reception desk will gladly take yours.
home-notice-offline = You can register as usual. News about earlier requests may be a little out of date.

## Earlier request

earlier-title = Do you have a receipt from an earlier request?
earlier-help = One request is enough: with it you follow the reply and complete the documents.
earlier-follow-up = Yes, follow it up
earlier-follow-up-help = See where it is, or bring documents
earlier-new-request = No, or I need another service
earlier-new-request-help = Register a new request

## Privacy notice

privacy-title = Your privacy
privacy-agree = I agree
privacy-read-more = Read more
privacy-read-less = Show the short text

## Questions

question-progress = Question { $done } of { $total }
calendar-hijri = Hijri
calendar-gregorian = Gregorian
date-day = Day
date-month = Month
date-year = Year
date-earlier = Earlier
date-later = Later
date-ten-earlier = Ten years earlier
date-ten-later = Ten years later
date-day-unknown = I don’t know the day
date-in-gregorian = In the Gregorian calendar: { $date }
date-in-hijri = In the Hijri calendar: { $date }
date-set-it = Set the date with the arrows.
count-less = One less
count-more = One more
yes = Yes
no = No
currency = riyals
question-same = Use my own number: { $number }
text-counter = { $used } of { $limit }

## Errors beside a field

error-required = Please enter an answer to continue.
error-national-id = Please check the number: it has 10 digits and begins with 1 or 2.
error-national-id-digit = One digit doesn’t seem to fit. Please compare it with your card.
error-mobile = A mobile number begins with 05 and has 10 digits.
error-iban = Please check the IBAN: after SA come 22 digits.
error-iban-digit = One digit doesn’t seem to fit. Please compare it with your card or bank paper.
error-name = Please write the name as it stands on the identity card.
error-text-long = { PLURAL($limit) ->
    [one] Please shorten the text to { $limit } letter.
   *[other] Please shorten the text to { $limit } letters.
}
error-date = Please choose the day, month and year again.
error-date-unset = Please set day, month and year with the arrows.
error-date-future = This date is still to come. Please check the year.
error-count-range = Please choose a number between { $least } and { $most }.
error-amount-range = { PLURAL($most) ->
    [one] Please check the amount: it is between { $least } and { $amount } riyal.
   *[other] Please check the amount: it is between { $least } and { $amount } riyals.
}
error-choice = Please choose one answer.
error-choices = Please choose at least one answer.
error-tracking-number = We couldn’t find this request. Please compare the number with your receipt, or ask at the desk.
error-receipt-unknown = This receipt isn’t known here yet. Please ask a colleague at the desk.
error-tracking-digit = One digit doesn’t seem to fit. Please compare the number with your receipt.
error-tracking-wait = { PLURAL($seconds) ->
    [one] Several numbers weren’t found. Please try again in { $seconds } second, or hold your receipt in front of the scanner.
   *[other] Several numbers weren’t found. Please try again in { $seconds } seconds, or hold your receipt in front of the scanner.
}
error-tracking-tries = Please ask a colleague to help you with this number.
error-scan = This code isn’t from one of our receipts. Please try again or type the number.
error-scan-home = This code isn’t from one of our receipts. Please hold the association’s receipt in front of the scanner.
error-scan-foreign = This code isn’t from one of our receipts. You can go on.
error-rated = This service has already been rated. Thank you!
error-not-delivered = You can rate this service once you have received it.

## Documents

documents-title = Which documents do you have with you?
documents-help = You can register now, and bring what is missing later.
documents-choose-each = For each document choose: with me, or later.
documents-with-me = With me
documents-later = Later

## Check the answers

check-title = Please check your answers
check-help = You can change whatever isn’t right.
check-change = Change
check-confirm = All is right
check-none = Not given
check-documents-with-me = Documents with you
check-documents-later = Documents to bring later

## Declaration

declaration-title = Declaration
declaration-by = By { $name }
declaration-for-another = By { $applicant }, for { $beneficiary }
declaration-contact = The reply goes to { $number }
declaration-signature = Signature field
declaration-sign-here = Sign here; any mark will do
declaration-clear = Clear signature
declaration-sign = Sign and continue

## Committee notice

committee-title = One last step: what happens next
committee-last-step = Your request is registered when you touch “Send my request”.
committee-studies = The research committee studies your request.
committee-reply = We will tell you whether it was accepted or refused, by message or phone. You don’t need to come and ask.
committee-documents = You can bring missing documents in the meantime, with the same number.
committee-register = Send my request
committee-not-before = The study takes at least two weeks.{"\u000A"}No reply comes before:
committee-not-before-unknown = The study takes at least two weeks from today.

## Receipt on the screen

receipt-printing = Your receipt is being printed …
receipt-take = Please take your receipt
receipt-registered = Your request is registered
receipt-wait = One moment, please. Your request is already registered safely.
receipt-keep = Keep the receipt: you need its number to follow up your request.
receipt-unknown = If no receipt came out, please photograph this screen, write the number down, or ask for help.
receipt-failed = The receipt couldn’t be printed. Please photograph this screen, write the number down, or ask for help.
receipt-show-paper = Read the receipt
receipt-off = No receipt is printed here. Please photograph this screen, write the number down, or ask for help.
receipt-tracking-number = Your tracking number
receipt-qr = Code with your tracking number
receipt-missing = Please bring these later:
receipt-not-before = Your reply won’t come before { $gregorian } ({ $hijri }).
receipt-seconds-left = { PLURAL($seconds) ->
    [one] This page closes in { $seconds } second.
   *[other] This page closes in { $seconds } seconds.
}

## Follow up

follow-up-title = Follow up your request
follow-up-scan = Hold the square code of your receipt in front of the scanner
follow-up-or-type = Or type the 12 digits of your tracking number:
follow-up-show = Show my request
follow-up-documents-track = Your documents
follow-up-committee-track = The committee
follow-up-missing = Still missing:
follow-up-bring-documents = I brought documents
follow-up-which-documents = Which documents did you bring?
follow-up-confirm = Confirm
follow-up-thanks = Thank you
follow-up-hand-over = Please hand the documents to a colleague at the desk.
follow-up-decision-at-desk = A reply to your request is ready. Please ask at the desk, or scan your receipt.
follow-up-accepted = Your request was accepted.
follow-up-refused = We are sorry: your request was not accepted this time.
stage-received = Request received
stage-incomplete = Some documents are missing
stage-to-verify = All brought; a colleague will verify them at the desk
stage-complete = Documents complete
stage-under-study = Under study
stage-studied = Study finished
stage-accepted = Accepted
stage-refused = Not accepted
stage-delivered = Delivery of the service
stage-withdrawn = Withdrawn by the applicant
stage-closed = Closed
stage-on-date = On { $date }
stage-reply-any-day = A reply may come any day now
stage-not-before = No reply before { $date }
follow-up-print = Print this on paper
follow-up-printing = Printing …
follow-up-printed = Please take the paper
follow-up-not-printed = It couldn’t be printed
follow-up-slip-coming = A slip that lists them is being printed.
follow-up-slip-take = Please take the slip that lists them.
next-bring-documents = Please bring the missing documents.
next-bring-by-number = To bring the missing documents, scan your receipt here, or hand them in at the desk.
next-wait = You needn’t do anything now. We will tell you when there is news.
next-receive = Your request is accepted and your documents are complete. We will tell you when you can receive the service.
next-object = You may object to this reply once. Please ask at the desk.
next-nothing = This request is finished. Thank you for your trust.
next-ended = This request ended without a service. For questions, please ask at the desk.

## Rate

rate-title = Rate our service
rate-scan = Hold the square code of your receipt in front of the scanner
rate-without-receipt = Rate without a receipt
rate-is-a-right = Rating is your right. It is anonymous and helps us to improve; it is never used to punish or expose anyone.
rate-how = How was our service?
rate-face-1 = Very poor
rate-face-2 = Poor
rate-face-3 = Good
rate-face-4 = Very good
rate-reasons-happy = What did you like?
rate-reasons-unhappy = What should we do better?
rate-reasons-help = If you like, choose one or more.
rate-send = Send
rate-thanks = Thank you for your opinion
rate-thanks-text = We read every rating, and improve with your help.

## Services and questions

services-title = Our services and your questions
services-list = Services
services-questions = Common questions
services-request = Request this service
services-for-whom = Who it is for
services-about = What is offered, and what isn’t
services-documents = What to bring
services-documents-if = Only if it applies to you

## Suggestion or complaint

suggestion-title = What would you like to tell us?
suggestion-help = Please leave out names and numbers, unless you want us to reply.
suggestion-kind-suggestion = Suggestion
suggestion-kind-complaint = Complaint
suggestion-placeholder = Write here
suggestion-send = Send
suggestion-thanks = Thank you
suggestion-thanks-text = Your words have been kept and will be read by the office.

## While the kiosk starts

starting-title = One moment, please: the kiosk is being made ready
starting-opening = Opening the store
starting-reading = Reading saved requests: { $percent }%
starting-mending = Repairing what was damaged: { $percent }%
starting-making = Putting the store in order: { $percent }%

## Out of service

# A kiosk that hasn't joined an office
joining-title = This kiosk hasn’t joined an office yet
joining-what = On the office’s page “Kiosks” make an invite, and hold its code before this kiosk’s scanner.
joining-busy = One moment: it is joining …
joining-no-invite = That isn’t the code of an invite, or it was misread. Please scan it once more.
joining-refused = The office didn’t accept this invite: it was used already, or it is older than an hour. Please make another.
joining-unreachable = The office can’t be reached at { $address }. Please check the network, then scan the invite again.
joining-failed = Joining didn’t work; the kiosk’s log says why.

out-of-service-title = We are sorry
out-of-service-what = This kiosk can’t take requests at the moment.
out-of-service-files = This kiosk can’t take requests at the moment: its files don’t belong together. For the staff: run “istiqbal kiosk check”; it names the file that must be restored from its copy.
no-new-requests-what = This kiosk can’t take new requests right now. You can still follow up a request or rate a service here.
not-kept-what = What you entered couldn’t be kept, and nothing was recorded.
revoked-what = The office has taken this kiosk out of service. If you were entering a request, nothing of it was kept.
out-of-service-where = Please go to the reception desk. Our colleagues will gladly help you.

## Maintenance (staff)

maintenance-title = Maintenance
maintenance-pin = Please enter the staff PIN.
maintenance-unlock = Unlock
maintenance-test-print = Test print
maintenance-restart = Restart
maintenance-close = Close
maintenance-pin-missing = No PIN has been set. On the kiosk, run: istiqbal kiosk pin
maintenance-pin-wrong = This isn’t the PIN. Please try again.
maintenance-pin-wait = { PLURAL($seconds) ->
    [one] Too many tries. Please wait { $seconds } second.
   *[other] Too many tries. Please wait { $seconds } seconds.
}
maintenance-version = Istiqbal { $version }
maintenance-office = Office
maintenance-office-reachable = Reachable
maintenance-office-unreachable = Out of reach
maintenance-acknowledged = Last acknowledged
maintenance-acknowledged-never = Not yet since the start
maintenance-unsent = Waiting to go
maintenance-unsent-count = { PLURAL($count) ->
    [one] { $count } entry
   *[other] { $count } entries
}
maintenance-unsent-unknown = Not known
maintenance-storage = Free storage
maintenance-storage-megabytes = { $count } MB
maintenance-storage-read-only = Can only be read
maintenance-store = Store
maintenance-store-sound = In order since the start
maintenance-store-repaired = Repaired at the start
maintenance-store-revoked = Revoked by the office: sends what it holds, serves nobody
maintenance-store-not-known = Not known to the office: takes no new requests, keeps what it holds. Let it in again at the office, on the page of the kiosks
maintenance-store-failed = Failed: restart
maintenance-clock = Clock
maintenance-clock-trusted = Agrees with the office
maintenance-clock-untrusted = Not confirmed: no dates
maintenance-printer = Printer
maintenance-printer-off = None
maintenance-printer-ready = Ready
maintenance-printer-paper-low = Paper is running low
maintenance-printer-paper-out = Out of paper
maintenance-printer-cutter-error = Cutter is stuck
maintenance-printer-cover-open = Cover open
maintenance-printer-offline = Offline
maintenance-printer-unreachable = Out of reach
maintenance-printer-unknown = Says nothing
maintenance-unprinted = Unprinted receipts
maintenance-unprinted-count = { PLURAL($count) ->
    [one] { $count } receipt
   *[other] { $count } receipts
}
maintenance-print-unprinted = { PLURAL($count) ->
    [one] Print { $count } receipt that didn’t come out
   *[other] Print { $count } receipts that didn’t come out
}
maintenance-reprint = Print a receipt again
maintenance-reprint-help = Type its tracking number. Give it only to its holder or someone they sent: whoever has the paper can follow the request.
maintenance-reprint-print = Print
maintenance-reprint-underway = Printing …
maintenance-reprint-printed = Printed.
maintenance-reprint-unknown = Sent to the printer, which didn’t say whether it was printed.
maintenance-reprint-failed = The printer couldn’t print it. Look at the paper and the cover, then try again.
maintenance-reprint-not-here = This kiosk can’t print that receipt. At the office, open the request and print it there.
maintenance-reprint-no-printer = This kiosk has no printer.
