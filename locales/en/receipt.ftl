# What is printed on the receipt.

receipt-title = Receipt for a request for support
receipt-copy = Copy
receipt-number-title = Tracking number
receipt-qr-text = Hold either code under the scanner
receipt-qr-text-one = Hold this code under the scanner
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
receipt-follow-up = Follow up with this receipt at the kiosk, or with the number at the desk or by phone.
receipt-declaration = The applicant declared to be directly responsible for the accuracy of the information, and signed.
receipt-paper-copy = Please keep this second code, too: it holds your whole request, sealed, until the office has received it.
receipt-return = If we don’t contact you, please come back with this receipt.
receipt-slip-on = Printed on { $hijri }, that is { $gregorian }
receipt-status-slip-title = Where your request stands
receipt-documents-slip-title = Documents that you brought
receipt-brought-title = { PLURAL($count) ->
    [one] You say that you brought this document:
   *[other] You say that you brought these { $count } documents:
}
receipt-brought-hand-over = Please hand them to a colleague at the desk, who will verify them.
