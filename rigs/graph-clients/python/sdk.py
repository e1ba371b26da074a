"""Microsoft's Graph libraries for Python against a running demonstration. usage: sdk.py WORLD EXCHANGES v1.0|beta TOKEN

The program is the same for `msgraph` (v1.0) and `msgraph_beta`, as far as their classes are. TOKEN is the file of an administrator's token: the first
run signs in and writes it, the second one reads it.
"""

import asyncio
import os
import re
import sys
from importlib import import_module
from uuid import UUID

import httpx
from azure.core.credentials import AccessToken
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph_core import GraphClientFactory
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

from key import SoftwareKey, url_safe
from steps import CA, EXCHANGES, ORIGIN, TENANT, WORLD, Steps, delegated_token, expect, keep, named

VERSION, TOKEN = sys.argv[3:]
BETA = VERSION == "beta"
SDK = "msgraph_beta" if BETA else "msgraph"
NAME = f"{SDK}-sdk"
PASSWORD = "28c10230-6103-485e-b985-444c60001490"
STEPS = Steps(NAME)
# The first has a password and codes, the other a pass; neither has a passkey.
OWNER = named("barbara" if BETA else "edsger")


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def model(name, module=None):
    return getattr(import_module(f"{SDK}.generated.models.{module or snake(name)}"), name)


def word(enum, name, module=None):
    return getattr(model(enum, module), name)


ODataError = model("ODataError", "o_data_errors.o_data_error")
Passkey = model("Fido2AuthenticationMethod", "fido2_authentication_method")


async def keep_answer(response):
    await response.aread()
    keep(NAME, response.request.method, str(response.url), response.status_code, response.text)


def client(credential):
    adapter_of = import_module(f"{SDK}.graph_request_adapter")
    http = httpx.AsyncClient(http2=True, timeout=30, event_hooks={"response": [keep_answer]})
    http = GraphClientFactory.create_with_default_middleware(client=http, options=adapter_of.options)
    adapter = adapter_of.GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential), http)
    adapter.base_url = f"{ORIGIN}/{VERSION}"
    return import_module(SDK).GraphServiceClient(request_adapter=adapter)


def application():
    graph = WORLD["graph"]
    return client(ClientSecretCredential(
        TENANT, graph["clientId"], graph["clientSecret"], authority=ORIGIN, disable_instance_discovery=True, connection_verify=CA
    ))


class Held:
    """A token that somebody else got."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *_scopes, **_options):
        return AccessToken(self.token, 2**40)


def asked(builder, **options):
    """Query options of a request builder."""
    [kind] = [kind for name, kind in vars(type(builder)).items() if name.endswith("GetQueryParameters")]
    return RequestConfiguration(query_parameters=kind(**options))


async def refused(status, code, awaitable):
    try:
        await awaitable
    except ODataError as error:
        expect((error.response_status_code, error.error.code), (status, code))
        assert error.error.message and error.error.inner_error.request_id, error
        return
    raise AssertionError("nothing was refused")


async def by_hand(graph, method, path, body, answer):
    """A request for which the library has no builder."""
    request = RequestInformation(method, "{+baseurl}" + path, {"baseurl": graph.request_adapter.base_url})
    request.headers.try_add("Accept", "application/json")
    request.set_content_from_parsable(graph.request_adapter, "application/json", body)
    return await graph.request_adapter.send_async(request, answer, {"XXX": ODataError})


async def provision(graph, methods, path, key, name):
    """Options by the library, the key's answer, and the registration by hand."""
    if BETA:
        at = methods.fido2_methods.creation_options_with_challenge_timeout_in_minutes
        options = await at.get(asked(at, challenge_timeout_in_minutes=30))
    else:
        options = await methods.fido2_methods.creation_options.get()
    wanted = options.public_key
    assert -7 in [one.alg for one in wanted.pub_key_cred_params], wanted
    made = key.create({"rp": {"id": wanted.rp.id}, "user": {"id": wanted.user.id}, "challenge": wanted.challenge})
    response = model("WebauthnAuthenticatorAttestationResponse")(
        client_data_j_s_o_n=made["clientDataJSON"], attestation_object=made["attestationObject"]
    )
    credential = model("WebauthnPublicKeyCredential")(id=url_safe(key.id), response=response)
    return await by_hand(graph, Method.POST, path, Passkey(display_name=name, public_key_credential=credential), Passkey)


