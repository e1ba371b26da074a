"""Microsoft's identity libraries for Python against a running demonstration: msal and azure-identity. usage: microsoft.py WORLD"""

import base64
import json
import sys
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlsplit

import msal
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from person import Person

WORLD = json.load(open(sys.argv[1], encoding="utf-8"))
CA, ORIGIN, TENANT = WORLD["ca"], WORLD["origin"], WORLD["tenantId"]
# The third with both: the other clients have used up this half minute's codes of the first two.
USER = [u for u in WORLD["users"] if u.get("password") and u.get("totpSecret") and u["accountEnabled"] and not u["roles"]][2]
GRAPH = "https://graph.microsoft.com/.default"
FAILURES = []


def step(name, run):
    try:
        run()
        print(f"ok      {name}")
    except Exception as error:  # noqa: BLE001: every failure is reported and counted
        FAILURES.append(name)
        print(f"FAILED  {name}: {error!r}")


def expect(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def public(**where):
    client = WORLD["publicClient"]["clientId"]
    return msal.PublicClientApplication(client, instance_discovery=False, verify=CA, client_capabilities=["CP1"], **where)


def sign_in(app, person, **more):
    redirect_uri = WORLD["publicClient"]["redirectUris"][0]
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri=redirect_uri, **more)
    back = person.go_to(flow["auth_uri"], redirect_uri)
    return app.acquire_token_by_auth_code_flow(flow, dict(parse_qsl(urlsplit(back).query)))


def play_msal():
    person = Person(WORLD, USER)

    def at(name, **where):
        def run():
            app = public(**where)
            held = sign_in(app, person)
            assert "access_token" in held, held
            claims = held["id_token_claims"]
            expect((claims["oid"], claims["tid"], claims["ver"]), (USER["id"], TENANT, "2.0"))
            expect(claims["preferred_username"], USER["userPrincipalName"])
            [account] = app.get_accounts()
            expect(account["home_account_id"], f"{USER['id']}.{TENANT}")
            for spelling in ["User.Read", "https://graph.microsoft.com/User.Read"]:
                held = app.acquire_token_silent([spelling], account=account)
                cached = app.acquire_token_silent([spelling], account=account)
                expect(cached["access_token"], held["access_token"])
            renewed = app.acquire_token_silent_with_error(["User.Read"], account=account, force_refresh=True)
            assert renewed and renewed.get("access_token", held["access_token"]) != held["access_token"], renewed
        step(f"msal: code + PKCE, cache and refresh at {name}", run)

    at("the tenant", authority=f"{ORIGIN}/{TENANT}")
    at("the tenant's domain", authority=f"{ORIGIN}/{WORLD['tenantDomain']}")
    at("organizations", authority=f"{ORIGIN}/organizations")
    at("common", authority=f"{ORIGIN}/common")
    at("a neutral authority", oidc_authority=f"{ORIGIN}/{TENANT}/v2.0")

    def context_asked_for():
        challenge = json.dumps({"id_token": {"acrs": {"essential": True, "value": "c99"}}})
        held = sign_in(public(authority=f"{ORIGIN}/{TENANT}"), person, claims_challenge=challenge)
        assert "c99" not in held.get("id_token_claims", {}).get("acrs", []), held

    step("msal: a context that nobody defined is not said to be satisfied", context_asked_for)

    def device():
        app = public(authority=f"{ORIGIN}/{TENANT}")
        flow = app.initiate_device_flow(["User.Read"])
        assert "user_code" in flow and flow["user_code"] in flow["message"], flow
        waits = app.acquire_token_by_device_flow(flow, exit_condition=lambda flow: True)
        expect(waits["error"], "authorization_pending")
        person.enter_code(flow["verification_uri"], flow["user_code"])
        held = app.acquire_token_by_device_flow(flow)
        assert "access_token" in held, held
        expect(held["id_token_claims"]["oid"], USER["id"])

    step("msal: a device waits until its code is typed", device)

    def silent():
        flow = sign_in(public(authority=f"{ORIGIN}/{TENANT}"), Person(WORLD, USER), prompt="none")
        expect((flow.get("error"), "access_token" in flow), ("login_required", False))

    step("msal: prompt=none without a session is login_required", silent)

    def confidential(secret):
        graph = WORLD["graph"]
        return msal.ConfidentialClientApplication(
            graph["clientId"], client_credential=secret, authority=f"{ORIGIN}/{TENANT}", instance_discovery=False, verify=CA
        )

    def app_only():
        app = confidential(WORLD["graph"]["clientSecret"])
        token = app.acquire_token_for_client([GRAPH])
        assert "access_token" in token, token
        expect(app.acquire_token_for_client([GRAPH])["token_source"], "cache")

    def wrong_secret():
        refused = confidential("wrong").acquire_token_for_client([GRAPH])
        expect((refused["error"], refused["error_codes"]), ("invalid_client", [7000215]))
        assert refused["error_description"].startswith("AADSTS7000215: "), refused

    step("msal: an application acts as itself", app_only)
    step("msal: a wrong secret is AADSTS7000215", wrong_secret)


