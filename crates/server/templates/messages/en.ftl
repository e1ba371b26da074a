### What a person reads, in English. One message per id; the pages name the ids. Keep sentences short, say what to do next.

## Every page
skip-to-content = Skip to content
banner = Notice
banner-demonstration = Demonstration: the people here are made up, and their secrets are no secrets.
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
feedback-title = Feedback of an authenticator
feedback-text = When a passkey could not be added or used, the app shows a feedback id. What it reported is kept for thirty days; it holds codes and times, no names and no secrets.
feedback-look-up = Look up a feedback id
feedback-id = Feedback id
feedback-id-hint = Twelve characters in three groups, as the person reads them out.
feedback-find = Find
feedback-system = System
feedback-received = Received
feedback-operation = What was tried
feedback-relying-party = Where
feedback-register = Adding a passkey
feedback-sign-in = Signing in
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
first-application = { $app } lets you begin only with what is offered here.
first-page = Your organization lets you begin only with what is offered here.
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
signed-out-telling = The applications you used in this browser are being signed out too.
signed-out-on = Go on to the application
signed-out-continue = Go on
signed-out-frame = Signing an application out

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
register-step-make = Make
register-step-name = Name
register-step-done = Done
register-made-title = Passkey created
register-made-text = Give it a name, so that you recognise it later.
register-made-silently = Your browser has saved a passkey for this account by itself. It counts from the first time you sign in with it. Give it a name so that you recognise it later.
register-finish = Save and continue
nudge-title = Make a passkey
nudge-why = With a passkey you sign in with your face, fingerprint, PIN or security key. You do not need your password, and a look-alike page cannot steal anything.
nudge-what = It takes about a minute. Your browser will ask where to keep the passkey and will ask you to confirm it; then you give it a name.
nudge-then = After that you go on to { $application }.
nudge-required = Your organisation asks you to make one now.
nudge-make = Make a passkey
nudge-sign-in-text = You have been signed in for a while. For your safety you sign in once more first.
nudge-skip = Skip for now
nudge-left = { $count ->
    [one] You can skip this one more time. After that, a passkey is needed.
   *[other] You can skip this { $count } more times. After that, a passkey is needed.
}
nudge-after-error = Continue without a passkey
nudge-after-error-text = It did not work, so this does not count as skipping. You will be asked again another time.
preflight-already = Devices that already hold a passkey for your account are left out.

## Security info
info-text = The ways you sign in, and where you are signed in.
info-waiting-passkey-title = A passkey was made for you
info-waiting-passkey-text = Activate it below. From then on you can sign in with it.
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
passkey-by-you = by you
passkey-by-owner = by the owner
passkey-by-administrator = by an administrator
passkey-by-application = by the application { $name }
passkey-by-unknown = for its owner; by whom is not known
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
passkey-waiting = Not activated
passkey-waiting-text = This passkey was made for you. It cannot be used to sign in until you activate it here.
passkey-activate = Activate
passkey-activate-named = Activate passkey { $name }
passkey-activate-title = Activate your passkey
passkey-activate-text = “{ $name }” was made for you by somebody else. Use it here once to show that you have it. From then on you can sign in with it.
passkey-activate-button = Use this passkey
passkey-quarantined = In quarantine
passkey-quarantined-text = This passkey is blocked, because its kind of device was found to be unsafe. Add another passkey.
passkey-in-doubt = Counts as one step
passkey-in-doubt-text = Something was found about this kind of device. Until that is settled, this passkey alone is not enough for everything. Add another passkey.
passkey-refused = Not accepted
passkey-ends = Ends
passkey-ends-text = This passkey will soon have reached its end. Add a new one before, so that you can go on signing in.
passkey-attested = Attested
passkey-kept-by = Key store
keeper-strong-box = StrongBox
keeper-trusted-environment = trusted execution environment
keeper-secure-enclave = Secure Enclave
keeper-tpm = TPM
keeper-secure-element = secure element
keeper-hardware = hardware
keeper-software = software
keeper-provider = its provider, synced
key-source-attestation = proved
key-source-metadata = says its model's metadata
key-source-claim = not proved
passkey-attestation = Attestation
passkey-unused = Not yet used
passkey-name-synced = Synced passkey
passkey-name-this-device = This device
passkey-name-another-device = Phone
passkey-name-security-key = Security key
passkey-rename = Rename
passkey-rename-named = Rename passkey { $name }
passkey-delete = Delete
passkey-delete-named = Delete passkey { $name }
passkey-revoke = Revoke
passkey-revoke-named = Revoke passkey { $name }
passkey-release = Release
passkey-release-named = Release passkey { $name }
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
personal-data = Your data
personal-data-text = A file with everything that is kept about you here, without secrets.
personal-data-download = Download
user-export = Download what is kept about this person
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
done-passkey-activated = The passkey is activated. You can sign in with it now.
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

