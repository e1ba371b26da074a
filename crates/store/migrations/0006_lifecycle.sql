-- SHA-256 of the anchor that an attestation led to: profiles may name the roots that count.
ALTER TABLE passkeys ADD COLUMN attestation_root {BLOB};

-- Bad news about a passkey: since when, what, and what follows from it; all three or none.
ALTER TABLE passkeys ADD COLUMN compromised BIGINT;
ALTER TABLE passkeys ADD COLUMN compromise_reason TEXT;
ALTER TABLE passkeys ADD COLUMN compromise_measure TEXT;
CREATE INDEX passkeys_compromised ON passkeys (tenant_id, user_id) WHERE compromised IS NOT NULL;

-- The end of its life of which the owner of a passkey was warned.
ALTER TABLE passkeys ADD COLUMN warned BIGINT;
