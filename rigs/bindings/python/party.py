"""The relying party: python-fido2's server, which believes nothing that it did not verify."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2.attestation import AttestationResult, AttestationType, AttestationVerifier
from fido2.attestation import InvalidData, NoneAttestation, PackedAttestation
from fido2.attestation.base import Attestation
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestationObject,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

import der
from authority import KEY_DESCRIPTION

STRONG_BOX, TRUSTED_ENVIRONMENT, SOFTWARE = 2, 1, 0
REQUIRED = UserVerificationRequirement.REQUIRED


class AndroidKeyAttestation(Attestation):
    """WebAuthn Level 3, section 8.4. python-fido2 has none of its own; the chain is verified by it all the same."""

    FORMAT = "android-key"
    level = None

    def verify(self, statement, auth_data, client_data_hash):
        certificate = x509.load_der_x509_certificate(statement["x5c"][0])
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        credential_key = CoseKey.parse(auth_data.credential_data.public_key)
        certified = CoseKey.for_alg(statement["alg"]).from_cryptography_key(certificate.public_key())
        certified.verify(auth_data + client_data_hash, statement["sig"])
        if certified != credential_key:
            raise InvalidData(f"another key is certified: {certificate.public_key().public_bytes(*form)}")
        description = certificate.extensions.get_extension_for_oid(KEY_DESCRIPTION).value.value
        ((tag, inside),) = der.members(description)
        members = der.members(inside)
        assert tag == b"\x30" and len(members) == 8
        levels = {members[1][1], members[3][1]}
        if members[4][1] != client_data_hash:
            raise InvalidData("the challenge is another one")
        hardware = dict(der.members(members[7][1]))
        purpose = der.members(der.members(hardware[b"\xa1"])[0][1])
        origin = der.members(hardware[b"\xbf\x85\x3e"])
        if purpose != [(b"\x02", b"\x02")] or origin != [(b"\x02", b"\x00")]:
            raise InvalidData("the key can do more than sign, or was not made in the hardware")
        (self.level,) = (level[0] for level in levels)
        return AttestationResult(AttestationType.BASIC, statement["x5c"])


class Trust(AttestationVerifier):
    """Believes one root, and remembers what it saw."""

    def __init__(self, root):
        self.android = AndroidKeyAttestation()
        super().__init__([PackedAttestation(), self.android])
        self.root = root

    def ca_lookup(self, attestation_result, auth_data):
        return self.root


class Kept:
    """What the relying party keeps of a registration."""

    def __init__(self, party, user, auth_data, fmt, level):
        self.party, self.user = party, user
        self.auth_data, self.format, self.level = auth_data, fmt, level
        self.credential = auth_data.credential_data
        self.counter = auth_data.counter

    @property
    def id(self):
        return self.credential.credential_id


class Party:
    def __init__(self, rp_id, authority, attested):
        self.rp_id = rp_id
        self.trust = Trust(authority.root_der())
        wanted = AttestationConveyancePreference.DIRECT if attested else None
        entity = PublicKeyCredentialRpEntity(id=rp_id, name="Contoso")
        self.server = Fido2Server(
            entity,
            wanted,
            verify_origin=lambda origin: origin == f"https://{rp_id}",
            verify_attestation=self.trust if attested else None,
        )

    def client_data(self, kind, challenge):
        return CollectedClientData.create(kind, challenge, f"https://{self.rp_id}")

    def begin_registration(self, user):
        options, state = self.server.register_begin(
            {"id": user.encode(), "name": user}, user_verification=REQUIRED
        )
        challenge = options.public_key.challenge
        return state, self.client_data(CollectedClientData.TYPE.CREATE, challenge)

    def registered(self, state, client_data, user, made):
        attestation = AttestationObject.create(made.fmt, made.auth_data, made.att_stmt)
        response = AuthenticatorAttestationResponse(
            client_data=client_data, attestation_object=attestation
        )
        id = made.auth_data.credential_data.credential_id
        auth_data = self.server.register_complete(
            state, RegistrationResponse(raw_id=id, response=response)
        )
        if made.fmt == NoneAttestation.FORMAT:
            assert not made.att_stmt
        return Kept(self, user, auth_data, made.fmt, self.trust.android.level)

    def begin_sign_in(self, kept):
        options, state = self.server.authenticate_begin([kept.credential], user_verification=REQUIRED)
        challenge = options.public_key.challenge
        return state, self.client_data(CollectedClientData.TYPE.GET, challenge)

    def signed_in(self, state, client_data, kept, asserted):
        response = AuthenticatorAssertionResponse(
            client_data=client_data,
            authenticator_data=asserted.auth_data,
            signature=asserted.signature,
            user_handle=(asserted.user or {}).get("id"),
        )
        id = asserted.credential["id"]
        answer = AuthenticationResponse(raw_id=id, response=response)
        self.server.authenticate_complete(state, [kept.credential], answer)
        counter = asserted.auth_data.counter
        assert counter > kept.counter, f"the counter went from {kept.counter} to {counter}"
        kept.counter = counter
        return asserted.auth_data
