"""schemathesis over the server's own /openapi.json. usage: openapi.py WORLD EXCHANGES FOLDER SECONDS

As an application, then in the name of an administrator, each for so many seconds. Every answer has to be documented, and none is a 5xx.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import requests

import tokens
from steps import CA, ORIGIN, TENANT, WORLD, Steps, application_form, application_token, named, signed_in

FOLDER, SECONDS = Path(sys.argv[3]), sys.argv[4]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
SCOPES = [
    "User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Group.ReadWrite.All", "Policy.Read.All",
    "Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.ConditionalAccess", "Directory.ReadWrite.All", "AuditLog.Read.All",
]
HERE = Path(__file__).parent
STEPS = Steps("schemathesis")
BEARER = {"authorization": f"Bearer {application_token()}"}
FILTERS = [
    "displayName eq 'Ada'", "startswith(displayName,'A')", "accountEnabled eq true and userType eq 'Guest'", "id in ('x','y')", "not (mail eq null)",
    "contains(displayName,'O''Neil')", "createdDateTime ge 2026-01-01T00:00:00Z", "policyType eq 'builtIn'", "(", "displayName eq", "'", "a/b/any(x:x eq 1)",
    "%", "\u0000", "displayName eq 'x' or " * 120 + "true", "(" * 40,
]


def make(path, body):
    answer = requests.post(f"{ORIGIN}/beta/{path}", json=body, headers=BEARER, verify=CA)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def things():
    """Objects to be read, changed and deleted: more than one of each, so that some are left."""
    people = [make("users", {"displayName": f"Target {at}", "userPrincipalName": f"target{at}@{WORLD['tenantDomain']}"}) for at in range(12)]
    groups = [make("groups", {"displayName": f"Targets {at}"}) for at in range(8)]
    passes = [make(f"users/{one}/authentication/temporaryAccessPassMethods", {}) for one in people[:4]]
    strengths = [make("policies/authenticationStrengthPolicies", {"displayName": f"Target {at}", "allowedCombinations": ["fido2"]}) for at in range(6)]
    models = {"appliesToCombinations": ["fido2"], "allowedAAGUIDs": ["90a3ccdf-635c-4729-a248-9b709135078f"]}
    lists = [make(f"policies/authenticationStrengthPolicies/{one}/combinationConfigurations", models) for one in strengths[:2]]
    conditions = {"users": {"includeUsers": people[:1]}, "applications": {"includeApplications": ["All"]}}
    mfa = {"operator": "OR", "builtInControls": ["mfa"]}
    policy = {"state": "disabled", "conditions": conditions, "grantControls": mfa}
    policies = [make("identity/conditionalAccess/policies", {"displayName": f"Target {at}", **policy}) for at in range(6)]
    deleted = requests.delete(f"{ORIGIN}/v1.0/identity/conditionalAccess/policies/{policies[0]}", headers=BEARER, verify=CA)
    assert deleted.status_code == 204, deleted.text
    ranges = [{"cidrAddress": "198.51.100.0/24"}]
    locations = [make("identity/conditionalAccess/namedLocations", {"displayName": f"Target {at}", "ipRanges": ranges}) for at in range(4)]
    references = "identity/conditionalAccess/authenticationContextClassReferences"
    contexts = [make(references, {"id": f"c{at}", "displayName": f"Target {at}"}) for at in range(20, 25)]
    reader = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
    to_people = [{"roleDefinitionId": reader, "principalId": one, "directoryScopeId": "/"} for one in people[:4]]
    return {
        "role": [reader],
        "assignment": [make("roleManagement/directory/roleAssignments", one) for one in to_people],
        "user": people + [f"target0@{WORLD['tenantDomain']}"],
        "group": groups,
        "member": people,
        "method": passes + ["28c10230-6103-485e-b985-444c60001490", "AAAA"],
        "configuration": ["Fido2", "TemporaryAccessPass", "Sms"] + lists,
        "strength": strengths + ["00000000-0000-0000-0000-000000000004"],
        "policy": policies,
        "location": locations,
        "context": contexts + ["c1"],
        "application": [WORLD["sampleApp"]["clientId"]],
    }


def settings(ids):
    """The configuration of schemathesis: most values are real ones."""
    values = {f"path.{name}": some for name, some in ids.items()}
    values |= {
        "query.$filter": FILTERS,
        "query.$select": ["id", "id,displayName", "nothing", ""],
        "query.$orderby": ["displayName", "displayName desc,id", "nothing", "displayName sideways"],
        "query.$search": ['"displayName:a"', "a", '"'],
        "query.$expand": ["combinationConfigurations", "nothing", "x($select=y)"],
        "query.challengeTimeoutInMinutes": ["5", "43200", "4", "x"],
        "query.authenticationMethodModes": ["['fido2']", "fido2,password", "[", ""],
        "header.If-Match": ['W/"1"', "*", '"', "x"],
    }
    lines = []
    for at, some in enumerate(values.values()):
        lines.append(f"[dictionaries.d{at}]\nvalues = {json.dumps(some)}")
    lines.append("[parameters]")
    for at, name in enumerate(values):
        lines.append(f'"{name}" = {{ dictionary = "d{at}", probability = 0.85 }}')
    return "\n".join(lines) + "\n"


def explore(who, exclude):
    session = FOLDER / f"{who}.json"
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{ORIGIN}/openapi.json"]
    command += ["--tls-verify", CA, "--checks", CHECKS, "--exclude-path-regex", exclude, "--max-time", SECONDS]
    command += ["--continue-on-failure", "--no-shrink", "--warnings", "off", "--request-timeout", "30", "--suppress-health-check", "all"]
    surroundings = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": f"{HERE}:{os.environ['PYTHONPATH']}",
        "RIG_IDS": str(FOLDER / "ids.json"),
        "RIG_SESSION": str(session),
    }
    done = subprocess.run(command, cwd=FOLDER, env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    operations, cases = (re.search(pattern, done.stdout) for pattern in [r"Tested: (\d+)", r"(\d+) generated"])
    if done.returncode != 0 or not operations or not cases:
        print(done.stdout[-20_000:])
        raise AssertionError("see above")
    assert int(cases[1]) >= 2 * int(operations[1]), done.stdout
    # What was refused for its token alone would have shown nothing.
    last = requests.get(f"{ORIGIN}/v1.0/users", headers={"authorization": f"Bearer {tokens.fresh(session)}"}, verify=CA)
    assert last.status_code == 200, f"the token ended on the way: {last.text}"
    print(f"        {operations[1]} operations, {cases[1]} requests")


def sessions():
    """Who asks. The administrator signs in before anything is changed."""
    endpoint = f"{ORIGIN}/{TENANT}/oauth2/v2.0/token"
    tokens.begin(FOLDER / "app.json", endpoint, application_form())
    held = signed_in(named("admin"), SCOPES)
    form = {"grant_type": "refresh_token", "client_id": WORLD["publicClient"]["clientId"], "refresh_token": held["refresh_token"]}
    tokens.begin(FOLDER / "user.json", endpoint, form)


FOLDER.mkdir(exist_ok=True)
IDS = things()
(FOLDER / "ids.json").write_text(json.dumps(IDS), encoding="utf-8")
(FOLDER / "schemathesis.toml").write_text(settings(IDS), encoding="utf-8")
sessions()
STEPS.step("as an application", lambda: explore("app", "^/nowhere$"))
# What would end the session that the run goes on with is left out.
STEPS.step("in the name of an administrator", lambda: explore("user", "/me/revokeSignInSessions$"))
STEPS.end()