def certificate():
    """A private key and its certificate, each as PEM, and the certificate as DER."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A program")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(minutes=5)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, made.public_bytes(serialization.Encoding.PEM), made.public_bytes(serialization.Encoding.DER)


def play_certificates():
    key, pem, der = certificate()
    client = WORLD["graph"]["clientId"]

    def register():
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": WORLD["graph"]["clientSecret"], "scope": GRAPH}
        token = requests.post(WORLD["graph"]["tokenEndpoint"], data=form, verify=CA).json()["access_token"]
        body = {"keyCredential": {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(der).decode()}, "proof": ""}
        address = f"{ORIGIN}/v1.0/applications/{client}/addKey"
        made = requests.post(address, json=body, headers={"authorization": f"Bearer {token}"}, verify=CA)
        assert made.ok, made.text

    def azure(data):
        held = CertificateCredential(TENANT, client, certificate_data=data, authority=ORIGIN, disable_instance_discovery=True, connection_verify=CA)
        return held.get_token(GRAPH)

    def by_sha256():
        credential = {"private_key": key.decode(), "public_certificate": pem.decode()}
        app = msal.ConfidentialClientApplication(
            client, client_credential=credential, authority=f"{ORIGIN}/{TENANT}", instance_discovery=False, verify=CA
        )
        token = app.acquire_token_for_client([GRAPH])
        assert "access_token" in token, token

    def stranger():
        other, other_pem, _ = certificate()
        try:
            azure(other + other_pem)
        except ClientAuthenticationError as error:
            assert "AADSTS700027" in str(error), error
            return
        raise AssertionError("nothing was refused")

    step("an application is given a certificate over Graph", register)
    step("msal: a certificate by its SHA-256 thumbprint, PS256", by_sha256)
    step("azure-identity: CertificateCredential", lambda: azure(key + pem))
    step("azure-identity: a certificate that is not registered is AADSTS700027", stranger)


def play_azure_identity():
    def credential(secret, tenant=TENANT):
        client = WORLD["graph"]["clientId"]
        return ClientSecretCredential(tenant, client, secret, authority=ORIGIN, disable_instance_discovery=True, connection_verify=CA)

    def token(tenant):
        def run():
            held = credential(WORLD["graph"]["clientSecret"], tenant)
            plain, continuous = held.get_token(GRAPH), held.get_token(GRAPH, enable_cae=True)
            assert plain.token.count(".") == 2 and continuous.token.count(".") == 2
        return run

    def wrong_secret():
        try:
            credential("wrong").get_token(GRAPH)
        except ClientAuthenticationError as error:
            assert "AADSTS7000215" in str(error), error
            return
        raise AssertionError("nothing was refused")

    step("azure-identity: ClientSecretCredential, also with continuous access evaluation", token(TENANT))
    step("azure-identity: the tenant named by its domain", token(WORLD["tenantDomain"]))
    step("azure-identity: a wrong secret is AADSTS7000215", wrong_secret)


play_msal()
play_azure_identity()
play_certificates()
sys.exit(1 if FAILURES else 0)
