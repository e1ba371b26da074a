### What a person reads, in English. One message per id; the pages name the ids. Keep sentences short, say what to do next.

## Every page
skip-to-content = Skip to content
banner = Notice
navigation = Main
title-error = Error:
foot-keyward = Protected by Keyward
account-sign-out = Sign out
back = Back
password-reset-done = The password was reset
cancel = Cancel
save = Save
done = Done
search = Search
copy = Copy
copied = Copied
next-page = Next page
nav-security-info = Security info
nav-users = Users
nav-campaigns = Campaigns
nav-sign-ins = Sign-in log
nav-audit = Audit log
reference-code = Code
reference-correlation = Correlation id
refusal-to-field = Go to the field

## Problems
problem-title-refused = That did not work
problem-title-denied = You cannot do this
problem-title-not-found = Not found
problem-title-ours = Something went wrong on our side
problem-help = If you ask your administrator for help, give them the correlation id: it finds the record of this attempt.
copy-correlation = Copy correlation id

## Sign-in
signin-title = Sign in
signin-to-app = to continue to { $app }
signin-username = Username
signin-next = Next
signin-passkey-button = Face, fingerprint, PIN or security key
signin-pass-button = Use a Temporary Access Pass
signin-password-button = Use your password
signin-or = or
signin-other-ways = No passkey on this device? Enter your username to see other ways to sign in.
signin-keep = Stay signed in
signin-keep-hint = { $count ->
    [one] For a day in this browser. Not on a device that others use too.
   *[other] For { $count } days in this browser. Not on a device that others use too.
  }
signin-not-you = Not you?
signin-start-again = Start again
signing-in-as = Signing in as
password-title = Enter your password
password-label = Password
pass-title = Enter your pass
pass-text = A Temporary Access Pass is a short-lived code that your administrator gave you.
pass-label = Temporary Access Pass
pass-reveal = Show
step-up-title = One more step
step-up-application = { $application } needs a stronger proof that it is you.
step-up-page = This page needs a stronger proof that it is you.
step-up-strength = What is asked for: { $strength }.
step-up-code = Enter a code from your authenticator app
step-up-other = Sign in another way
totp-title = Enter the code
totp-text = Open your authenticator app and enter the six digits it shows for this account.
totp-label = Six-digit code
totp-verify = Verify
upgrade-title = You are signed in
upgrade-text = Your browser may save a passkey for this account now, so that you need no password next time. This page goes on by itself in a moment.
signed-out-title = You are signed out
signed-out-text = It is a good idea to close the browser window if others use this device.
signed-out-again = Sign in again

## When WebAuthn is not there
noscript-title = Scripts are switched off
noscript-text = Passkeys need scripts. Enter your username to sign in another way, or allow scripts for this site.
no-webauthn-title = This browser cannot use passkeys
no-webauthn-text = You may be in a window inside another app. Copy this address and open it in your usual browser, or use another way to sign in.
this-address = Address
copy-address = Copy address

## What a ceremony can end with
ceremony-failed-title = That did not work
ceremony-failed-text = Please try again. If it keeps happening, use another way to sign in or ask your administrator.
ceremony-refused-title = The passkey was not accepted
ceremony-cancelled-title = Nothing was confirmed
ceremony-cancelled-signin = The request was cancelled, took too long, or this device has no passkey for your account. Try again, choose another device in the browser’s window, or use another way to sign in.
ceremony-cancelled-register = The request was cancelled or took too long. No passkey was made. You can try again.
ceremony-network-title = No connection
ceremony-network-text = The server could not be reached. Check your connection and try again.
ceremony-already-registered-title = Already registered
ceremony-already-registered-text = This device or security key already holds a passkey for your account. Use that one, or choose another device.
ceremony-wrong-address-title = Wrong address
ceremony-wrong-address-text = Passkeys for your organisation do not work at this address. Check the address in the browser’s bar: it may not be your organisation’s sign-in page.
ceremony-unsupported-key-title = This device cannot do it
ceremony-unsupported-key-text = The device or security key cannot make or use a passkey that your organisation accepts. Try another one; a security key may need a PIN first.

