# Registration at the desk or by telephone, corrections, the catalogue.

office-nav-register = Register
office-nav-catalogue = Catalogue

# Questions as fields
office-field-optional = (optional)
office-field-date = Write the day, month and year, Hijri or Gregorian, with a hyphen or slash between them.
office-field-date-early = This date lies far back. Please check the year.
office-field-date-day = The day is missing. Write the day, month and year.
office-field-number = Write a whole number between { $least } and { $most }.

# Registering
office-register-title = Register a request at the desk or by telephone
office-register-about = The questions are those of the kiosk. What an answer leads to appears after “Continue”; nothing is stored before the registration, and nothing typed is lost.
office-register-errors = Please complete the following:
office-register-how = How the request came
office-register-channel = Channel
office-register-language = The beneficiary’s language
office-register-beneficiary = Beneficiary
office-register-privacy = Privacy notice
office-register-privacy-told = The notice was read out to the applicant, or read by them
office-register-privacy-missing = Read the privacy notice to the applicant, then confirm it here.
office-register-questions = Questions
office-register-same = The same number as above
office-register-documents = Documents
office-register-documents-about = A missing document doesn’t stop the registration: it can be brought later with the same number.
office-register-with-me = Here
office-register-later = Later
office-register-document-missing = Choose “Here” or “Later”.
office-register-continue = Continue
office-register-check-again = Check without registering
office-register-declaration = Declaration
office-register-declaration-version = Version of the declaration: { $version }
office-register-print-about = Print the declaration with the answers, for the applicant to check and sign by hand.
office-register-print = Print the declaration
office-register-signed = The applicant has checked and signed the paper, and we keep it
office-register-read-out = The answers and the declaration were read out by telephone, and the applicant declared that they are right and that they are responsible for them
office-register-signed-missing = Print the declaration, then confirm here that it was signed.
office-register-read-out-missing = Read the answers and the declaration to the applicant, then confirm it here.
office-register-declaration-changed = Something has changed since the declaration was shown. Show it to the applicant again, then confirm it.
office-register-do = Register the request
office-register-other-answers = This form was registered before with other answers, so it was not registered again. Open the request to correct its answers, or begin a new form.
office-register-not-kept = Nothing was registered: the office can’t write the second copy of the request, without which no receipt is given. Tell the administrator. Your form is still there: go back in the browser and send it again.
office-register-broken-off = The registration broke off. Look in the list of requests whether the request is there; your form is still there, too: go back in the browser and send it again. The same form is never registered twice.
office-registered-title = The request is registered
office-registered-not-before = No reply before { $date }.
office-registered-missing = Documents to be brought later
office-registered-next = Print the receipt and hand it over. By telephone, read out the tracking number.
office-registered-receipt = Print the receipt
office-registered-open = Open the request
office-registered-another = Register another request
office-receipt-declared = The applicant has declared by telephone to be directly responsible for the accuracy of the information.
office-declared-paper = The declaration was printed and signed by hand; the office keeps the paper.
office-declared-read-out = The declaration was read out by telephone, and the applicant made it.

# The declaration’s sheet
office-declaration-title = Declaration of an applicant for support
office-declaration-versions = Declaration version { $declaration }, policy version { $policy }, catalogue version { $catalogue }
office-declaration-number = Tracking number (written after the registration):
office-declaration-name = Name:
office-declaration-signature = Signature:
office-declaration-date = Date:
office-declaration-close = After printing, close this page and go back to the form.

# Correcting an answer
office-correct = Correct
office-correction-title = Correct an answer
office-correction-about = What the applicant signed stays as it is. The correction stands beside it, with your name, its time and its reason.
office-correction-errors = Please look at the following before saving.
office-correction-stands = The answer now:
office-correction-no-answer = No answer
office-correction-reason = Reason of the correction
office-correction-reason-missing = Write the reason, for example: as it stands on the ID.
office-correction-do = Save the correction
office-correction-meanwhile = Somebody else has corrected this answer since you opened the page. Open the request, look at the answer, and correct it if it still needs to be.
office-corrected = Corrected on { $time } – { $who }. It was: { $was }. Reason: { $reason }
office-event-document-not-asked = No longer asked for after a correction: { $document }
office-step-document-stays = This document was brought and stays with the request.

