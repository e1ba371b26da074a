"""Runs python-fido2's CTAP 2 client against the simulated security key. A line `ok` or `FAILED` per step."""

import hashlib
import sys
import traceback

from fido2.attestation import Attestation, UnsupportedType
from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap import CtapError
from fido2.ctap2 import Config, CredentialManagement, Ctap2, LargeBlobs
from fido2.ctap2.extensions import (
    CredBlobExtension,
    CredProtectExtension,
    HmacSecretExtension,
    LargeBlobExtension,
    MinPinLengthExtension,
)
from fido2.ctap2.pin import ClientPin, PinProtocolV1, PinProtocolV2
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestationConveyancePreference,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialParameters,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRequestOptions,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
)

from key import SimulatedKey

RP = {"id": "example.com", "name": "Example"}
ORIGIN = "https://example.com"
HASH = hashlib.sha256(b"client data").digest()
PERMISSION = ClientPin.PERMISSION
failures = 0


class Person(UserInteraction):
    pin = "1234"

    def prompt_up(self):
        pass

    def request_pin(self, permissions, rp_id):
        return self.pin

    def request_uv(self, permissions, rp_id):
        return True


def step(function):
    global failures
    name = function.__name__.replace("_", " ")
    device = SimulatedKey(sys.argv[1])
    try:
        function(device, Ctap2(device))
        print(f"ok {name}", flush=True)
    except Exception:
        failures += 1
        print(f"FAILED {name}", flush=True)
        traceback.print_exc()
    finally:
        device.close()
    return function


def refused(code, action, *arguments, **named):
    try:
        action(*arguments, **named)
    except CtapError as error:
        assert error.code == code, f"{error} instead of {code!r}"
        return
    raise AssertionError(f"not refused with {code!r}")


def user(name):
    return {"id": name.encode(), "name": name, "displayName": name}


def parameters(algorithm):
    return [{"type": "public-key", "alg": algorithm}]


def make(ctap, pin=None, name="ada", algorithm=-7, rp=RP, **named):
    """A discoverable credential, by PIN if there is one."""
    proof = {}
    if pin:
        client = ClientPin(ctap)
        token = client.get_pin_token(pin, PERMISSION.MAKE_CREDENTIAL, rp["id"])
        proof = {
            "pin_uv_param": client.protocol.authenticate(token, HASH),
            "pin_uv_protocol": client.protocol.VERSION,
        }
    return ctap.make_credential(
        HASH, rp, user(name), parameters(algorithm), options={"rk": True}, **proof, **named
    )


def browser(device, extensions=()):
    return Fido2Client(
        device,
        DefaultClientDataCollector(ORIGIN),
        user_interaction=Person(),
        extensions=list(extensions),
    )


def creation(extensions, algorithm=-7):
    return PublicKeyCredentialCreationOptions(
        rp=PublicKeyCredentialRpEntity(id="example.com", name="Example"),
        user=PublicKeyCredentialUserEntity(id=b"ada", name="ada", display_name="ada"),
        challenge=b"challenge of thirty-two bytes...",
        pub_key_cred_params=[PublicKeyCredentialParameters(type="public-key", alg=algorithm)],
        authenticator_selection={"residentKey": "required", "userVerification": "required"},
        attestation=AttestationConveyancePreference.DIRECT,
        extensions=extensions,
    )


def request(extensions, credential=None):
    allow = None
    if credential:
        allow = [PublicKeyCredentialDescriptor(type="public-key", id=credential)]
    return PublicKeyCredentialRequestOptions(
        challenge=b"challenge of thirty-two bytes...",
        rp_id="example.com",
        allow_credentials=allow,
        user_verification="required",
        extensions=extensions,
    )


@step
def the_client_reads_what_the_key_is(device, ctap):
    info = ctap.info
    assert "FIDO_2_1" in info.versions and info.options["rk"], info
    assert info.options["clientPin"] is False
    assert info.pin_uv_protocols == [2, 1]
    assert [entry["alg"] for entry in info.algorithms] == [-7, -8, -48]
    assert info.max_large_blob == 4096 and info.min_pin_length == 4


@step
def attestations_and_assertions_of_every_algorithm_verify(device, ctap):
    for algorithm in (-7, -8, -48):
        try:
            made = make(ctap, algorithm=algorithm)
            Attestation.for_type(made.fmt)().verify(made.att_stmt, made.auth_data, HASH)
            signed = ctap.get_assertion("example.com", HASH)
            signed.verify(HASH, made.auth_data.credential_data.public_key)
        except NotImplementedError:
            # This release may not verify ML-DSA; then it has at least carried it.
            assert algorithm == -48


