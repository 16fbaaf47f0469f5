# Privacy rights, the trail, backups.

office-copy-erased = The data of this request was erased, so its copy isn’t taken in again. Whoever holds it can register anew.

# Backups
office-alert-backup-none = No backups of this office are made: if its disk fails, everything is lost. Add a public key to “recipients” in office.toml.
office-alert-backup-failed = The backup could not be made ({ $when }). Please tell the administrator: { $why }
office-alert-log-copy = The copies of the office’s logs beside the backups can’t be kept up: who was erased and what the desk registered since then stands on the office’s own machine alone. Please tell the administrator: { $why }
office-alert-backup-late = No backup has been made since { $when }. Please tell the administrator.

# Erasure
office-refused-erased = The data of this request was erased; no further step is taken with it.
office-name-erased = Data erased
office-privacy-erased = The data of this request was erased ({ $when }). Only its number and stage stay, for the figures.
office-alert-asks-overdue =
    { PLURAL($count) ->
        [one] One ask about personal data is overdue: see the page of data rights.
       *[other] { $count } asks about personal data are overdue: see the page of data rights.
    }
office-alert-retention =
    { PLURAL($count) ->
        [one] The time of one request is over, or nearly: see the page of data rights.
       *[other] The time of { $count } requests is over, or nearly: see the page of data rights.
    }

office-suggestion-erased-on = erased on { $day }
office-suggestion-erase = Erase the text
office-suggestion-erase-about = The text is destroyed here for good, at the ask of whoever left it or is named in it. Older backups still hold it until their time is over.
office-suggestion-erase-confirm = I confirm that somebody asked for it
office-suggestion-unconfirmed = Confirm first that somebody asked for it.

# The register of data rights
office-nav-privacy = Data rights
office-privacy-about = Everybody may ask for a copy of their data, a correction or deletion. Enter each ask here, and answer it in time.
office-privacy-part = Data rights
office-privacy-asks-none = No asks about personal data have been entered.
office-privacy-table = Register of asks
office-privacy-enter = Enter an ask
office-privacy-enter-do = Enter an ask
office-privacy-readers = Who has read the file
office-privacy-trail-of = All that the trail says of this request
office-ask-kind = What is asked for
office-ask-copy = A copy of the data
office-ask-correction = A correction
office-ask-deletion = Deletion
office-ask-channel = How it came
office-ask-desk = In person
office-ask-phone = By telephone
office-ask-letter = By letter
office-ask-email = By e-mail
office-ask-person = About:
office-ask-number = A tracking number of the person, where there is one
office-ask-received = Received on
office-ask-due = Answer by
office-ask-identity = Identity checked
office-ask-identity-checked = I have checked the person’s identity
office-ask-identity-about = Look at the ID before you answer: data is handed out or erased only at the person’s own ask.
office-ask-entered-by = Entered by
office-ask-about = About this ask
office-ask-state = State
office-ask-line = { $kind }: { $state }
office-ask-done = Answered ({ $when })
office-ask-refused = Refused with a reason ({ $when })
office-ask-days-left =
    { PLURAL($count) ->
        [one] One day left
       *[other] { $count } days left
    }
office-ask-overdue =
    { PLURAL($count) ->
        [one] One day overdue
       *[other] { $count } days overdue
    }