def me(graph):
    return graph.me() if BETA else graph.me


async def people(graph):
    async def pages():
        first = await graph.users.get(asked(graph.users, top=3, select=["id", "userPrincipalName"]))
        expect(len(first.value), 3)
        assert first.odata_next_link.startswith(f"{ORIGIN}/{VERSION}/users?"), first.odata_next_link
        seen = []
        pages = PageIterator(first, graph.request_adapter)
        await pages.iterate(lambda user: seen.append(user.id) or True)
        expect(len(seen), len(set(seen)))
        assert {one["id"] for one in WORLD["users"]} <= set(seen), seen

    async def one():
        profile = model("PasswordProfile")(force_change_password_next_sign_in=True, password="a long one that nobody knows")
        name = f"temporary-{VERSION}@{WORLD['tenantDomain']}"
        user = model("User")(
            account_enabled=True, display_name="Temporary", mail_nickname="temporary", user_principal_name=name, password_profile=profile
        )
        made = await graph.users.post(user)
        at = graph.users.by_user_id(made.id)
        await at.patch(model("User")(display_name="Changed", account_enabled=False))
        read = await graph.users.by_user_id(name).get()
        expect((read.id, read.display_name, read.account_enabled), (made.id, "Changed", False))
        expect((await at.revoke_sign_in_sessions.post()).value, True)
        method = at.authentication.methods.by_authentication_method_id(PASSWORD)
        module = import_module(f"{SDK}.generated.users.item.authentication.methods.item.reset_password.reset_password_post_request_body")
        new = await method.reset_password.post(module.ResetPasswordPostRequestBody())
        assert new.new_password, new
        await at.delete()
        await refused(404, "Request_ResourceNotFound", at.get())

    async def groups():
        made = await graph.groups.post(model("Group")(
            display_name=f"Pilots of {VERSION}", mail_enabled=False, mail_nickname="pilots", security_enabled=True, group_types=[]
        ))
        at = graph.groups.by_group_id(made.id)
        await at.members.ref.post(model("ReferenceCreate")(odata_id=f"{ORIGIN}/{VERSION}/directoryObjects/{OWNER['id']}"))
        [member] = (await at.members.get()).value
        expect((type(member).__name__, member.user_principal_name), ("User", OWNER["userPrincipalName"]))
        counted = asked(graph.groups, filter=f"displayName eq 'Pilots of {VERSION}'", count=True)
        counted.headers.add("ConsistencyLevel", "eventual")
        found = await graph.groups.get(counted)
        expect((found.odata_count, found.value[0].id), (1, made.id))
        of_user = await graph.users.by_user_id(OWNER["id"]).member_of.get()
        assert made.id in [group.id for group in of_user.value]
        await at.patch(model("Group")(description="Who tries things first"))
        expect((await at.get()).description, "Who tries things first")
        await at.members.by_directory_object_id(OWNER["id"]).ref.delete()
        expect((await at.members.get()).value, [])
        await at.delete()

    async def tenant():
        [organization] = (await graph.organization.get()).value
        expect(organization.id, TENANT)
        assert WORLD["tenantDomain"] in [domain.id for domain in (await graph.domains.get()).value]

    await STEPS.step_async("users page by page", pages)
    await STEPS.step_async("a user is made, changed, disabled, signed out, given a password, deleted", one)
    await STEPS.step_async("a group is made, filled, searched, changed, deleted", groups)
    await STEPS.step_async("the tenant and its domains", tenant)