@step
def both_pin_protocols_set_change_and_use_a_pin(device, ctap):
    for protocol in (PinProtocolV1(), PinProtocolV2()):
        device.power_cycle()
        ctap.reset()
        client = ClientPin(ctap, protocol)
        client.set_pin("1234")
        client.change_pin("1234", "ünïcode")
        token = client.get_pin_token("ünïcode", PERMISSION.MAKE_CREDENTIAL, "example.com")
        made = ctap.make_credential(
            HASH,
            RP,
            user("ada"),
            parameters(-7),
            pin_uv_param=protocol.authenticate(token, HASH),
            pin_uv_protocol=protocol.VERSION,
        )
        assert made.auth_data.is_user_verified()


@step
def wrong_pins_are_counted_and_blocked(device, ctap):
    client = ClientPin(ctap)
    client.set_pin("1234")
    arguments = ("0000", PERMISSION.GET_ASSERTION, "example.com")
    refused(CtapError.ERR.PIN_INVALID, client.get_pin_token, *arguments)
    assert client.get_pin_retries()[0] == 7
    refused(CtapError.ERR.PIN_INVALID, client.get_pin_token, *arguments)
    refused(CtapError.ERR.PIN_AUTH_BLOCKED, client.get_pin_token, *arguments)
    device.power_cycle()
    client.get_pin_token("1234", PERMISSION.GET_ASSERTION, "example.com")
    assert client.get_pin_retries()[0] == 8


@step
def built_in_verification_gives_a_token(device, ctap):
    device.built_in_verification(True)
    ctap = Ctap2(device)
    client = ClientPin(ctap)
    token = client.get_uv_token(PERMISSION.MAKE_CREDENTIAL, "example.com")
    made = ctap.make_credential(
        HASH,
        RP,
        user("ada"),
        parameters(-7),
        pin_uv_param=client.protocol.authenticate(token, HASH),
        pin_uv_protocol=client.protocol.VERSION,
    )
    assert made.auth_data.is_user_verified() and client.get_uv_retries() == 3


@step
def credentials_are_listed_renamed_and_deleted(device, ctap):
    ClientPin(ctap).set_pin("1234")
    for name in ("ada", "bea"):
        make(ctap, "1234", name)
    make(ctap, "1234", "ada", rp={"id": "other.example", "name": "Other"})

    def manager():
        client = ClientPin(ctap)
        token = client.get_pin_token("1234", PERMISSION.CREDENTIAL_MGMT)
        return CredentialManagement(ctap, client.protocol, token)

    assert manager().get_metadata() == {1: 3, 2: 29}
    parties = manager().enumerate_rps()
    assert sorted(party[3]["id"] for party in parties) == ["example.com", "other.example"]
    found = manager().enumerate_creds(hashlib.sha256(b"example.com").digest())
    assert [entry[6]["name"] for entry in found] == ["bea", "ada"]
    manager().update_user_info(found[0][7], {"id": b"bea", "name": "beatrix", "displayName": "B"})
    manager().delete_cred(found[1][7])
    found = manager().enumerate_creds(hashlib.sha256(b"example.com").digest())
    assert [entry[6]["name"] for entry in found] == ["beatrix"]


@step
def several_accounts_are_fetched_one_by_one(device, ctap):
    for name in ("ada", "bea", "cid"):
        make(ctap, name=name)
    all_of_them = ctap.get_assertions("example.com", HASH)
    assert [entry.user["id"] for entry in all_of_them] == [b"cid", b"bea", b"ada"]


@step
def the_configuration_is_changed(device, ctap):
    ClientPin(ctap).set_pin("123456")

    def config():
        client = ClientPin(ctap)
        token = client.get_pin_token("123456", PERMISSION.AUTHENTICATOR_CFG)
        return Config(ctap, client.protocol, token)

    config().toggle_always_uv()
    assert ctap.get_info().options["alwaysUv"]
    config().set_min_pin_length(6, ["example.com"])
    assert ctap.get_info().min_pin_length == 6
    config().enable_enterprise_attestation()
    assert ctap.get_info().options["ep"]
    config().set_min_pin_length(8)
    assert ctap.get_info().force_pin_change