## Making a passkey
register-title = Setting up your passkey
register-text = Sign in faster and safer with your face, fingerprint, PIN or security key. There is nothing to remember, and nothing that can be stolen by a look-alike page.
register-where = Your browser will ask where to keep the passkey: on this device, on a phone or tablet, or on a security key.
register-continue = Continue
register-follow-browser = Follow the instructions in the browser’s window…
register-skip = Not now
register-step-make = Make
register-step-name = Name
register-step-done = Done
register-made-title = Passkey created
register-made-text = Give it a name, so that you recognise it later.
register-made-silently = Your browser has saved a passkey for this account by itself. It counts from the first time you sign in with it. Give it a name so that you recognise it later.
register-finish = Save and continue
preflight-already = Devices that already hold a passkey for your account are left out.

## Security info
info-text = The ways you sign in, and where you are signed in.
info-unused-passkey-title = Your passkey waits for its first use
info-unused-passkey-text = Your browser saved a passkey for this account by itself. Sign in with it once: from then on it counts as your way in.
info-no-passkey-title = You have no passkey yet
info-no-passkey-text = Add one now: it is faster than a password and cannot be phished.
passkeys = Passkeys
passkeys-count = { $count ->
    [0] No passkeys
    [one] One passkey
   *[other] { $count } passkeys
  }
passkeys-none = Passkeys you add appear here.
passkey-add = Add a passkey
passkey-created = Added
passkey-last-used = Last used
passkey-never-used = Never used
passkey-seen-count = { $count ->
    [one] Seen in one place
   *[other] Seen in { $count } places
}
passkey-seen-text = Device and browser are what the browser says about itself; they are not verified.
passkey-seen-first = first
passkey-seen-last = last
passkey-backed-up = Copies exist elsewhere (backed up)
passkey-not-backed-up = No copies elsewhere (not backed up)
passkey-backup-since = since
passkey-synced = Synced
passkey-device-bound = On one device
passkey-suspected-clone = Possibly copied
passkey-disabled = Disabled
passkey-attestation = Attestation
passkey-unused = Not yet used
passkey-name-synced = Synced passkey
passkey-name-this-device = This device
passkey-name-security-key = Security key
passkey-rename = Rename
passkey-rename-named = Rename passkey { $name }
passkey-delete = Delete
passkey-delete-named = Delete passkey { $name }
passkey-revoke = Revoke
passkey-revoke-named = Revoke passkey { $name }
passkey-name-title = Name your passkey
passkey-name-label = Name
passkey-name-hint = For example the device or the place you keep it. At most 64 characters.
passkey-delete-title = Delete this passkey?
passkey-delete-text = It stops working at once, and every session that was started with it ends. Your passkey manager is asked to remove it too.
passkey-delete-last-title = This is your last passkey
passkey-delete-last-text = Without it you need another way to sign in. If you have none, you can only come back with help from your administrator.
passkey-deleted-title = The passkey is deleted
passkey-deleted-text = You signed in with it, so you are signed out here as well. Sign in another way to go on.
passkey-delete-this-session = You signed in with this passkey, so you will be signed out here as well.
other-methods = Other ways to sign in
method-passkey = Passkey
method-password = Password
method-totp = Authenticator app
method-pass = Temporary Access Pass
password-changed-at = Changed
password-none = Not set
password-change = Change password
password-current = Current password
password-new = New password
password-again = New password, again
password-rules = { $count ->
    [one] At least one character.
   *[other] At least { $count } characters. A few unrelated words are stronger than one word with signs.
  }
password-change-effect = All other sessions end when you change it.
totp-enrolled-at = Added
totp-none = Not set up
totp-add = Set up an authenticator app
totp-replace = Replace
totp-scan-title = Scan this code
totp-scan-text = Open your authenticator app, choose to add an account, and scan.
totp-qr-label = QR code for your authenticator app; the same secret stands below as text
totp-secret-label = Or type in this secret
totp-confirm-title = Then enter the code that the app shows
new-password-title = Choose a new password
new-password-text = Somebody else set your present password, so it has to be replaced before you go on.
totp-remove = Remove
totp-remove-title = Remove the authenticator app?
totp-remove-text = Its codes stop working at once. If you sign in with a password, you may need another second step.
password-mismatch = The two new passwords are not the same.
done-totp-removed = The authenticator app was removed.
sessions = Where you are signed in
sessions-text = End what you do not recognise.
sign-out-everywhere = Sign out everywhere
session-this = This browser
session-kept = Stays signed in
session-end = End
session-end-named = End the session on { $device }
session-since = Since
session-last-seen = Last seen
device-unknown = Unknown device
recent-sign-ins = Recent sign-ins
recent-sign-ins-text = If something here was not you, change your password, delete passkeys you do not know, and tell your administrator.
sign-ins-none = No sign-ins yet.
done-passkey-added = The passkey was added.
done-passkey-renamed = The passkey was renamed.
done-passkey-deleted = The passkey was deleted, and the sessions it had started are ended.
done-password-changed = Your password was changed. All other sessions are ended.
done-totp-added = The authenticator app was set up.
done-session-ended = The session was ended.