## One sign-in
sign-in-one = Sign-in
sign-in-facts = About this sign-in
sign-in-passkey = Passkey
sign-in-multi-factor = Two factors
sign-in-backed-up = A copy existed elsewhere
sign-in-steps = What was shown
sign-in-no-steps = Nothing was shown.
sign-in-decision = What the policies said
sign-in-no-policies = No policy applied.
sign-in-decision-hidden = You need a role that may see policies to see what they said.
sign-in-version = Version { $version } of the policies
sign-in-contexts = Authentication contexts: { $contexts }
sign-in-break-glass = Emergency account
applied-success = Satisfied
applied-failure = Not satisfied
applied-not = Did not apply
applied-not-enabled = Not enabled
applied-report-success = Would have been satisfied
applied-report-failure = Would have refused
applied-report-interrupted = Would have asked for something

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
passkey-release-title = Release this passkey?
passkey-release-text = “{ $name }” will be accepted again, although the metadata speaks against its model. This holds until there is other news about the model.
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
done-passkey-released = The passkey was released and works again.
done-passkey-revoked = The passkey was revoked, and what it had started is ended.
done-sessions-revoked = All sessions of this user are ended.

## Between this server and applications
deliver-title = One moment
deliver-text = You are being sent back to the application.
deliver-button = Continue
sign-out-title = Sign out?
sign-out-text = An application asks to sign you out of
sign-out-stay = Stay signed in
device-title = Enter the code of your device
device-text = Type the code that your device shows. If somebody sent you a code, do not type it: they would be signed in as you.
device-label = Code
device-next = Next
device-code-unknown = No device waits with this code. Look at the device again; codes last 15 minutes and work once.
device-ask-title = Sign in to this application on your device?
device-ask-text = Go on only if you began this yourself, on a device that you can see. The device will act as you.
device-ask-yes = Go on
device-ask-no = No, stop it
device-done = You are signed in on your device
device-declined = The device was turned away
device-close = You can close this window.

## What applications are given
consent-title = Give this application access?
consent-place = Answers at
consent-registered = Registered
consent-wishes = It asks for
consent-remembered = You are asked once. You can take it back at any time in your security info.
consent-nothing-new = You or your organisation agreed to this before.
consent-administrator-title = Your administrator has to agree
consent-administrator-text = This application asks for more than you may give it. Tell your administrator its name, and sign in again afterwards.
consent-yes = Agree
consent-no = Do not agree
consent-back = Back to the application
consents = Applications you gave access to
consents-text = What you agreed to when you signed in. An application that you take it back from has to ask you again.
consent-given = Given
consent-remove = Take back
consent-remove-named = Take back what { $application } was given
done-application-removed = The application has no access any more.
scope-openid = Sign you in
scope-profile = See your name
scope-email = See your e-mail address
scope-offline-access = Keep this access while you are away
scope-user-read = See your account here
scope-user-read-basic-all = See the names and addresses of people in your organisation
scope-methods-read = See which sign-in methods you have
scope-passkeys-read = See your passkeys
scope-passes-read = See whether you have a Temporary Access Pass
scope-methods-write = Add and remove your sign-in methods
scope-change-as-you = Change in your organisation what you may change
scope-read-as-you = Read in your organisation what you may read

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
## Forms of policies
change = Change
yes = Yes
no = No
form-not-saved = Nothing was saved. Please look at this:
form-not-a-number = Enter a whole number.
form-unknown-entry = “{ $entry }” was not found or cannot be read.
form-not-json = This text is no policy of this kind: { $why }
form-views = Ways to edit
form-view-form = Form
form-view-json = JSON
form-document = Policy as JSON
form-document-hint = The whole document, as it is stored. Unknown members are refused.
form-read-only = You may see this policy, not change it.
form-look = See what it would do
form-delete = Delete…
scope-everyone = Everyone
scope-guests = Guests
scope-groups = Members of these groups
scope-groups-hint = One group in a line, by name or id.
scope-no-groups = There are no groups yet.
scope-users = These users
scope-users-hint = One user principal name in a line. Groups are easier to keep up to date.
scope-roles = Holders of these roles
scope-any-role = Holders of any role
scope-nobody = Nobody
scope-but = except { $who }

## Policies
policies-none = There are none yet.
policies-count = { $count ->
    [0] None
    [one] One
   *[other] { $count }
  }
