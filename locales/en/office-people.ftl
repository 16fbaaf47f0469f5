# The staff: users, passwords, one-time codes.

office-nav-people = Staff

# signing in, step by step
office-sign-in-again = Start again
office-code-title = One-time code
office-code-label = The code that your telephone shows
office-code-help = Six digits, new every half minute. Without your telephone, type one of your recovery codes.
office-code-do = Go on
office-code-wrong = This code doesn’t fit, or was used already. Wait for the next one and type it.
office-code-too-many = Too many codes were wrong. Wait a quarter of an hour, then sign in again. If your telephone’s clock is wrong, let it set itself.
office-code-closed = Too many wrong codes in a row. Only a recovery code helps now, or that an administrator resets your one-time codes.
office-code-wrong-before-title = Wrong codes were tried
office-code-wrong-before =
    { PLURAL($count) ->
        [one] { $count } wrong code was typed since you last signed in.
       *[other] { $count } wrong codes were typed since you last signed in.
    }
office-code-wrong-before-help = If that wasn’t you, somebody knows your password: change it now on the page of your account, and tell the administrator.
office-code-wrong-before-on = Go on
office-new-password-title = Choose your own password
office-new-password-about = The password you were given has been seen by somebody else. Choose one that only you know; the next time you sign in with it.

# passwords
office-password-old = Your password now
office-password-new = New password
office-password-again = The new password once more
office-password-do = Change the password
office-password-rules =
    { PLURAL($count) ->
        [one] At least { $count } character. Three or four words that have nothing to do with each other are easy to remember; spaces and any letters are fine.
       *[other] At least { $count } characters. Three or four words that have nothing to do with each other are easy to remember; spaces and any letters are fine.
    }
office-password-common = This password is among the first that anybody would try. Join three or four words that have nothing to do with each other.
office-password-name = This password is little more than your name or this program’s. Join three or four other words.
office-password-failed = This password couldn’t be kept. Try another one.
office-password-differs = The two new passwords differ. Type the same one twice.
office-password-same = This is the password you have now. Choose another one.
office-password-old-wrong = This isn’t your password. Type the one you sign in with now.
office-password-busy = Very many people are signing in at this moment. Wait a few seconds and try again.
office-too-many-own = Too many tries. Wait ten minutes, then try again.

# the second factor
office-factor-title = Set up one-time codes
office-factor-about = From now on signing in asks for a code that your telephone shows. You need an app for one-time codes, such as Aegis, FreeOTP, Google Authenticator or Microsoft Authenticator.
office-factor-scan = Scan this code with the app.
office-factor-qr = QR code with the secret for your telephone
office-factor-type = Without a camera, type this secret into the app:
office-factor-confirm = Then type the six digits that the app shows
office-factor-do = Confirm
office-recovery-title = Your recovery codes
office-recovery-done = One-time codes are set up.
office-recovery-renewed = None of your earlier recovery codes counts any more. These are new ones.
office-recovery-about = Should you lose your telephone, each of these codes opens once in its place. They are shown only now: print this page or write them down, and keep them where your telephone isn’t.
office-recovery-go-on = I have kept them
office-recovery-left =
    { PLURAL($count) ->
        [one] { $count } recovery code is left.
       *[other] { $count } recovery codes are left.
    }

# the own account
office-account = Your account
office-account-password = Password
office-account-password-about = Changing it ends your sessions in all other browsers.
office-account-factor = One-time codes
office-account-factor-on = Signing in asks for a code from your telephone.
office-account-factor-off = Signing in asks for the password alone. A code from your telephone protects you even when somebody has seen your password.
office-account-factor-set-up = Set up one-time codes
office-account-factor-anew = Set up anew, with new recovery codes
office-account-factor-code = A code from your telephone, or a recovery code
office-account-sessions = Where you are signed in
office-account-session-begun = Signed in
office-account-session-used = Last used
office-account-session-this = this browser
office-account-sign-out-about = Ends all these sessions, this one too.
office-account-sign-out = Sign out everywhere

# the staff
office-people-add = Add somebody
office-people-add-do = Add, and show the password once
office-people-name = User name
office-people-name-help = 1 to 40 letters, digits, dots, hyphens or underscores, without spaces.
office-people-name-wrong = A user name has 1 to 40 letters, digits, dots, hyphens or underscores, without spaces.
office-people-name-taken = Somebody has this user name already. Choose another one.
office-people-full-name = Full name
office-people-full-name-help = As the minutes of a session print it. Left empty, it is the user name.
office-people-full-name-wrong = A full name has at most 80 characters, in one line.
office-people-full-name-do = Change the full name
office-people-role = Role
office-people-role-do = Change the role
office-people-factor = One-time codes
office-people-factor-on = on
office-people-factor-off = off
office-people-factor-owed = to be set up
office-people-last-seen = Last here
office-people-never-seen = never
office-people-disabled = disabled
office-people-no-password = needs a new password
office-people-initial = password not yet changed
office-people-steps = Change
office-people-password-help = For who has forgotten it: a new password, shown once. Ends all their sessions.
office-people-password-do = Make a new password
office-people-factor-help = For who has lost the telephone and the recovery codes. Be sure that it is really them who ask.
office-people-factor-do = Reset one-time codes
office-people-sign-out = Sign out everywhere
office-people-disable-help = Can’t sign in any more, at once. What they did stays in the trail under their name.
office-people-disable = Disable
office-people-enable = Let sign in again
office-people-last-administrator = This is the last administrator who can sign in. Make somebody else an administrator first: otherwise nobody could look after the staff.
office-people-password-title = The new password
office-people-password-about = Give { $name } this password. It must be changed at the next sign-in.
office-people-password-once = It is shown only now. If it gets lost, make another one.

# the trail
office-trail-password-changed = Own password changed
office-trail-password-reset = Password reset
office-trail-recovery-code-used = Recovery code used
office-trail-recovery-codes-given = New recovery codes given
office-trail-role-changed = Role changed
office-trail-full-name-changed = full name changed
office-trail-second-factor-reset = One-time codes reset
office-trail-second-factor-set-up = One-time codes set up
office-trail-signed-out-everywhere = Signed out everywhere
office-trail-user-disabled = Member of staff disabled
office-trail-user-enabled = Member of staff allowed to sign in again