## Columns and results
column-when = When
column-result = Result
column-method = Method
column-application = Application
column-address = Address
column-device = Device
column-name = Name
column-principal-name = User principal name
column-kind = Kind
column-state = State
column-created = Created
column-id = Id
column-user = User
column-activity = Activity
column-actor = By
column-targets = Of
result-success = Success
result-failure = Failure

## Administration
users-search = Name or user principal name starts with
users-none = No users found.
user-create = New user
user-create-text = The new user has no way to sign in yet. Issue a Temporary Access Pass next, so that they can set up a passkey.
user-principal-name-hint = Looks like an e-mail address and ends with a domain of this organisation, for example @{ $domain }.
user-mail = E-mail
user-mail-optional = E-mail (optional)
user-member = Member
user-guest = Guest
user-enabled = Enabled
user-disabled = Disabled
user-break-glass = Break glass
user-facts = About this user
user-roles = Roles
user-no-roles = None
user-sign-ins = Sign-ins of this user
user-audit = Changes to this user
user-no-passkeys = This user has no passkey.
user-sessions = Where this user is signed in
user-no-sessions = This user is not signed in anywhere.
user-enable = Enable
user-disable = Disable
user-disable-title = Disable this user?
user-disable-text = { $name } can no longer sign in, and every session and refresh token ends at once. You can enable the user again later.
user-revoke-sessions = End all sessions
passkey-revoke-title = Revoke this passkey?
passkey-revoke-text = “{ $name }” stops working at once. Every session, code and refresh token that came from it ends with it. This cannot be undone.
pass-issue = Issue a Temporary Access Pass
pass-issue-text = The pass lets the user sign in and set up a passkey. A new pass replaces the one before.
pass-minutes = Valid for (minutes)
pass-minutes-hint = Between 10 minutes and 43,200 minutes (30 days).
pass-once = Works once only
pass-issued-title = Temporary Access Pass issued
pass-issued-text = Hand it to the user over a channel you trust.
pass-usable = Usable
pass-not-usable = Not usable
pass-from = From
pass-until = until
pass-valid-until = Valid until
pass-none = None
password-reset = Reset password
password-reset-text = The user gets a random password and must choose another one at the next sign-in. All sessions end.
shown-once = This is shown once. After you leave this page nobody can read it again.
log-user = User
log-all = Show all
log-none = No records found.
log-other-hint = Look for this correlation id in:
log-bad-filter = The correlation id or user in the filter is not one that can exist.
done-user-created = The user was created.
done-user-enabled = The user was enabled.
done-user-disabled = The user was disabled, and all sessions are ended.
done-passkey-revoked = The passkey was revoked, and what it had started is ended.
done-sessions-revoked = All sessions of this user are ended.

## Between this server and applications
deliver-title = One moment
deliver-text = You are being sent back to the application.
deliver-button = Continue
sign-out-title = Sign out?
sign-out-text = An application asks to sign you out of
sign-out-stay = Stay signed in