office-ask-answer = Answer
office-ask-reason = Reason, or what was done (needed to refuse)
office-ask-answer-done = Done as asked
office-ask-answer-refuse = Refuse with the reason
office-ask-covered = What it is about
office-ask-covered-none = The office holds nothing of this person, or nothing more.
office-ask-merged = Staff have put other files into this one. Make sure that they are this person’s. Their ids:
office-ask-held = What is held back stays. The ask stays open afterwards: say in the answer why it stays.
office-ask-held-reason-missing = Something is held back. Say in the answer why it stays.
office-ask-changed = The person’s requests have changed since this page was opened, so nothing was erased. Look at them again, then confirm.
office-ask-nothing-free = Nothing here may be erased: what is left is held back.
office-ask-shared-number = Several requests bear this number. Open the right one, and enter the ask from its page.
office-ask-erase = Erase the data for good
office-ask-erase-about = Everything that points to the person is destroyed, in all requests above: answers, signature, documents, notes and reasons, here and at every kiosk. Number, stage and dates stay for the figures. Requests under way end. This can’t be taken back; older backups still hold the data until their time is over.
office-ask-erase-confirm = I confirm that the person asked for deletion
office-ask-erase-proof = Nothing brings it back: please prove once more who you are.
office-ask-gives-up = A request above is accepted and not delivered yet: erasing ends it without delivery. Make sure that the person knows.
office-ask-wrong-day = The day of receipt is not a day, or has not come yet. Correct it and try again.
office-ask-wrong-number = A tracking number has twelve digits. Correct it, or leave it empty where there is no request.
office-ask-unknown-number = No request bears this number. Correct it, or leave it empty.
office-ask-reason-missing = Say why it is refused: the person has a right to know.
office-ask-identity-missing = Check the person’s identity first.
office-ask-erase-first = Erase the data on this page first.
office-ask-unconfirmed = Confirm first that the person asked for deletion.
office-ask-log-failed = The log of what was erased can’t be written, so nothing was erased. Please tell the administrator.

# Retention
office-retention-title = Requests whose time is over
office-retention-about =
    { PLURAL($count) ->
        [one] One year after its end a request’s data is erased. A month before, it stands here, and can be held back with a reason.
       *[other] { $count } years after its end a request’s data is erased. A month before, it stands here, and can be held back with a reason.
    }
office-retention-waiting =
    { PLURAL($count) ->
        [one] The time of one request is over, or nearly
       *[other] Requests whose time is over, or nearly: { $count }
    }
office-retention-none = There is nothing here now.
office-retention-ended = Last step
office-retention-erased = Erased on
office-retention-held = Held back
office-retention-reason = Why it is held back
office-retention-hold = Hold back
office-retention-let-go = No longer hold back
office-retention-reason-missing = Say why it is held back.

# The copy of the data
office-copy-title = A copy of all your data
office-copy-make = Copy of all data
office-copy-about = Look through it before you hand it over: a note may name somebody else. Give it to the person after checking the ID.
office-copy-file = Download as JSON
office-copy-nothing = The office holds nothing of this person any more, so there is nothing to copy.
office-copy-asks = What was asked for before
office-copy-decisions = The committee’s decisions
office-copy-anew = Why it was looked at again
office-copy-reason = Why it was decided so
office-copy-granted = What was granted
office-copy-notes = The staff’s notes
office-copy-note = { $who }, { $when }
office-copy-note-withdrawn = { $who }, { $when } (withdrawn)
office-copy-upload = Kept scan:
office-copy-reader = { $who }: { $what }

