"""Microsoft's identity libraries for Python against a running demonstration: msal and azure-identity. usage: microsoft.py WORLD"""

import json
import sys
from urllib.parse import parse_qsl, urlsplit

import msal
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

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
sys.exit(1 if FAILURES else 0)
