### Was eine Person liest, auf Deutsch. Dieselben Kennungen wie in en.ftl; ein Test vergleicht sie.

## Jede Seite
skip-to-content = Zum Inhalt springen
banner = Hinweis
banner-demonstration = Vorführung: Die Leute hier sind erfunden, und ihre Geheimnisse sind keine.
navigation = Hauptnavigation
title-error = Fehler:
foot-keyward = Geschützt durch Keyward
account-sign-out = Abmelden
back = Zurück
password-reset-done = Das Kennwort wurde zurückgesetzt
cancel = Abbrechen
save = Speichern
done = Fertig
search = Suchen
copy = Kopieren
copied = Kopiert
next-page = Nächste Seite
nav-security-info = Sicherheitsinformationen
nav-users = Benutzer
nav-campaigns = Kampagnen
nav-sign-ins = Anmeldeprotokoll
nav-audit = Überwachungsprotokoll
reference-code = Code
reference-correlation = Korrelations-ID
refusal-to-field = Zum Feld

## Probleme
problem-title-refused = Das hat nicht geklappt
problem-title-denied = Das ist Ihnen nicht erlaubt
problem-title-not-found = Nicht gefunden
problem-title-ours = Bei uns ist etwas schiefgegangen
problem-help = Wenn Sie Ihre Administratorin oder Ihren Administrator fragen, nennen Sie die Korrelations-ID: Damit lässt sich dieser Versuch finden.
copy-correlation = Korrelations-ID kopieren

## Anmeldung
signin-title = Anmelden
signin-to-app = um zu { $app } zu gelangen
signin-username = Benutzername
signin-next = Weiter
signin-passkey-button = Gesicht, Fingerabdruck, PIN oder Sicherheitsschlüssel
signin-pass-button = Befristeten Zugriffspass verwenden
signin-password-button = Kennwort verwenden
signin-or = oder
signin-other-ways = Kein Passkey auf diesem Gerät? Geben Sie Ihren Benutzernamen ein, um andere Wege zu sehen.
signin-keep = Angemeldet bleiben
signin-keep-hint = { $count ->
    [one] Einen Tag lang in diesem Browser. Nicht auf Geräten, die auch andere benutzen.
   *[other] { $count } Tage lang in diesem Browser. Nicht auf Geräten, die auch andere benutzen.
  }
signin-not-you = Nicht Sie?
signin-start-again = Von vorn beginnen
signing-in-as = Anmeldung als
password-title = Kennwort eingeben
password-label = Kennwort
pass-title = Pass eingeben
pass-text = Ein befristeter Zugriffspass ist ein kurzlebiger Code, den Sie von Ihrer Administration bekommen haben.
pass-label = Befristeter Zugriffspass
pass-reveal = Anzeigen
step-up-title = Noch ein Schritt
first-application = Bei { $app } können Sie nur mit dem beginnen, was hier angeboten wird.
first-page = Ihre Organisation lässt Sie nur mit dem beginnen, was hier angeboten wird.
step-up-application = { $application } verlangt einen stärkeren Nachweis, dass Sie es sind.
step-up-page = Diese Seite verlangt einen stärkeren Nachweis, dass Sie es sind.
step-up-strength = Verlangt wird: { $strength }.
step-up-code = Code aus der Authenticator-App eingeben
step-up-other = Anders anmelden
totp-title = Code eingeben
totp-text = Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern für dieses Konto ein.
totp-label = Sechsstelliger Code
totp-verify = Bestätigen
upgrade-title = Sie sind angemeldet
upgrade-text = Ihr Browser speichert jetzt vielleicht einen Passkey für dieses Konto, damit Sie beim nächsten Mal kein Kennwort brauchen. Diese Seite führt gleich von selbst weiter.
signed-out-title = Sie sind abgemeldet
signed-out-text = Schließen Sie das Browserfenster, wenn auch andere dieses Gerät benutzen.
signed-out-again = Erneut anmelden
signed-out-telling = Auch die Anwendungen, die Sie in diesem Browser benutzt haben, werden abgemeldet.
signed-out-on = Weiter zur Anwendung
signed-out-continue = Weiter
signed-out-frame = Eine Anwendung wird abgemeldet

## Ohne WebAuthn
noscript-title = Skripte sind ausgeschaltet
noscript-text = Passkeys brauchen Skripte. Geben Sie Ihren Benutzernamen ein, um sich anders anzumelden, oder erlauben Sie Skripte für diese Seite.
no-webauthn-title = Dieser Browser kann keine Passkeys
no-webauthn-text = Vielleicht sind Sie in einem Fenster innerhalb einer anderen App. Kopieren Sie diese Adresse und öffnen Sie sie in Ihrem gewohnten Browser, oder melden Sie sich auf einem anderen Weg an.
this-address = Adresse
copy-address = Adresse kopieren

## Wie eine Zeremonie enden kann
ceremony-failed-title = Das hat nicht geklappt
ceremony-failed-text = Bitte versuchen Sie es noch einmal. Wenn es wieder geschieht, nehmen Sie einen anderen Weg oder fragen Sie Ihre Administration.
ceremony-refused-title = Der Passkey wurde nicht angenommen
ceremony-cancelled-title = Es wurde nichts bestätigt
ceremony-cancelled-signin = Die Anfrage wurde abgebrochen, hat zu lange gedauert, oder auf diesem Gerät liegt kein Passkey für Ihr Konto. Versuchen Sie es noch einmal, wählen Sie im Fenster des Browsers ein anderes Gerät, oder melden Sie sich auf einem anderen Weg an.
ceremony-cancelled-register = Die Anfrage wurde abgebrochen oder hat zu lange gedauert. Es wurde kein Passkey erstellt. Sie können es noch einmal versuchen.
ceremony-network-title = Keine Verbindung
ceremony-network-text = Der Server war nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.
ceremony-already-registered-title = Bereits eingerichtet
ceremony-already-registered-text = Auf diesem Gerät oder Sicherheitsschlüssel liegt schon ein Passkey für Ihr Konto. Verwenden Sie ihn, oder wählen Sie ein anderes Gerät.
ceremony-wrong-address-title = Falsche Adresse
ceremony-wrong-address-text = Passkeys Ihrer Organisation gelten an dieser Adresse nicht. Prüfen Sie die Adresszeile: Vielleicht ist dies nicht die Anmeldeseite Ihrer Organisation.
ceremony-unsupported-key-title = Dieses Gerät kann das nicht
ceremony-unsupported-key-text = Das Gerät oder der Sicherheitsschlüssel kann keinen Passkey erstellen oder verwenden, den Ihre Organisation annimmt. Versuchen Sie ein anderes; ein Sicherheitsschlüssel braucht vielleicht erst eine PIN.

## Einen Passkey erstellen
register-title = Ihren Passkey einrichten
register-text = Melden Sie sich schneller und sicherer an: mit Gesicht, Fingerabdruck, PIN oder Sicherheitsschlüssel. Es gibt nichts zu merken, und eine nachgemachte Seite kann nichts stehlen.
register-where = Ihr Browser fragt, wo der Passkey liegen soll: auf diesem Gerät, auf einem Telefon oder Tablet oder auf einem Sicherheitsschlüssel.
register-continue = Weiter
register-follow-browser = Folgen Sie den Anweisungen im Fenster des Browsers …
register-step-make = Erstellen
register-step-name = Benennen
register-step-done = Fertig
register-made-title = Passkey erstellt
register-made-text = Geben Sie ihm einen Namen, damit Sie ihn später erkennen.
register-made-silently = Ihr Browser hat selbst einen Passkey für dieses Konto gespeichert. Er zählt, sobald Sie sich das erste Mal mit ihm anmelden. Geben Sie ihm einen Namen, damit Sie ihn später erkennen.
register-finish = Speichern und weiter
nudge-title = Einen Passkey erstellen
nudge-why = Mit einem Passkey melden Sie sich mit Gesicht, Fingerabdruck, PIN oder Sicherheitsschlüssel an. Sie brauchen Ihr Passwort nicht, und eine nachgemachte Seite kann nichts stehlen.
nudge-what = Das dauert etwa eine Minute. Ihr Browser fragt, wo der Passkey liegen soll, und bittet Sie, das zu bestätigen; danach geben Sie ihm einen Namen.
nudge-then = Anschließend geht es weiter zu { $application }.
nudge-required = Ihre Organisation bittet Sie, jetzt einen zu erstellen.
nudge-make = Passkey erstellen
nudge-sign-in-text = Sie sind schon eine Weile angemeldet. Zu Ihrer Sicherheit melden Sie sich zuerst noch einmal an.
nudge-skip = Vorerst überspringen
nudge-left = { $count ->
    [one] Sie können das noch einmal überspringen. Danach ist ein Passkey nötig.
   *[other] Sie können das noch { $count } Mal überspringen. Danach ist ein Passkey nötig.
}
nudge-after-error = Ohne Passkey weiter
nudge-after-error-text = Es hat nicht geklappt, darum zählt das nicht als Überspringen. Sie werden ein anderes Mal wieder gefragt.
preflight-already = Geräte, auf denen schon ein Passkey für Ihr Konto liegt, werden ausgelassen.

## Sicherheitsinformationen
info-text = Wie Sie sich anmelden, und wo Sie angemeldet sind.
info-waiting-passkey-title = Für Sie wurde ein Passkey angelegt
info-waiting-passkey-text = Aktivieren Sie ihn unten. Danach können Sie sich mit ihm anmelden.
info-unused-passkey-title = Ihr Passkey wartet auf seine erste Verwendung
info-unused-passkey-text = Ihr Browser hat selbst einen Passkey für dieses Konto gespeichert. Melden Sie sich einmal mit ihm an: Danach zählt er als Ihr Weg zur Anmeldung.
info-no-passkey-title = Sie haben noch keinen Passkey
info-no-passkey-text = Fügen Sie jetzt einen hinzu: Er ist schneller als ein Kennwort und kann nicht abgefischt werden.
passkeys = Passkeys
passkeys-count = { $count ->
    [0] Keine Passkeys
    [one] Ein Passkey
   *[other] { $count } Passkeys
  }
passkeys-none = Hier erscheinen die Passkeys, die Sie hinzufügen.
passkey-add = Passkey hinzufügen
passkey-created = Hinzugefügt
passkey-by-you = von Ihnen
passkey-by-owner = vom Besitzer
passkey-by-administrator = von der Administration
passkey-by-application = von der Anwendung { $name }
passkey-by-unknown = für den Besitzer; von wem, ist nicht bekannt
passkey-last-used = Zuletzt verwendet
passkey-never-used = Nie verwendet
passkey-seen-count = { $count ->
    [one] An einem Ort gesehen
   *[other] An { $count } Orten gesehen
}
passkey-seen-text = Gerät und Browser sind, was der Browser über sich sagt; geprüft ist es nicht.
passkey-seen-first = zuerst
passkey-seen-last = zuletzt
passkey-backed-up = Kopien gibt es anderswo (gesichert)
passkey-not-backed-up = Keine Kopien anderswo (nicht gesichert)
passkey-backup-since = seit
passkey-synced = Abgeglichen
passkey-device-bound = Auf einem Gerät
passkey-suspected-clone = Möglicherweise kopiert
passkey-disabled = Deaktiviert
passkey-waiting = Nicht aktiviert
passkey-waiting-text = Dieser Passkey wurde für Sie angelegt. Er kann erst zur Anmeldung verwendet werden, wenn Sie ihn hier aktivieren.
passkey-activate = Aktivieren
passkey-activate-named = Passkey { $name } aktivieren
passkey-activate-title = Passkey aktivieren
passkey-activate-text = „{ $name }“ wurde von jemand anderem für Sie angelegt. Verwenden Sie ihn hier einmal, um zu zeigen, dass Sie ihn haben. Danach können Sie sich mit ihm anmelden.
passkey-activate-button = Diesen Passkey verwenden
passkey-quarantined = In Quarantäne
passkey-quarantined-text = Dieser Passkey ist gesperrt, weil sich diese Art von Gerät als unsicher erwiesen hat. Fügen Sie einen anderen hinzu.
passkey-in-doubt = Zählt als ein Schritt
passkey-in-doubt-text = Über diese Art von Gerät gibt es schlechte Nachrichten. Bis das geklärt ist, genügt dieser Passkey allein nicht überall. Fügen Sie einen anderen hinzu.
passkey-refused = Nicht zugelassen
passkey-ends = Endet
passkey-ends-text = Dieser Passkey ist bald am Ende seiner Zeit. Fügen Sie vorher einen neuen hinzu, damit Sie sich weiter anmelden können.
passkey-attested = Bestätigt
passkey-kept-by = Schlüsselspeicher
keeper-strong-box = StrongBox
keeper-trusted-environment = vertrauenswürdige Ausführungsumgebung
keeper-secure-enclave = Secure Enclave
keeper-tpm = TPM
keeper-secure-element = Sicherheitselement
keeper-hardware = Hardware
keeper-software = Software
keeper-provider = beim Anbieter, synchronisiert
key-source-attestation = bewiesen
key-source-metadata = laut Metadaten des Modells
key-source-claim = nicht bewiesen
passkey-attestation = Nachweis
passkey-unused = Noch nicht verwendet
passkey-name-synced = Abgeglichener Passkey
passkey-name-this-device = Dieses Gerät
passkey-name-security-key = Sicherheitsschlüssel
passkey-rename = Umbenennen
passkey-rename-named = Passkey { $name } umbenennen
passkey-delete = Löschen
passkey-delete-named = Passkey { $name } löschen
passkey-revoke = Widerrufen
passkey-revoke-named = Passkey { $name } widerrufen
passkey-release = Freigeben
passkey-release-named = Passkey { $name } freigeben
passkey-name-title = Passkey benennen
passkey-name-label = Name
passkey-name-hint = Zum Beispiel das Gerät oder der Ort, an dem er liegt. Höchstens 64 Zeichen.
passkey-delete-title = Diesen Passkey löschen?
passkey-delete-text = Er gilt sofort nicht mehr, und alle Sitzungen, die mit ihm begonnen wurden, enden. Ihre Passkey-Verwaltung wird gebeten, ihn ebenfalls zu entfernen.
passkey-delete-last-title = Das ist Ihr letzter Passkey
passkey-delete-last-text = Ohne ihn brauchen Sie einen anderen Weg, sich anzumelden. Wenn Sie keinen haben, hilft nur Ihre Administration.
passkey-deleted-title = Der Passkey ist gelöscht
passkey-deleted-text = Sie waren mit ihm angemeldet und sind deshalb auch hier abgemeldet. Melden Sie sich auf einem anderen Weg an.
passkey-delete-this-session = Sie haben sich mit diesem Passkey angemeldet und werden deshalb auch hier abgemeldet.
other-methods = Andere Wege zur Anmeldung
method-passkey = Passkey
method-password = Kennwort
method-totp = Authenticator-App
method-pass = Befristeter Zugriffspass
password-changed-at = Geändert
password-none = Nicht gesetzt
password-change = Kennwort ändern
password-current = Jetziges Kennwort
password-new = Neues Kennwort
password-again = Neues Kennwort, noch einmal
password-rules = { $count ->
    [one] Mindestens ein Zeichen.
   *[other] Mindestens { $count } Zeichen. Einige Wörter ohne Zusammenhang sind stärker als ein Wort mit Sonderzeichen.
  }
