# What is printed on the receipt.

receipt-title = Receipt for a request for support
receipt-copy = Copy
receipt-number-title = Tracking number
receipt-qr-text = Hold this code under the scanner to follow up
receipt-registered-on = Registered on { $hijri }, that is { $gregorian }
receipt-registered-untrusted = Registered (date to be confirmed by the office)
receipt-service = Service: { $service }
receipt-missing-title = { PLURAL($count) ->
    [one] Please bring this document:
   *[other] Please bring these { $count } documents:
}
receipt-committee = Your request goes to the research committee. We will tell you whether it was accepted or refused, without your asking.
receipt-paper-not-before = The reply comes in no less than two weeks: not before { $hijri }, that is { $gregorian }.
receipt-paper-not-before-unknown = The reply comes in no less than two weeks from today.
receipt-follow-up = Follow up with this receipt at the kiosk or with the tracking number at the desk or by phone.
receipt-declaration = The applicant declared to be directly responsible for the accuracy of the information, and signed.