policy-new = New
policy-on = On
policy-off = Off
policy-what = What it is
policy-description = Description
policy-who = For whom
policy-except = Except for whom
policy-except-hint = Exceptions always win.
done-policy-saved = The policy was saved. It holds from now on.
done-policy-removed = The policy was removed.
passkeys-hint = Who may register and use passkeys, and which kinds and models.
passes-hint = Short-lived codes with which people make their first passkey.
passes-enabled = Passes can be used
passes-length = Characters of a pass
passes-minimum = Shortest life in minutes
passes-default = Usual life in minutes
passes-maximum = Longest life in minutes
passes-once = All passes work once only
preferred = Preferred method
preferred-hint = Whether a person’s strongest method is offered first.
managed-default = As this server recommends
managed-enabled = On
managed-disabled = Off
strengths = Authentication strengths
strengths-hint = Which methods are good enough, for conditional access to ask for.
strength-new = New strength
strength-built-in = Built in
strength-models = Models that count
strength-models-hint = Only passkeys of these models count. Leave it empty to count all models.
strength-passkeys = What passkeys have to be like
strength-passkeys-hint = All that you choose here has to hold for a passkey to count.
strength-combinations = Combinations of methods
strength-combinations-hint = One of them has to be shown.
strength-binds = It binds the first step
strength-binds-hint = Where a policy asks for this strength, people are offered only methods of these combinations to begin with, and another one is refused before anything else is asked for. A Temporary Access Pass may still come first where a passkey would do: it leads to making one. Who the policy is for shows on the sign-in page after the username.
strength-not-offered = { $modes } (not offered by this server)
strength-attested = The maker vouched for the model
strength-two = Two different passkeys
strength-minutes = Used at most this many minutes ago
access-policies = Conditional access
access-hint = What a sign-in has to show, depending on who, what for and where from.
access-new = New conditional access policy
access-on = On
access-report-only = Report only
access-off = Off
access-state-hint = Report only judges each sign-in and records what would have happened, and stops nobody.
access-target = For what
access-conditions = Conditions
access-conditions-hint = All of them have to hold. What you leave empty holds always.
access-grant = What it asks
access-session = Session
access-platforms = Platforms
access-platforms-hint = As the browser claims. It can claim anything.
access-platforms-except = Except on these platforms
access-locations = Locations
access-locations-except = Except at these locations
access-clients = Kinds of programs
access-device-code = Only sign-ins that began with a device code
access-frequency = Sign in again
access-frequency-hint = Age and kind are asked of the same proof: an old passkey is not made young by a fresh code.
access-persistent = Stay signed in after the browser closes
target-kind = It applies to
target-all = All applications
target-some = These applications
target-register = Registering sign-in methods
target-contexts = Authentication contexts
target-contexts-named = Contexts { $contexts }
target-contexts-hint = Used when contexts are chosen above.
target-included = Applications
target-included-hint = Used when single applications are chosen above.
target-excluded = Except these applications
target-admin-portals = Administration of this server
grant-kind = People have to
grant-mfa = Show two factors
grant-strength = Satisfy an authentication strength
grant-strength-named = Satisfy “{ $name }”
grant-strength-which = Strength
grant-strength-hint = Used when a strength is asked for.
grant-block = Stay out: block
grant-session-only = Nothing more; it is about the session
frequency-none = As usual
frequency-every-time = Every time
frequency-after = After some time
frequency-number = How many
frequency-unit = Unit
unit-days = days
unit-hours = hours
unit-minutes = minutes
persistent-own = As each person chooses
persistent-always = Always
persistent-never = Never
platform-android = Android
platform-ios = iOS
platform-windows = Windows
platform-windows-phone = Windows Phone
platform-macos = macOS
platform-linux = Linux
client-browser = Browsers
client-installed = Installed programs
client-exchange = Exchange ActiveSync (never seen here)
client-eas = Exchange ActiveSync, supported (never seen here)
client-other = Others
templates = Profile templates
templates-hint = Ready-made passkey profiles to begin with. Nothing is kept of the template: you change what you like, see what it would do, and open the profile to people with a target.
templates-ready = Ready-made
templates-use = Use “{ $profile }”
templates-file = Profiles as a file
templates-file-hint = Profiles travel between tenants without ids and without the people they are for.
templates-export = Save all profiles as a file
templates-paste = Paste a file of profiles
templates-too-long = This is longer than { $limit } bytes.
templates-unreadable = This cannot be read: { $why }
template-attested = Device-bound, attested
template-attested-text = Security keys and platform authenticators that cannot be copied and whose maker vouches for the model: for administrators.
template-level-2 = FIDO certified, level 2 or higher
template-level-2-text = The same, and the model is certified at level 2 or higher with nothing known against it; needs the FIDO metadata.
template-synced = Every passkey
template-synced-text = Synced ones too, without attestation: for everybody else.
template-protected = Well protected providers
template-protected-text = Synced passkeys of providers that ask for a second factor at set-up and cannot read the keys, and every device-bound one.
template-staged = Staged rollout of Microsoft Authenticator
template-staged-text = Two profiles: attested passkeys of other models for everybody, and those of the Authenticator for a pilot group.
own-roots = Attestation roots
own-roots-hint = Root certificates of your own that vouch for authenticators, beside those of the FIDO metadata. Each counts for the passkey profiles that name it.
own-root-new = New attestation root
own-root-certificate = Certificate
own-root-certificate-hint = PEM of the root: from BEGIN CERTIFICATE to END CERTIFICATE. It may issue certificates and has not expired. It counts for nothing before a profile names it.
own-root-valid = Valid { $days }
own-root-fingerprint = SHA-256 { $digest }
own-root-models = Models that it vouches for
own-root-models-hint = One in a line, by AAGUID. They appear in the catalogue, and for others its word does not count. Empty is every model.
own-root-models-count = { $count ->
    [one] One model
   *[other] { $count } models
}
sources = Signals of other systems
sources-hint = Security events that other systems send here (OpenID Shared Signals), and what is done about them.
source-new = New source of signals
source-enabled = Events are taken
source-issuer = Issuer
source-issuer-hint = The https address that its tokens name as “iss”, letter by letter.
source-keys = Public keys
source-keys-hint = The JWK set that it publishes (“jwks_uri”), pasted as it is. When its keys change, paste the new ones.
source-keys-count = { $count ->
    [0] No key of a kind that is known here
    [one] One usable key
   *[other] { $count } usable keys
  }