## Registration campaigns
campaigns-text = People are asked for a passkey after a sign-in with two factors. The first campaign that wants a person counts; nobody is asked for what registering would refuse.
campaign-create = New campaign
campaign-edit = Edit campaign
campaign-delete = Delete this campaign
campaign-settings = Settings
campaign-who = For whom
campaign-everyone = Everybody
campaign-named = { $count ->
    [0] nobody
    [one] one group, person or role
   *[other] { $count } groups, people or roles
}
campaign-except = { $count ->
    [one] with one exception
   *[other] with { $count } exceptions
}
campaign-wave = Share
campaign-when = When
campaign-from = from
campaign-until = until
campaign-always = always
campaign-runs = running
campaign-rests = not running
campaign-state-default = Managed by this server
campaign-state-default-hint = Asks again after one day, without end, and only people whose profiles take what most devices have at hand.
campaign-state-enabled = Enabled
campaign-state-disabled = Disabled
campaign-snoozes = Skip for now
campaign-snoozes-default = any number of times; asks again after one day
campaign-snoozes-limited = { $count ->
    [0] three times; asks at every sign-in with two factors
    [one] three times; asks again after one day
   *[other] three times; asks again after { $count } days
}
campaign-snoozes-unlimited = { $count ->
    [0] any number of times; asks at every sign-in with two factors
    [one] any number of times; asks again after one day
   *[other] any number of times; asks again after { $count } days
}
campaign-snooze-days = Days until the next prompt
campaign-snooze-days-hint = 0 to 14; with 0 the prompt comes at every sign-in with two factors.
campaign-limited = After three times it cannot be skipped any more (except after an error)
campaign-groups = Groups
campaign-users = People
campaign-except-groups = Except groups
campaign-except-users = Except people
campaign-names-hint = One per line: the name or id of a group, the user principal name of a person. An exception always wins.
campaign-starts = Starts (UTC)
campaign-ends = Ends (UTC)
campaign-waves = Waves (UTC)
campaign-waves-hint = One per line: a day and the percentage of people from then on, for example 2026-12-01 10. Who is in stays in.
campaign-beyond = More
campaign-silent-first = Let the browser make the passkey silently first, where it can
campaign-single-sign-on = Ask people whose session was there already, too
campaign-replacement = Ask people whose only passkeys end soon or are of a model that is no longer good
campaign-not-on-linux = Do not ask on Linux
campaign-position = Position
campaign-position-hint = Campaigns are asked in this order, the smallest number first.
campaign-bad-number = This has to be a whole number.
campaign-bad-state = Choose one of the three states.
campaign-bad-moment = This is no date and time.
campaign-bad-waves = Each line has to be a day or moment and a percentage from 0 to 100.
campaign-too-many-names = Name at most 200 groups and 200 people here; make a group for more.
campaign-unknown-name = One of the names is not there, or two groups have it. Use the group’s id then.
snoozes-title = Put off
snoozes-text = How often people chose “Skip for now” or closed the browser. The count outlives campaigns.
snoozes-none = Nobody has put off a prompt.
snoozes-column = Put off
snoozes-people = People
snoozes-last = last
snoozes-times = { $count ->
    [0] not counted
    [one] once
   *[other] { $count } times
}
snoozes-reset = Set all back
snoozes-reset-one = Set back
snoozes-reset-title = Set the counts of everybody back?
snoozes-reset-text = Everybody can skip the prompt three times again, and may be asked at the next sign-in.
funnel-title = What became of the prompts
funnel-text = The last { $count } days. Browser and system are what the browser says of itself.
funnel-none = No prompt was shown.
funnel-chart = Bars for the numbers of the table beside it
funnel-what = Outcome
funnel-count = Count
funnel-shown = Shown
funnel-accepted = Passkey registered
funnel-snoozed = Skipped
funnel-error-skipped = Left after an error
funnel-unanswered = No answer
funnel-silent = Passkeys made silently, of browsers asked:
funnel-devices = By browser
funnel-device = Browser
funnel-providers = Passkeys by provider
funnel-provider = Provider
funnel-troubles = What went wrong
funnel-why = Reason
provider-security-key = Security key
provider-password-manager = Password manager
provider-other = Other or unknown
trouble-cancelled = The browser’s dialog was closed, or took too long
trouble-unsupported = The browser cannot make passkeys, or runs no scripts
trouble-alreadyThere = The device holds a passkey for this account already
trouble-refused = The server refused the passkey
trouble-network = The server could not be reached
trouble-other = Something else
trouble-server = Refused by the server:
done-campaign-saved = The campaign was saved.
done-campaign-deleted = The campaign was deleted.
done-snoozes-reset = The count was set back.
done-snoozes-reset-all = The counts of everybody were set back.