async def life_of_a_passkey(graph):
    methods = graph.users.by_user_id(OWNER["id"]).authentication
    path = f"/users/{OWNER['id']}/authentication/fido2Methods"
    key = SoftwareKey(synced=BETA)
    held = {}

    async def register():
        made = await provision(graph, methods, path, key, "A key")
        expect((made.display_name, made.passkey_type.value), ("A key", "synced" if BETA else "deviceBound"))
        expect(made.attestation_level.value, "notAttested")
        held["at"] = methods.fido2_methods.by_fido2_authentication_method_id(made.id)
        held["id"] = made.id

    async def listed():
        [one] = (await methods.fido2_methods.get()).value
        expect((one.id, one.aa_guid), (held["id"], "00000000-0000-0000-0000-000000000000"))
        kinds = {type(method).__name__: method for method in (await methods.methods.get()).value}
        expect(kinds["Fido2AuthenticationMethod"].id, held["id"])
        wanted = "TemporaryAccessPassAuthenticationMethod" if BETA else "SoftwareOathAuthenticationMethod"
        assert wanted in kinds, kinds

    async def sign_in():
        page = await asyncio.to_thread(key.sign_in, WORLD)
        assert page.url.endswith("/security-info") and OWNER["userPrincipalName"] in page.text, page.url
        if BETA:
            assert (await held["at"].get()).last_used_date_time

    async def rename():
        renamed = await by_hand(graph, Method.PATCH, f"{path}/{held['id']}", Passkey(display_name="Another name"), Passkey)
        expect((renamed.id, renamed.display_name), (held["id"], "Another name"))
        expect((await held["at"].get()).display_name, "Another name")

    async def delete():
        await held["at"].delete()
        expect((await methods.fido2_methods.get()).value, [])
        await refused(404, "Request_ResourceNotFound", held["at"].get())

    await STEPS.step_async("a passkey is provisioned", register)
    await STEPS.step_async("it is listed, alone and among the methods", listed)
    await STEPS.step_async("it signs its owner in", sign_in)
    await STEPS.step_async("it is renamed", rename)
    await STEPS.step_async("it is deleted", delete)


async def other_methods(graph):
    methods = graph.users.by_user_id(named("alan")["id"]).authentication

    async def passes():
        Pass = model("TemporaryAccessPassAuthenticationMethod")
        made = await methods.temporary_access_pass_methods.post(Pass(lifetime_in_minutes=60, is_usable_once=True))
        assert made.temporary_access_pass and made.is_usable_once, made
        [listed] = (await methods.temporary_access_pass_methods.get()).value
        expect((listed.id, listed.temporary_access_pass), (made.id, None))
        at = methods.temporary_access_pass_methods.by_temporary_access_pass_authentication_method_id(made.id)
        expect((await at.get()).lifetime_in_minutes, 60)
        await at.delete()
        expect((await methods.temporary_access_pass_methods.get()).value, [])

    async def others():
        [password] = (await methods.password_methods.get()).value
        expect(password.id, PASSWORD)
        expect(len((await methods.software_oath_methods.get()).value), 1)
        for empty in [methods.phone_methods, methods.email_methods, methods.windows_hello_for_business_methods]:
            expect((await empty.get()).value, [])
        if BETA:
            assert (await methods.sign_in_preferences.get()) is not None
            assert (await methods.requirements.get()).per_user_mfa_state is not None

    await STEPS.step_async("a pass is issued, listed and deleted", passes)
    await STEPS.step_async("passwords, codes, and what does not exist here", others)


