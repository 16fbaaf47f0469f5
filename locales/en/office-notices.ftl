# Notices to beneficiaries and the public status page.

# Messages: an SMS on a telephone that others may read. No name, no service, no reason, no decision; short.
office-notice-message = { $association }: { $sentence }
office-notice-see = Or on your phone: { $address }
office-notice-received = We have received your request ending in { $number }, and will tell you all news.
office-notice-documents-needed = Your request ending in { $number } needs a document from you. Please come to our desk with your receipt.
office-notice-documents-complete = The documents of your request ending in { $number } are complete. You needn’t do anything now.
office-notice-decided = The reply to your request ending in { $number } is ready. Your receipt shows it at our desk or at the kiosk.
office-notice-objection = We have received what you told us about your request ending in { $number }. The committee will look at it, and we will tell you.
office-notice-ready = We look forward to your visit about your request ending in { $number }. Please come to our desk with your receipt and your ID.
office-notice-part-delivered = We have recorded a step in your request ending in { $number }. If you don’t know of it, please call us.
office-notice-delivered = Your request ending in { $number } is finished. Your opinion is your right: rate our service with your receipt at the kiosk. Nobody learns your name.
office-notice-withdrawn = Your request ending in { $number } was withdrawn as you wished. If you didn’t ask for that, please call us.
office-notice-closed = Your request ending in { $number } has come to its end. For questions, please come to our desk with your receipt.
office-notice-closed-as-double = Your request ending in { $number } was joined with your other request, which goes on.

# What a notice is about
office-notice-kind-received = Request received
office-notice-kind-documents-needed = A document is needed
office-notice-kind-documents-complete = Documents complete
office-notice-kind-decided = The reply is ready
office-notice-kind-objection = Objection recorded
office-notice-kind-ready = Ready to be fetched
office-notice-kind-part-delivered = A part delivered
office-notice-kind-delivered = Delivered, please rate
office-notice-kind-withdrawn = Request withdrawn
office-notice-kind-closed = Request closed
office-notice-kind-closed-as-double = Closed as a double

# Where it stands
office-notice-waiting = Waits to be sent
office-notice-sent = Sent
office-notice-overtaken = No longer needed
office-notice-told = Told by phone
office-notice-no-mobile = No mobile number in the request
office-notice-wrong-number = The number is somebody else’s
office-notice-attempts = The message didn’t get through after several tries
office-notice-no-gateway = Messages are not set up
office-notice-limit = So many messages had been sent already
office-attempt = { $when }: { $outcome }
office-attempt-open = how it ended isn’t known
office-attempt-sent = the message provider took it
office-attempt-refused = the message provider refused it
office-attempt-timed-out = the message provider took too long
office-attempt-unreachable = the message provider couldn’t be reached
office-attempt-status = (status { $status })
office-attempt-answer = (status { $status }: { $answer })

# On the page of a request
office-request-notices = What the person was told
office-request-notices-none = Nothing yet.
office-request-called = Phone call
office-ready-about = The person gets a message that we look forward to the visit; it doesn’t name the service.
office-ready-tell = Tell them that it is ready

# The call list
office-nav-notices = Calls to people
office-notices-title = People whom no message has reached
office-notices-about = Please call and tell them. Every call is recorded.
office-notices-no-gateway = No message provider is set up on the server: everybody is told by phone.
office-scan-to-call = { PLURAL($count) ->
    [one] { $count } person to call
   *[other] { $count } people to call
}
office-notices-now = To call now ({ $count })
office-notices-later = To call later ({ $count })
office-notices-nobody = Nobody is on this list.
office-notices-no-number = There is no number that works. Tell the person at the next visit, or correct the number in the request.
office-notices-say = What to say
office-notices-say-first = Hello, this is { $association }. Am I speaking with the person who made the request?
office-notices-say-about = Don’t say the name, the service or the decision before you know who is speaking. The decision is told with the receipt, or at the desk with the ID.
office-notices-calls = { PLURAL($count) ->
    [one] { $count } call so far
   *[other] { $count } calls so far
}
office-notices-again-from = To be called again from { $date }
office-notices-again = Call again on
office-notices-again-wrong = Choose a day from today up to two months ahead.
office-notices-reached = Reached
office-notices-not-reached = Not reached
office-notices-wrong = Wrong number
office-notices-reached-button = I told them
office-notices-not-reached-button = Not reached
office-notices-wrong-button = Wrong number
office-notices-openings = The status page was opened { $shown } times on people’s phones in the last month, and { $refused } tries were refused. Who opened it isn’t recorded.

# The public status page
office-status-title = Follow up your request
office-status-about = Point your phone’s camera at the square code on your receipt, or type what follows.
office-status-number = Tracking number
office-status-number-help = The digits printed on your receipt.
office-status-code = Code of the receipt
office-status-code-help = The digits behind the tracking number when any reader reads the square code.
office-status-show = Show my request
office-status-refused = We found no request with this number and this code. Please compare them, or call us.
office-status-too-many = Too many tries. Please try again in ten minutes, or call us.
office-status-nothing = There is nothing here
office-status-keep = Whoever has the receipt or a photo of it can see this page: keep it to yourself.
