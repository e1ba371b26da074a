"""Apache mod_auth_openidc, as Debian has it, in front of a page that it protects. usage: apache.py WORLD

The server listens on a free port of loopback with a configuration of its own in a temporary folder. Started by root, as in a container, its
workers run as `nobody`; started by anybody else, as that account. The application is registered over Graph, as an administrator does it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from person import Person

WORLD = json.load(open(sys.argv[1], encoding="utf-8"))
CA, ORIGIN, TENANT = WORLD["ca"], WORLD["origin"], WORLD["tenantId"]
# Another program signs in as this administrator too, and a one-time code works once.
USER = next(u for u in WORLD["users"] if "Authentication Administrator" in u["roles"] and u.get("totpSecret"))
MODULES = "/usr/lib/apache2/modules"
FAILURES = []


def step(name, run):
    try:
        run()
        print(f"ok      mod_auth_openidc: {name}", flush=True)
    except Exception as error:  # noqa: BLE001: every failure is reported and counted
        FAILURES.append(name)
        print(f"FAILED  mod_auth_openidc: {name}: {error!r}", flush=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


PORT = free_port()
SITE = f"http://localhost:{PORT}"
BACK, LEFT = f"{SITE}/inside/back", f"{SITE}/left.html"

CONFIGURATION = """\
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel info
DefaultRuntimeDir {folder}
User nobody
Group nogroup
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule include_module {modules}/mod_include.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
TypesConfig /dev/null
DocumentRoot {folder}/pages
AddType text/html .html
AddOutputFilter INCLUDES .html

OIDCProviderMetadataURL {origin}/{tenant}/v2.0/.well-known/openid-configuration
OIDCCABundlePath {folder}/ca.pem
OIDCSSLValidateServer On
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCRedirectURI {back}
OIDCRedirectURLsAllowed ^{site}/
OIDCCryptoPassphrase {passphrase}
OIDCPKCEMethod S256
OIDCScope "openid profile email offline_access"
OIDCRemoteUserClaim preferred_username
OIDCPassClaimsAs environment
OIDCInfoHook access_token userinfo id_token

<Directory {folder}/pages>
    Options +Includes
    Require all granted
</Directory>
<Location /inside>
    AuthType openid-connect
    Require valid-user
</Location>
# Everything that is left of an access token's life is too short here, so each request renews it.
<Location /inside/renewing.html>
    OIDCRefreshAccessTokenBeforeExpiry 86400
</Location>
"""

CLAIMS = ["oid", "tid", "preferred_username", "name", "iss", "ver"]
PAGE = "".join(f'{claim}=<!--#echo var="OIDC_CLAIM_{claim}" -->\n' for claim in CLAIMS) + (
    'user=<!--#echo var="REMOTE_USER" -->\ntoken=<!--#echo var="OIDC_access_token" -->\n'
)


class Apache:
    def __init__(self, folder, client, secret):
        self.folder = Path(folder)
        # The workers are another account than the one that made the folder.
        self.folder.chmod(0o755)
        (self.folder / "pages/inside").mkdir(parents=True)
        for name in ["page.html", "renewing.html"]:
            (self.folder / "pages/inside" / name).write_text(PAGE, encoding="utf-8")
        (self.folder / "pages/left.html").write_text("You left.\n", encoding="utf-8")
        shutil.copyfile(CA, self.folder / "ca.pem")
        facts = {
            "folder": folder, "port": PORT, "modules": MODULES, "origin": ORIGIN, "tenant": TENANT, "client": client,
            "secret": secret, "back": BACK, "site": SITE, "passphrase": os.urandom(16).hex(),
        }
        configuration = self.folder / "apache.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(CONFIGURATION.format(**facts), encoding="utf-8")
        self.process = subprocess.Popen(["/usr/sbin/apache2", "-DFOREGROUND", "-f", str(configuration)])

    def wait(self):
        for _ in range(100):
            assert self.process.poll() is None, f"apache2 ended: {self.log()}"
            try:
                return requests.get(LEFT, timeout=5)
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError("apache2 does not answer")

    def log(self):
        log = self.folder / "error.log"
        return log.read_text(encoding="utf-8", errors="replace")[-3000:] if log.exists() else "no log"

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def app_token():
    """A token of the demonstration's Graph client, which may everything that an application may."""
    graph = WORLD["graph"]
    form = {"grant_type": "client_credentials", "client_id": graph["clientId"], "client_secret": graph["clientSecret"],
            "scope": "https://graph.microsoft.com/.default"}
    return requests.post(graph["tokenEndpoint"], data=form, verify=CA).json()["access_token"]