async def method_policy(graph):
    policy = graph.policies.authentication_methods_policy
    configuration = lambda name: policy.authentication_method_configurations.by_authentication_method_configuration_id(name)

    async def campaign():
        read = await policy.get()
        kinds = [type(one).__name__ for one in read.authentication_method_configurations]
        assert "Fido2AuthenticationMethodConfiguration" in kinds and "SmsAuthenticationMethodConfiguration" in kinds, kinds
        Campaign, Enforcement, Policy = map(model, [
            "AuthenticationMethodsRegistrationCampaign", "RegistrationEnforcement", "AuthenticationMethodsPolicy"
        ])
        include = model("AuthenticationMethodsRegistrationCampaignIncludeTarget")
        target = include(id="all_users", target_type=word("AuthenticationMethodTargetType", "Group"), targeted_authentication_method="fido2")
        state = word("AdvancedConfigState", "Enabled")
        wanted = Campaign(snooze_duration_in_days=3, state=state, include_targets=[target], exclude_targets=[])
        await policy.patch(Policy(registration_enforcement=Enforcement(authentication_methods_registration_campaign=wanted)))
        changed = (await policy.get()).registration_enforcement.authentication_methods_registration_campaign
        expect((changed.snooze_duration_in_days, changed.state), (3, state))
        expect([one.id for one in changed.include_targets], ["all_users"])
        state = word("AdvancedConfigState", "Disabled")
        await policy.patch(Policy(registration_enforcement=Enforcement(authentication_methods_registration_campaign=Campaign(state=state))))

    async def passkeys():
        at = configuration("Fido2")
        before = await at.get()
        expect(type(before).__name__, "Fido2AuthenticationMethodConfiguration")
        types = [profile.passkey_types for profile in before.passkey_profiles]
        before.is_self_service_registration_allowed = False
        await at.patch(before)
        after = await at.get()
        expect(after.is_self_service_registration_allowed, False)
        # What was read and sent back is what it was, flags included.
        expect([profile.passkey_types for profile in after.passkey_profiles], types)
        expect([profile.id for profile in after.passkey_profiles], [profile.id for profile in before.passkey_profiles])
        Configuration = model("Fido2AuthenticationMethodConfiguration", "fido2_authentication_method_configuration")
        await at.patch(Configuration(is_self_service_registration_allowed=True))
        expect((await at.get()).is_self_service_registration_allowed, True)

    async def passes():
        at = configuration("TemporaryAccessPass")
        before = await at.get()
        Configuration = type(before)
        expect(Configuration.__name__, "TemporaryAccessPassAuthenticationMethodConfiguration")
        await at.patch(Configuration(default_length=16))
        expect((await at.get()).default_length, 16)
        await at.patch(Configuration(default_length=before.default_length))
        wrong = Configuration(minimum_lifetime_in_minutes=1)
        await refused(400, "Request_BadRequest", at.patch(wrong))

    await STEPS.step_async("the method policy and its campaign", campaign)
    await STEPS.step_async("the passkey method is read, changed and sent back", passkeys)
    await STEPS.step_async("the pass method, within its bounds", passes)


async def strengths(graph):
    async def own(root):
        Strength = model("AuthenticationStrengthPolicy")
        builtin = {one.display_name: one for one in (await root.get()).value}
        expect(builtin["Phishing-resistant MFA"].policy_type.value, "builtIn")
        fido2, password = word("AuthenticationMethodModes", "Fido2"), word("AuthenticationMethodModes", "DeviceBasedPush")
        made = await root.post(Strength(display_name=f"Keys of {VERSION}", description="", allowed_combinations=[fido2]))
        at = root.by_authentication_strength_policy_id(made.id)
        await at.patch(Strength(description="Keys and nothing else"))
        expect((await at.get()).description, "Keys and nothing else")
        folder = type(at).__module__.rsplit(".", 1)[0]
        body = import_module(f"{folder}.update_allowed_combinations.update_allowed_combinations_post_request_body")
        body = body.UpdateAllowedCombinationsPostRequestBody(allowed_combinations=[fido2, password])
        changed = await at.update_allowed_combinations.post(body)
        expect((changed.previous_combinations, len(changed.current_combinations)), ([fido2], 2))
        Models = model("Fido2CombinationConfiguration", "fido2_combination_configuration")
        models = Models(allowed_a_a_g_u_i_ds=["90a3ccdf-635c-4729-a248-9b709135078f"], applies_to_combinations=[fido2])
        one = await at.combination_configurations.post(models)
        [listed] = (await at.combination_configurations.get()).value
        expect((listed.id, listed.allowed_a_a_g_u_i_ds), (one.id, models.allowed_a_a_g_u_i_ds))
        one_at = at.combination_configurations.by_authentication_combination_configuration_id(one.id)
        expect(type(await one_at.get()).__name__, "Fido2CombinationConfiguration")
        await one_at.delete()
        usage = await at.usage.get()
        expect((usage.mfa, usage.none_), ([], []))
        return at

    async def both():
        at = await own(graph.policies.authentication_strength_policies)
        await at.delete()
        at = await own(graph.identity.conditional_access.authentication_strength.policies)
        await at.delete()
        await refused(404, "Request_ResourceNotFound", at.get())

    async def built_in():
        root = graph.policies.authentication_strength_policies
        at = root.by_authentication_strength_policy_id("00000000-0000-0000-0000-000000000004")
        await refused(400, "Request_BadRequest", at.patch(model("AuthenticationStrengthPolicy")(display_name="Mine")))

    await STEPS.step_async("strengths at both addresses, with combinations and models", both)
    await STEPS.step_async("a built-in strength cannot be changed", built_in)