# The trail
office-nav-trail = Trail
office-trail-about = Every look at a person’s data and every change is an entry here; none can be changed unnoticed.
office-trail-verify = Verify the trail
office-trail-head = Head of the trail:
office-trail-intact = The trail is whole, nothing in it was changed. Entries: { $count }
office-trail-broken = From entry { $number } on the trail is not what was written. Tell the management at once, and keep the newest backup.
office-trail-who = Who
office-trail-what = What
office-trail-subject = Id
office-trail-from = From day
office-trail-to = To day
office-trail-all = All
office-trail-show = Show
office-trail-none = No entries fit.
office-trail-number = Entry
office-trail-when = When
office-trail-backup-made = Backup made
office-trail-call-answered = Visitor’s call answered
office-trail-cases-opened = Cases to choose from opened
office-trail-catalogue-published = Catalogue published
office-trail-data-copy-made = Copy of the data made
office-trail-database-restored = Database restored
office-trail-document-brought = Document brought
office-trail-envelope-admitted = Waiting record admitted
office-trail-envelope-damaged = A record came that can’t be read
office-trail-envelope-not-signed = A record came that its kiosk hasn’t signed
office-trail-envelope-declined = Waiting record declined
office-trail-envelope-kept-aside = Record kept aside
office-trail-epoch-opened = Kiosk began a new chain
office-trail-erased-envelope = An erased record came again
office-trail-erasure-announced = Erasure announced
office-trail-erasure-held-back = Erasure held back
office-trail-erasure-let-go = Erasure no longer held back
office-trail-fork-found = Two records at one place
office-trail-invite-made = Invite made
office-trail-kiosk-enrolled = Kiosk joined
office-trail-kiosk-let-in = Kiosk let in again
office-trail-kiosk-repaired = Kiosk repaired its store
office-trail-losses-named = Kiosk named records that it lost for good
office-trail-kiosk-revoked = Kiosk revoked
office-trail-list-opened = List opened
office-trail-minutes-opened = Minutes opened
office-trail-paper-copy = Paper copy taken in
office-trail-printed = Printed
office-trail-ask-answered = Ask answered
office-trail-ask-entered = Ask entered
office-trail-ask-opened = Ask opened
office-trail-ask-identity = Identity checked for an ask
office-trail-receipt-again = Copy of a receipt printed
office-trail-request-erased = Request erased
office-trail-request-erased-again = Request erased again
office-trail-request-opened = Request opened
office-trail-request-received = Request received
office-trail-request-again = Request received again
office-trail-key-rotated = Sealing key rotated
office-trail-session-opened = Session opened
office-trail-session-sealed = Session sealed
office-trail-signature-received = Signature received
office-trail-signed-in = Signed in
office-trail-signed-out = Signed out
office-trail-suggestion-erased = Suggestion erased
office-trail-suggestion-erased-again = Suggestion erased again
office-trail-suggestion-received = Suggestion received
office-trail-trail-opened = Trail opened
office-trail-trail-verified = Trail verified
office-trail-user-added = User added
office-trail-wrong-code = Wrong code scanned
office-trail-head-missing = A head that a kiosk kept isn’t in the trail
office-trail-decision = Decision recorded
office-trail-delivery = Delivery recorded
office-trail-document-asked = Document asked for
office-trail-document-returned = Document returned
office-trail-document-unverified = Verification taken back
office-trail-document-verified = Document verified
office-trail-list-exported = List exported
office-trail-merge-undone = Merge taken back
office-trail-new-decision = New decision recorded
office-trail-note-added = Note added
office-trail-note-withdrawn = Note withdrawn
office-trail-notice-tried = Notice tried
office-trail-objection = Objection recorded
office-trail-part-delivery = Part delivery recorded
office-trail-person-called = Person called
office-trail-person-opened = Person’s file opened
office-trail-persons-merged = Two files merged
office-trail-persons-apart = Two persons told apart
office-trail-request-closed = Request closed
office-trail-request-withdrawn = Request withdrawn
office-trail-told-ready = Told that it is ready
office-trail-upload-added = Scan added
office-trail-upload-opened = Scan opened
office-trail-upload-removed = Scan removed
office-trail-answer-corrected = Answer corrected
office-trail-declaration-printed = Declaration printed
office-trail-documents-adapted = Documents adapted
office-trail-receipt-printed = Receipt printed
office-trail-request-registered = Request registered at the office
office-trail-request-taken-in = Request taken in again from the desk’s log
office-trail-erasures-keyed = Lines of the log of erasures without a key ceased to count
office-trail-damage-found = Damage found
office-trail-damage-looked-at = Damage looked at
office-trail-rows-sealed = Rows of the database sealed
office-trail-rollback-accepted = Database that was rolled back accepted
office-trail-changes-missing = A kiosk has heard of changes that the database lacks
office-trail-session-made = Session made
office-trail-session-members = Session’s members changed
office-trail-session-day = Session’s day changed
office-trail-cases-added = Requests put before a session
office-trail-case-taken-off = Request taken off a session
office-trail-members-aside = Members stepped aside
office-trail-document-not-asked = Document no longer asked for
office-trail-list-searched = List searched