source-address = It pushes to { $address }
source-reactions = What happens
source-reactions-hint = Every event about somebody who is known here stands in the audit log. Asking again means that two factors shown before the event no longer count: the next application or change of sign-in methods asks for them.
source-session-revoked = They were signed out there
source-credential-change = A way to sign in there changed
source-assurance-decreased = Their sign-in there is worth less than before
source-device-not-compliant = Their device no longer follows the rules
source-risk-raised = Their risk became high
source-credential-compromised = A credential of theirs is in foreign hands
source-account-disabled = Their account there was disabled or deleted
reaction-note = Note it
reaction-step-up = Ask for two factors again
reaction-revoke = End all sessions
form-no-keys = This is neither a JWK set nor a JSON Web Key.
profile-own-roots = Attestation roots of your own
profile-own-roots-hint = With any root named, only passkeys that one of them vouches for pass.
form-no-certificate = This is not one certificate in PEM.
locations = Named locations
locations-hint = Address ranges with a name.
location-new = New location
location-ranges = Address ranges
location-ranges-hint = One in a line, for example 192.0.2.0/24 or 2001:db8::/32.
location-ranges-count = { $count ->
    [one] One range
   *[other] { $count } ranges
  }
location-trusted = Trusted
location-trusted-hint = Policies can name all trusted locations together.
location-all-trusted = All trusted locations
contexts = Authentication contexts
contexts-hint = Labels that applications ask for before something sensitive.
context-new = New context
context-id-hint = c1 to c99. Applications name it, so it cannot be changed later.
context-available = Applications may ask for it
context-available-hint = Whether it is listed for applications.
context-unavailable = Not listed
campaigns = Registration campaigns
campaigns-hint = Who is asked for a passkey after signing in, and how often.
method-title = Passkeys in general
method-enabled = Passkeys can be used
method-self-service = People add passkeys by themselves
method-self-service-hint = A profile may say otherwise for its own passkeys.
method-owner-activates = Passkeys made for others wait for their owner
method-owner-activates-hint = A passkey that an administrator or an application registers for somebody cannot be used until its owner, signed in another way, has shown it on the security info page.
method-barred = Barred from passkeys
method-barred-hint = They can neither register nor use passkeys, whatever else says they may.
targets = Who gets which profiles
targets-hint = A person collects the profiles of every target they are in. Satisfying one profile is enough.
targets-none = Nobody may use passkeys: there is no target.
target-new = New target
target-title = Target
target-gets = What they get
target-profiles = Profiles
target-profiles-hint = A passkey has to satisfy one of them in full.
target-except-hint = They may still fall under another target. To keep somebody from passkeys altogether, bar them from the method.
profiles = Passkey profiles
profiles-hint = What a passkey has to be like.
profiles-none = There are no profiles.
profiles-count = { $count ->
    [one] One profile
   *[other] { $count } profiles
  }
profile-new = New profile
profile-unused = In no target
profile-main = What passes
profile-types = Types
profile-attestation-hint = Only makers of hardware vouch for models. Asking for it leaves out synced passkeys.
cross-device-registration = Registering a passkey that another device makes
cross-device-sign-in = Signing in with a passkey that another device holds
cross-device-hint = A phone, say, that reads a QR code on this screen. Its attestation comes along. Entra takes none where attestation is enforced.
cross-device-allowed = Allowed, with attestation and without
cross-device-not-with-attestation = Not where attestation is enforced
cross-device-blocked = Never
cross-device-limited = Other devices limited
profile-list = List of models
profile-list-hint = Checked at registration and at every sign-in. Without attestation a model is only what the device claims.
profile-models = Models by property
profile-models-hint = From the FIDO metadata and the table of providers. What is unknown about a model does not hold.
profile-life = How long it passes
profile-age = Days after registration
profile-idle = Days without use
profile-warning = Days of warning before an end
profile-grace = Days of grace
profile-grace-hint = For so long after its end a passkey still signs in, to be replaced at once. Whoever has no other way in may do that at any time.
profile-number = Passkeys per person
profile-no-limit = Empty is no limit.
profile-more = More
profile-guests = Guests may use it
profile-post-quantum = Only keys that withstand a quantum computer
profile-compromise = When a model is reported as compromised
profile-roots = Root certificates that may vouch
profile-roots-hint = SHA-256 of each certificate, 64 hexadecimal digits in a line. Empty is every trusted root.
profile-allows-count = { $count ->
    [one] Only one model
   *[other] Only { $count } models
  }
profile-blocks-count = { $count ->
    [one] Not one model
   *[other] Not { $count } models
  }