async def conditional_access(graph):
    root = graph.identity.conditional_access

    async def locations():
        Location = model("IpNamedLocation")
        ranges = [model("IPv4CidrRange", "i_pv4_cidr_range")(cidr_address="198.51.100.0/24")]
        ranges.append(model("IPv6CidrRange", "i_pv6_cidr_range")(cidr_address="2001:db8::/32"))
        made = await root.named_locations.post(Location(display_name=f"Lab of {VERSION}", is_trusted=False, ip_ranges=ranges))
        at = root.named_locations.by_named_location_id(made.id)
        await at.patch(Location(is_trusted=True, display_name=f"Lab of {VERSION}", ip_ranges=ranges))
        read = await at.get()
        expect((type(read).__name__, read.is_trusted, len(read.ip_ranges)), ("IpNamedLocation", True, 2))
        expect([one.cidr_address for one in read.ip_ranges], [one.cidr_address for one in ranges])
        assert made.id in [one.id for one in (await root.named_locations.get()).value]
        await at.delete()

    async def contexts():
        Context = model("AuthenticationContextClassReference")
        number = "c8" if BETA else "c7"
        references = root.authentication_context_class_references
        await references.post(Context(id=number, display_name="Payments", description="", is_available=False))
        at = references.by_authentication_context_class_reference_id(number)
        await at.patch(Context(is_available=True))
        expect(((await at.get()).is_available, (await at.get()).display_name), (True, "Payments"))
        expect({"c1", number} <= {one.id for one in (await references.get()).value}, True)
        await at.delete()

    async def policies():
        Policy, Conditions, Users, Applications, Grant = map(model, [
            "ConditionalAccessPolicy", "ConditionalAccessConditionSet", "ConditionalAccessUsers", "ConditionalAccessApplications",
            "ConditionalAccessGrantControls",
        ])
        strength = model("AuthenticationStrengthPolicy")(id="00000000-0000-0000-0000-000000000004")
        conditions = Conditions(
            users=Users(include_groups=[WORLD["groups"][2]["id"]]),
            applications=Applications(include_applications=["All"]),
            client_app_types=[word("ConditionalAccessClientApp", "All")],
        )
        state = word("ConditionalAccessPolicyState", "EnabledForReportingButNotEnforced")
        grant = Grant(operator="OR", authentication_strength=strength)
        made = await root.policies.post(Policy(display_name=f"Keys for the desk, {VERSION}", state=state, conditions=conditions, grant_controls=grant))
        expect(made.grant_controls.authentication_strength.display_name, "Phishing-resistant MFA")
        at = root.policies.by_conditional_access_policy_id(made.id)
        await at.patch(Policy(state=word("ConditionalAccessPolicyState", "Disabled")))
        read = await at.get()
        expect((read.state.value, read.conditions.users.include_groups), ("disabled", conditions.users.include_groups))
        # Sent back as it was read, it is what it was.
        await at.patch(read)
        again = await at.get()
        expect((again.conditions.applications.include_applications, again.grant_controls.operator), (["All"], "OR"))
        assert made.id in [one.id for one in (await root.policies.get()).value]
        usage = await graph.policies.authentication_strength_policies.by_authentication_strength_policy_id(strength.id).usage.get()
        assert made.id in [one.id for one in usage.mfa], usage
        await at.delete()
        gone = root.deleted_items.policies.by_conditional_access_policy_id(made.id)
        expect((await gone.get()).id, made.id)
        await gone.restore.post()
        expect((await at.get()).display_name, made.display_name)
        await at.delete()

    async def what_if():
        module = import_module(f"{SDK}.generated.identity.conditional_access.evaluate.evaluate_post_request_body")
        identity = model("UserSignIn")(user_id=OWNER["id"])
        context = model("ApplicationContext")(include_applications=[WORLD["sampleApp"]["clientId"]])
        conditions = model("SignInConditions")(ip_address="192.0.2.7", client_app_type=word("ConditionalAccessClientApp", "Browser"))
        body = module.EvaluatePostRequestBody(sign_in_identity=identity, sign_in_context=context, sign_in_conditions=conditions)
        rows = (await root.evaluate.post(body)).value
        assert rows and all(row.policy_applies in (True, False) and row.analysis_reasons for row in rows), rows

    await STEPS.step_async("named locations", locations)
    await STEPS.step_async("authentication contexts", contexts)
    await STEPS.step_async("policies, deleted and restored", policies)
    await STEPS.step_async("What If", what_if)


