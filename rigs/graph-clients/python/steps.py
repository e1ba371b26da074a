"""Steps that are counted, what was answered on the way, and tokens."""

import json
import sys
from urllib.parse import parse_qsl, urlsplit

import msal
import requests

from person import Person

WORLD = json.load(open(sys.argv[1], encoding="utf-8"))
EXCHANGES = sys.argv[2]
ORIGIN, TENANT, CA = WORLD["origin"], WORLD["tenantId"], WORLD["ca"]


def named(name):
    return next(one for one in WORLD["users"] if one["userPrincipalName"].startswith(f"{name}@"))


def expect(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


class Steps:
    """Steps of one program; a failed one is reported and does not end the program."""

    def __init__(self, name):
        self.name, self.failed = name, 0

    def passed(self, step):
        print(f"ok      {self.name}: {step}", flush=True)

    def broke(self, step, error):
        self.failed += 1
        print(f"FAILED  {self.name}: {step}: {error!r}", flush=True)

    def step(self, step, run):
        try:
            run()
            self.passed(step)
        except Exception as error:  # noqa: BLE001: every failure is reported and counted
            self.broke(step, error)

    async def step_async(self, step, run):
        try:
            await run()
            self.passed(step)
        except Exception as error:  # noqa: BLE001
            self.broke(step, error)

    def end(self):
        sys.exit(1 if self.failed else 0)


def keep(by, method, url, status, body):
    """Every answer of v1.0 is kept; `answers.py` compares them with Microsoft's schema."""
    if urlsplit(url).path.startswith("/v1.0/"):
        with open(EXCHANGES, "a", encoding="utf-8") as file:
            file.write(json.dumps({"by": by, "method": method, "url": url, "status": status, "body": body}) + "\n")


def application_form():
    """What a script sends that has no library."""
    graph = WORLD["graph"]
    return {
        "grant_type": "client_credentials",
        "client_id": graph["clientId"],
        "client_secret": graph["clientSecret"],
        "scope": "https://graph.microsoft.com/.default",
    }


def application_token(authority=TENANT):
    form = application_form()
    answer = requests.post(f"{ORIGIN}/{authority}/oauth2/v2.0/token", data=form, verify=CA)
    expect(answer.status_code, 200)
    return answer.json()["access_token"]


def signed_in(user, scopes):
    """Somebody signs in to the installed client; all that it gets."""
    client = WORLD["publicClient"]
    app = msal.PublicClientApplication(client["clientId"], authority=f"{ORIGIN}/{TENANT}", instance_discovery=False, verify=CA)
    flow = app.initiate_auth_code_flow(scopes, redirect_uri=client["redirectUris"][0])
    back = Person(WORLD, user).go_to(flow["auth_uri"], client["redirectUris"][0])
    held = app.acquire_token_by_auth_code_flow(flow, dict(parse_qsl(urlsplit(back).query)))
    assert "access_token" in held, held
    return held


def delegated_token(user, scopes):
    return signed_in(user, scopes)["access_token"]