password-change-effect = Alle anderen Sitzungen enden, wenn Sie es ändern.
totp-enrolled-at = Hinzugefügt
totp-none = Nicht eingerichtet
totp-add = Authenticator-App einrichten
totp-replace = Ersetzen
totp-scan-title = Diesen Code scannen
totp-scan-text = Öffnen Sie Ihre Authenticator-App, fügen Sie ein Konto hinzu und scannen Sie.
totp-qr-label = QR-Code für Ihre Authenticator-App; dasselbe Geheimnis steht darunter als Text
totp-secret-label = Oder tippen Sie dieses Geheimnis ein
totp-confirm-title = Geben Sie dann den Code ein, den die App zeigt
new-password-title = Neues Kennwort wählen
new-password-text = Ihr jetziges Kennwort hat jemand anderes gesetzt. Bitte ersetzen Sie es, bevor es weitergeht.
totp-remove = Entfernen
totp-remove-title = Authenticator-App entfernen?
totp-remove-text = Ihre Codes gelten sofort nicht mehr. Wenn Sie sich mit Kennwort anmelden, brauchen Sie vielleicht einen anderen zweiten Schritt.
password-mismatch = Die beiden neuen Kennwörter sind nicht gleich.
done-totp-removed = Die Authenticator-App wurde entfernt.
sessions = Wo Sie angemeldet sind
sessions-text = Beenden Sie, was Sie nicht kennen.
sign-out-everywhere = Überall abmelden
personal-data = Ihre Daten
personal-data-text = Eine Datei mit allem, was hier über Sie gespeichert ist, ohne Geheimnisse.
personal-data-download = Herunterladen
user-export = Herunterladen, was über diese Person gespeichert ist
session-this = Dieser Browser
session-kept = Bleibt angemeldet
session-end = Beenden
session-end-named = Sitzung auf { $device } beenden
session-since = Seit
session-last-seen = Zuletzt gesehen
device-unknown = Unbekanntes Gerät
recent-sign-ins = Letzte Anmeldungen
recent-sign-ins-text = Wenn etwas davon nicht von Ihnen war: Ändern Sie Ihr Kennwort, löschen Sie unbekannte Passkeys und melden Sie es Ihrer Administration.
sign-ins-none = Noch keine Anmeldungen.
done-passkey-added = Der Passkey wurde hinzugefügt.
done-passkey-activated = Der Passkey ist aktiviert. Sie können sich jetzt mit ihm anmelden.
done-passkey-renamed = Der Passkey wurde umbenannt.
done-passkey-deleted = Der Passkey wurde gelöscht, und die mit ihm begonnenen Sitzungen sind beendet.
done-password-changed = Ihr Kennwort wurde geändert. Alle anderen Sitzungen sind beendet.
done-totp-added = Die Authenticator-App ist eingerichtet.
done-session-ended = Die Sitzung wurde beendet.

## Spalten und Ergebnisse
column-when = Wann
column-result = Ergebnis
column-method = Methode
column-application = Anwendung
column-address = Adresse
column-device = Gerät
column-name = Name
column-principal-name = Benutzerprinzipalname
column-kind = Art
column-state = Zustand
column-created = Erstellt
column-id = ID
column-user = Benutzer
column-activity = Aktivität
column-actor = Durch
column-targets = An
result-success = Erfolg
result-failure = Fehler

## Eine Anmeldung
sign-in-one = Anmeldung
sign-in-facts = Zu dieser Anmeldung
sign-in-passkey = Passkey
sign-in-multi-factor = Zwei Faktoren
sign-in-backed-up = Eine Kopie lag woanders
sign-in-steps = Was gezeigt wurde
sign-in-no-steps = Nichts wurde gezeigt.
sign-in-decision = Was die Richtlinien sagten
sign-in-no-policies = Keine Richtlinie traf zu.
sign-in-decision-hidden = Was die Richtlinien sagten, sieht nur, wer Richtlinien sehen darf.
sign-in-version = Stand { $version } der Richtlinien
sign-in-contexts = Authentifizierungskontexte: { $contexts }
sign-in-break-glass = Notfallkonto
applied-success = Erfüllt
applied-failure = Nicht erfüllt
applied-not = Traf nicht zu
applied-not-enabled = Nicht aktiv
applied-report-success = Wäre erfüllt gewesen
applied-report-failure = Hätte abgelehnt
applied-report-interrupted = Hätte etwas verlangt

## Verwaltung
users-search = Name oder Benutzerprinzipalname beginnt mit
users-none = Keine Benutzer gefunden.
user-create = Neuer Benutzer
user-create-text = Der neue Benutzer kann sich noch nicht anmelden. Stellen Sie als Nächstes einen befristeten Zugriffspass aus, damit er einen Passkey einrichten kann.
user-principal-name-hint = Sieht aus wie eine E-Mail-Adresse und endet mit einer Domäne dieser Organisation, zum Beispiel @{ $domain }.
user-mail = E-Mail
user-mail-optional = E-Mail (freiwillig)
user-member = Mitglied
user-guest = Gast
user-enabled = Aktiv
user-disabled = Deaktiviert
user-break-glass = Notfallkonto
user-facts = Über diesen Benutzer
user-roles = Rollen
user-no-roles = Keine
user-sign-ins = Anmeldungen dieses Benutzers
user-audit = Änderungen an diesem Benutzer
user-no-passkeys = Dieser Benutzer hat keinen Passkey.
user-sessions = Wo dieser Benutzer angemeldet ist
user-no-sessions = Dieser Benutzer ist nirgends angemeldet.
user-enable = Aktivieren
user-disable = Deaktivieren
user-disable-title = Diesen Benutzer deaktivieren?
user-disable-text = { $name } kann sich nicht mehr anmelden, und alle Sitzungen und Aktualisierungstoken enden sofort. Sie können den Benutzer später wieder aktivieren.
user-revoke-sessions = Alle Sitzungen beenden
passkey-release-title = Diesen Passkey freigeben?
passkey-release-text = „{ $name }“ gilt wieder, obwohl die Metadaten gegen sein Modell sprechen. Das bleibt so, bis es andere Nachrichten über das Modell gibt.
passkey-revoke-title = Diesen Passkey widerrufen?
passkey-revoke-text = „{ $name }“ gilt sofort nicht mehr. Alle Sitzungen, Codes und Aktualisierungstoken, die von ihm stammen, enden mit ihm. Das lässt sich nicht rückgängig machen.
pass-issue = Befristeten Zugriffspass ausstellen
pass-issue-text = Mit dem Pass kann sich der Benutzer anmelden und einen Passkey einrichten. Ein neuer Pass ersetzt den vorigen.
pass-minutes = Gültig für (Minuten)
pass-minutes-hint = Zwischen 10 Minuten und 43.200 Minuten (30 Tage).
pass-once = Gilt nur einmal
pass-issued-title = Befristeter Zugriffspass ausgestellt
pass-issued-text = Übergeben Sie ihn auf einem Weg, dem Sie vertrauen.
pass-usable = Verwendbar
pass-not-usable = Nicht verwendbar
pass-from = Ab
pass-until = bis
pass-valid-until = Gültig bis
pass-none = Keiner
password-reset = Kennwort zurücksetzen
password-reset-text = Der Benutzer bekommt ein zufälliges Kennwort und muss bei der nächsten Anmeldung ein anderes wählen. Alle Sitzungen enden.
shown-once = Dies wird nur einmal gezeigt. Nach dem Verlassen der Seite kann es niemand mehr lesen.
log-user = Benutzer
log-all = Alle anzeigen
log-none = Keine Einträge gefunden.
log-other-hint = Diese Korrelations-ID suchen im:
log-bad-filter = Die Korrelations-ID oder der Benutzer im Filter kann so nicht vorkommen.
done-user-created = Der Benutzer wurde angelegt.
done-user-enabled = Der Benutzer wurde aktiviert.
done-user-disabled = Der Benutzer wurde deaktiviert, und alle Sitzungen sind beendet.
done-passkey-released = Der Passkey ist freigegeben und gilt wieder.
done-passkey-revoked = Der Passkey wurde widerrufen, und was er begonnen hatte, ist beendet.
done-sessions-revoked = Alle Sitzungen dieses Benutzers sind beendet.

## Zwischen diesem Server und Anwendungen
deliver-title = Einen Moment
deliver-text = Sie werden zur Anwendung zurückgeschickt.
deliver-button = Weiter
sign-out-title = Abmelden?
sign-out-text = Eine Anwendung möchte Sie abmelden. Angemeldet als
sign-out-stay = Angemeldet bleiben
device-title = Code Ihres Geräts eingeben
device-text = Geben Sie den Code ein, den Ihr Gerät zeigt. Wenn Ihnen jemand einen Code geschickt hat, geben Sie ihn nicht ein: Er wäre als Sie angemeldet.
device-label = Code
device-next = Weiter
device-code-unknown = Mit diesem Code wartet kein Gerät. Sehen Sie noch einmal nach; Codes gelten 15 Minuten und einmal.
device-ask-title = Auf Ihrem Gerät bei dieser Anwendung anmelden?
device-ask-text = Gehen Sie nur weiter, wenn Sie das selbst begonnen haben, auf einem Gerät, das Sie sehen. Das Gerät handelt dann als Sie.
device-ask-yes = Weiter
device-ask-no = Nein, abbrechen
device-done = Sie sind auf Ihrem Gerät angemeldet
device-declined = Das Gerät wurde abgewiesen
device-close = Sie können dieses Fenster schließen.

## Was Anwendungen bekommen
consent-title = Dieser Anwendung Zugriff geben?
consent-place = Antwortet unter
consent-registered = Eingetragen
consent-wishes = Sie bittet darum
consent-remembered = Sie werden einmal gefragt. In Ihren Sicherheitsinformationen können Sie es jederzeit zurücknehmen.
consent-nothing-new = Sie oder Ihre Organisation haben dem schon zugestimmt.
consent-administrator-title = Ihre Administration muss zustimmen
consent-administrator-text = Diese Anwendung bittet um mehr, als Sie ihr geben dürfen. Nennen Sie Ihrer Administration den Namen, und melden Sie sich danach noch einmal an.
consent-yes = Zustimmen
consent-no = Nicht zustimmen
consent-back = Zurück zur Anwendung
consents = Anwendungen, denen Sie Zugriff gegeben haben
consents-text = Dem haben Sie beim Anmelden zugestimmt. Nehmen Sie es zurück, muss die Anwendung Sie wieder fragen.
consent-given = Gegeben
consent-remove = Zurücknehmen
consent-remove-named = Zurücknehmen, was { $application } bekommen hat
done-application-removed = Die Anwendung hat keinen Zugriff mehr.
scope-openid = Sie anmelden
scope-profile = Ihren Namen sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-offline-access = Diesen Zugriff behalten, während Sie nicht da sind
scope-user-read = Ihr Konto hier sehen
scope-user-read-basic-all = Namen und Adressen der Menschen in Ihrer Organisation sehen
scope-methods-read = Sehen, welche Wege zur Anmeldung Sie haben
scope-passkeys-read = Ihre Passkeys sehen
scope-passes-read = Sehen, ob Sie einen befristeten Zugriffspass haben
scope-methods-write = Ihre Wege zur Anmeldung hinzufügen und entfernen
scope-change-as-you = In Ihrer Organisation ändern, was Sie ändern dürfen
scope-read-as-you = In Ihrer Organisation lesen, was Sie lesen dürfen