# The catalogue
office-catalogue-title = Catalogue, version { $version }
office-catalogue-about = This is what visitors are offered and asked, here and at the kiosks.
office-catalogue-earlier = This version went out to the kiosks, as it was. A new one can begin with it.
office-catalogue-begin-with = Begin a new version with it
office-catalogue-file = Download the file
office-catalogue-edit = Edit the catalogue
office-catalogue-upload-label = Or a file that was edited elsewhere
office-catalogue-upload = Upload and check the file
office-catalogue-unreadable = This program can’t read this version:
office-catalogue-none = Nothing here.
office-catalogue-versions = Versions that went out
office-catalogue-column-version = Version
office-catalogue-column-at = Went out
office-catalogue-column-by = Published by
office-catalogue-in-force = in force
office-catalogue-version = Version: { $version }
office-catalogue-department = Department: { $value }
office-catalogue-documents = Documents: { $value }
office-catalogue-choices = Choices: { $value }
office-catalogue-when = Only when “{ $question }” is answered with: { $answers }
office-catalogue-days = From { $from } through { $until }
office-catalogue-optional = { $kind }, optional
office-catalogue-part-texts = Association, policy, notice and declaration
office-catalogue-part-privacy = Privacy notice
office-catalogue-part-declaration = Declaration
office-catalogue-part-services = Services
office-catalogue-part-categories = Categories
office-catalogue-part-documents = Documents
office-catalogue-part-questions = Questions
office-catalogue-part-common = Common questions
office-catalogue-part-reasons = Reasons of a rating
office-catalogue-part-notices = Notices to visitors
office-catalogue-kind-national-id = National ID or iqama
office-catalogue-kind-mobile = Mobile number
office-catalogue-kind-name = Name
office-catalogue-kind-text = Text
office-catalogue-kind-date = Date
office-catalogue-kind-single-choice = One choice
office-catalogue-kind-multiple-choice = Several choices
office-catalogue-kind-count = Count
office-catalogue-kind-amount = Amount
office-catalogue-kind-iban = IBAN
office-catalogue-kind-yes-no = Yes or no
office-catalogue-edit-about = This is the text of the whole file, with each part explained. It is checked first and what changes is shown; then it is published here and to the kiosks. The version grows each time.
office-catalogue-text = Text of the catalogue
office-catalogue-check = Check
office-catalogue-mistake = The file has a mistake:
office-catalogue-mistake-line = Line { $line } has a mistake:
office-catalogue-mistake-key = Line { $line }, at { $key }, has a mistake:
office-catalogue-too-long = The text is longer than kiosks take. Please shorten it.
office-catalogue-not-newer = Version { $version } went out before. Make the version greater.
office-catalogue-meanwhile = Somebody else has published version { $version } since you began. Your text is kept below with a new version, with what it would change of theirs. Please check it, so that nobody’s work is lost.
office-catalogue-changes = What changes
office-catalogue-no-changes = Nothing but the version and remarks.
office-catalogue-publish-about = It is in force here at once, and at each kiosk as soon as nobody stands there. Version:
office-catalogue-publish = Publish
office-catalogue-added = Added: { $part }
office-catalogue-changed = Changed: { $part }
office-catalogue-removed = Taken away: { $part }
office-catalogue-moved = In another order: { $part }
office-catalogue-without-version = Its text has changed, its own version has not. Make that greater, so that each request says which text it was made under.
office-catalogue-in-use =
    { PLURAL($count) ->
        [one] One request has it; lists will show its id instead of its name.
       *[other] { $count } requests have it; lists will show its id instead of its name.
    }
office-catalogue-of-association = name or address of the association
office-catalogue-of-policy = policy
office-catalogue-of-privacy = privacy notice
office-catalogue-of-declaration = declaration
office-catalogue-of-service = service
office-catalogue-of-category = category
office-catalogue-of-document = document
office-catalogue-of-question = question
office-catalogue-of-common = common question
office-catalogue-of-reason = reason of a rating
office-catalogue-of-notice = notice to visitors