attestation-disabled = Not asked for
attestation-registration = At registration
attestation-always = At registration and at every sign-in
restriction-enforced = The list counts
restriction-kind = The list names models that are
restriction-allow = allowed
restriction-block = blocked
models-listed = Models
models-listed-hint = One AAGUID in a line; what follows it in the line is for you. “Windows Hello” and “Microsoft Authenticator” stand for all of theirs.
models-vendors = Makers, one in a line
models-certification = FIDO certification at least
models-without-status = Not with this status
models-transports = Connects by one of these
models-user-verification = Verifies its user in one of these ways
models-second-factor = The provider asks for a second factor on a new device
models-device-lock = The provider asks for a screen lock
models-end-to-end = The provider cannot read the keys
models-provider-hint = The next three are about providers of synced passkeys.
model-good = Nothing against it
model-update = Newer firmware exists
model-revoked = Certification taken back
model-compromised = Compromised
transport-usb = USB
transport-nfc = NFC
transport-ble = Bluetooth
transport-internal = Built into the device
transport-hybrid = Another device nearby
verification-fingerprint = Fingerprint
verification-face = Face
verification-eye = Eye
verification-voice = Voice
verification-passcode = PIN or password
verification-pattern = Pattern
certification-any = Any
certification-fido = Certified, without a level
certification-l1 = L1
certification-l1-plus = L1+
certification-l2 = L2
certification-l2-plus = L2+
certification-l3 = L3
certification-l3-plus = L3+
compromise-quarantine = Refuse its passkeys until an administrator decides
compromise-step-up = Count its passkeys as one factor
compromise-report = Only report it
self-service-as-method = As the method says
self-service-yes = Yes
self-service-no = No
types-any = Any
mode-voice = Phone call
mode-hardware-oath = Hardware code generator
mode-software-oath = One-time code from an app
mode-sms = Text message
mode-windows-hello = Windows Hello for Business
mode-push = Microsoft Authenticator notification
mode-device-push = Microsoft Authenticator phone sign-in
mode-pass-once = One-time Temporary Access Pass
mode-pass-many = Temporary Access Pass
mode-email = E-mail code
mode-certificate-single = Certificate (one factor)
mode-certificate-multi = Certificate (two factors)
mode-federated-single = Federated (one factor)
mode-federated-multi = Federated (two factors)
mode-qr-code = QR code and PIN
synced-roles-title = Administrators may use synced passkeys
synced-roles-text = A target that reaches holders of roles opens profiles for synced passkeys: { $profiles }. Device-bound passkeys cannot be copied by a provider.
radius-title = Whom it touches
radius-people = { $count ->
    [one] One person was asked
   *[other] { $count } people were asked
 }
radius-nobody = Nobody in the directory would notice.
radius-everybody = No Global Administrator could sign in to administer any more. It cannot be saved like this.
radius-who = Person
radius-what = What would be different
radius-passkeys-stopping = { $count ->
    [one] One passkey stops working.
   *[other] { $count } passkeys stop working.
 }
radius-passkeys-working = { $count ->
    [one] One passkey works again.
   *[other] { $count } passkeys work again.
 }
radius-locked-out = { $count ->
    [one] One person gets no further somewhere.
   *[other] { $count } people get no further somewhere.
 }
radius-prompted = { $count ->
    [one] One person is asked for more.
   *[other] { $count } people are asked for more.
 }
radius-registrations = { $count ->
    [one] One person can no longer register a passkey.
   *[other] { $count } people can no longer register a passkey.
 }
radius-passkey-stops = A passkey stops working. { $rule }
radius-passkey-works = A passkey works again.
radius-no-registration = No new passkey can be registered. { $rule }
radius-registration = Passkeys can be registered.
radius-out = no way in. { $rule }
radius-in = lets them in again.
radius-asked = asks for a further step. { $rule }
radius-registers = asks to register a passkey. { $rule }
radius-own-pages = Their own pages
radius-administration = Administration
radius-application = Applications
preview-title = Look before you save
preview-removes = This takes it away.
preview-differences = What changes in the policy
preview-differences-count = { $count ->
    [0] Nothing
    [one] One member
   *[other] { $count } members
  }
preview-same = It stays as it is.
preview-member = Member
preview-before = Before
preview-after = After
preview-save = Save
preview-remove = Delete it
preview-again = Change it
nav-groups = Groups
nav-policies = Policies

## What If and explaining one person
what-if = What If
what-if-hint = Which conditional access policies would apply to a sign-in, and whether what the person has registered would be enough.
what-if-question = The sign-in
what-if-from = From where
what-if-wish = What for
what-if-ask = Ask
what-if-answer = The answer
what-if-granted = They would get in.
what-if-nothing-applies = They would get in: no policy applies.
what-if-refused = They would not get in with anything they have registered.
what-if-no-way = They have no way to sign in.
what-if-enough = Enough
what-if-not-enough = Not enough
what-if-against = Says no: { $policy }
what-if-own-rules = rules of this server
what-if-no-policies = There are no conditional access policies.
what-if-policies-count = { $count ->
    [one] One policy
   *[other] All { $count } policies
  }
