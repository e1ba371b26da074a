"""The requests of administration tools that people have, one tool after the other. usage: tools.py WORLD EXCHANGES

Each step sends what the tool sends, in the tool's own odd way, and reads from the answer what the tool reads.
"""

import base64
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import requests

from key import SoftwareKey, standard, url_safe
from steps import CA, ORIGIN, TENANT, WORLD, Steps, application_token, expect, keep, named

STEPS = Steps("tools")
OWNER = named("ada")
PASSKEYS = f"users/{OWNER['id']}/authentication/fido2Methods"
CONFIGURATIONS = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
FIDO2_TYPE = "#microsoft.graph.fido2AuthenticationMethodConfiguration"
BEARER = f"Bearer {application_token()}"
# What a tool reads from a passkey that was made.
MADE = {"id", "displayName", "createdDateTime", "aaGuid", "model", "attestationCertificates", "attestationLevel", "passkeyType"}


class Tool:
    """One tool: its version of the interface, and how it writes the header."""

    def __init__(self, name, version="beta", authorization=BEARER):
        self.name, self.root, self.authorization = name, f"{ORIGIN}/{version}", authorization

    def send(self, method, path, status, body=None, **headers):
        headers = {"authorization": self.authorization, **headers}
        # Addresses go out as they are written here: quotes and blanks are what the tools send.
        answer = requests.request(method, f"{self.root}/{path}", json=body, headers=headers, verify=CA)
        keep(f"tools ({self.name})", method, answer.url, answer.status_code, answer.text)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        assert status != 204 or answer.content == b"", answer.content
        return answer.json() if answer.content else None

    def get(self, path, **headers):
        return self.send("GET", path, 200, **headers)

    def values(self, path, **headers):
        return self.get(path, **headers)["value"]

    def delete(self, passkey):
        self.send("DELETE", f"{PASSKEYS}/{passkey['id']}", 204)


def made(answer, name):
    assert MADE <= set(answer), set(answer)
    expect(answer["displayName"], name)
    return answer


def dsinternals():
    tool = Tool("DSInternals")
    user = quote(OWNER["userPrincipalName"], safe="")
    at = f"users/{user}/authentication/fido2Methods"
    options = tool.get(f"{at}/creationOptions?challengeTimeoutInMinutes=120")
    ends = datetime.fromisoformat(options["challengeTimeoutDateTime"])
    assert abs(ends - datetime.now(timezone.utc) - timedelta(minutes=120)) < timedelta(minutes=1), ends
    expect(options["publicKey"]["rp"]["id"], WORLD["rpId"])
    assert len(options["publicKey"]["pubKeyCredParams"]) >= 2, options
    key = SoftwareKey("4453496e-7465-726e-616c-730000000000")
    # It sends the two members of the response and nothing else of the credential.
    name = "A name of exactly thirty chars"
    body = {"displayName": name, "publicKeyCredential": {"id": url_safe(key.id), "response": key.create(options["publicKey"], certified=True)}}
    passkey = made(tool.send("POST", at, 201, body), name)
    expect((passkey["aaGuid"], len(passkey["attestationCertificates"])), (str(key.aaguid), 1))
    tool.send("DELETE", f"{at}/{passkey['id']}", 204)
    # Without the id it is read from what was attested.
    options = tool.get(f"{at}/creationOptions?challengeTimeoutInMinutes=5")
    body = {"displayName": "Without an id", "publicKeyCredential": {"response": SoftwareKey().create(options["publicKey"])}}
    tool.delete(made(tool.send("POST", at, 201, body), "Without an id"))


def yubico():
    token = application_token(WORLD["tenantDomain"])
    # This script sends the bare token.
    tool = Tool("Yubico", authorization=token)
    [group] = tool.values("groups/?$filter=displayName eq 'Engineering'")
    members = tool.values(f"groups/{group['id']}/members?$select=id,userPrincipalName")
    assert {OWNER["id"]} <= {one["id"] for one in members} and all(one["userPrincipalName"] for one in members), members
    for extensions in [{"credProtect": 2, "hmac-secret": True}, None]:
        options = tool.get(f"{PASSKEYS}/creationOptions(challengeTimeoutInMinutes=60)")
        assert options["challengeTimeoutDateTime"] and {"name", "displayName", "id"} <= set(options["publicKey"]["user"]), options
        body = SoftwareKey().envelope("YubiKey", options["publicKey"])
        body["publicKeyCredential"]["clientExtensionResults"] = extensions
        tool.delete(made(tool.send("POST", PASSKEYS, 201, body), "YubiKey"))


