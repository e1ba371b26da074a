"""Who certifies keys: the maker's root above Android's key store, or the authority that has checked Apple's App Attest."""

from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import der

KEY_DESCRIPTION = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
AAGUID = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
VERSION = 300
PURPOSE, ORIGIN, PATCH_LEVEL = 1, 702, 706
SIGN, GENERATED = 2, 0


def named(name, *more):
    parts = [
        (NameOID.COUNTRY_NAME, "AQ"),
        (NameOID.ORGANIZATION_NAME, "Keyward Simulators"),
        (NameOID.COMMON_NAME, name),
        *more,
    ]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


class Authority:
    """A root and an intermediate below it."""

    def __init__(self):
        root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(ec.SECP256R1())
        root = named("Simulated Root")
        self.root = self._certificate(root, root, root_key.public_key(), root_key, True, ())
        self.name = named("Simulated Intermediate")
        intermediate = self._certificate(self.name, root, self.key.public_key(), root_key, True, ())
        self.intermediate = intermediate.public_bytes(Encoding.DER)

    def root_der(self):
        return self.root.public_bytes(Encoding.DER)

    def describe(self, public_key, level, challenge, patch_level):
        """What Android's key store says of a key it has just made: certificates, the key's own first."""
        hardware = (
            der.context(PURPOSE, der.set_of(der.integer(SIGN))),
            der.context(ORIGIN, der.integer(GENERATED)),
            der.context(PATCH_LEVEL, der.integer(patch_level)),
        )
        description = der.sequence(
            der.integer(VERSION),
            der.enumerated(level),
            der.integer(VERSION),
            der.enumerated(level),
            der.octets(challenge),
            der.octets(b""),
            der.sequence(),
            der.sequence(*hardware),
        )
        extension = x509.UnrecognizedExtension(KEY_DESCRIPTION, description)
        return [self._leaf(named("Simulated Key"), public_key, extension), self.intermediate]

    def certify(self, aaguid, attested):
        """What the identity provider's authority makes of an App Attest statement that it found right."""
        key = ec.generate_private_key(ec.SECP256R1())
        extension = x509.UnrecognizedExtension(AAGUID, der.octets(aaguid))
        unit = (NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation")
        leaf = self._leaf(named("Simulated App Attestation", unit), key.public_key(), extension)
        return key.sign(attested, ec.ECDSA(SHA256())), [leaf, self.intermediate]

    def _leaf(self, name, public_key, extension):
        made = self._certificate(name, self.name, public_key, self.key, False, (extension,))
        return made.public_bytes(Encoding.DER)

    @staticmethod
    def _certificate(subject, issuer, public_key, issuer_key, is_authority, extensions):
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(issuer_key, SHA256())