## Registrierungskampagnen
campaigns-text = Nach einer Anmeldung mit zwei Faktoren wird um einen Passkey gebeten. Es zählt die erste Kampagne, die eine Person meint; niemand wird um etwas gebeten, das die Registrierung ablehnen würde.
campaign-create = Neue Kampagne
campaign-edit = Kampagne bearbeiten
campaign-delete = Diese Kampagne löschen
campaign-settings = Einstellungen
campaign-who = Für wen
campaign-everyone = Alle
campaign-named = { $count ->
    [0] niemand
    [one] eine Gruppe, Person oder Rolle
   *[other] { $count } Gruppen, Personen oder Rollen
}
campaign-except = { $count ->
    [one] mit einer Ausnahme
   *[other] mit { $count } Ausnahmen
}
campaign-wave = Anteil
campaign-when = Wann
campaign-from = ab
campaign-until = bis
campaign-always = immer
campaign-runs = läuft
campaign-rests = läuft nicht
campaign-state-default = Von diesem Server verwaltet
campaign-state-default-hint = Fragt nach einem Tag erneut, ohne Ende, und nur Personen, deren Profile annehmen, was die meisten Geräte mitbringen.
campaign-state-enabled = Aktiviert
campaign-state-disabled = Deaktiviert
campaign-snoozes = Vorerst überspringen
campaign-snoozes-default = beliebig oft; fragt nach einem Tag erneut
campaign-snoozes-limited = { $count ->
    [0] dreimal; fragt bei jeder Anmeldung mit zwei Faktoren
    [one] dreimal; fragt nach einem Tag erneut
   *[other] dreimal; fragt nach { $count } Tagen erneut
}
campaign-snoozes-unlimited = { $count ->
    [0] beliebig oft; fragt bei jeder Anmeldung mit zwei Faktoren
    [one] beliebig oft; fragt nach einem Tag erneut
   *[other] beliebig oft; fragt nach { $count } Tagen erneut
}
campaign-snooze-days = Tage bis zur nächsten Frage
campaign-snooze-days-hint = 0 bis 14; bei 0 kommt die Frage bei jeder Anmeldung mit zwei Faktoren.
campaign-limited = Nach drei Malen lässt sie sich nicht mehr überspringen (außer nach einem Fehler)
campaign-groups = Gruppen
campaign-users = Personen
campaign-except-groups = Außer Gruppen
campaign-except-users = Außer Personen
campaign-names-hint = Je Zeile: Name oder Kennung einer Gruppe, Benutzerprinzipalname einer Person. Eine Ausnahme gilt immer.
campaign-starts = Beginn (UTC)
campaign-ends = Ende (UTC)
campaign-waves = Wellen (UTC)
campaign-waves-hint = Je Zeile ein Tag und der Prozentsatz der Personen ab dann, zum Beispiel 2026-12-01 10. Wer dabei ist, bleibt dabei.
campaign-beyond = Weiteres
campaign-silent-first = Den Browser den Passkey zuerst still anlegen lassen, wo er es kann
campaign-single-sign-on = Auch Personen fragen, deren Sitzung schon bestand
campaign-replacement = Auch Personen fragen, deren Passkeys bald enden oder von einem nicht mehr guten Modell sind
campaign-not-on-linux = Unter Linux nicht fragen
campaign-position = Position
campaign-position-hint = In dieser Reihenfolge werden Kampagnen gefragt, die kleinste Zahl zuerst.
campaign-bad-number = Hier muss eine ganze Zahl stehen.
campaign-bad-state = Wählen Sie einen der drei Zustände.
campaign-bad-moment = Das ist kein Datum mit Uhrzeit.
campaign-bad-waves = Jede Zeile braucht einen Tag oder Zeitpunkt und einen Prozentsatz von 0 bis 100.
campaign-too-many-names = Nennen Sie hier höchstens 200 Gruppen und 200 Personen; legen Sie für mehr eine Gruppe an.
campaign-unknown-name = Einen der Namen gibt es nicht, oder zwei Gruppen heißen so. Verwenden Sie dann die Kennung der Gruppe.
snoozes-title = Aufgeschoben
snoozes-text = Wie oft „Vorerst überspringen“ gewählt oder der Browser geschlossen wurde. Die Zahl überdauert Kampagnen.
snoozes-none = Niemand hat eine Frage aufgeschoben.
snoozes-column = Aufgeschoben
snoozes-people = Personen
snoozes-last = zuletzt
snoozes-times = { $count ->
    [0] nicht gezählt
    [one] einmal
   *[other] { $count }-mal
}
snoozes-reset = Alle zurücksetzen
snoozes-reset-one = Zurücksetzen
snoozes-reset-title = Die Zahlen aller zurücksetzen?
snoozes-reset-text = Alle können die Frage wieder dreimal überspringen und werden vielleicht bei der nächsten Anmeldung gefragt.
funnel-title = Was aus den Fragen wurde
funnel-text = Die letzten { $count } Tage. Browser und System sind das, was der Browser über sich sagt.
funnel-none = Es wurde keine Frage gezeigt.
funnel-chart = Balken zu den Zahlen der Tabelle daneben
funnel-what = Ausgang
funnel-count = Anzahl
funnel-shown = Gezeigt
funnel-accepted = Passkey registriert
funnel-snoozed = Übersprungen
funnel-error-skipped = Nach einem Fehler verlassen
funnel-unanswered = Ohne Antwort
funnel-silent = Still angelegte Passkeys, von gefragten Browsern:
funnel-devices = Nach Browser
funnel-device = Browser
funnel-providers = Passkeys nach Anbieter
funnel-provider = Anbieter
funnel-troubles = Was misslang
funnel-why = Grund
provider-security-key = Sicherheitsschlüssel
provider-password-manager = Passwortmanager
provider-other = Anderer oder unbekannt
trouble-cancelled = Das Fenster des Browsers wurde geschlossen, oder es dauerte zu lange
trouble-unsupported = Der Browser kann keine Passkeys anlegen oder führt keine Skripte aus
trouble-alreadyThere = Das Gerät hat schon einen Passkey für dieses Konto
trouble-refused = Der Server hat den Passkey abgelehnt
trouble-network = Der Server war nicht erreichbar
trouble-other = Etwas anderes
trouble-server = Vom Server abgelehnt:
done-campaign-saved = Die Kampagne wurde gespeichert.
done-campaign-deleted = Die Kampagne wurde gelöscht.
done-snoozes-reset = Die Zahl wurde zurückgesetzt.
done-snoozes-reset-all = Die Zahlen aller wurden zurückgesetzt.
## Formulare für Richtlinien
change = Ändern
yes = Ja
no = Nein
form-not-saved = Es wurde nichts gespeichert. Bitte prüfen Sie:
form-not-a-number = Geben Sie eine ganze Zahl ein.
form-unknown-entry = „{ $entry }“ wurde nicht gefunden oder ist nicht lesbar.
form-not-json = Dieser Text ist keine Richtlinie dieser Art: { $why }
form-views = Arten der Bearbeitung
form-view-form = Formular
form-view-json = JSON
form-document = Richtlinie als JSON
form-document-hint = Das ganze Dokument, wie es gespeichert ist. Unbekannte Angaben werden abgelehnt.
form-read-only = Sie dürfen diese Richtlinie sehen, aber nicht ändern.
form-look = Auswirkung ansehen
form-delete = Löschen …
scope-everyone = Alle
scope-guests = Gäste
scope-groups = Mitglieder dieser Gruppen
scope-groups-hint = Eine Gruppe je Zeile, mit Namen oder Id.
scope-no-groups = Es gibt noch keine Gruppen.
scope-users = Diese Benutzer
scope-users-hint = Ein Benutzerprinzipalname je Zeile. Gruppen lassen sich leichter pflegen.
scope-roles = Inhaber dieser Rollen
scope-any-role = Inhaber irgendeiner Rolle
scope-nobody = Niemand
scope-but = außer { $who }

## Richtlinien
policies-none = Es gibt noch keine.
policies-count = { $count ->
    [0] Keine
    [one] Eine
   *[other] { $count }
  }
policy-new = Neu
policy-on = Ein
policy-off = Aus
policy-what = Worum es geht
policy-description = Beschreibung
policy-who = Für wen
policy-except = Außer für wen
policy-except-hint = Ausnahmen gehen immer vor.
done-policy-saved = Die Richtlinie ist gespeichert und gilt ab jetzt.
done-policy-removed = Die Richtlinie wurde entfernt.
passkeys-hint = Wer Passkeys einrichten und nutzen darf, und welche Arten und Modelle.
passes-hint = Kurzlebige Codes, mit denen Menschen ihren ersten Passkey einrichten.
passes-enabled = Pässe können benutzt werden
passes-length = Zeichen eines Passes
passes-minimum = Kürzeste Dauer in Minuten
passes-default = Übliche Dauer in Minuten
passes-maximum = Längste Dauer in Minuten
passes-once = Alle Pässe gelten nur einmal
preferred = Bevorzugte Methode
preferred-hint = Ob die stärkste Methode eines Menschen zuerst angeboten wird.
managed-default = Wie dieser Server empfiehlt
managed-enabled = Ein
managed-disabled = Aus
strengths = Authentifizierungsstärken
strengths-hint = Welche Methoden gut genug sind, damit der bedingte Zugriff danach fragen kann.
strength-new = Neue Stärke
strength-built-in = Eingebaut
strength-models = Modelle, die zählen
strength-models-hint = Nur Passkeys dieser Modelle zählen. Leer zählen alle Modelle.
strength-passkeys = Wie Passkeys sein müssen
strength-passkeys-hint = Alles, was Sie hier wählen, muss für einen Passkey gelten, damit er zählt.
strength-combinations = Kombinationen von Methoden
strength-combinations-hint = Eine davon muss gezeigt werden.
strength-binds = Sie bindet den ersten Schritt
strength-binds-hint = Wo eine Richtlinie diese Stärke verlangt, wird zum Beginnen nur angeboten, was in diesen Kombinationen steht, und anderes wird abgelehnt, bevor nach mehr gefragt wird. Ein befristeter Zugriffspass darf trotzdem am Anfang stehen, wo ein Passkey genügen würde: Er führt dazu, einen einzurichten. Für wen die Richtlinie gilt, ist auf der Anmeldeseite nach dem Benutzernamen zu sehen.
strength-not-offered = { $modes } (bietet dieser Server nicht)
strength-attested = Der Hersteller bürgt für das Modell
strength-two = Zwei verschiedene Passkeys
strength-minutes = Vor höchstens so vielen Minuten benutzt
access-policies = Bedingter Zugriff
access-hint = Was eine Anmeldung zeigen muss, je nachdem wer, wofür und von wo.
access-new = Neue Richtlinie für bedingten Zugriff
access-on = Ein
access-report-only = Nur melden
access-off = Aus
access-state-hint = „Nur melden“ beurteilt jede Anmeldung, schreibt auf, was geschehen wäre, und hält niemanden auf.
access-target = Wofür
access-conditions = Bedingungen
access-conditions-hint = Alle müssen erfüllt sein. Was leer bleibt, ist immer erfüllt.
access-grant = Was sie verlangt
access-session = Sitzung
access-platforms = Plattformen
access-platforms-hint = Wie der Browser behauptet. Er kann alles behaupten.
access-platforms-except = Außer auf diesen Plattformen
access-locations = Orte
access-locations-except = Außer an diesen Orten
access-clients = Arten von Programmen
access-device-code = Nur Anmeldungen, die mit einem Gerätecode begannen
access-frequency = Neu anmelden
access-frequency-hint = Alter und Art werden vom selben Nachweis verlangt: Ein frischer Code macht einen alten Passkey nicht jung.
access-persistent = Angemeldet bleiben, wenn der Browser geschlossen wird
target-kind = Sie gilt für
target-all = Alle Anwendungen
target-some = Diese Anwendungen
target-register = Einrichten von Anmeldemethoden
target-contexts = Authentifizierungskontexte
target-contexts-named = Kontexte { $contexts }
target-contexts-hint = Gilt, wenn oben Kontexte gewählt sind.
target-included = Anwendungen
target-included-hint = Gilt, wenn oben einzelne Anwendungen gewählt sind.
target-excluded = Außer diesen Anwendungen
target-admin-portals = Verwaltung dieses Servers
grant-kind = Zu zeigen ist
grant-mfa = Zwei Faktoren
grant-strength = Eine Authentifizierungsstärke
grant-strength-named = Stärke „{ $name }“
grant-strength-which = Stärke
grant-strength-hint = Gilt, wenn eine Stärke verlangt wird.
grant-block = Nichts hilft: gesperrt
grant-session-only = Nichts weiter; es geht um die Sitzung
frequency-none = Wie üblich
frequency-every-time = Jedes Mal
frequency-after = Nach einiger Zeit
frequency-number = Wie viele
frequency-unit = Einheit
unit-days = Tage
unit-hours = Stunden
unit-minutes = Minuten
persistent-own = Wie jeder selbst wählt
persistent-always = Immer
persistent-never = Nie
platform-android = Android
platform-ios = iOS
platform-windows = Windows
platform-windows-phone = Windows Phone
platform-macos = macOS
platform-linux = Linux
client-browser = Browser
client-installed = Installierte Programme
client-exchange = Exchange ActiveSync (kommt hier nie vor)
client-eas = Exchange ActiveSync, unterstützt (kommt hier nie vor)
client-other = Andere
templates = Profilvorlagen
templates-hint = Fertige Passkey-Profile als Anfang. Von der Vorlage bleibt nichts: Sie ändern, was Sie wollen, sehen, was es bewirken würde, und öffnen das Profil mit einem Ziel für Menschen.
templates-ready = Fertige
templates-use = „{ $profile }“ verwenden
templates-file = Profile als Datei
templates-file-hint = Profile gehen ohne Ids und ohne die Menschen, für die sie sind, von einem Mandanten zum anderen.
templates-export = Alle Profile als Datei sichern
templates-paste = Datei mit Profilen einfügen
templates-too-long = Das ist länger als { $limit } Bytes.
templates-unreadable = Das lässt sich nicht lesen: { $why }
template-attested = Gerätegebunden, attestiert
template-attested-text = Sicherheitsschlüssel und Geräte, aus denen sich nichts kopieren lässt und für deren Modell der Hersteller bürgt: für die Administration.
template-level-2 = FIDO-zertifiziert, Stufe 2 oder höher
template-level-2-text = Dasselbe, und das Modell ist mindestens auf Stufe 2 zertifiziert und nichts dagegen bekannt; braucht die FIDO-Metadaten.
template-synced = Jeder Passkey
template-synced-text = Auch synchronisierte, ohne Attestierung: für alle anderen.
template-protected = Gut geschützte Anbieter
template-protected-text = Synchronisierte Passkeys von Anbietern, die beim Einrichten einen zweiten Faktor verlangen und die Schlüssel nicht lesen können, und alle gerätegebundenen.
template-staged = Microsoft Authenticator stufenweise einführen
template-staged-text = Zwei Profile: attestierte Passkeys anderer Modelle für alle, und die des Authenticators für eine Pilotgruppe.
own-roots = Attestierungswurzeln
own-roots-hint = Eigene Wurzelzertifikate, die für Authentifikatoren bürgen, neben denen der FIDO-Metadaten. Jedes zählt für die Passkey-Profile, die es nennen.
own-root-new = Neue Attestierungswurzel
own-root-certificate = Zertifikat
own-root-certificate-hint = PEM der Wurzel: von BEGIN CERTIFICATE bis END CERTIFICATE. Sie darf Zertifikate ausstellen und ist nicht abgelaufen. Sie zählt für nichts, bevor ein Profil sie nennt.
own-root-valid = Gültig { $days }
own-root-fingerprint = SHA-256 { $digest }
own-root-models = Modelle, für die es bürgt
own-root-models-hint = Eines je Zeile, als AAGUID. Sie erscheinen im Katalog, und für andere zählt sein Wort nicht. Leer heißt jedes Modell.
own-root-models-count = { $count ->
    [one] Ein Modell
   *[other] { $count } Modelle
}
sources = Signale anderer Systeme
sources-hint = Sicherheitsereignisse, die andere Systeme hierher melden (OpenID Shared Signals), und was daraufhin geschieht.
source-new = Neue Signalquelle
source-enabled = Ereignisse werden angenommen
source-issuer = Aussteller
source-issuer-hint = Die https-Adresse, die seine Tokens als „iss“ nennen, Zeichen für Zeichen.
source-keys = Öffentliche Schlüssel
source-keys-hint = Das JWK-Set, das es veröffentlicht („jwks_uri“), unverändert eingefügt. Wechseln seine Schlüssel, fügen Sie die neuen ein.
source-keys-count = { $count ->
    [0] Kein Schlüssel einer Art, die man hier kennt
    [one] Ein brauchbarer Schlüssel
   *[other] { $count } brauchbare Schlüssel
  }
