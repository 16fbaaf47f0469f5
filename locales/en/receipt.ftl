# What is printed on the receipt.

receipt-title = Receipt for a request for support
receipt-copy = Copy
receipt-number-title = Tracking number
receipt-qr-text = Hold this code under the scanner to follow up
receipt-registered-on = Registered on { $hijri }, that is { $gregorian }
receipt-registered-untrusted = Registered (date to be confirmed by the office)
receipt-service = Service: { $service }
receipt-missing-title = { $count ->
    [one] Please bring this document:
   *[other] Please bring these { $count } documents:
}
receipt-committee = Your request goes to the research committee. We will tell you whether it was accepted or refused, without your asking.
receipt-paper-not-before = The reply comes in no less than two weeks: not before { $hijri }, that is { $gregorian }.
receipt-paper-not-before-unknown = The reply comes in no less than two weeks from today.
receipt-follow-up = Follow up with this receipt at the kiosk or with the tracking number at the desk or by phone.
receipt-declaration = The applicant declared to be directly responsible for the accuracy of the information, and signed.
receipt-contact = { $association } · { $phone }
receipt-paper-copy-title = For the office: copy of the request
receipt-paper-copy-text = This code holds the request, sealed. Only the office can read it.
receipt-paper-copy-left-out = The request was too long for a copy on paper. It is kept safely in the kiosk.
receipt-slip-title = Slip for documents brought
receipt-slip-text = Please hand this slip in at the desk with your documents.
receipt-slip-brought-title = { $count ->
    [one] Document brought:
   *[other] { $count } documents brought:
}
receipt-test-title = Test print