def register():
    """An application of its own, with a secret, as an administrator makes it."""
    headers = {"authorization": f"Bearer {app_token()}"}

    def post(path, body):
        answer = requests.post(f"{ORIGIN}/v1.0/{path}", json=body, headers=headers, verify=CA)
        assert answer.ok, answer.text
        return answer.json()

    web = {"redirectUris": [BACK, LEFT], "logoutUrl": f"{BACK}?logout=backchannel"}
    made = post("applications", {"displayName": "Apache", "web": web})
    secret = post(f"applications/{made['id']}/addPassword", {"passwordCredential": {"displayName": "rig"}})
    return made["appId"], secret["secretText"]


class Visitor:
    """A person at the protected page, in one browser."""

    def __init__(self):
        self.person = Person(WORLD, USER)
        self.browser = self.person.browser

    def get(self, address):
        return self.browser.get(address, allow_redirects=False)

    def knock(self):
        """Asks for the page; answers where one is sent to sign in."""
        answer = self.get(f"{SITE}/inside/page.html")
        assert answer.status_code == 302, f"{answer.status_code} {answer.text}"
        away = answer.headers["location"]
        assert away.startswith(f"{ORIGIN}/{TENANT}/oauth2/v2.0/authorize?"), away
        return away

    def come_back(self):
        """Signs in; answers the address that the browser is sent back to, which nobody has opened yet."""
        return self.person.go_to(self.knock(), BACK)

    def read(self, name="page.html"):
        answer = self.get(f"{SITE}/inside/{name}")
        assert answer.status_code == 200, f"{answer.status_code} {answer.headers.get('location')}"
        return dict(re.findall(r"^(\w+)=(.*)$", answer.text, re.M))


def userinfo(token):
    return requests.get(f"{ORIGIN}/oidc/userinfo", headers={"authorization": f"Bearer {token}"}, verify=CA)