source-address = Es meldet an { $address }
source-reactions = Was geschieht
source-reactions-hint = Jedes Ereignis über jemanden, den man hier kennt, steht im Audit-Protokoll. Erneut fragen heißt: Zwei Faktoren, die vor dem Ereignis gezeigt wurden, zählen nicht mehr; die nächste Anwendung oder Änderung von Anmeldemethoden verlangt sie wieder.
source-session-revoked = Dort abgemeldet
source-credential-change = Dort hat sich eine Anmeldemethode geändert
source-assurance-decreased = Die Anmeldung dort ist weniger wert als vorher
source-device-not-compliant = Das Gerät hält die Regeln nicht mehr ein
source-risk-raised = Das Risiko ist hoch geworden
source-credential-compromised = Eine Anmeldemethode ist in fremden Händen
source-account-disabled = Das Konto dort wurde gesperrt oder gelöscht
reaction-note = Vermerken
reaction-step-up = Zwei Faktoren erneut verlangen
reaction-revoke = Alle Sitzungen beenden
form-no-keys = Das ist weder ein JWK-Set noch ein JSON Web Key.
profile-own-roots = Eigene Attestierungswurzeln
profile-own-roots-hint = Sobald eine Wurzel genannt ist, genügen nur Passkeys, für die eine davon bürgt.
form-no-certificate = Das ist nicht ein einzelnes Zertifikat in PEM.
locations = Benannte Orte
locations-hint = Adressbereiche mit einem Namen.
location-new = Neuer Ort
location-ranges = Adressbereiche
location-ranges-hint = Einer je Zeile, zum Beispiel 192.0.2.0/24 oder 2001:db8::/32.
location-ranges-count = { $count ->
    [one] Ein Bereich
   *[other] { $count } Bereiche
  }
location-trusted = Vertrauenswürdig
location-trusted-hint = Richtlinien können alle vertrauenswürdigen Orte zusammen nennen.
location-all-trusted = Alle vertrauenswürdigen Orte
contexts = Authentifizierungskontexte
contexts-hint = Kennzeichen, nach denen Anwendungen vor etwas Heiklem fragen.
context-new = Neuer Kontext
context-id-hint = c1 bis c99. Anwendungen nennen sie, darum lässt sie sich später nicht ändern.
context-available = Anwendungen dürfen danach fragen
context-available-hint = Ob er für Anwendungen aufgeführt wird.
context-unavailable = Nicht aufgeführt
campaigns = Registrierungskampagnen
campaigns-hint = Wer nach der Anmeldung um einen Passkey gebeten wird, und wie oft.
method-title = Passkeys allgemein
method-enabled = Passkeys können benutzt werden
method-self-service = Jeder richtet Passkeys selbst ein
method-self-service-hint = Ein Profil kann für seine Passkeys anderes bestimmen.
method-owner-activates = Für andere angelegte Passkeys warten auf ihren Besitzer
method-owner-activates-hint = Ein Passkey, den die Administration oder eine Anwendung für jemanden anlegt, kann erst verwendet werden, wenn sein Besitzer, auf einem anderen Weg angemeldet, ihn auf der Seite Sicherheitsinformationen gezeigt hat.
method-barred = Von Passkeys ausgeschlossen
method-barred-hint = Sie können Passkeys weder einrichten noch benutzen, was immer sonst gilt.
targets = Wer welche Profile bekommt
targets-hint = Ein Mensch sammelt die Profile aller Ziele, zu denen er gehört. Ein erfülltes Profil genügt.
targets-none = Niemand darf Passkeys benutzen: Es gibt kein Ziel.
target-new = Neues Ziel
target-title = Ziel
target-gets = Was sie bekommen
target-profiles = Profile
target-profiles-hint = Ein Passkey muss eines davon ganz erfüllen.
target-except-hint = Sie können noch zu einem anderen Ziel gehören. Wer gar keine Passkeys haben soll, wird von der Methode ausgeschlossen.
profiles = Passkey-Profile
profiles-hint = Wie ein Passkey sein muss.
profiles-none = Es gibt keine Profile.
profiles-count = { $count ->
    [one] Ein Profil
   *[other] { $count } Profile
  }
profile-new = Neues Profil
profile-unused = In keinem Ziel
profile-main = Was erlaubt ist
profile-types = Arten
profile-attestation-hint = Nur Hersteller von Hardware bürgen für Modelle. Wer danach fragt, schließt synchronisierte Passkeys aus.
cross-device-registration = Einen Passkey registrieren, den ein anderes Gerät anlegt
cross-device-sign-in = Mit einem Passkey anmelden, den ein anderes Gerät hält
cross-device-hint = Etwa ein Telefon, das einen QR-Code auf diesem Bildschirm liest. Sein Nachweis kommt mit. Entra nimmt keinen an, wo ein Nachweis verlangt wird.
cross-device-allowed = Erlaubt, mit Nachweis und ohne
cross-device-not-with-attestation = Nicht, wo ein Nachweis verlangt wird
cross-device-blocked = Nie
cross-device-limited = Andere Geräte eingeschränkt
profile-list = Liste der Modelle
profile-list-hint = Wird bei der Einrichtung und bei jeder Anmeldung geprüft. Ohne Attestierung ist ein Modell nur, was das Gerät behauptet.
profile-models = Modelle nach Eigenschaften
profile-models-hint = Aus den FIDO-Metadaten und der Tabelle der Anbieter. Was über ein Modell unbekannt ist, gilt als nicht erfüllt.
profile-life = Wie lange es erlaubt ist
profile-age = Tage nach der Einrichtung
profile-idle = Tage ohne Nutzung
profile-warning = Tage Vorwarnung vor einem Ende
profile-grace = Schonfrist in Tagen
profile-grace-hint = So lange nach seinem Ende meldet ein Passkey noch an, um sofort ersetzt zu werden. Wer keinen anderen Weg hat, darf das jederzeit.
profile-number = Passkeys je Mensch
profile-no-limit = Leer heißt ohne Grenze.
profile-more = Mehr
profile-guests = Gäste dürfen es benutzen
profile-post-quantum = Nur Schlüssel, die einem Quantencomputer standhalten
profile-compromise = Wenn ein Modell als kompromittiert gemeldet wird
profile-roots = Wurzelzertifikate, die bürgen dürfen
profile-roots-hint = SHA-256 jedes Zertifikats, 64 hexadezimale Ziffern je Zeile. Leer heißt jede vertraute Wurzel.
profile-allows-count = { $count ->
    [one] Nur ein Modell
   *[other] Nur { $count } Modelle
  }
profile-blocks-count = { $count ->
    [one] Ohne ein Modell
   *[other] Ohne { $count } Modelle
  }
attestation-disabled = Nicht verlangt
attestation-registration = Bei der Einrichtung
attestation-always = Bei der Einrichtung und jeder Anmeldung
restriction-enforced = Die Liste gilt
restriction-kind = Die Liste nennt Modelle, die
restriction-allow = erlaubt sind
restriction-block = gesperrt sind
models-listed = Modelle
models-listed-hint = Eine AAGUID je Zeile; was dahinter steht, ist für Sie. „Windows Hello“ und „Microsoft Authenticator“ stehen für alle ihre Modelle.
models-vendors = Hersteller, einer je Zeile
models-certification = FIDO-Zertifizierung mindestens
models-without-status = Nicht mit diesem Status
models-transports = Verbindet sich auf einem dieser Wege
models-user-verification = Prüft seinen Benutzer auf einem dieser Wege
models-second-factor = Der Anbieter verlangt auf neuen Geräten einen zweiten Faktor
models-device-lock = Der Anbieter verlangt eine Bildschirmsperre
models-end-to-end = Der Anbieter kann die Schlüssel nicht lesen
models-provider-hint = Die nächsten drei betreffen Anbieter synchronisierter Passkeys.
model-good = Nichts dagegen
model-update = Es gibt neuere Firmware
model-revoked = Zertifizierung zurückgezogen
model-compromised = Kompromittiert
transport-usb = USB
transport-nfc = NFC
transport-ble = Bluetooth
transport-internal = Im Gerät eingebaut
transport-hybrid = Ein anderes Gerät in der Nähe
verification-fingerprint = Fingerabdruck
verification-face = Gesicht
verification-eye = Auge
verification-voice = Stimme
verification-passcode = PIN oder Kennwort
verification-pattern = Muster
certification-any = Beliebig
certification-fido = Zertifiziert, ohne Stufe
certification-l1 = L1
certification-l1-plus = L1+
certification-l2 = L2
certification-l2-plus = L2+
certification-l3 = L3
certification-l3-plus = L3+
compromise-quarantine = Passkeys ablehnen, bis die Administration entscheidet
compromise-step-up = Passkeys als einen Faktor zählen
compromise-report = Nur melden
self-service-as-method = Wie die Methode bestimmt
self-service-yes = Ja
self-service-no = Nein
types-any = Beliebig
mode-voice = Anruf
mode-hardware-oath = Hardware-Codegenerator
mode-software-oath = Einmalcode aus einer App
mode-sms = SMS
mode-windows-hello = Windows Hello for Business
mode-push = Mitteilung im Microsoft Authenticator
mode-device-push = Telefonanmeldung im Microsoft Authenticator
mode-pass-once = Einmaliger befristeter Zugriffspass
mode-pass-many = Befristeter Zugriffspass
mode-email = Code per E-Mail
mode-certificate-single = Zertifikat (ein Faktor)
mode-certificate-multi = Zertifikat (zwei Faktoren)
mode-federated-single = Föderiert (ein Faktor)
mode-federated-multi = Föderiert (zwei Faktoren)
mode-qr-code = QR-Code und PIN
synced-roles-title = Administratoren dürfen synchronisierte Passkeys benutzen
synced-roles-text = Ein Ziel, zu dem Rolleninhaber gehören, öffnet Profile für synchronisierte Passkeys: { $profiles }. Gerätegebundene Passkeys kann kein Anbieter kopieren.
radius-title = Wen es betrifft
radius-people = { $count ->
    [one] Eine Person wurde geprüft
   *[other] { $count } Personen wurden geprüft
 }