def entra_yk():
    tool = Tool("entraYK")
    options = tool.get(f"{PASSKEYS}/creationOptions(challengeTimeoutInMinutes=5)")["publicKey"]
    for text in [options["user"]["id"], options["challenge"]]:
        # It swaps two letters and adds no padding.
        base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    tool.delete(made(tool.send("POST", PASSKEYS, 201, SoftwareKey().envelope("Padded", options, encode=standard)), "Padded"))
    before = tool.get(f"{CONFIGURATIONS}/fido2")
    tool.send("PATCH", f"{CONFIGURATIONS}/fido2", 204, {
        "@odata.type": FIDO2_TYPE,
        "id": "Fido2",
        "state": "enabled",
        "isSelfServiceRegistrationAllowed": True,
        "isAttestationEnforced": False,
        "keyRestrictions": {"isEnforced": True, "enforcementType": "block", "aaGuids": ["90a3ccdf-635c-4729-a248-9b709135078f"]},
        "includeTargets@odata.context": f"{ORIGIN}/beta/$metadata#policies/authenticationMethodsPolicy/x/includeTargets",
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": False}],
        "excludeTargets": [],
        "passkeyProfiles": [],
    })
    after = tool.get(f"{CONFIGURATIONS}/fido2")
    expect(after["keyRestrictions"]["aaGuids"], ["90a3ccdf-635c-4729-a248-9b709135078f"])
    expect([one["id"] for one in after["passkeyProfiles"]], [one["id"] for one in before["passkeyProfiles"]])
    tool.send("PATCH", f"{CONFIGURATIONS}/fido2", 204, {"@odata.type": FIDO2_TYPE, "keyRestrictions": before["keyRestrictions"]})
    # Members page by page; what is no user is left.
    [group] = tool.values("groups?$filter=displayName eq 'Everybody'")
    page, found = tool.get(f"groups/{group['id']}/members?$top=2"), []
    while True:
        found += [one["id"] for one in page["value"] if one["@odata.type"] == "#microsoft.graph.user"]
        if "@odata.nextLink" not in page:
            break
        page = tool.get(page["@odata.nextLink"].removeprefix(f"{tool.root}/"))
    expect(sorted(found), sorted(one["id"] for one in WORLD["users"] if group["id"] in one["groups"]))


def key_vault():
    document = requests.get(f"{ORIGIN}/{WORLD['tenantDomain']}/.well-known/openid-configuration", verify=CA).json()
    expect(document["userinfo_endpoint"].split("/")[3], TENANT)
    tool = Tool("KeyVault scripts")
    options = tool.get(f"{PASSKEYS}/creationOptions(challengeTimeoutInMinutes=10)")["publicKey"]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", options["challenge"]) and options["user"]["id"], options
    # Flags 0x5D, no model, no attestation, client data without crossOrigin.
    key = SoftwareKey(synced=True)
    expect(key.flags | 0x40, 0x5D)
    passkey = made(tool.send("POST", PASSKEYS, 201, key.envelope("Vault", options)), "Vault")
    expect((passkey["passkeyType"], passkey["attestationLevel"]), ("synced", "notAttested"))
    assert datetime.fromisoformat(passkey["createdDateTime"]), passkey
    assert OWNER["userPrincipalName"] in key.sign_in(WORLD).text
    tool.delete(passkey)


def key_enroll():
    tool = Tool("keyenroll", "v1.0")
    person = {
        "accountEnabled": True,
        "displayName": "O'Neil, Grace",
        "mailNickname": "oneil",
        "userPrincipalName": f"o'neil@{WORLD['tenantDomain']}",
        "passwordProfile": {"password": "a long one that nobody knows"},
    }
    user = tool.send("POST", "users", 201, person)
    words = quote("O'Neil".replace("'", "''"))
    names = ["displayName", "userPrincipalName", "mail", "givenName", "surname"]
    condition = " or ".join(f"startswith({name},'{words}')" for name in names)
    found = tool.values(f"users?$filter={condition}&$select=id,displayName,userPrincipalName&$top=25")
    expect([one["id"] for one in found], [user["id"]])
    at = f"users/{user['id']}/authentication/fido2Methods"
    options = tool.get(f"{at}/creationOptions")
    plain = {name: value for name, value in options.items() if "@odata" not in name}["publicKey"]
    long = "A key whose display name is longer than Microsoft's thirty"
    passkey = made(tool.send("POST", at, 201, SoftwareKey().envelope(long[:30], plain)), long[:30])
    [listed] = tool.values(at)
    expect(listed["id"], passkey["id"])
    assert {"displayName", "createdDateTime", "model"} <= set(listed), listed
    refused = tool.send("POST", at, 400, SoftwareKey().envelope("Again", plain))
    assert refused["error"]["message"], refused
    # By name, with its quote doubled in a key and plain in a path.
    by_key = quote(person["userPrincipalName"].replace("'", "''"), safe="'@")
    expect(tool.get(f"users('{by_key}')")["id"], user["id"])
    expect(tool.get(f"users/{quote(person['userPrincipalName'], safe='')}")["id"], user["id"])
    tool.send("DELETE", f"users/{user['id']}", 204)