async def roles(graph):
    async def assigned():
        directory = graph.role_management.directory
        definitions = {one.display_name: one.id for one in (await directory.role_definitions.get()).value}
        reader = definitions["Global Reader"]
        Assignment = model("UnifiedRoleAssignment")
        wanted = Assignment(role_definition_id=reader, principal_id=OWNER["id"], directory_scope_id="/")
        made = await directory.role_assignments.post(wanted)
        expect((made.role_definition_id, made.principal_id), (reader, OWNER["id"]))
        held = await directory.role_assignments.get(asked(directory.role_assignments, filter=f"principalId eq '{OWNER['id']}'"))
        expect([one.id for one in held.value], [made.id])
        role = next(one for one in (await graph.directory_roles.get()).value if one.role_template_id == reader)
        members = await graph.directory_roles.by_directory_role_id(role.id).members.get()
        assert OWNER["id"] in [one.id for one in members.value], members
        at = directory.role_assignments.by_unified_role_assignment_id(made.id)
        expect((await at.get()).principal_id, OWNER["id"])
        await at.delete()
        await refused(404, "Request_ResourceNotFound", at.get())

    await STEPS.step_async("a role is given, seen at every address, and taken", assigned)


async def applications(graph):
    held = {}

    async def made():
        Application, Web = model("Application"), model("WebApplication")
        redirect = "https://reports.example/callback"
        application = await graph.applications.post(Application(
            display_name=f"Nightly report of {VERSION}", sign_in_audience="AzureADMyOrg", web=Web(redirect_uris=[redirect])
        ))
        at = graph.applications.by_application_id(application.id)
        await at.patch(Application(description="Who has no passkey yet"))
        read = await at.get()
        expect((read.description, read.web.redirect_uris), ("Who has no passkey yet", [redirect]))
        held["at"], held["id"] = at, application.app_id
        found = await graph.applications.get(asked(graph.applications, filter=f"appId eq '{application.app_id}'"))
        expect([one.id for one in found.value], [application.id])

    async def secret():
        module = import_module(f"{SDK}.generated.applications.item.add_password.add_password_post_request_body")
        asked_for = model("PasswordCredential")(display_name="first")
        given = await held["at"].add_password.post(module.AddPasswordPostRequestBody(password_credential=asked_for))
        assert given.secret_text and given.end_date_time, given
        [listed] = (await held["at"].get()).password_credentials
        expect((listed.key_id, listed.secret_text), (given.key_id, None))
        credential = ClientSecretCredential(
            TENANT, held["id"], given.secret_text, authority=ORIGIN, disable_instance_discovery=True, connection_verify=CA
        )
        held["own"], held["secret"] = client(credential), given.key_id

    async def permission():
        graph_of = graph.service_principals
        [resource] = (await graph_of.get(asked(graph_of, filter="appId eq '00000003-0000-0000-c000-000000000000'"))).value
        role = next(one for one in resource.app_roles if one.value == "AuditLog.Read.All")
        principal = graph_of.by_service_principal_id(held["id"])
        expect((await principal.get()).account_enabled, True)
        Assignment = model("AppRoleAssignment")
        given = await principal.app_role_assignments.post(Assignment(
            principal_id=UUID(held["id"]), resource_id=UUID(resource.id), app_role_id=role.id
        ))
        expect([one.id for one in (await principal.app_role_assignments.get()).value], [given.id])
        own = held["own"].audit_logs.sign_ins
        assert (await own.get(asked(own, top=1))).value
        # It may read the logs, and nothing else.
        await refused(403, "Authorization_RequestDenied", held["own"].users.get())
        await principal.app_role_assignments.by_app_role_assignment_id(given.id).delete()
        await refused(403, "Authorization_RequestDenied", own.get())

    async def consent():
        Grant = model("OAuth2PermissionGrant", "o_auth2_permission_grant")
        [resource] = (await graph.service_principals.get(
            asked(graph.service_principals, filter="appId eq '00000003-0000-0000-c000-000000000000'")
        )).value
        grants = graph.oauth2_permission_grants
        given = await grants.post(Grant(
            client_id=held["id"], resource_id=resource.id, consent_type="AllPrincipals", scope="User.Read AuditLog.Read.All"
        ))
        at = grants.by_o_auth2_permission_grant_id(given.id)
        await at.patch(Grant(scope="User.Read"))
        expect((await at.get()).scope, "User.Read")
        await at.delete()

    async def gone():
        module = import_module(f"{SDK}.generated.applications.item.remove_password.remove_password_post_request_body")
        await held["at"].remove_password.post(module.RemovePasswordPostRequestBody(key_id=held["secret"]))
        expect((await held["at"].get()).password_credentials, [])
        await held["at"].delete()
        await refused(404, "Request_ResourceNotFound", held["at"].get())

    await STEPS.step_async("an application is registered, changed and found", made)
    await STEPS.step_async("it gets a secret, which is shown once", secret)
    await STEPS.step_async("with it, and a permission, it reads a log, and nothing else", permission)
    await STEPS.step_async("consent for everybody is given, narrowed and taken back", consent)
    await STEPS.step_async("its secret ends, and it is deleted", gone)


