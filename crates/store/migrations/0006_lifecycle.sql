-- SHA-256 of the anchor that an attestation led to: profiles may name the roots that count.
ALTER TABLE passkeys ADD COLUMN attestation_root {BLOB};
