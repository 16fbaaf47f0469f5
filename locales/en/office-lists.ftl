# Work lists, search, exports and people's files

# Lists
office-nav-doubles = Possible doubles
office-list-ready = Ready for the committee
office-list-objections = Objections
office-list-not-reached = Not reached
office-list-forks = To be checked
office-requests-more-than = More than { $count } requests
office-purpose-all = All requests stand here. None has arrived yet.
office-purpose-new = Requests under study whose fourteen days have not passed stand here. There is none now.
office-purpose-under-study = Requests on which the research committee has not decided stand here. There is none now.
office-purpose-incomplete = Requests stand here while a document is missing or not verified. There is none now.
office-purpose-ready = Requests whose documents are complete and whose time has passed stand here, ready for the committee. There is none now.
office-purpose-replies-owed = Requests whose time has passed and whose applicants wait for a reply stand here. Nobody waits for one now.
office-purpose-accepted = Accepted requests that are not delivered stand here. There is none now.
office-purpose-refused = Requests that were not accepted stand here. There is none now.
office-purpose-delivered = Requests whose service was delivered stand here. There is none now.
office-purpose-objections = Requests whose refusal was objected to, waiting for a second look, stand here. There is none now.
office-purpose-not-reached = Requests whose applicants no notice has reached, and who wait for a call, stand here. Everybody was reached.
office-purpose-forks = Requests that share one tracking number, or whose kiosk’s store was copied, stand here. There is none now, as it should be.

# Filter
office-filter-title = Narrow the list
office-filter-all = All
office-filter-from = Received from
office-filter-to = to
office-filter-do = Apply
office-filter-none = Remove the filter

# Search
office-search-label = Find a person or a request
office-search-do = Search
office-search-help = The name, however it is written, the tracking number or a part of it, the ID number or the mobile number, in any digits.
office-search-short = Write a word of at least two letters, or at least four digits.
office-export-too-many = Other files are still on their way. Finish or cancel their downloads, then try again.
office-search-common = These words are common: more than { $count } people have them. Add another word to narrow the search.

# Export
office-export-csv = Download the list (CSV)
office-export-xlsx = Download the list for Excel (XLSX)
office-export-national-id = ID number
office-export-mobile = Mobile
office-export-category = Category
office-export-received = Received on
office-export-registered = Registered at (UTC)
office-export-channel = Channel
office-export-beneficiary = Beneficiary
office-export-kiosk = Kiosk number

# One step for many requests
office-bulk-choose = Choose
office-bulk-expire = Close the chosen ones as expired…
office-bulk-put = Put the chosen ones before the committee…
office-bulk-session = Put requests before { $session }
office-bulk-will-put = It will be put before the committee
office-bulk-in-session = It stands before this session already
office-bulk-put-confirm = Put them before the committee
office-bulk-no-session = No session of the research committee is open for today or later. Make one, then try again.
office-bulk-title = Close requests as expired
office-bulk-what = What will happen
office-bulk-will-close = It will be closed
office-bulk-closed = It was closed
office-bulk-done-before = It had ended before
office-bulk-note = The reason, kept with each request
office-bulk-note-missing = Write why they are closed.
office-bulk-confirm = Close them
office-bulk-done = What was closed
office-bulk-none = No request was chosen. Go back to the list and choose at least one.
office-bulk-too-many = At most { $count } requests can be closed at once.

# A person's file
office-person-title = The person’s file
office-person-file = The person’s file
office-person-requests = The person’s requests
office-person-birth = Date of birth
office-person-others =
    { PLURAL($count) ->
        [zero] No other requests of this person
        [one] 1 other request of this person
       *[other] { $count } other requests of this person
    }
office-person-same-service = This person has another request for the same service:
office-person-same-service-more =
    { PLURAL($count) ->
        [one] One more for the same service: see the person’s file
       *[other] { $count } more for the same service: see the person’s file
    }
office-person-maybe = This person may have another file
office-person-more = More people share this first name and date of birth than are proposed here. Please search by name, too.
office-person-merged = Files that were put into this one
office-person-undo = Make it a file of its own again
office-person-merged-elsewhere = One of the two files was put into another one. Take that back first, then try again.

# Possible doubles
office-doubles-about = Two files that may be of one person. Nothing is put together unless you decide so after comparing them.
office-doubles-empty = No similar files wait to be compared.
office-doubles-pair = The two files
office-doubles-why = What is alike
office-double-name = Name and date of birth
office-double-national-id = ID numbers one typing mistake apart
office-beside-title = Are these two one person?
office-beside-about = Compare the files with the ID before putting them together. That can be taken back: each request then returns to its own file.
office-beside-merge-here = One person: keep this file and put the other one into it
office-beside-apart-about = If these are two people, the files will not be proposed together again.
office-beside-apart = Two different people