async def logs(graph):
    async def sign_ins():
        at = graph.audit_logs.sign_ins
        narrow = f"userId eq '{OWNER['id']}' and status/errorCode eq 0"
        one = next(iter((await at.get(asked(at, filter=narrow, top=5))).value))
        expect((one.user_id, one.user_principal_name, one.status.error_code), (OWNER["id"], OWNER["userPrincipalName"], 0))
        # Which passkey it was, beyond Entra.
        assert {"keyward@credentialId", "keyward@aaguid"} <= set(one.additional_data), one.additional_data
        expect(one.additional_data["keyward@passkeyType"], "synced" if BETA else "deviceBound")
        if BETA:
            assert one.authentication_details, one
        expect((await at.by_sign_in_id(one.id).get()).correlation_id, one.correlation_id)
        same = (await at.get(asked(at, filter=f"correlationId eq '{one.correlation_id}'"))).value
        assert one.id in [other.id for other in same], same
        until = one.created_date_time.isoformat()
        first = await at.get(asked(at, filter=f"createdDateTime le {until.replace('+00:00', 'Z')}", orderby=["createdDateTime"], top=1))
        seen = []
        await PageIterator(first, graph.request_adapter).iterate(lambda record: seen.append(record.created_date_time) or True)
        assert len(seen) > 1 and seen == sorted(seen) and seen[-1] == one.created_date_time, seen
        await refused(400, "Request_BadRequest", at.get(asked(at, filter="nothing eq 'x'")))

    async def audits():
        at = graph.audit_logs.directory_audits
        narrow = f"targetResources/any(t: t/id eq '{OWNER['id']}')"
        records = (await at.get(asked(at, filter=narrow, top=50))).value
        assert records and all(OWNER["id"] in [target.id for target in one.target_resources] for one in records), records
        assert WORLD["graph"]["clientId"] in [one.initiated_by.app.app_id for one in records if one.initiated_by.app], records
        one = (await at.by_directory_audit_id(records[0].id).get())
        expect((one.activity_display_name, one.result), (records[0].activity_display_name, records[0].result))
        named_so = (await at.get(asked(at, filter=f"activityDisplayName eq '{one.activity_display_name}'"))).value
        expect({record.activity_display_name for record in named_so}, {one.activity_display_name})

    async def reports():
        root = graph.reports.authentication_methods
        details = (await root.user_registration_details.get(asked(root.user_registration_details, top=500))).value
        [admin] = [one for one in details if one.id == named("admin")["id"]]
        expect((admin.is_admin, admin.is_mfa_registered), (True, True))
        assert admin.methods_registered, admin
        expect((await root.user_registration_details.by_user_registration_details_id(admin.id).get()).is_admin, True)
        by_feature = await root.users_registered_by_feature.get()
        by_method = await root.users_registered_by_method.get()
        assert by_feature.total_user_count >= len(details) and by_feature.user_registration_feature_counts, by_feature
        expect(by_method.total_user_count, by_feature.total_user_count)

    await STEPS.step_async("sign-ins by person, moment and id, with their passkey", sign_ins)
    await STEPS.step_async("audit records by person, activity and id", audits)
    await STEPS.step_async("who has registered what", reports)