@step
def the_large_blob_array_is_written_and_read(device, ctap):
    ClientPin(ctap).set_pin("1234")
    made = make(ctap, "1234", extensions={"largeBlobKey": True})
    client = ClientPin(ctap)
    token = client.get_pin_token("1234", PERMISSION.LARGE_BLOB_WRITE)
    blobs = LargeBlobs(ctap, client.protocol, token)
    assert blobs.read_blob_array() == []
    blobs.put_blob(made.large_blob_key, b"text " * 300)
    assert LargeBlobs(ctap).get_blob(made.large_blob_key) == b"text " * 300
    blobs.delete_blob(made.large_blob_key)
    assert LargeBlobs(ctap).read_blob_array() == []


@step
def a_reset_forgets_everything_in_time_only(device, ctap):
    ClientPin(ctap).set_pin("1234")
    make(ctap, "1234")
    device.wait(10_001)
    refused(CtapError.ERR.NOT_ALLOWED, ctap.reset)
    device.power_cycle()
    device.finger(False)
    refused(CtapError.ERR.USER_ACTION_TIMEOUT, ctap.reset)
    device.finger(True)
    ctap.reset()
    assert ctap.get_info().options["clientPin"] is False
    refused(CtapError.ERR.NO_CREDENTIALS, ctap.get_assertion, "example.com", HASH)


@step
def selection_is_answered(device, ctap):
    ctap.selection()


@step
def a_browser_gets_prf_results(device, ctap):
    ClientPin(ctap).set_pin("1234")
    client = browser(device, [HmacSecretExtension(allow_hmac_secret=False)])
    made = client.make_credential(creation({"prf": {"eval": {"first": b"one"}}}))
    outputs = made.client_extension_results
    assert outputs["prf"]["enabled"], outputs
    inputs = {"prf": {"eval": {"first": b"one", "second": b"two"}}}
    signed = client.get_assertion(request(inputs)).get_response(0)
    results = signed.client_extension_results["prf"]["results"]
    assert results["first"] != results["second"]
    at_creation = outputs["prf"].get("results")
    assert at_creation is None or at_creation["first"] == results["first"]
    again = client.get_assertion(request({"prf": {"eval": {"first": b"two"}}})).get_response(0)
    assert again.client_extension_results["prf"]["results"]["first"] == results["second"]


@step
def a_browser_keeps_a_large_blob_and_a_credential_blob(device, ctap):
    ClientPin(ctap).set_pin("1234")
    client = browser(
        device,
        [LargeBlobExtension(), CredBlobExtension(), CredProtectExtension(), MinPinLengthExtension()],
    )
    made = client.make_credential(
        creation(
            {
                "largeBlob": {"support": "required"},
                "credBlob": b"sixteen bytes ok",
                "credentialProtectionPolicy": "userVerificationRequired",
                "minPinLength": True,
            }
        )
    )
    assert made.client_extension_results["largeBlob"]["supported"]
    data = made.response.attestation_object.auth_data
    assert data.extensions["credBlob"] is True and data.extensions["credProtect"] == 3
    credential = data.credential_data.credential_id
    refused(CtapError.ERR.NO_CREDENTIALS, ctap.get_assertion, "example.com", HASH)
    written = client.get_assertion(request({"largeBlob": {"write": b"kept"}}, credential))
    assert written.get_response(0).client_extension_results["largeBlob"]["written"]
    read = client.get_assertion(request({"largeBlob": {"read": True}, "getCredBlob": True}))
    answer = read.get_response(0)
    assert websafe_decode(answer.client_extension_results["largeBlob"]["blob"]) == b"kept"
    assert answer.response.authenticator_data.extensions["credBlob"] == b"sixteen bytes ok"


@step
def statements_of_phones_and_desktops_verify(device, ctap):
    for kind, format in (("android", "android-key"), ("iphone", "packed"), ("desktop", "tpm")):
        app = SimulatedKey(sys.argv[1], kind)
        try:
            ctap = Ctap2(app)
            assert ctap.info.options["uv"] and "clientPin" not in ctap.info.options
            made = ctap.make_credential(
                HASH, RP, user("ada"), parameters(-7), options={"rk": True, "uv": True}
            )
            assert made.fmt == format and made.auth_data.is_user_verified()
            # This client has no verifier of its own for android-key; what it does not know it refuses.
            try:
                Attestation.for_type(made.fmt)().verify(made.att_stmt, made.auth_data, HASH)
            except UnsupportedType:
                assert format == "android-key"
            signed = ctap.get_assertion("example.com", HASH, options={"uv": True})
            signed.verify(HASH, made.auth_data.credential_data.public_key)
            assert signed.auth_data.is_user_verified() and signed.auth_data.counter == 1
        finally:
            app.close()


sys.exit(1 if failures else 0)
