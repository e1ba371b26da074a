"""Python authlib against a running demonstration. usage: client.py WORLD"""

import base64
import hashlib
import json
import re
import secrets
import sys
from html import unescape
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from person import Person, inputs

WORLD = json.load(open(sys.argv[1], encoding="utf-8"))
CA, ORIGIN = WORLD["ca"], WORLD["origin"]
ISSUER = f"{ORIGIN}/{WORLD['tenantId']}/v2.0"
# The second one with both: the other client has used up this half minute's code of the first.
USER = [u for u in WORLD["users"] if u.get("password") and u.get("totpSecret") and u["accountEnabled"] and not u["roles"]][1]
FAILURES = []


def step(name, run):
    try:
        run()
        print(f"ok      authlib: {name}")
    except Exception as error:  # noqa: BLE001: every failure is reported and counted
        FAILURES.append(name)
        print(f"FAILED  authlib: {name}: {error!r}")


def refused(error, run):
    try:
        run()
    except OAuthError as thrown:
        assert thrown.error == error, f"expected {error}, got {thrown.error}: {thrown.description}"
        assert thrown.description.startswith("AADSTS"), thrown.description
        return
    raise AssertionError("nothing was refused")


METADATA = OpenIDProviderMetadata(requests.get(f"{ISSUER}/.well-known/openid-configuration", verify=CA).json())


class Flow:
    def __init__(self, client_id, secret, method, redirect_uri):
        self.redirect_uri = redirect_uri
        self.client = OAuth2Session(
            client_id,
            secret,
            scope="openid profile email offline_access",
            redirect_uri=redirect_uri,
            token_endpoint_auth_method=method,
            code_challenge_method="S256",
        )
        self.client.trust_env = False
        self.client.verify = CA
        self.person = Person(WORLD, USER)

    def authorize(self, **more):
        self.verifier, self.nonce = generate_token(48), secrets.token_urlsafe(16)
        address, self.state = self.client.create_authorization_url(
            METADATA["authorization_endpoint"], code_verifier=self.verifier, nonce=self.nonce, **more
        )
        return self.person.go_to(address, self.redirect_uri)

    def redeem(self, back):
        return self.client.fetch_token(
            METADATA["token_endpoint"], authorization_response=back, code_verifier=self.verifier, state=self.state
        )

    def check_id_token(self, token):
        keys = KeySet.import_key_set(requests.get(METADATA["jwks_uri"], verify=CA).json())
        read = jwt.decode(token["id_token"], keys, algorithms=METADATA["id_token_signing_alg_values_supported"])
        options = {"iss": {"value": ISSUER}, "aud": {"value": self.client.client_id}}
        params = {"nonce": self.nonce, "client_id": self.client.client_id, "max_age": 3600}
        claims = CodeIDToken(read.claims, read.header, options, params)
        claims.validate()
        return claims

    def refresh(self, token):
        return self.client.refresh_token(METADATA["token_endpoint"], refresh_token=token["refresh_token"])


def play():
    def metadata():
        METADATA.validate()
        assert METADATA["issuer"] == ISSUER

    step("the discovery document passes a strict validator", metadata)
    web = WORLD["webClient"]
    flow = Flow(web["clientId"], web["clientSecret"], "client_secret_post", web["redirectUris"][0])
    held = {}

    def code():
        held["token"] = flow.redeem(flow.authorize(max_age=3600))
        claims = held["claims"] = flow.check_id_token(held["token"])
        assert claims["oid"] == USER["id"] and claims["preferred_username"] == USER["userPrincipalName"], claims

    def userinfo():
        info = flow.client.get(METADATA["userinfo_endpoint"]).json()
        assert info["sub"] == held["claims"]["sub"], info
        posted = flow.client.post(METADATA["userinfo_endpoint"]).json()
        assert posted == info, posted

    def refresh():
        held["renewed"] = flow.refresh(held["token"])
        assert held["renewed"]["refresh_token"] != held["token"]["refresh_token"]
        read = requests.get(METADATA["userinfo_endpoint"], verify=CA, headers={"authorization": f"Bearer {held['renewed']['access_token']}"})
        assert read.json()["sub"] == held["claims"]["sub"]

    def code_again():
        back = flow.authorize()
        first = flow.redeem(back)
        refused("invalid_grant", lambda: flow.redeem(back))
        refused("invalid_grant", lambda: flow.refresh(first))

    def form_post():
        verifier = generate_token(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": web["clientId"],
            "response_type": "code",
            "response_mode": "form_post",
            "redirect_uri": flow.redirect_uri,
            "scope": "openid",
            "state": "a\"><b>&c",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        page = flow.person.browser.get(f"{METADATA['authorization_endpoint']}?{urlencode(query)}")
        [(action, body)] = re.findall(r'<form\b[^>]*\baction="([^"]+)"[^>]*>(.*?)</form>', page.text, re.S)
        fields = inputs(body)
        assert unescape(action) == flow.redirect_uri and fields["state"] == query["state"] and fields["iss"] == ISSUER, page.text
        assert "<b>" not in page.text
        token = flow.client.fetch_token(METADATA["token_endpoint"], code=fields["code"], code_verifier=verifier)
        assert "refresh_token" not in token or token["refresh_token"] is None, "nobody asked for offline access"

    def post_authorize():
        query = {"client_id": web["clientId"], "response_type": "code", "redirect_uri": flow.redirect_uri, "scope": "openid", "prompt": "none"}
        answer = flow.person.browser.post(METADATA["authorization_endpoint"], data=query, allow_redirects=False)
        back = flow.person.go_to(urljoin(ORIGIN, answer.headers["location"]), flow.redirect_uri)
        assert "code" in parse_qs(urlsplit(back).query), back

    def sign_out():
        query = urlencode({"client_id": web["clientId"], "post_logout_redirect_uri": flow.redirect_uri, "state": "bye"})
        back = flow.person.go_to(f"{METADATA['end_session_endpoint']}?{query}", flow.redirect_uri)
        assert parse_qs(urlsplit(back).query) == {"state": ["bye"]}, back
        silent = parse_qs(urlsplit(flow.authorize(prompt="none")).query)
        assert silent["error"] == ["login_required"] and "code" not in silent, silent
        refused("invalid_grant", lambda: flow.refresh(held["renewed"]))

    step("code + PKCE, ID token signature and claims checked", code)
    if not FAILURES:
        step("userinfo by GET and POST", userinfo)
        step("refresh", refresh)
        step("a code works once, and again ends what it gave", code_again)
        step("response_mode=form_post delivers what was asked and escapes it", form_post)
        step("a confidential client may POST to authorize and go without PKCE", post_authorize)
        step("logout without a hint asks first, then ends session and grants", sign_out)


play()
sys.exit(1 if FAILURES else 0)
