"""Bodies for schemathesis (it imports this file): what programs send, with one thing wrong, and what it makes up by itself."""

import copy
import hashlib
import json
import os

import schemathesis

import tokens

IDS = json.load(open(os.environ["RIG_IDS"], encoding="utf-8"))
DEFAULT_PROFILE = "00000000-0000-0000-0000-000000000001"
EVERYBODY = [{"targetType": "group", "id": "all_users"}]
ODD = [None, True, -1, 0, 2**31, 2**63, 1.5, 1e300, "", " ", "x" * 5000, "\u0000", "a\u202eb", [], {}, [None], [[]], [{}], {"a": {"b": []}}, "2026-13-01T00:00:00Z"]
ACCESS = {
    "displayName": "Made up",
    "state": "disabled",
    "conditions": {
        "users": {"includeUsers": ["All"], "excludeGroups": [IDS["group"][0]]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
        "locations": {"includeLocations": ["AllTrusted"], "excludeLocations": []},
        "platforms": {"includePlatforms": ["android"]},
    },
    "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    "sessionControls": {"signInFrequency": {"isEnabled": True, "type": "hours", "value": 4}},
}
# Verb, end of the address, body; the first that fits is taken.
BODIES = [
    ("POST", "/users", {
        "displayName": "Made up", "userPrincipalName": "made-up@demo.example", "accountEnabled": False, "mailNickname": "x",
        "passwordProfile": {"password": "a long one that nobody knows", "forceChangePasswordNextSignIn": True},
    }),
    ("PATCH", "/users/{user}", {"displayName": "Changed", "mail": "x@demo.example", "accountEnabled": True}),
    ("POST", "/groups", {"displayName": "Made up", "mailEnabled": False, "securityEnabled": True, "isAssignableToRole": False}),
    ("PATCH", "/groups/{group}", {"displayName": "Changed", "description": "x"}),
    ("POST", r"/members/$ref", {"@odata.id": "https://localhost/v1.0/directoryObjects/" + IDS["user"][0]}),
    ("POST", "/fido2Methods", {
        "displayName": "A key",
        "publicKeyCredential": {"id": "AAAA", "response": {"clientDataJSON": "e30", "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA"}},
    }),
    ("PATCH", "/fido2Methods/{method}", {"displayName": "Renamed"}),
    ("POST", "/temporaryAccessPassMethods", {"lifetimeInMinutes": 60, "isUsableOnce": True, "startDateTime": "2026-12-01T00:00:00Z"}),
    ("POST", "/resetPassword", {"newPassword": "another long one"}),
    ("PATCH", "/authenticationMethodConfigurations/{configuration}", {
        "state": "enabled", "isSelfServiceRegistrationAllowed": True, "isAttestationEnforced": False,
        "keyRestrictions": {"isEnforced": True, "enforcementType": "allow", "aaGuids": ["90a3ccdf-635c-4729-a248-9b709135078f"]},
        "includeTargets": [{**EVERYBODY[0], "allowedPasskeyProfiles": [DEFAULT_PROFILE]}], "excludeTargets": [],
        "passkeyProfiles": [{"id": DEFAULT_PROFILE, "name": "x", "passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled"}],
        "defaultLength": 12, "minimumLifetimeInMinutes": 60, "maximumLifetimeInMinutes": 480, "defaultLifetimeInMinutes": 60,
    }),
    ("PATCH", "/authenticationMethodsPolicy", {
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "snoozeDurationInDays": 1, "state": "default", "includeTargets": [{**EVERYBODY[0], "targetedAuthenticationMethod": "fido2"}],
        }},
        "systemCredentialPreferences": {"state": "default", "includeTargets": EVERYBODY},
    }),
    ("POST", "/updateAllowedCombinations", {"allowedCombinations": ["fido2", "password,softwareOath"]}),
    ("POST", "/combinationConfigurations", {"appliesToCombinations": ["fido2"], "allowedAAGUIDs": ["90a3ccdf-635c-4729-a248-9b709135078f"]}),
    ("PATCH", "/combinationConfigurations/{configuration}", {"allowedAAGUIDs": ["90a3ccdf-635c-4729-a248-9b709135078f"]}),
    ("POST", r"/authenticationStrengthPolicies", {"displayName": "Made up", "allowedCombinations": ["fido2"]}),
    ("POST", r"/authenticationStrength/policies", {"displayName": "Made up too", "allowedCombinations": ["fido2"]}),
    ("PATCH", "/{strength}", {"displayName": "Changed", "description": "x"}),
    ("POST", "/conditionalAccess/policies", ACCESS),
    ("PATCH", "/{policy}", ACCESS),
    ("POST", "/namedLocations", {"displayName": "Made up", "isTrusted": True, "ipRanges": [{"cidrAddress": "192.0.2.0/24"}]}),
    ("PATCH", "/{location}", {"displayName": "Changed", "ipRanges": [{"cidrAddress": "2001:db8::/32"}]}),
    ("POST", "/authenticationContextClassReferences", {"id": "c30", "displayName": "Made up", "isAvailable": True}),
    ("PATCH", "/{context}", {"displayName": "Changed", "isAvailable": False}),
    ("POST", "/evaluate", {
        "signInIdentity": {"userId": IDS["user"][0]}, "signInContext": {"includeApplications": [IDS["application"][0]]},
        "signInConditions": {"ipAddress": "192.0.2.1", "devicePlatform": "windows", "clientAppType": "browser"}, "appliedPoliciesOnly": False,
    }),
    ("POST", "/roleAssignments", {"roleDefinitionId": IDS["role"][0], "principalId": IDS["user"][0], "directoryScopeId": "/"}),
    ("POST", "/Users", {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "made-up-too@demo.example", "externalId": "x", "active": True, "displayName": "Made up",
        "name": {"givenName": "Made", "familyName": "Up"}, "emails": [{"value": "x@demo.example", "type": "work", "primary": True}],
    }),
    ("PUT", "/Users/{user}", {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "made-up-anew@demo.example", "name": {"givenName": "Made", "familyName": "Up"}, "active": False,
    }),
    ("PATCH", "/Users/{user}", {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": "active", "value": "True"}, {"op": "add", "path": "name.givenName", "value": "Anew"}, {"op": "remove", "path": "emails[type eq \"work\"]"}],
    }),
    ("POST", "/Groups", {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Made up", "externalId": "x", "members": [{"value": IDS["user"][0]}],
    }),
    ("PUT", "/Groups/{group}", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Made up", "members": [{"value": IDS["user"][1]}]}),
    ("PATCH", "/Groups/{group}", {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": IDS["user"][2]}]}, {"op": "remove", "path": f"members[value eq \"{IDS['user'][0]}\"]"}],
    }),
    ("POST", "/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/users?$top=1"}, {"id": "2", "method": "PATCH", "url": "x", "dependsOn": ["1"], "body": {}}]}),
]


@schemathesis.auth(refresh_interval=240)
class Fresh:
    """A token lives for ten minutes, a run for longer."""

    def get(self, _case, _context):
        return tokens.fresh(os.environ["RIG_SESSION"])

    def set(self, case, data, _context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def map_body(context, body):
    operation = context.operation
    samples = (one for verb, end, one in BODIES if verb == operation.method.upper() and operation.path.endswith(end))
    sample = next(samples, None)
    # What is chosen follows from what was generated, so that a run with a seed is the same run again.
    chance = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).digest()
    if sample is None or chance[0] % 4 == 0:
        return body
    sample = copy.deepcopy(sample)
    if chance[0] % 4 == 1:
        return sample
    places = list(walk(sample))
    parent, name = places[chance[1] % len(places)]
    if chance[2] % 6 == 0:
        del parent[name]
    else:
        parent[name] = ODD[chance[3] % len(ODD)]
    return sample


def walk(value):
    """Every place in a value that something else could stand at."""
    names = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for name in list(names):
        yield value, name
        yield from walk(value[name])