what-if-applies = Applies
what-if-reports = Would apply (report only)
what-if-does-not-apply = Does not apply
what-if-off = Off
condition-users = It is not for this person.
condition-application = It is not for this application.
condition-user-actions = It is about registering sign-in methods.
condition-context = It is about an authentication context that is not asked for.
condition-platform = It is not for this platform.
condition-client = It is not for this kind of program.
condition-location = It is not for this place.
condition-flow = It is about sign-ins with a device code.
platform-unknown = None of these
form-not-an-address = Enter an IP address, for example 192.0.2.7.
policy-version = Policies of version { $version }
explain-link = Why, or why not?
explain-title = Why, or why not?
explain-hint = What every rule says about this person now. Nothing here is judged anew: the functions that decide are asked.
explain-registering = Adding a passkey
explain-may-register = They may add a passkey by themselves.
explain-may-not-register = They cannot add a passkey by themselves.
explain-fresh = Fresh
explain-not-fresh = Not fresh
explain-freshness = Adding one takes two factors of the last five minutes.
explain-last-mfa = They were shown last:
explain-no-mfa = None were shown in a session that is open.
explain-no-profiles = They fall under no passkey profile, or passkeys are off or barred for them.
explain-open = Open
explain-closed = Closed
explain-attested = the maker has to vouch for the model
explain-works = Works
explain-refused = Refused
explain-satisfied = satisfied
explain-signing-in = Signing in to their own pages
explain-nudge = Registration campaigns
explain-nudge-silent = After the next sign-in the browser is asked to make a passkey without disturbing anybody.
explain-nudge-ask = After the next sign-in they are asked for a passkey, and may put it off.
explain-nudge-required = After the next sign-in they have to register a passkey.

## Reports
nav-reports = Reports
report-counted = Counted
report-number = Number
report-nothing = There is nothing to count yet.
report-no-names = Nobody is named here: there is nobody, or your role may not see how people sign in.
report-coverage = Coverage
report-people = { $count ->
    [one] One enabled account
   *[other] { $count } enabled accounts
  }
report-with-passkey = With a passkey
report-with-password = With a password
report-with-codes = With one-time codes
report-without-two = Without two methods
report-without-two-text = Enabled people with less than two of: a passkey (each counts), a password, one-time codes. Losing one thing locks them out.
report-mix = How people sign in
report-days = Successful sign-ins of the last { $days } days
report-two-factors = Two factors, without a passkey
report-one-factor = One factor
report-models = Models
report-models-text = Of all passkeys. Without attestation a model is only claimed.
report-attested = { $count } attested
report-quantum = Post-quantum
report-quantum-text = Passkeys by whether their signatures withstand a quantum computer.
report-quantum-safe = ML-DSA
report-quantum-unsafe = Other algorithms
report-stale = Stale passkeys
report-stale-text = Neither made nor used in the last { $days } days, longest unused first.

## Groups
groups-search = Name starts with
groups-none = No groups found.
group-create = New group
group-delete = Delete
group-delete-title = Delete this group?
group-delete-text = “{ $name }” is deleted; its members stay. A group that a policy names cannot be deleted.
group-role-assignable = Roles may be given to it
group-role-assignable-hint = Its members are then protected like administrators, and only who may give roles may change it. This cannot be changed later.
group-members = Members
group-no-members = This group has no members.
group-member-name = User principal name
group-member-add = Add
group-member-remove = Remove
group-member-remove-named = Remove { $name }
done-group-created = The group was created.
done-group-changed = The group was changed.
done-group-deleted = The group was deleted.
done-member-added = The member was added.
done-member-removed = The member was removed.