def play():
    visitor, held = Visitor(), {}

    def sign_in():
        asked = {name: value for name, [value] in parse_qs(urlsplit(visitor.knock()).query).items()}
        assert asked["code_challenge_method"] == "S256" and asked["code_challenge"] and asked["nonce"], asked
        answer = visitor.get(visitor.come_back())
        assert answer.status_code == 302, f"{answer.status_code} {answer.text} {APACHE.log()}"
        assert answer.headers["location"] == f"{SITE}/inside/page.html", answer.headers

    def claims():
        read = held["page"] = visitor.read()
        assert (read["oid"], read["tid"], read["ver"]) == (USER["id"], TENANT, "2.0"), read
        assert read["preferred_username"] == read["user"] == USER["userPrincipalName"], read
        assert read["iss"] == f"{ORIGIN}/{TENANT}/v2.0" and read["name"] == USER["displayName"], read
        assert userinfo(read["token"]).status_code == 200

    def wrong_state():
        stranger = Visitor()
        # Signed in at the provider, not at Apache.
        for cookie in visitor.browser.cookies:
            if not cookie.name.startswith("mod_auth_openidc"):
                stranger.browser.cookies.set_cookie(cookie)
        back = stranger.come_back()
        query = {name: value for name, [value] in parse_qs(urlsplit(back).query).items()}
        for state in [query["state"][:-2] + ("AA" if not query["state"].endswith("AA") else "BB"), "", "x" * 500]:
            answer = stranger.get(f"{BACK}?{urlencode({**query, 'state': state})}")
            inside = answer.status_code == 302 and answer.headers["location"].startswith(f"{SITE}/inside/page.html")
            assert not inside and answer.status_code < 500, f"{answer.status_code} {answer.headers}"
            stranger.knock()
        # The code was not spent on any of them.
        answer = stranger.get(back)
        assert answer.status_code == 302 and stranger.read()["oid"] == USER["id"], answer.text

    def hook():
        before = visitor.read()["token"]
        query = urlencode({"refresh": f"{SITE}/inside/page.html", "access_token": before})
        answer = visitor.get(f"{BACK}?{query}")
        assert answer.headers.get("location") == f"{SITE}/inside/page.html", f"{answer.headers} {APACHE.log()}"
        after = visitor.read()["token"]
        assert after != before and userinfo(after).json()["preferred_username"] == USER["userPrincipalName"], after

    def renewing():
        before = visitor.read()["token"]
        first, second = visitor.read("renewing.html")["token"], visitor.read("renewing.html")["token"]
        assert len({before, first, second}) == 3 and userinfo(second).status_code == 200
        assert visitor.read()["token"] == second

    def told():
        # A one-time code works once, and the last one was used to come in.
        other = Visitor()
        answer = other.get(other.come_back())
        assert answer.status_code == 302 and other.read()["oid"] == USER["id"], answer.text
        # Everything of this person ends at the provider, and nobody's browser comes by here.
        headers = {"authorization": f"Bearer {app_token()}"}
        ended = requests.post(f"{ORIGIN}/v1.0/users/{USER['id']}/revokeSignInSessions", headers=headers, verify=CA)
        assert ended.ok, ended.text
        for _ in range(50):
            if other.get(f"{SITE}/inside/page.html").status_code == 302:
                return
            time.sleep(0.1)
        raise AssertionError(f"still inside: {APACHE.log()}")

    def leave():
        token = visitor.read()["token"]
        answer = visitor.get(f"{BACK}?{urlencode({'logout': LEFT})}")
        away = answer.headers["location"]
        query = {name: value for name, [value] in parse_qs(urlsplit(away).query).items()}
        assert away.startswith(f"{ORIGIN}/{TENANT}/oauth2/v2.0/logout?") and query["id_token_hint"], away
        assert query["post_logout_redirect_uri"] == LEFT, away
        assert visitor.person.go_to(away, LEFT) == LEFT
        asks = visitor.get(visitor.knock())
        assert "/signin" in asks.headers.get("location", ""), f"still signed in: {asks.headers}"
        assert userinfo(token).status_code == 401, "the token outlived the session"

    time.sleep(31 - time.time() % 30)
    step("a protected page leads to sign-in with PKCE and a nonce, and back", sign_in)
    if not FAILURES:
        step("the page sees who came", claims)
        step("a foreign state is refused, and spends no code", wrong_state)
        step("refresh by its hook", hook)
        step("refresh before the token expires", renewing)
        step("logout ends the session at both ends", leave)
        time.sleep(31 - time.time() % 30)
        step("a revocation ends the session here by the back channel", told)


missing = [file for file in ["/usr/sbin/apache2", f"{MODULES}/mod_auth_openidc.so"] if not os.path.exists(file)]
if missing:
    sys.exit(f"FAILED  mod_auth_openidc: {' and '.join(missing)} missing: apt-get install apache2-bin libapache2-mod-auth-openidc")
with tempfile.TemporaryDirectory() as place:
    credentials = []
    step("registered over Graph with a secret", lambda: credentials.extend(register()))
    if credentials:
        APACHE = Apache(place, *credentials)
        try:
            APACHE.wait()
            play()
        except AssertionError as error:
            FAILURES.append("apache")
            print(f"FAILED  mod_auth_openidc: {error}")
        finally:
            APACHE.end()
            if FAILURES:
                print(APACHE.log(), file=sys.stderr)
sys.exit(1 if FAILURES else 0)