def cipp():
    tool = Tool("CIPP")
    at = "policies/authenticationmethodspolicy/authenticationMethodConfigurations/Fido2"
    target = {"id": "all_users", "displayName": "All users", "targetType": "group", "isRegistrationRequired": False}
    body = {"@odata.type": FIDO2_TYPE, "state": "enabled", "includeTargets": [target], "excludeTargets": []}
    before = tool.get(at)
    tool.send("PATCH", at, 204, body)
    expect(tool.get(at)["includeTargets"][0]["id"], "all_users")
    tool.send("PATCH", at, 204, {"@odata.type": FIDO2_TYPE, "includeTargets": before["includeTargets"]})


def maester():
    tool = Tool("Maester")
    fido2 = tool.get("policies/authenticationMethodsPolicy/authenticationMethodConfigurations('Fido2')", ConsistencyLevel="eventual")
    assert {"state", "isSelfServiceRegistrationAllowed", "isAttestationEnforced", "keyRestrictions"} <= set(fido2), fido2
    assert {"isEnforced", "enforcementType", "aaGuids"} <= set(fido2["keyRestrictions"]), fido2
    passes = tool.get("policies/authenticationMethodsPolicy/authenticationMethodConfigurations('TemporaryAccessPass')")
    assert {"state", "isUsableOnce"} <= set(passes), passes
    for spelling in ["policies/authenticationMethodsPolicy", "Policies/AuthenticationMethodsPolicy", "policies/authenticationmethodspolicy"]:
        expect(tool.get(spelling)["id"], "authenticationMethodsPolicy")
    policies = tool.values("identity/conditionalAccess/policies")
    strengths = [one["grantControls"]["authenticationStrength"] for one in policies if one["grantControls"]]
    assert "Phishing-resistant MFA" in [one["displayName"] for one in strengths if one], strengths
    urls = ["identity/conditionalAccess/policies", "policies/authenticationMethodsPolicy", "users?$top=1", "nowhere"]
    batch = {"requests": [{"id": str(at), "method": "GET", "url": url} for at, url in enumerate(urls)]}
    answers = tool.send("POST", "$batch", 200, batch)["responses"]
    expect({one["id"]: one["status"] for one in answers}, {"0": 200, "1": 200, "2": 200, "3": 404})
    asked = {
        "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": OWNER["id"]},
        "signInContext": {"@odata.type": "#microsoft.graph.applicationContext", "includeApplications": [WORLD["sampleApp"]["clientId"]]},
        "signInConditions": {"devicePlatform": "windows", "clientAppType": "browser", "ipAddress": "192.0.2.1", "country": "FR"},
    }
    rows = tool.send("POST", "identity/conditionalAccess/evaluate", 200, asked)["value"]
    assert rows and all({"displayName", "policyApplies", "analysisReasons"} <= set(one) for one in rows), rows


def dsc():
    tool = Tool("Microsoft365DSC")
    for name in ["Fido2", "TemporaryAccessPass"]:
        read = tool.get(f"{CONFIGURATIONS}/{name}")
        # The targets are shown by the names of their groups.
        for target in read["includeTargets"] + read["excludeTargets"]:
            assert target["id"] == "all_users" or tool.get(f"groups/{target['id']}")["displayName"], target
        sent = {member: value for member, value in read.items() if member not in ("@odata.context", "@odata.etag")}
        assert sent["@odata.type"], sent
        tool.send("PATCH", f"{CONFIGURATIONS}/{name}", 204, sent)
        expect({**tool.get(f"{CONFIGURATIONS}/{name}"), "@odata.etag": 0}, {**read, "@odata.etag": 0})
    root, name = "policies/authenticationStrengthPolicies", "Keys as code"
    assert name not in [one["displayName"] for one in tool.values(root)]
    made = tool.send("POST", root, 201, {"displayName": name, "description": "x", "allowedCombinations": ["fido2"]})
    [found] = [one for one in tool.values(root) if one["displayName"] == name]
    at = f"{root}/{found['id']}"
    expect(found["id"], made["id"])
    tool.send("PATCH", at, 204, {"displayName": name, "description": "y"})
    changed = tool.send("POST", f"{at}/updateAllowedCombinations", 200, {"allowedCombinations": ["fido2", "password,sms"]})
    expect((changed["previousCombinations"], changed["currentCombinations"]), (["fido2"], ["fido2", "password,sms"]))
    tool.send("DELETE", at, 204)


