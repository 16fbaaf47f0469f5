# Working on a request: documents, notes, corrections, registration at the desk.

# Two people at one request
office-conflict-title = The request has changed meanwhile
office-conflict-about = A colleague changed this request after you had opened it, so what you sent is not kept yet. Compare what is there now with what you wanted; then send it again, or leave it.
office-conflict-since = What has happened since you opened the page
office-conflict-now = There now
office-conflict-wanted = What you wanted to write
office-conflict-nothing = Nothing
office-conflict-again = Send mine all the same
office-conflict-leave = Back to the request without sending
office-note = Note

# Documents
office-event-document-asked = Also asked for: { $document }
office-step-document-already-asked = This document is on the request's list already.
office-document-unverify = Take the verification back
office-document-return-reason = Why it is returned, for the applicant to be told
office-document-return-needs-reason = Write why the document is returned, so that the applicant knows what is wrong with it.
office-document-ask = Ask for another document
office-document-ask-which = Document to ask for
office-document-ask-choose = Choose a document
office-document-ask-why = Why (optional)
office-document-ask-do = Add it to the request

# Scans
office-upload-add = Add a scan
office-upload-choose = One file or more
office-upload-help =
    { PLURAL($count) ->
        [one] PDF, or a JPEG or PNG picture; a file has at most { $megabytes } MB, and the whole request one file.
       *[other] PDF, or a JPEG or PNG picture; a file has at most { $megabytes } MB, and the whole request at most { $count } files.
    }
office-upload-do = Keep the files
office-upload-opens = (opens in a new page)
office-upload-unnamed = File without a name
office-upload-about = { $kind }, { $kilobytes } KB — { $who }, { $when }
office-upload-kind-pdf = PDF
office-upload-kind-picture = Picture
office-upload-remove = Delete this file …
office-upload-remove-about = The file is destroyed and can't be brought back. The trail still says that it was there, and who deleted it.
office-upload-remove-do = Delete the file for good
office-upload-refused = No file was kept. “{ $name }”: { $why }
office-upload-empty = The file is empty; choose it again.
office-upload-too-large = The file is larger than { $megabytes } MB; scan it more coarsely, or in parts.
office-upload-unknown-kind = It is neither a PDF nor a JPEG or PNG picture, whatever its name says; save it as one of these.
office-upload-heic = An iPhone took this picture in its own format. On the phone choose Settings, Camera, Formats, Most Compatible, and take it again; or save it as JPEG.
office-upload-other-picture = Pictures of this kind aren't kept; open it, save it as JPEG, and upload that.
office-upload-picture-damaged = The picture is damaged or cut off; scan the document again.
office-upload-too-many-pixels = The picture is larger than it needs to be; scan the document more coarsely.
office-upload-pdf-damaged = The PDF is damaged or cut off; save it again, or scan the document.
office-upload-pdf-active = In the PDF is a script, a program or a film that acts by itself; print it to a new PDF, or scan the document.
office-upload-pdf-attached = Another file is attached to the PDF; print the PDF to a new one, and upload what was attached by itself.
office-upload-pdf-password = The PDF opens with a password only; open it with the password, and print it to a new PDF.
office-upload-pdf-locked = The PDF is packed in a way that can't be looked through; print it to a new PDF, or scan the document.
office-upload-none-chosen = No file was chosen. Choose at least one.
office-upload-too-many =
    { PLURAL($count) ->
        [one] No file was kept: a request takes no more than one. First delete what isn't needed.
       *[other] No file was kept: a request takes no more than { $count }. First delete what isn't needed.
    }
office-upload-too-many-at-once = No file was kept: choose at most ten at a time.
office-upload-form-too-long = No file was kept: together the files have more than { $megabytes } MB. Send them one after the other.
office-upload-busy = Several colleagues are sending files at this moment. Wait a minute, then send yours again.
office-upload-broken-off = The files didn't come whole, and nothing was kept. Send them again.
office-upload-too-slow = The files took too long, and nothing was kept. Look at the connection, or send smaller files.

# Notes of the staff
office-notes = Notes of the staff
office-notes-none = No notes yet.
office-note-new = New note
office-note-help = All your colleagues see it; the applicant doesn't, unless they ask for a copy of their data. Nobody deletes it, but whoever wrote it can withdraw it.
office-note-do = Add the note
office-note-empty = The note is empty. Write its text, then send it.
office-note-withdraw = Withdraw this note …
office-note-withdraw-about = The note goes out of sight; the trail still says that it was written and withdrawn.
office-note-withdraw-do = Withdraw the note

# Catalogue versions
office-catalogue-not-held = The version of the catalogue that was answered is no longer here: the questions are shown in today's words.

# What verifications have found
office-nav-findings = Damage
office-alert-findings =
    { PLURAL($count) ->
        [one] The office’s records are damaged, or were rolled back, in one place. Please tell the administrator: see the page of damage.
       *[other] The office’s records are damaged, or were rolled back, in { $count } places. Please tell the administrator: see the page of damage.
    }
office-step-set-apart = A record of this request isn’t as it was written. No step is taken with it until an administrator has looked.
office-findings-title = Damage
office-findings-none = Everything is as it was written, as far as it was verified.
office-findings-about = Compare each with the paper, the kiosk’s receipt or a backup, correct on the request’s page what is wrong, or restore a backup. Then say that you have looked: the record counts as it stands from then on, and steps can be taken again. It stands in the audit trail.
office-findings-found = Found
office-findings-request = Open the request
office-findings-settle = I have looked: it counts as it stands
office-finding-row = A record isn’t as it was written
office-finding-seals = Records of which nobody can tell whether they were changed
office-finding-rollback = The database was rolled back
office-finding-database = The database’s file is damaged
office-finding-trail = The audit trail is broken
office-finding-envelopes = A kiosk’s record isn’t what the kiosk signed
office-finding-minutes = Minutes aren’t what was sealed
office-finding-backups = Backups are gone or damaged