radius-nobody = Niemand im Verzeichnis würde es bemerken.
radius-everybody = Kein globaler Administrator könnte sich mehr zum Verwalten anmelden. So lässt es sich nicht speichern.
radius-who = Person
radius-what = Was anders wäre
radius-passkeys-stopping = { $count ->
    [one] Ein Passkey funktioniert nicht mehr.
   *[other] { $count } Passkeys funktionieren nicht mehr.
 }
radius-passkeys-working = { $count ->
    [one] Ein Passkey funktioniert wieder.
   *[other] { $count } Passkeys funktionieren wieder.
 }
radius-locked-out = { $count ->
    [one] Eine Person kommt irgendwo nicht mehr hinein.
   *[other] { $count } Personen kommen irgendwo nicht mehr hinein.
 }
radius-prompted = { $count ->
    [one] Eine Person wird nach mehr gefragt.
   *[other] { $count } Personen werden nach mehr gefragt.
 }
radius-registrations = { $count ->
    [one] Eine Person kann keinen Passkey mehr einrichten.
   *[other] { $count } Personen können keinen Passkey mehr einrichten.
 }
radius-passkey-stops = Ein Passkey funktioniert nicht mehr. { $rule }
radius-passkey-works = Ein Passkey funktioniert wieder.
radius-no-registration = Es kann kein neuer Passkey eingerichtet werden. { $rule }
radius-registration = Passkeys können eingerichtet werden.
radius-out = kein Weg hinein. { $rule }
radius-in = lässt sie wieder hinein.
radius-asked = verlangt einen weiteren Schritt. { $rule }
radius-registers = verlangt, einen Passkey einzurichten. { $rule }
radius-own-pages = Eigene Seiten
radius-administration = Verwaltung
radius-application = Anwendungen
preview-title = Vor dem Speichern ansehen
preview-removes = Damit wird sie entfernt.
preview-differences = Was sich in der Richtlinie ändert
preview-differences-count = { $count ->
    [0] Nichts
    [one] Eine Angabe
   *[other] { $count } Angaben
  }
preview-same = Sie bleibt, wie sie ist.
preview-member = Angabe
preview-before = Vorher
preview-after = Nachher
preview-save = Speichern
preview-remove = Löschen
preview-again = Weiter ändern
nav-groups = Gruppen
nav-policies = Richtlinien

## Regeln für Richtlinien

## Berichte
nav-reports = Berichte
report-counted = Gezählt
report-number = Anzahl
report-nothing = Es gibt noch nichts zu zählen.
report-no-names = Hier steht niemand: Es gibt niemanden, oder Ihre Rolle darf nicht sehen, wie sich Menschen anmelden.
report-coverage = Abdeckung
report-people = { $count ->
    [one] Ein aktives Konto
   *[other] { $count } aktive Konten
  }
report-with-passkey = Mit Passkey
report-with-password = Mit Kennwort
report-with-codes = Mit Einmalcodes
report-without-two = Ohne zwei Methoden
report-without-two-text = Aktive Menschen mit weniger als zwei von: Passkey (jeder zählt), Kennwort, Einmalcodes. Ein Verlust sperrt sie aus.
report-mix = Wie sich Menschen anmelden
report-days = Erfolgreiche Anmeldungen der letzten { $days } Tage
report-two-factors = Zwei Faktoren, ohne Passkey
report-one-factor = Ein Faktor
report-models = Modelle
report-models-text = Von allen Passkeys. Ohne Attestierung ist ein Modell nur behauptet.
report-attested = { $count } attestiert
report-quantum = Post-Quanten
report-quantum-text = Passkeys danach, ob ihre Signaturen einem Quantencomputer standhalten.
report-quantum-safe = ML-DSA
report-quantum-unsafe = Andere Verfahren
report-stale = Ungenutzte Passkeys
report-stale-text = In den letzten { $days } Tagen weder eingerichtet noch benutzt, die am längsten ungenutzten zuerst.

## Gruppen
groups-search = Name beginnt mit
groups-none = Keine Gruppen gefunden.
group-create = Neue Gruppe
group-delete = Löschen
group-delete-title = Diese Gruppe löschen?
group-delete-text = „{ $name }“ wird gelöscht; die Mitglieder bleiben. Eine Gruppe, die eine Richtlinie nennt, kann nicht gelöscht werden.
group-role-assignable = Rollen können ihr zugewiesen werden
group-role-assignable-hint = Ihre Mitglieder sind dann geschützt wie Administratoren, und nur wer Rollen vergeben darf, darf sie ändern. Das lässt sich später nicht ändern.
group-members = Mitglieder
group-no-members = Diese Gruppe hat keine Mitglieder.
group-member-name = Benutzerprinzipalname
group-member-add = Hinzufügen
group-member-remove = Entfernen
group-member-remove-named = { $name } entfernen
done-group-created = Die Gruppe wurde angelegt.
done-group-changed = Die Gruppe wurde geändert.
done-group-deleted = Die Gruppe wurde gelöscht.
done-member-added = Das Mitglied wurde hinzugefügt.
done-member-removed = Das Mitglied wurde entfernt.