def terraform():
    tool = Tool("Terraform azuread", "v1.0")
    strength = tool.send("POST", "policies/authenticationStrengthPolicies", 201, {"displayName": "Applied", "allowedCombinations": ["fido2"]})
    at = f"policies/authenticationStrengthPolicies/{strength['id']}"
    models = {"@odata.type": "#microsoft.graph.fido2CombinationConfiguration", "appliesToCombinations": ["fido2"], "allowedAAGUIDs": [
        "90a3ccdf-635c-4729-a248-9b709135078f"
    ]}
    made = tool.send("POST", f"{at}/combinationConfigurations", 201, models)
    one = tool.get(f"{at}/combinationConfigurations/{made['id']}")
    expect((one["id"], one["allowedAAGUIDs"]), (made["id"], models["allowedAAGUIDs"]))
    tool.send("DELETE", f"{at}/combinationConfigurations/{made['id']}", 204)
    tool.send("DELETE", at, 204)


def published_samples():
    tool = Tool("Microsoft's samples")
    before = tool.get(f"{CONFIGURATIONS}/fido2")
    # Truth as a string.
    tool.send("PATCH", f"{CONFIGURATIONS}/fido2", 204, {"@odata.type": FIDO2_TYPE, "isAttestationEnforced": "true"})
    expect(tool.get(f"{CONFIGURATIONS}/fido2")["isAttestationEnforced"], True)
    tool.send("PATCH", f"{CONFIGURATIONS}/fido2", 204, {"@odata.type": FIDO2_TYPE, "isAttestationEnforced": before["isAttestationEnforced"]})
    # Every nested object with its type.
    v1 = Tool("Microsoft's samples", "v1.0")
    options = v1.get(f"{PASSKEYS}/creationOptions")
    ends = datetime.fromisoformat(options["challengeTimeoutDateTime"])
    assert abs(ends - datetime.now(timezone.utc) - timedelta(minutes=5)) < timedelta(minutes=1), ends
    body = SoftwareKey().envelope("Sample", options["publicKey"])
    credential = body["publicKeyCredential"]
    body["@odata.type"] = "#microsoft.graph.fido2AuthenticationMethod"
    credential["@odata.type"] = "#microsoft.graph.webauthnPublicKeyCredential"
    credential["response"]["@odata.type"] = "#microsoft.graph.webauthnAuthenticatorAttestationResponse"
    credential["clientExtensionResults"] = {"@odata.type": "microsoft.graph.webauthnAuthenticationExtensionsClientOutputs"}
    v1.delete(made(v1.send("POST", PASSKEYS, 201, body), "Sample"))
    target = {"id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "fido2"}
    campaign = {"snoozeDurationInDays": 1, "state": "enabled", "excludeTargets": [], "includeTargets": [target]}
    policy = "policies/authenticationMethodsPolicy"
    kept = tool.get(policy)["registrationEnforcement"]
    tool.send("PATCH", policy, 204, {"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign}})
    tool.send("PATCH", policy, 204, {"registrationEnforcement": kept})


def evaded():
    # What none of the odd ways opens.
    for authorization in ["", "Bearer", "Basic eDp4", f"Bearer {BEARER}", "x" * 20]:
        Tool("nobody", authorization=authorization).send("GET", "users", 401)
    with_query = f"users?access_token={BEARER.removeprefix('Bearer ')}"
    Tool("nobody", authorization="").send("GET", with_query, 401)


STEPS.step("DSInternals.Passkeys: an escaped name, minutes in the query, one certificate", dsinternals)
STEPS.step("Yubico's script: a bare token, a group by name, outputs of authenticator extensions", yubico)
STEPS.step("entraYK: standard base64, an annotation among members, an empty list of profiles", entra_yk)
STEPS.step("Key Vault scripts: the tenant's id from metadata, flags 0x5D, a sign-in with the key", key_vault)
STEPS.step("keyenroll: doubled quotes in filters, names of thirty characters", key_enroll)
STEPS.step("CIPP: a display name inside a target", cipp)
STEPS.step("Maester: reads in any case, keys in parentheses, relative batches, What If", maester)
STEPS.step("Microsoft365DSC: what was read is sent back; strengths by name", dsc)
STEPS.step("Terraform: combination configurations by id", terraform)
STEPS.step("Microsoft's samples: true as a string, a type on every object, the campaign", published_samples)
STEPS.step("and nothing of that opens anything without a token", evaded)
STEPS.end()
