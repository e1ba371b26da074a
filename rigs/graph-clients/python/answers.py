"""Every answer of v1.0 that the other programs got, against Microsoft's published types. usage: answers.py EXCHANGES SCHEMA...

What an answer is, it says itself: `@odata.context`. A member that the type does not have is a fault too.
"""

import json
import re
import sys
from collections import Counter
from datetime import datetime
from urllib.parse import urlsplit

SCHEMA = {name: kind for path in sys.argv[2:] for name, kind in json.load(open(path, encoding="utf-8"))["$defs"].items()}
FAULTS, SEEN = [], Counter()
# The last name of a context, and the type of what stands there.
TYPES = {
    "users": "user",
    "groups": "group",
    "directoryObjects": "directoryObject",
    "methods": "authenticationMethod",
    "fido2Methods": "fido2AuthenticationMethod",
    "temporaryAccessPassMethods": "temporaryAccessPassAuthenticationMethod",
    "passwordMethods": "passwordAuthenticationMethod",
    "softwareOathMethods": "softwareOathAuthenticationMethod",
    "phoneMethods": "phoneAuthenticationMethod",
    "emailMethods": "emailAuthenticationMethod",
    "windowsHelloForBusinessMethods": "windowsHelloForBusinessAuthenticationMethod",
    "authenticationMethodsPolicy": "authenticationMethodsPolicy",
    "authenticationMethodConfigurations": "authenticationMethodConfiguration",
    "authenticationStrengthPolicies": "authenticationStrengthPolicy",
    "combinationConfigurations": "authenticationCombinationConfiguration",
    "conditionalAccess/policies": "conditionalAccessPolicy",
    "deletedItems/policies": "conditionalAccessPolicy",
    "namedLocations": "namedLocation",
    "authenticationContextClassReferences": "authenticationContextClassReference",
    "auditLogs/directoryAudits": "directoryAudit",
    "auditLogs/signIns": "signIn",
    "userRegistrationDetails": "userRegistrationDetails",
    "roleManagement/directory/roleDefinitions": "unifiedRoleDefinition",
    "roleManagement/directory/roleAssignments": "unifiedRoleAssignment",
    "directoryRoles": "directoryRole",
    "directoryRoleTemplates": "directoryRoleTemplate",
    "applications": "application",
    "servicePrincipals": "servicePrincipal",
    "appRoleAssignedTo": "appRoleAssignment",
    "appRoleAssignments": "appRoleAssignment",
    "oauth2PermissionGrants": "oAuth2PermissionGrant",
}
# Types that the files do not hold.
ABSENT = {
    "organization": "organization",
    "domains": "domain",
}
# Navigation, which the files leave out of this one type.
POLICIES = {"type": "array", "items": {"$ref": "#/$defs/conditionalAccessPolicy"}}
SCHEMA["authenticationStrengthUsage"]["properties"] |= {"mfa": POLICIES, "none": POLICIES}
KINDS = {"null": type(None), "boolean": bool, "integer": int, "number": (int, float), "string": str, "array": list, "object": dict}


def check(schema, value, at, faults):
    if "$ref" in schema:
        # What says its type is judged by that type, which may be a narrower one.
        own = str(value.get("@odata.type", "")).removeprefix("#microsoft.graph.") if isinstance(value, dict) else ""
        return check(SCHEMA[own if own in SCHEMA else schema["$ref"].removeprefix("#/$defs/")], value, at, faults)
    if "anyOf" in schema:
        tried = []
        for one in schema["anyOf"]:
            tried.append([])
            check(one, value, at, tried[-1])
        return faults.extend(tried[0] if all(tried) else [])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    is_kind = lambda kind: isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if kinds and not any(map(is_kind, kinds)):
        faults.append(f"{at} is {value!r} and not {kinds}")
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{at} is {value!r}, which is none of its words")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        faults.append(f"{at} is {value!r}, which does not fit {schema['pattern']}")
    if schema.get("format") == "date-time" and isinstance(value, str):
        moment(value, at, faults)
    if isinstance(value, list):
        for number, one in enumerate(value):
            check(schema.get("items", {}), one, f"{at}[{number}]", faults)
    open_type = "open type" in schema.get("description", "")
    if isinstance(value, dict) and "properties" in schema and not open_type:
        members(schema["properties"], value, at, faults)


def moment(text, at, faults):
    try:
        assert datetime.fromisoformat(text).tzinfo
    except (AssertionError, ValueError):
        faults.append(f"{at} is no moment: {text}")


def members(known, value, at, faults):
    kind = value.get("@odata.type", "").removeprefix("#microsoft.graph.")
    for name, member in value.items():
        if name in known:
            check(known[name], member, f"{at}.{name}", faults)
        # Annotations; and members of a narrower type that the files do not hold.
        elif "@" not in name and (not kind or kind in SCHEMA):
            faults.append(f"{at} has no member {name}")


def kind_of(context):
    """The type that a context names, and whether it is a list of it."""
    path = context.split("$metadata#")[-1]
    one = path.endswith("/$entity")
    path = re.sub(r"\([^)]*\)$", "", path.removesuffix("/$entity")) if not path.startswith("Collection(") else path
    if path.startswith("Collection("):
        return path.removeprefix("Collection(microsoft.graph.").removesuffix(")"), True
    if path.startswith("microsoft.graph."):
        return path.removeprefix("microsoft.graph."), False
    for names in (TYPES, ABSENT):
        for name, kind in names.items():
            if path == name or path.endswith("/" + name):
                return kind, not one and name != "authenticationMethodsPolicy"
    return None, False


def judge(status, body, where):
    if not body:
        assert status == 204, f"{where}: {status} without a body"
        return SEEN.update(["nothing"])
    if "error" in body:
        assert status >= 400, f"{where}: an error with {status}"
        error = body["error"]
        assert error["code"] and error["message"] and {"date", "request-id", "client-request-id"} <= set(error["innerError"]), body
        return SEEN.update(["error"])
    assert status < 300, f"{where}: {status} without an error"
    if "responses" in body:
        for part in body["responses"]:
            judge(part["status"], part.get("body"), f"{where} part {part['id']}")
        return SEEN.update(["batch"])
    context = body["@odata.context"]
    if context.endswith("#Edm.Boolean"):
        assert body["value"] in (True, False), body
        return SEEN.update(["Edm.Boolean"])
    kind, many = kind_of(context)
    assert kind, f"{where}: nobody knows what {context} is"
    SEEN.update([kind])
    if kind in ABSENT.values():
        return None
    faults = []
    for one in body["value"] if many else [body]:
        check({"$ref": kind}, one, kind, faults)
    assert not faults, f"{where}: " + "; ".join(sorted(set(faults))[:5])


for line in open(sys.argv[1], encoding="utf-8"):
    exchange = json.loads(line)
    at = f"{exchange['by']} {exchange['method']} {urlsplit(exchange['url']).path}"
    try:
        judge(exchange["status"], json.loads(exchange["body"]) if exchange["body"] else None, at)
    except Exception as error:  # noqa: BLE001: every failure is reported and counted
        FAULTS.append(f"{error!r}")
for kind, count in sorted(SEEN.items()):
    what = "of a type that is not in the files" if kind in ABSENT.values() else "as published"
    print(f"ok      answers: {count} times {kind}, {what}")
for fault in sorted(set(FAULTS)):
    print(f"FAILED  answers: {fault}")
sys.exit(1 if FAULTS or not SEEN else 0)