## Ablehnungen nach Code; die englischen Sätze stehen bei den Regeln selbst
refusal-wrong-credentials = Der Name oder das Kennwort stimmt nicht.
refusal-code-replayed = Dieser Code wurde schon verwendet. Warten Sie auf den nächsten.
refusal-wrong-code = Der Code stimmt nicht. Prüfen Sie die Uhr Ihres Geräts und nehmen Sie den nächsten Code.
refusal-too-many-failures = Zu viele falsche Eingaben. Warten Sie eine Weile, oder melden Sie sich mit einem Passkey an.
refusal-too-many-requests = Zu viele Anfragen. Bitte warten Sie einen Moment.
refusal-user-disabled = Ihr Konto ist deaktiviert. Fragen Sie Ihre Administration.
refusal-unknown-credential = Dieser Passkey ist hier nicht mehr eingetragen. Nehmen Sie einen anderen Weg, und entfernen Sie ihn von Ihrem Gerät.
refusal-passkey-disabled = Dieser Passkey wurde gesperrt. Nehmen Sie einen anderen Weg oder fragen Sie Ihre Administration.
refusal-sign-in-context-invalid = Dieser Anmeldelink ist ungültig. Gehen Sie zur Anwendung zurück und beginnen Sie von vorn.
refusal-sign-in-expired = Diese Anmeldung hat zu lange gedauert. Bitte beginnen Sie von vorn.
refusal-attempt-expired = Diese Anmeldung hat zu lange gedauert. Bitte beginnen Sie von vorn.
refusal-not-prompted = Diese Anmeldung hat zu lange gedauert. Bitte beginnen Sie von vorn.
refusal-challenge-spent = Diese Anfrage wurde schon verwendet oder ist zu alt. Bitte versuchen Sie es noch einmal.
refusal-skip-not-allowed = Ihre Organisation verlangt einen Passkey. Bitte richten Sie einen ein.
refusal-already-registered = Dieser Passkey ist schon eingerichtet.
refusal-name-invalid = Ein Name hat 1 bis 64 Zeichen.
refusal-password-too-weak = Wählen Sie ein Kennwort mit 8 bis 256 Zeichen, das nicht leicht zu erraten ist.
refusal-enrolment-expired = Das hat zu lange gedauert. Bitte beginnen Sie von vorn.
refusal-mfa-not-fresh = Bitte melden Sie sich dafür noch einmal an.
refusal-last-way-in = Das ist Ihr letzter Weg zur Anmeldung. Fügen Sie zuerst einen anderen hinzu.
refusal-public-and-confidential = Eine öffentliche Anwendung (spa, publicClient) hat weder Geheimnisse noch Schlüssel noch Web-Adressen. Registrieren Sie zwei Anwendungen.
refusal-given-already = Die Anwendung hat das schon.
refusal-application-stale = Jemand hat die Anwendung inzwischen geändert. Sehen Sie sie noch einmal an, und ändern Sie dort.
refusal-account-stale = Jemand hat das Konto inzwischen geändert. Sehen Sie es noch einmal an, und ändern Sie dort.
refusal-last-administrator = Das ist die letzte aktive globale Administration. Geben Sie die Rolle zuerst jemand anderem.
refusal-contended = Ihr Konto wurde im selben Moment geändert. Bitte versuchen Sie es noch einmal.
refusal-name-taken = Diesen Benutzerprinzipalnamen hat schon jemand.
refusal-not-found = Unter dieser Adresse gibt es nichts.
refusal-signed-out = Bitte melden Sie sich an.
refusal-csrf-token-invalid = Diese Seite ist zu alt, oder Cookies sind gesperrt. Laden Sie sie neu und versuchen Sie es noch einmal.
refusal-foreign-origin = Die Anfrage kam von einer fremden Seite und wurde abgelehnt.
refusal-internal = Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal.
refusal-busy = Gerade melden sich viele an. Bitte versuchen Sie es gleich noch einmal.
refusal-locked-out = Zu viele falsche Eingaben. Warten Sie eine Weile, oder nehmen Sie Ihren Passkey.
refusal-mfa-required = Ein Kennwort allein genügt für Ihr Konto nicht. Melden Sie sich mit einem Passkey an, oder bitten Sie um einen befristeten Zugriffspass.
refusal-fresh-mfa-required = Bestätigen Sie, dass Sie es sind: Melden Sie sich noch einmal an und richten Sie den Passkey innerhalb von fünf Minuten ein.
refusal-pass-registration-window-over = Nach einem einmaligen Pass haben Sie zehn Minuten für die Einrichtung. Bitten Sie um einen neuen Pass.
refusal-self-service-off = Sie können Passkeys nicht selbst einrichten. Fragen Sie Ihre Administration.
refusal-passkey-not-activated = Dieser Passkey wurde für Sie angelegt und ist noch nicht aktiviert. Melden Sie sich auf einem anderen Weg an, und aktivieren Sie ihn in Ihren Sicherheitsinformationen.
refusal-activation-not-needed = Dieser Passkey muss nicht aktiviert werden.
refusal-passkey-quarantined = Dieser Passkey ist gesperrt, weil sich diese Art von Gerät als unsicher erwiesen hat. Nehmen Sie einen anderen, oder bitten Sie Ihre Administration um einen befristeten Zugriffspass.
refusal-passkey-suspected-clone = Dieser Passkey ist gesperrt, weil es eine Kopie geben könnte. Fragen Sie Ihre Administration.
refusal-passkey-type-not-allowed = Diese Art von Passkey ist Ihnen nicht erlaubt. Wenn ein Kennwortmanager oder ein Konto in der Cloud ihn aufbewahrt, nehmen Sie stattdessen einen Sicherheitsschlüssel; wenn ein Sicherheitsschlüssel es tut, nehmen Sie einen Kennwortmanager.
refusal-aaguid-not-allowed = Dieses Modell eines Sicherheitsschlüssels oder Kennwortmanagers ist hier nicht erlaubt. Nehmen Sie ein anderes, oder fragen Sie Ihre Administration, welche erlaubt sind.
refusal-attestation-required = Dieses Gerät oder dieser Kennwortmanager kann sein Modell nicht nachweisen, und hier muss das sein. Nehmen Sie einen Sicherheitsschlüssel, den Ihre Organisation ausgegeben hat, und erlauben Sie dem Browser, Marke und Modell zu zeigen.
refusal-user-verification-missing = Entsperren Sie Ihren Passkey mit PIN, Gesicht oder Fingerabdruck.
refusal-role-required = Diese Seiten sind für die Administration. Ihr Konto hat keine Administratorrolle.
refusal-role-missing = Ihnen fehlt die Rolle, die dafür nötig ist.
refusal-scope-missing = Der Anwendung fehlt die Berechtigung, die dafür nötig ist.
refusal-target-protected = Dieser Benutzer hat eine Rolle, die Sie nicht ändern dürfen.
refusal-not-for-oneself = Das können Sie nicht für sich selbst tun.
refusal-pass-for-guest = Ein befristeter Zugriffspass kann einem externen Gast nicht hinzugefügt werden.
refusal-pass-lifetime-out-of-range = So kurz oder so lang kann ein Pass hier nicht gelten. Wählen Sie eine andere Dauer.
refusal-field-invalid = Bitte prüfen Sie das markierte Feld.
refusal-malformed-request = Die Anfrage war nicht zu verstehen. Gehen Sie zurück und versuchen Sie es noch einmal.
refusal-challenge-expired = Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.
refusal-attempt-over = Das hat zu lange gedauert, oder Ihr Konto wurde inzwischen geändert. Beginnen Sie von vorn.
refusal-credentials-wrong = Der Benutzername oder das Kennwort stimmt nicht.
refusal-totp-wrong = Der Code stimmt nicht. Warten Sie auf den nächsten, und versuchen Sie es noch einmal.
refusal-totp-replayed = Dieser Code wurde schon verwendet. Warten Sie auf den nächsten.
refusal-pass-wrong = Dieser Pass stimmt nicht.
refusal-pass-not-yet-valid = Dieser Pass gilt noch nicht.
refusal-pass-expired = Dieser Pass ist abgelaufen. Bitten Sie um einen neuen.
refusal-pass-used = Dieser Pass gilt nur einmal und wurde schon verwendet. Bitten Sie um einen neuen.
refusal-pass-once-only = Hier gilt jeder Pass nur einmal.
refusal-pass-not-allowed = Ihre Organisation lässt Sie nicht mit einem Pass anmelden. Fragen Sie Ihre Administration.
refusal-passkey-of-another-user = Dieser Passkey gehört zu einem anderen Konto.
refusal-attestation-root-not-allowed = Dieser Sicherheitsschlüssel kommt nicht aus der Quelle, die Ihre Organisation verlangt. Nehmen Sie einen, den sie ausgegeben hat.
refusal-model-not-allowed = Was über dieses Modell eines Sicherheitsschlüssels oder Kennwortmanagers bekannt ist, genügt hier nicht. Nehmen Sie ein anderes, oder fragen Sie Ihre Administration, welche erlaubt sind.
refusal-post-quantum-required = Ihre Organisation verlangt Passkeys, die einem Quantencomputer standhalten, und dieser tut es nicht. Nehmen Sie einen Sicherheitsschlüssel oder Kennwortmanager, der ML-DSA anbietet.
refusal-cross-device-not-allowed = Hier muss ein Passkey auf dem Gerät liegen, das Sie gerade benutzen, oder auf einem Sicherheitsschlüssel. Nehmen Sie einen davon, oder machen Sie auf dem Telefon oder Computer weiter, das diesen Passkey hält.
refusal-passkey-too-old = Dieser Passkey hat sein höchstes Alter erreicht. Nehmen Sie einen anderen, oder bitten Sie Ihre Administration um einen befristeten Zugriffspass und richten Sie einen neuen ein.
refusal-passkey-idle = Dieser Passkey wurde lange nicht verwendet und wird nicht mehr angenommen. Nehmen Sie einen anderen, oder bitten Sie Ihre Administration um einen befristeten Zugriffspass und richten Sie einen neuen ein.
refusal-too-many-passkeys = Sie haben so viele Passkeys, wie Sie haben dürfen. Löschen Sie einen, den Sie nicht mehr verwenden, und fügen Sie dann den neuen hinzu.
refusal-passkeys-off = Passkeys sind hier ausgeschaltet. Melden Sie sich auf einem anderen Weg an, oder fragen Sie Ihre Administration.
refusal-passkeys-unavailable = Passkeys gibt es in dieser Organisation nicht. Melden Sie sich auf einem anderen Weg an.
refusal-passkeys-barred = Passkeys sind für Ihr Konto ausgeschaltet. Melden Sie sich auf einem anderen Weg an, oder fragen Sie Ihre Administration.
refusal-no-passkey-profile = Passkeys sind für Ihr Konto nicht vorgesehen. Melden Sie sich auf einem anderen Weg an, oder fragen Sie Ihre Administration.
refusal-passkeys-not-for-guests = Gäste können hier keine Passkeys verwenden. Melden Sie sich auf einem anderen Weg an, oder fragen Sie die Organisation, die Sie eingeladen hat.
refusal-upgrade-not-needed = Sie haben schon einen Passkey dieser Art.
refusal-second-factor-required = Für die Anmeldung ist ein zweiter Schritt nötig.
refusal-access-blocked = Ihre Organisation erlaubt das von hier aus nicht. Wenn Sie es brauchen, nennen Sie Ihrer Administration die Nummer auf dieser Seite.
refusal-first-factor-not-allowed = Ihre Organisation lässt Sie diese Anmeldung nicht so beginnen. Fangen Sie noch einmal an, und nehmen Sie Ihren Passkey oder einen anderen Weg, der dort angeboten wird.
refusal-consent-of-administrator = Diese Anwendung bittet um mehr, als Sie ihr geben dürfen. Bitten Sie Ihre Administration, zuzustimmen, und melden Sie sich noch einmal an.
refusal-consent-declined = Sie haben dem, worum die Anwendung bittet, nicht zugestimmt.
refusal-strength-unreachable = Dafür ist ein stärkerer Weg zur Anmeldung nötig, als Sie ihn haben, und von hier aus können Sie keinen einrichten. Bitten Sie Ihre Administration um einen befristeten Zugriffspass.
refusal-step-up-required = Ihre Organisation verlangt dafür einen weiteren Schritt. Melden Sie sich mit Ihrem stärksten Weg noch einmal an, und kommen Sie dann zurück.
refusal-session-ended = Sie wurden abgemeldet. Melden Sie sich noch einmal an.
refusal-session-expired = Ihre Sitzung ist vorbei. Melden Sie sich noch einmal an.
refusal-passkey-not-added = Ihr Passkey konnte nicht geprüft werden und wurde deshalb nicht hinzugefügt. Versuchen Sie es noch einmal, oder nehmen Sie ein anderes Gerät.
refusal-passkey-not-verified = Ihr Passkey konnte nicht geprüft werden. Versuchen Sie es noch einmal, oder melden Sie sich auf einem anderen Weg an.
refusal-wrong-pass = Der Name oder der Pass stimmt nicht, oder der Pass ist abgelaufen.
refusal-wrong-current-password = Das jetzige Kennwort stimmt nicht.
refusal-group-in-use = Richtlinien nennen diese Gruppe. Nehmen Sie sie zuerst dort heraus.
refusal-policy-invalid = Die Richtlinie wurde nicht gespeichert. Prüfen Sie die markierten Felder.
refusal-locks-everybody-out = Nach dieser Änderung könnte sich kein globaler Administrator mehr zur Verwaltung anmelden. Nehmen Sie einen davon aus, oder behalten Sie ein Notfallkonto.
refusal-policy-stale = Jemand hat sie geändert, während Sie sie bearbeiteten. Sehen Sie sich die neueste Fassung an, und machen Sie Ihre Änderung dort.
refusal-policy-contended = Im selben Moment wurden Richtlinien geändert. Bitte versuchen Sie es noch einmal.
refusal-administrators-need-two-factors = Für die Verwaltung sind zwei Faktoren nötig. Melden Sie sich mit Ihrem Passkey an, um weiterzukommen.
refusal-delivery-expired = Diese Antwort ist zu alt. Gehen Sie zur Anwendung zurück, und beginnen Sie von vorn.
refusal-too-large = Die Anfrage ist größer, als sie sein darf.
refusal-method-not-allowed = Diese Adresse beantwortet solche Anfragen nicht.
refusal-timeout = Die Anfrage hat zu lange gedauert. Bitte versuchen Sie es noch einmal.
refusal-unsupported-type = Diese Adresse nimmt solche Inhalte nicht an.
refusal-unknown-tenant = Diese Organisation gibt es hier nicht. (AADSTS90002)
refusal-repeated-parameter = Die Anwendung hat eine Angabe mehr als einmal geschickt. (AADSTS900143)
refusal-client-missing = Die Anwendung hat sich nicht genannt: die Angabe „client_id“ fehlt. (AADSTS900144)
refusal-client-unknown = Keine Anwendung mit dieser „client_id“ ist in dieser Organisation eingetragen. (AADSTS700016)
refusal-client-disabled = Die Anwendung ist deaktiviert. (AADSTS7000112)
refusal-redirect-missing = Die Anwendung hat nicht gesagt, wohin die Antwort geht: die Angabe „redirect_uri“ fehlt. (AADSTS900144)
refusal-redirect-unregistered = Die Antwort ginge an eine Adresse, die für die Anwendung nicht Zeichen für Zeichen so eingetragen ist („redirect_uri“). (AADSTS50011)
refusal-parameter-too-long = Die Anwendung hat eine Angabe geschickt, die länger ist, als dieser Server sie trägt. (AADSTS90015)
refusal-policy-name-missing = Geben Sie einen Namen an.
refusal-policy-text-too-long = Dieser Text darf { $limit } Zeichen haben.
refusal-policy-text-not-plain = Dieser Text enthält Zeichen, die sich nicht anzeigen lassen.
refusal-policy-name-taken = Diesen Namen gibt es schon. Namen halten Richtlinien auseinander; wählen Sie einen anderen.
refusal-policy-id-taken = Diese Id gibt es schon.
refusal-policy-too-many = Davon darf es { $limit } geben.
refusal-policy-too-large = Die ganze Richtlinie darf { $limit } Bytes haben. Nehmen Sie Gruppen statt vieler einzelner Einträge.
refusal-policy-out-of-range = Diese Zahl muss im Bereich { $limit } liegen.
refusal-policy-unknown-user = Diesen Benutzer gibt es nicht.
refusal-policy-unknown-group = Diese Gruppe gibt es nicht.
refusal-policy-unknown-application = Diese Anwendung gibt es nicht.
refusal-policy-unknown-profile = Dieses Passkey-Profil gibt es nicht. Ein Profil, das ein Ziel nennt, kann nicht gelöscht werden.
refusal-policy-unknown-strength = Diese Authentifizierungsstärke gibt es nicht.
refusal-policy-unknown-location = Diesen Ort gibt es nicht.
refusal-policy-unknown-context = Diesen Authentifizierungskontext gibt es nicht.
refusal-policy-in-use = Eine Richtlinie für bedingten Zugriff nennt es. Ändern Sie zuerst diese.
refusal-policy-built-in = Eingebaute Stärken lassen sich nicht ändern oder löschen. Legen Sie eine eigene an.
refusal-policy-nobody-included = Sagen Sie, für wen es gilt.
refusal-policy-everybody-excluded = Alle sind ausgenommen, also gilt es für niemanden. Schalten Sie es stattdessen aus.
refusal-policy-included-and-excluded = Derselbe Eintrag steht auf beiden Seiten. Die Ausnahme ginge vor; nehmen Sie einen von beiden heraus.
refusal-policy-profiles-missing = Ein Ziel braucht mindestens ein Passkey-Profil.
refusal-policy-types-missing = Wählen Sie gerätegebunden, synchronisiert oder beides: Sonst ist kein Passkey erlaubt.
refusal-policy-attested-synced = Anbieter synchronisierter Passkeys geben keine Attestierung, also ist kein Passkey erlaubt. Erlauben Sie gerätegebundene, oder verlangen Sie keine Attestierung.
refusal-policy-allow-list-empty = Die Liste erlaubter Modelle gilt und ist leer, also ist kein Passkey erlaubt.
refusal-policy-roots-without-attestation = Wurzeln bürgen nur für attestierte Passkeys. Verlangen Sie Attestierung, oder nehmen Sie die Wurzeln heraus.
refusal-policy-provider-of-device-bound = Nur Anbieter synchronisierter Passkeys haben diesen Schutz, und synchronisierte Passkeys sind nicht erlaubt.
refusal-policy-every-status-excluded = Jeder Status ist ausgeschlossen, also ist kein Passkey erlaubt.
refusal-policy-unknown-transport = Verbindungswege sind usb, nfc, ble, internal und hybrid.
refusal-policy-combinations-missing = Eine Stärke braucht mindestens eine Kombination von Methoden.
refusal-policy-models-missing = Die Liste der Modelle, die zählen, ist leer, also zählt kein Passkey.
refusal-policy-models-disjoint = Diese Listen haben kein Modell gemeinsam, also zählt kein Passkey.
refusal-policy-passkey-not-combined = Es ist beschrieben, wie Passkeys sein müssen, und keine Kombination enthält einen Passkey.
refusal-policy-certification-without-attestation = Ohne Attestierung ist das Modell nur behauptet, und seine Zertifizierung beweist nichts. Verlangen Sie auch Attestierung.
refusal-policy-target-missing = Sagen Sie, für welche Anwendungen, Kontexte oder welche Aktion es gilt.
refusal-policy-asks-nothing = Es verlangt nichts und sagt nichts über die Sitzung. Wählen Sie, was es tun soll.
refusal-policy-persistence-of-some-applications = Eine Sitzung dient allen Anwendungen, darum braucht dies alle als Ziel.
refusal-policy-ranges-missing = Ein benannter Ort braucht mindestens einen Adressbereich.
refusal-policy-context-id = Authentifizierungskontexte heißen c1 bis c99.
refusal-policy-lifetimes-crossed = Die kürzeste Dauer darf nicht länger sein als die übliche, und diese nicht länger als die längste.
refusal-policy-certificate-malformed = Das ist nicht ein einzelnes Zertifikat. Fügen Sie den ganzen PEM-Block der Wurzel ein, von BEGIN CERTIFICATE bis END CERTIFICATE.
refusal-policy-certificate-not-authority = Dieses Zertifikat darf keine anderen ausstellen, ist also keine Wurzel. Nehmen Sie das am Ende der Kette des Herstellers.
refusal-policy-certificate-key = Sein Schlüssel ist von einer Art, die hier nicht verwendet wird: Nehmen Sie RSA mit mindestens 2048 Bit, P-256, P-384, P-521, Ed25519 oder ML-DSA.
refusal-policy-certificate-taken = Dieses Zertifikat gibt es schon, vielleicht unter einem anderen Namen.
refusal-policy-issuer-not-https = Der Aussteller ist die https-Adresse, die seine Tokens als „iss“ nennen.
refusal-policy-keys-missing = Ohne öffentlichen Schlüssel wäre keinem Ereignis zu glauben. Fügen Sie das JWK-Set ein, das das andere System veröffentlicht.
refusal-policy-key-malformed = Jeder Schlüssel ist ein JSON Web Key mit „kty“ und „kid“.
refusal-policy-key-private = Das ist ein privater oder symmetrischer Schlüssel. Er wurde nicht gespeichert; behandeln Sie ihn als bekannt und fügen Sie den öffentlichen ein.
refusal-policy-certificate-expired = Dieses Zertifikat ist abgelaufen; nichts, wofür es bürgt, würde zählen.
refusal-policy-ends-before-start = Es würde enden, bevor es beginnt.
refusal-policy-waves-unordered = Jede Welle muss später beginnen als die vorige.