## Notices by mail
mail-greeting = Hello { $name },
mail-administrator = administrators
mail-when = When
mail-account = Account
mail-passkey = Passkey
mail-pass-ends = Pass valid until
mail-passkey-ends = End of the passkey
mail-passkey-replaced-until = Signs in to be replaced until
mail-reported = Reported
mail-who = Done by
mail-device = Device, as it calls itself
mail-network = Network
mail-correlation = Correlation ID
mail-by-you = you, or somebody signed in as you
mail-by-administrator = { $name } (administrator)
mail-by-application = { $name } (application)
mail-by-server = the sign-in service itself
mail-advice-link = If this was you, there is nothing to do. If it was not you, open this link and confirm: what this notice is about is taken back, you are signed out everywhere, and your administrators are told.
mail-advice = If you did not expect this, ask your administrator and name the correlation ID.
mail-advice-replace = Sign in another way and add a new passkey on your security info page. If you have no other way, ask your administrator for a Temporary Access Pass.
mail-advice-step-up = Add a new passkey, of another kind of device or password manager, on your security info page; then delete this one.
mail-advice-deferred = Ask your administrator for a Temporary Access Pass, sign in with it, and add a new passkey of another kind. As soon as you have the pass, this passkey is no longer accepted.
mail-advice-released = There is nothing to do. If you did not expect this, ask your administrator and name the correlation ID.
mail-advice-ending = Add a new passkey on your security info page before { $until }. The new one works at once; you can delete this one then.
mail-advice-idle = Sign in with it before { $until } to keep it. If you no longer use it, delete it on your security info page, and make sure that you have another passkey.
mail-advice-ended = Add a new passkey on your security info page. As long as this one still lets you in, you are led there when you sign in with it. If you cannot sign in, ask your administrator for a Temporary Access Pass.
mail-advice-administrator = Find out whether somebody else has access to this account, and help its owner back in, for example with a Temporary Access Pass given in person.
mail-not-me = This wasn’t me
mail-link-until = The link works once, until { $until }. Opening it changes nothing before you confirm.
mail-page = All about this account:
mail-footer = You get this notice because it concerns the security of an account. It was sent automatically.
notice-passkey-added = A passkey was added to your account
notice-passkey-added-text = The passkey “{ $name }” can now be used to sign in to your account.
notice-passkey-waiting = A passkey was made for you
notice-passkey-waiting-text = The passkey “{ $name }” was added to your account. It cannot be used yet: sign in another way, and activate it in your security info.
notice-passkey-activated = A passkey of yours was activated
notice-passkey-activated-text = The passkey “{ $name }” can now be used to sign in to your account.
notice-passkey-renamed = A passkey of yours was renamed
notice-passkey-renamed-text = The passkey is called “{ $name }” now. How it works has not changed.
notice-passkey-deleted = A passkey of yours was deleted
notice-passkey-deleted-text = The passkey “{ $name }” can no longer be used to sign in to your account. What it had opened was ended.
notice-passkey-revoked = A passkey of yours was revoked
notice-passkey-revoked-text = The passkey “{ $name }” can no longer be used to sign in to your account. What it had opened was ended.
notice-passkey-quarantined = A passkey of yours was disabled
notice-passkey-quarantined-text = The passkey “{ $name }” can no longer be used to sign in: its model was found to be unsafe. What it had opened was ended.
notice-passkey-step-up = A passkey of yours is no longer enough by itself
notice-passkey-step-up-text = The passkey “{ $name }” counts as one step only from now on, because its model was found to be unsafe: when you sign in with it, you are asked for another method as well. What it had opened was ended.
notice-passkey-deferred = A passkey of yours is not trusted any more
notice-passkey-deferred-text = The model of the passkey “{ $name }” was found to be unsafe, or no trusted maker vouches for it any more. It works on, as one step only, because it is your last way to sign in; you cannot add another passkey with it.
notice-passkey-refused = A passkey of yours is no longer accepted
notice-passkey-refused-text = The passkey “{ $name }” can no longer be used to sign in: your organization asks for passkeys that a trusted maker vouches for, and nobody vouches for this one any more.
notice-passkey-released = A passkey of yours is accepted again
notice-passkey-released-text = The passkey “{ $name }” can be used to sign in as before.
notice-passkey-ending = A passkey of yours ends soon
notice-passkey-ending-text = The passkey “{ $name }” will soon have reached the greatest age that your organization allows. After that it is not accepted any more.
notice-passkey-idle = A passkey of yours ends soon unless you use it
notice-passkey-idle-text = The passkey “{ $name }” was not used for a long time. If that does not change, it will not be accepted any more.
notice-passkey-ended = A passkey of yours has reached its end
notice-passkey-ended-text = The passkey “{ $name }” is too old, or was not used for too long, and is not accepted any more except to be replaced.
notice-new-place = Your passkey was used in a new place
notice-new-place-text = The passkey “{ $name }” was used to sign in with a device or from a network where it had not been used before.
notice-password-changed = Your password was changed
notice-password-changed-text = The password of your account was changed. You were signed out everywhere else.
notice-password-reset = Your password was reset
notice-password-reset-text = Your account has a new password, which has to be changed when you use it. You were signed out everywhere.
notice-password-removed = Your password was removed
notice-password-removed-text = The password can no longer be used to sign in to your account.
notice-totp-enrolled = One-time codes were set up for your account
notice-totp-enrolled-text = An authenticator app can now be used for one-time codes when you sign in with a password.
notice-totp-removed = One-time codes were removed from your account
notice-totp-removed-text = The authenticator app can no longer be used for one-time codes.
notice-pass-issued = A Temporary Access Pass was issued for your account
notice-pass-issued-text = Whoever has the pass can sign in to your account until it ends, and register a passkey.
notice-pass-used = A Temporary Access Pass was used for your account
notice-pass-used-text = Somebody signed in to your account with the Temporary Access Pass.
notice-pass-deleted = The Temporary Access Pass of your account was deleted
notice-pass-deleted-text = The pass can no longer be used, and what it had opened was ended.
notice-sessions-revoked = You were signed out everywhere
notice-sessions-revoked-text = Every session of your account was ended.
notice-account-disabled = Your account was disabled
notice-account-disabled-text = You can no longer sign in, and every session was ended.
notice-account-enabled = Your account was enabled
notice-account-enabled-text = Your account can be used to sign in again.
notice-you-reported = You reported suspicious activity
notice-you-reported-text = You said of a notice that it was not you. What it was about was taken back, you were signed out everywhere, and your administrators were told.
notice-reported = Suspicious activity was reported
notice-reported-text = { $name } said of a notice that it was not them. What it was about was taken back, and every session of the account was ended.

## This wasn't me
not-me-title = This wasn’t me
not-me-text = Nothing has changed yet.
not-me-notice = Notice
not-me-if-you-go-on = If you go on
not-me-takes-passkey = the passkey “{ $name }” is removed from your account
not-me-takes-pass = the Temporary Access Pass is deleted
not-me-takes-password = the password that was set is removed
not-me-takes-totp = the authenticator app that was set up is removed
not-me-ends-sessions = you are signed out everywhere
not-me-ends-session = the session of this sign-in is ended
not-me-tells = your administrators are told
not-me-is-this = you are signed out here as well
not-me-is-last = it is your last way to sign in: you will need a Temporary Access Pass from your administrator
not-me-it-was-me = If it was you after all, close this page.
not-me-done-title = It was taken back
not-me-took-passkey = The passkey “{ $name }” was removed from your account.
not-me-took-pass = The Temporary Access Pass was deleted.
not-me-took-password = The password that was set was removed.
not-me-took-totp = The authenticator app that was set up was removed.
not-me-took-sessions = { $count ->
    [0] No session was open.
    [one] One session was ended.
   *[other] { $count } sessions were ended.
  }