async def batches(graph):
    async def run():
        content = BatchRequestContent()
        requests = [
            graph.users.by_user_id(OWNER["id"]).to_get_request_information(),
            graph.users.by_user_id(OWNER["id"]).authentication.methods.to_get_request_information(),
            graph.users.by_user_id("nobody").to_get_request_information(),
        ]
        for at, request in enumerate(requests):
            request.url  # the address is made from its template here
            content.add_request(str(at), BatchRequestItem(request, id=str(at)))
        answers = await BatchRequestBuilder(graph.request_adapter).post(content)
        # This version of the library loses bodies that are objects of JSON; `answers.py` looks at them.
        expect([answers.get_response_by_id(str(at)).status for at in range(3)], [200, 200, 404])

    await STEPS.step_async("a batch of absolute addresses", run)


async def in_the_name_of_an_administrator():
    admin = named("admin")
    held = {}

    async def sign_in():
        if os.path.exists(TOKEN):
            token = open(TOKEN, encoding="utf-8").read()
        else:
            token = await asyncio.to_thread(delegated_token, admin, [
                "User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Group.ReadWrite.All", "Policy.Read.All",
                "Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.ConditionalAccess", "Directory.ReadWrite.All", "AuditLog.Read.All",
            ])
            with open(TOKEN, "w", encoding="utf-8") as file:
                file.write(token)
        held["graph"] = client(Held(token))
        expect((await me(held["graph"]).get()).user_principal_name, admin["userPrincipalName"])

    async def own():
        graph = held["graph"]
        methods = me(graph).authentication
        made = await provision(graph, methods, "/me/authentication/fido2Methods", SoftwareKey(), "My own")
        [listed] = (await methods.fido2_methods.get()).value
        expect((listed.id, listed.display_name), (made.id, "My own"))
        await methods.fido2_methods.by_fido2_authentication_method_id(made.id).delete()

    async def rights():
        graph = held["graph"]
        Pass = model("TemporaryAccessPassAuthenticationMethod")
        await refused(403, "Authorization_RequestDenied", me(graph).authentication.temporary_access_pass_methods.post(Pass()))
        policy = graph.policies.authentication_methods_policy.authentication_method_configurations
        at = policy.by_authentication_method_configuration_id("TemporaryAccessPass")
        await at.patch(type(await at.get())(is_usable_once=True))
        expect((await at.get()).is_usable_once, True)
        await at.patch(type(await at.get())(is_usable_once=False))

    await STEPS.step_async("an administrator signs in, and the client asks in their name", sign_in)
    await STEPS.step_async("they register and delete a passkey of their own", own)
    await STEPS.step_async("they change policies, and issue no pass to themselves", rights)


async def play():
    graph = application()
    await people(graph)
    await life_of_a_passkey(graph)
    await other_methods(graph)
    await method_policy(graph)
    await strengths(graph)
    await conditional_access(graph)
    await roles(graph)
    await applications(graph)
    await logs(graph)
    await batches(graph)
    await in_the_name_of_an_administrator()


asyncio.run(play())
STEPS.end()