## Was wäre wenn, und einen Menschen erklären
what-if = Was wäre wenn
what-if-hint = Welche Richtlinien für bedingten Zugriff für eine Anmeldung gelten würden, und ob genügt, was der Mensch eingerichtet hat.
what-if-question = Die Anmeldung
what-if-from = Von wo
what-if-wish = Wofür
what-if-ask = Fragen
what-if-answer = Die Antwort
what-if-granted = Die Anmeldung würde gelingen.
what-if-nothing-applies = Die Anmeldung würde gelingen: Keine Richtlinie gilt.
what-if-refused = Mit nichts, was eingerichtet ist, würde die Anmeldung gelingen.
what-if-no-way = Es gibt keinen Weg zur Anmeldung.
what-if-enough = Genügt
what-if-not-enough = Genügt nicht
what-if-against = Sagt nein: { $policy }
what-if-own-rules = Regeln dieses Servers
what-if-no-policies = Es gibt keine Richtlinien für bedingten Zugriff.
what-if-policies-count = { $count ->
    [one] Eine Richtlinie
   *[other] Alle { $count } Richtlinien
  }
what-if-applies = Gilt
what-if-reports = Würde gelten (nur melden)
what-if-does-not-apply = Gilt nicht
what-if-off = Aus
condition-users = Sie ist nicht für diesen Menschen.
condition-application = Sie ist nicht für diese Anwendung.
condition-user-actions = Es geht um das Einrichten von Anmeldemethoden.
condition-context = Es geht um einen Authentifizierungskontext, nach dem nicht gefragt wird.
condition-platform = Sie ist nicht für diese Plattform.
condition-client = Sie ist nicht für diese Art von Programm.
condition-location = Sie ist nicht für diesen Ort.
condition-flow = Es geht um Anmeldungen mit einem Gerätecode.
platform-unknown = Keine davon
form-not-an-address = Geben Sie eine IP-Adresse ein, zum Beispiel 192.0.2.7.
policy-version = Richtlinien der Version { $version }
explain-link = Warum, oder warum nicht?
explain-title = Warum, oder warum nicht?
explain-hint = Was jede Regel jetzt über diesen Menschen sagt. Nichts wird hier neu beurteilt: Gefragt werden die Funktionen, die entscheiden.
explain-registering = Einen Passkey einrichten
explain-may-register = Passkeys können selbst eingerichtet werden.
explain-may-not-register = Passkeys können nicht selbst eingerichtet werden.
explain-fresh = Frisch
explain-not-fresh = Nicht frisch
explain-freshness = Dafür braucht es zwei Faktoren aus den letzten fünf Minuten.
explain-last-mfa = Zuletzt wurden sie gezeigt:
explain-no-mfa = In keiner offenen Sitzung wurden sie gezeigt.
explain-no-profiles = Kein Passkey-Profil gilt für diesen Menschen, oder Passkeys sind aus oder für ihn gesperrt.
explain-open = Offen
explain-closed = Geschlossen
explain-attested = der Hersteller muss für das Modell bürgen
explain-works = Funktioniert
explain-refused = Abgelehnt
explain-satisfied = erfüllt
explain-signing-in = Anmeldung an den eigenen Seiten
explain-nudge = Registrierungskampagnen
explain-nudge-silent = Nach der nächsten Anmeldung wird der Browser gebeten, ohne Störung einen Passkey einzurichten.
explain-nudge-ask = Nach der nächsten Anmeldung wird um einen Passkey gebeten; das lässt sich aufschieben.
explain-nudge-required = Nach der nächsten Anmeldung muss ein Passkey eingerichtet werden.

## Gruppen

## Benachrichtigungen per E-Mail
mail-greeting = Guten Tag { $name },
mail-administrator = Administration
mail-when = Wann
mail-account = Konto
mail-passkey = Passkey
mail-pass-ends = Pass gültig bis
mail-passkey-ends = Ende des Passkeys
mail-passkey-replaced-until = Kann noch ersetzt werden bis
mail-reported = Gemeldet
mail-who = Durch
mail-device = Gerät, wie es sich nennt
mail-network = Netz
mail-correlation = Korrelations-ID
mail-by-you = Sie selbst, oder jemand in Ihrem Namen
mail-by-administrator = { $name } (Administration)
mail-by-application = { $name } (Anwendung)
mail-by-server = der Anmeldedienst selbst
mail-advice-link = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, öffnen Sie diesen Link und bestätigen Sie: Dann wird zurückgenommen, worum es hier geht, Sie werden überall abgemeldet, und Ihre Administration erfährt davon.
mail-advice = Wenn Sie das nicht erwartet haben, fragen Sie Ihre Administration und nennen Sie die Korrelations-ID.
mail-advice-replace = Melden Sie sich auf einem anderen Weg an, und fügen Sie auf der Seite mit Ihren Sicherheitsinformationen einen neuen Passkey hinzu. Wenn Sie keinen anderen Weg haben, bitten Sie Ihre Administration um einen befristeten Zugriffspass.
mail-advice-step-up = Fügen Sie auf der Seite mit Ihren Sicherheitsinformationen einen neuen Passkey hinzu, mit einem anderen Gerät oder Kennwortmanager, und löschen Sie dann diesen.
mail-advice-deferred = Bitten Sie Ihre Administration um einen befristeten Zugriffspass, melden Sie sich damit an, und fügen Sie einen neuen Passkey anderer Art hinzu. Sobald Sie den Pass haben, wird dieser Passkey nicht mehr angenommen.
mail-advice-released = Es ist nichts zu tun. Wenn Sie das nicht erwartet haben, fragen Sie Ihre Administration und nennen Sie die Korrelations-ID.
mail-advice-ending = Fügen Sie auf der Seite mit Ihren Sicherheitsinformationen einen neuen Passkey hinzu, vor diesem Zeitpunkt: { $until }. Er gilt sofort; diesen können Sie dann löschen.
mail-advice-idle = Melden Sie sich damit an, um ihn zu behalten, vor diesem Zeitpunkt: { $until }. Wenn Sie ihn nicht mehr verwenden, löschen Sie ihn auf der Seite mit Ihren Sicherheitsinformationen, und achten Sie darauf, dass Sie einen anderen Passkey haben.
mail-advice-ended = Fügen Sie auf der Seite mit Ihren Sicherheitsinformationen einen neuen Passkey hinzu. Solange dieser Sie noch hineinlässt, werden Sie beim Anmelden dorthin geführt. Wenn Sie sich nicht anmelden können, bitten Sie Ihre Administration um einen befristeten Zugriffspass.
mail-advice-administrator = Klären Sie, ob noch jemand Zugang zu diesem Konto hat, und helfen Sie der Person wieder hinein, zum Beispiel mit einem persönlich übergebenen befristeten Zugriffspass.
mail-not-me = Das war ich nicht
mail-link-until = Der Link gilt einmal, bis { $until }. Das Öffnen allein ändert nichts.
mail-page = Alles zu diesem Konto:
mail-footer = Sie erhalten diese Nachricht, weil sie die Sicherheit eines Kontos betrifft. Sie wurde automatisch versandt.
notice-passkey-added = Ihrem Konto wurde ein Passkey hinzugefügt
notice-passkey-added-text = Mit dem Passkey „{ $name }“ kann man sich jetzt an Ihrem Konto anmelden.
notice-passkey-waiting = Für Sie wurde ein Passkey angelegt
notice-passkey-waiting-text = Der Passkey „{ $name }“ wurde Ihrem Konto hinzugefügt. Er kann noch nicht verwendet werden: Melden Sie sich auf einem anderen Weg an, und aktivieren Sie ihn in Ihren Sicherheitsinformationen.
notice-passkey-activated = Einer Ihrer Passkeys wurde aktiviert
notice-passkey-activated-text = Mit dem Passkey „{ $name }“ kann man sich jetzt bei Ihrem Konto anmelden.
notice-passkey-renamed = Einer Ihrer Passkeys wurde umbenannt
notice-passkey-renamed-text = Der Passkey heißt jetzt „{ $name }“. Sonst hat sich nichts geändert.
notice-passkey-deleted = Einer Ihrer Passkeys wurde gelöscht
notice-passkey-deleted-text = Mit dem Passkey „{ $name }“ kann man sich nicht mehr an Ihrem Konto anmelden. Was er geöffnet hatte, wurde beendet.
notice-passkey-revoked = Einer Ihrer Passkeys wurde widerrufen
notice-passkey-revoked-text = Mit dem Passkey „{ $name }“ kann man sich nicht mehr an Ihrem Konto anmelden. Was er geöffnet hatte, wurde beendet.
notice-passkey-quarantined = Einer Ihrer Passkeys wurde deaktiviert
notice-passkey-quarantined-text = Mit dem Passkey „{ $name }“ kann man sich nicht mehr anmelden: Sein Modell hat sich als unsicher erwiesen. Was damit geöffnet war, wurde beendet.
notice-passkey-step-up = Einer Ihrer Passkeys genügt allein nicht mehr
notice-passkey-step-up-text = Der Passkey „{ $name }“ zählt von jetzt an nur noch als ein Schritt, weil sich sein Modell als unsicher erwiesen hat: Wenn Sie sich damit anmelden, wird noch nach einem anderen Weg gefragt. Was damit geöffnet war, wurde beendet.
notice-passkey-deferred = Einem Ihrer Passkeys wird nicht mehr vertraut
notice-passkey-deferred-text = Das Modell des Passkeys „{ $name }“ hat sich als unsicher erwiesen, oder kein anerkannter Hersteller bürgt mehr dafür. Er geht weiter, aber nur als ein Schritt, weil er Ihr letzter Weg zur Anmeldung ist; einen anderen Passkey können Sie damit nicht hinzufügen.
notice-passkey-refused = Einer Ihrer Passkeys wird nicht mehr angenommen
notice-passkey-refused-text = Mit dem Passkey „{ $name }“ kann man sich nicht mehr anmelden: Ihre Organisation verlangt Passkeys, für die ein anerkannter Hersteller bürgt, und für diesen bürgt niemand mehr.
notice-passkey-released = Einer Ihrer Passkeys wird wieder angenommen
notice-passkey-released-text = Mit dem Passkey „{ $name }“ kann man sich wieder anmelden wie zuvor.
notice-passkey-ending = Einer Ihrer Passkeys endet bald
notice-passkey-ending-text = Der Passkey „{ $name }“ hat bald das höchste Alter erreicht, das Ihre Organisation erlaubt. Danach wird er nicht mehr angenommen.
notice-passkey-idle = Einer Ihrer Passkeys endet bald, wenn Sie ihn nicht verwenden
notice-passkey-idle-text = Der Passkey „{ $name }“ wurde lange nicht verwendet. Wenn das so bleibt, wird er nicht mehr angenommen.
notice-passkey-ended = Einer Ihrer Passkeys hat sein Ende erreicht
notice-passkey-ended-text = Der Passkey „{ $name }“ ist zu alt oder wurde zu lange nicht verwendet und wird nicht mehr angenommen, außer um ersetzt zu werden.
notice-new-place = Ihr Passkey wurde an einem neuen Ort benutzt
notice-new-place-text = Der Passkey „{ $name }“ wurde mit einem Gerät oder aus einem Netz benutzt, in dem er bisher nicht benutzt worden war.
notice-password-changed = Ihr Kennwort wurde geändert
notice-password-changed-text = Das Kennwort Ihres Kontos wurde geändert. Überall sonst wurden Sie abgemeldet.
notice-password-reset = Ihr Kennwort wurde zurückgesetzt
notice-password-reset-text = Ihr Konto hat ein neues Kennwort, das bei der Benutzung zu ändern ist. Sie wurden überall abgemeldet.
notice-password-removed = Ihr Kennwort wurde entfernt
notice-password-removed-text = Mit dem Kennwort kann man sich nicht mehr an Ihrem Konto anmelden.
notice-totp-enrolled = Für Ihr Konto wurden Einmalcodes eingerichtet
notice-totp-enrolled-text = Bei der Anmeldung mit Kennwort kann jetzt eine Authenticator-App für Einmalcodes benutzt werden.
notice-totp-removed = Die Einmalcodes Ihres Kontos wurden entfernt
notice-totp-removed-text = Die Authenticator-App kann nicht mehr für Einmalcodes benutzt werden.
notice-pass-issued = Für Ihr Konto wurde ein befristeter Zugriffspass ausgestellt
notice-pass-issued-text = Wer den Pass hat, kann sich bis zu seinem Ablauf an Ihrem Konto anmelden und einen Passkey registrieren.
notice-pass-used = Für Ihr Konto wurde ein befristeter Zugriffspass benutzt
notice-pass-used-text = Jemand hat sich mit dem befristeten Zugriffspass an Ihrem Konto angemeldet.
notice-pass-deleted = Der befristete Zugriffspass Ihres Kontos wurde gelöscht
notice-pass-deleted-text = Der Pass gilt nicht mehr, und was er geöffnet hatte, wurde beendet.
notice-sessions-revoked = Sie wurden überall abgemeldet
notice-sessions-revoked-text = Jede Sitzung Ihres Kontos wurde beendet.
notice-account-disabled = Ihr Konto wurde deaktiviert
notice-account-disabled-text = Sie können sich nicht mehr anmelden, und jede Sitzung wurde beendet.
notice-account-enabled = Ihr Konto wurde aktiviert
notice-account-enabled-text = Mit Ihrem Konto kann man sich wieder anmelden.
notice-you-reported = Sie haben verdächtige Aktivität gemeldet
notice-you-reported-text = Sie haben zu einer Benachrichtigung gesagt, dass Sie das nicht waren. Worum es ging, wurde zurückgenommen, Sie wurden überall abgemeldet, und Ihre Administration wurde benachrichtigt.
notice-reported = Verdächtige Aktivität wurde gemeldet
notice-reported-text = { $name } hat zu einer Benachrichtigung gesagt: Das war ich nicht. Worum es ging, wurde zurückgenommen, und jede Sitzung des Kontos wurde beendet.