not-me-told = Your administrators were told.
not-me-next-title = What to do next
not-me-next-text = Sign in with a passkey of yours and look through your security info: delete what you do not recognise, and change your password if you have one. Access given to applications before may last a few minutes longer.
not-me-locked-out-title = Ask your administrator
not-me-locked-out-text = No way to sign in is left on your account. Ask your administrator for a Temporary Access Pass, in person or by telephone, and name the correlation ID.

## Notices, for administrators
nav-notices = Notices
notices-text = People are told by mail when something about their sign-in changes, and can say that it was not them.
notices-off-title = No notices are sent
notices-off-text = Neither a mail server nor a webhook is configured. The operator of this server sets them in keyward.toml.
notices-delivery = Delivery
notices-by-mail = By mail
notices-by-webhook = By webhook
notices-waiting = { $count ->
    [0] nothing waits
    [one] one waits
   *[other] { $count } wait
  }
notices-no-trouble = Every notice so far was delivered.
notices-recipient = Recipient
notices-problem = What went wrong
notices-given-up = Given up
notices-tried-again = Tried again
notices-attempts = { $count ->
    [one] one attempt
   *[other] { $count } attempts
  }
notices-new-places = New places
notices-new-places-text = A passkey that is used in a place where it was never used may be in other hands. Changes of sign-in methods are always told.
notices-new-places-label = Tell the owner of
notices-new-places-any = New devices and new networks
notices-new-places-device = New devices only
notices-new-places-off = Neither
done-notices-changed = The settings for notices were changed.
receipt-title = Receipt
receipt-see = What ended, and which other systems know
receipt-sessions = Sessions that ended
receipt-grants = Applications whose tokens are no longer refreshed
receipt-none = None.
receipt-told = Other systems
receipt-told-text = Receivers of security events, and when each acknowledged. A receiver that was away gets the event when it comes back.
receipt-nobody = No application receives events of this kind.
receipt-event = Event
receipt-acknowledged = Acknowledged
receipt-refused = Not wanted
receipt-waiting = On its way

## Changes that wait for a second person
nav-approvals = Approvals
approvals-text = Changes that wait for a second person: somebody else than who asked, with a role that could make the change.
approvals-setting = Which changes wait
approvals-off-title = Nothing waits for a second person
approvals-off-text = An administrator can have changes of policies, of roles and of privileged people's ways in wait for somebody else's approval.
approvals-open = Waiting
approvals-all = All requests
approvals-show-open = Show what waits
approvals-show-all = Show all
approvals-none = There are no requests.
approval-put-policy = Change a policy
approval-remove-policy = Remove a policy
approval-assign-role = Give a role
approval-unassign-role = Take a role
approval-remove-totp = Remove the authenticator app
approval-change = Change
approval-request = Request
approval-requester = Asked by
approval-asked = Asked
approval-until = Open until
approval-settled = Settled
approval-reason = Reason
approval-reason-hint = Whoever asked reads it here.
approval-pending = Waiting
approval-approved = Approved and done
approval-denied = Refused
approval-withdrawn = Withdrawn
approval-outdated = Outdated
approval-expired = Expired
approval-all-before = All of it, before
approval-all-after = All of it, after
approval-approve = Approve
approval-approve-text = The change is made at once, if nothing that it was asked on has changed since. Both your names are recorded.
approval-secret-text = The pass or password is then shown to you, once. Hand it to the person it is for.
approval-deny = Refuse
approval-own = You asked for this
approval-own-text = Somebody else has to approve it. You can take it back while it waits.
approval-withdraw = Withdraw
second-person = Second person
second-person-hint = Privileged changes that one administrator asks for and another one approves.
availability = Availability of passkeys
availability-hint = Some sovereign clouds have no passkeys. Say so here, and registration, sign-in, prompts and authenticators refuse them with your reason.
availability-yes = Available
availability-no = Not available
availability-available = Passkeys are available
availability-reason = Why they are not
availability-reason-hint = Everybody who is refused reads this.
second-person-is-on = Changing this needs a second person too.
second-person-legend = These changes wait for a second person
second-person-policies = Policies of every kind
second-person-roles = Giving and taking directory roles
second-person-methods = Passes, passwords and authenticator apps of people with an administrative role
second-person-both = Whatever waits, roles and sign-in methods do too: with a second account, one person would be two.
second-person-hours = Hours that a request stays open
done-approval-kept = Nothing was changed yet: the change waits for a second person.
done-approval-approved = The change was approved and made.
done-approval-denied = The change was refused.
done-approval-withdrawn = The request was withdrawn.
done-approval-setting = The setting was saved. It holds from now on.