## Das war ich nicht
not-me-title = Das war ich nicht
not-me-text = Noch ist nichts geändert.
not-me-notice = Benachrichtigung
not-me-if-you-go-on = Wenn Sie fortfahren
not-me-takes-passkey = wird der Passkey „{ $name }“ aus Ihrem Konto entfernt
not-me-takes-pass = wird der befristete Zugriffspass gelöscht
not-me-takes-password = wird das gesetzte Kennwort entfernt
not-me-takes-totp = wird die eingerichtete Authenticator-App entfernt
not-me-ends-sessions = werden Sie überall abgemeldet
not-me-ends-session = wird die Sitzung dieser Anmeldung beendet
not-me-tells = erfährt Ihre Administration davon
not-me-is-this = werden Sie auch hier abgemeldet
not-me-is-last = verlieren Sie Ihren letzten Weg zur Anmeldung: Sie brauchen dann einen befristeten Zugriffspass von Ihrer Administration
not-me-it-was-me = Wenn Sie es doch waren, schließen Sie diese Seite.
not-me-done-title = Es wurde zurückgenommen
not-me-took-passkey = Der Passkey „{ $name }“ wurde aus Ihrem Konto entfernt.
not-me-took-pass = Der befristete Zugriffspass wurde gelöscht.
not-me-took-password = Das gesetzte Kennwort wurde entfernt.
not-me-took-totp = Die eingerichtete Authenticator-App wurde entfernt.
not-me-took-sessions = { $count ->
    [0] Keine Sitzung war offen.
    [one] Eine Sitzung wurde beendet.
   *[other] { $count } Sitzungen wurden beendet.
  }
not-me-told = Ihre Administration wurde benachrichtigt.
not-me-next-title = Wie es weitergeht
not-me-next-text = Melden Sie sich mit einem Ihrer Passkeys an und sehen Sie Ihre Sicherheitsinformationen durch: Löschen Sie, was Sie nicht kennen, und ändern Sie Ihr Kennwort, falls Sie eines haben. Zugriffe, die Anwendungen vorher bekamen, können noch einige Minuten gelten.
not-me-locked-out-title = Fragen Sie Ihre Administration
not-me-locked-out-text = An Ihrem Konto ist kein Weg zur Anmeldung mehr übrig. Bitten Sie Ihre Administration persönlich oder am Telefon um einen befristeten Zugriffspass, und nennen Sie die Korrelations-ID.
refusal-not-me-link-invalid = Dieser Link ist nicht vollständig oder nicht von uns. Kopieren Sie den ganzen Link aus der Benachrichtigung.
refusal-not-me-link-expired = Dieser Link ist zu alt. Bitten Sie Ihre Administration um Hilfe, und sehen Sie Ihre Sicherheitsinformationen an.
refusal-not-me-link-used = Dieser Link wurde schon benutzt; worum es in der Benachrichtigung ging, wurde damals zurückgenommen.

## Benachrichtigungen, für die Administration
nav-notices = Benachrichtigungen
notices-text = Personen erfahren per E-Mail, wenn sich an ihrer Anmeldung etwas ändert, und können sagen, dass sie das nicht waren.
notices-off-title = Es wird niemand benachrichtigt
notices-off-text = Weder ein Mailserver noch ein Webhook ist eingerichtet. Wer diesen Server betreibt, trägt sie in keyward.toml ein.
notices-delivery = Zustellung
notices-by-mail = Per E-Mail
notices-by-webhook = Per Webhook
notices-waiting = { $count ->
    [0] nichts wartet
    [one] eine wartet
   *[other] { $count } warten
  }
notices-no-trouble = Bisher wurde jede Benachrichtigung zugestellt.
notices-recipient = Empfang
notices-problem = Was schiefging
notices-given-up = Aufgegeben
notices-tried-again = Neuer Versuch
notices-attempts = { $count ->
    [one] ein Versuch
   *[other] { $count } Versuche
  }
notices-new-places = Neue Orte
notices-new-places-text = Ein Passkey, der an einem Ort benutzt wird, an dem er nie benutzt wurde, ist vielleicht in anderen Händen. Änderungen an Anmeldemethoden werden immer mitgeteilt.
notices-new-places-label = Mitteilen
notices-new-places-any = Neue Geräte und neue Netze
notices-new-places-device = Nur neue Geräte
notices-new-places-off = Keines von beiden
done-notices-changed = Die Einstellungen für Benachrichtigungen wurden geändert.
receipt-title = Beleg
receipt-see = Was beendet wurde und welche anderen Systeme es wissen
receipt-sessions = Beendete Sitzungen
receipt-grants = Anwendungen, deren Token nicht mehr erneuert werden
receipt-none = Keine.
receipt-told = Andere Systeme
receipt-told-text = Empfänger von Sicherheitsereignissen und wann sie bestätigt haben. Wer gerade nicht da war, bekommt das Ereignis bei der Rückkehr.
receipt-nobody = Keine Anwendung empfängt Ereignisse dieser Art.
receipt-event = Ereignis
receipt-acknowledged = Bestätigt
receipt-refused = Nicht gewollt
receipt-waiting = Unterwegs

## Änderungen, die auf eine zweite Person warten
nav-approvals = Genehmigungen
approvals-text = Änderungen, die auf eine zweite Person warten: jemand anderen als den, der sie will, mit einer Rolle, die sie machen könnte.
approvals-setting = Welche Änderungen warten
approvals-off-title = Nichts wartet auf eine zweite Person
approvals-off-text = Eine Administratorin kann Änderungen an Richtlinien, an Rollen und an den Anmeldewegen privilegierter Personen auf die Genehmigung durch jemand anderen warten lassen.
approvals-open = Wartend
approvals-all = Alle Anfragen
approvals-show-open = Wartende anzeigen
approvals-show-all = Alle anzeigen
approvals-none = Es gibt keine Anfragen.
approval-put-policy = Richtlinie ändern
approval-remove-policy = Richtlinie entfernen
approval-assign-role = Rolle geben
approval-unassign-role = Rolle nehmen
approval-remove-totp = Authenticator-App entfernen
approval-change = Änderung
approval-request = Anfrage
approval-requester = Gewünscht von
approval-asked = Gewünscht
approval-until = Offen bis
approval-settled = Erledigt
approval-reason = Begründung
approval-reason-hint = Wer die Änderung wollte, liest sie hier.
approval-pending = Wartet
approval-approved = Genehmigt und ausgeführt
approval-denied = Abgelehnt
approval-withdrawn = Zurückgezogen
approval-outdated = Überholt
approval-expired = Abgelaufen
approval-all-before = Alles, vorher
approval-all-after = Alles, nachher
approval-approve = Genehmigen
approval-approve-text = Die Änderung geschieht sofort, wenn sich nichts geändert hat, worauf sie beruht. Ihre beiden Namen werden festgehalten.
approval-secret-text = Der Zugriffspass oder das Kennwort wird dann Ihnen gezeigt, einmal. Geben Sie es der Person, für die es ist.
approval-deny = Ablehnen
approval-own = Das haben Sie gewünscht
approval-own-text = Jemand anderes muss es genehmigen. Solange es wartet, können Sie es zurückziehen.
approval-withdraw = Zurückziehen
second-person = Zweite Person
second-person-hint = Privilegierte Änderungen, die eine Person wünscht und eine andere genehmigt.
availability = Verfügbarkeit von Passkeys
availability-hint = Manche souveränen Clouds haben keine Passkeys. Sagen Sie es hier, dann lehnen Registrierung, Anmeldung, Aufforderungen und Authenticator-Apps sie mit Ihrer Begründung ab.
availability-yes = Verfügbar
availability-no = Nicht verfügbar
availability-available = Passkeys sind verfügbar
availability-reason = Warum nicht
availability-reason-hint = Das lesen alle, die abgewiesen werden.
second-person-is-on = Auch eine Änderung hieran braucht eine zweite Person.
second-person-legend = Diese Änderungen warten auf eine zweite Person
second-person-policies = Richtlinien jeder Art
second-person-roles = Geben und Nehmen von Verzeichnisrollen
second-person-methods = Zugriffspässe, Kennwörter und Authenticator-Apps von Personen mit einer Administratorrolle
second-person-both = Was auch wartet, Rollen und Anmeldewege warten mit: Mit einem zweiten Konto wäre eine Person zwei.
second-person-hours = Stunden, die eine Anfrage offen bleibt
done-approval-kept = Noch ist nichts geändert: Die Änderung wartet auf eine zweite Person.
done-approval-approved = Die Änderung wurde genehmigt und ausgeführt.
done-approval-denied = Die Änderung wurde abgelehnt.
done-approval-withdrawn = Die Anfrage wurde zurückgezogen.
done-approval-setting = Die Einstellung ist gespeichert und gilt ab jetzt.
refusal-approval-pending = Noch ist nichts geändert: Diese Änderung wartet auf eine zweite Person, die sie genehmigen muss.
refusal-approval-needs-person = Diese Änderung braucht zwei Personen, und ein Programm hat sie von sich aus gewünscht. Eine Person muss sie wünschen.
refusal-approval-too-many-open = Zu viele Ihrer Anfragen warten auf eine zweite Person. Ziehen Sie zuerst einige zurück.
refusal-approval-too-few-people = Weniger als zwei Personen könnten jede dieser Änderungen machen; niemand könnte die der anderen genehmigen. Geben Sie zuerst jemand anderem die Rollen.
refusal-approval-password-given = Diese Änderung wartet auf eine zweite Person, und bis dahin wird kein Kennwort aufbewahrt. Wünschen Sie sie ohne Kennwort; wer genehmigt, bekommt ein zufälliges gezeigt.
refusal-approval-pass-instead = Ein Passkey für jemanden mit einer Administratorrolle braucht zwei Personen. Wünschen Sie einen befristeten Zugriffspass, mit dem die Person ihn selbst registriert.
refusal-approval-outdated = Worauf diese Änderung beruht, hat sich seither geändert. Sie wurde nicht ausgeführt; wünschen Sie sie neu.
refusal-approval-settled = Diese Anfrage ist schon erledigt.
refusal-approval-contended = Im selben Moment wurde etwas geändert. Bitte versuchen Sie es noch einmal.
refusal-approval-expired = Die Zeit dieser Anfrage ist um. Die Änderung muss neu gewünscht werden.
refusal-approval-own-request = Sie haben diese Änderung gewünscht, darum muss jemand anderes über sie entscheiden. Sie können sie zurückziehen.
refusal-approval-not-own-request = Nur wer sie gewünscht hat, kann sie zurückziehen.
refusal-approval-concerns-oneself = Diese Änderung betrifft Ihr eigenes Konto, darum muss jemand anderes sie genehmigen.
refusal-approval-requester-gone = Wer diese Änderung wollte, könnte sie nicht mehr machen; es bliebe nur eine Person dafür.
refusal-approval-reason-invalid = Eine Begründung hat 1 bis 1.000 Zeichen.
refusal-policy-second-person-bypassed = Auch Rollen und Anmeldewege brauchen eine zweite Person: Sonst könnte jemand sich selbst ein zweites Konto verschaffen.
refusal-policy-reason-missing = Sagen Sie, warum: Alle, die abgewiesen werden, lesen es.
refusal-policy-model-nil = Die AAGUID aus Nullen ist kein Modell: Jeder Authenticator, der sein Modell nicht nennt, hat sie.
