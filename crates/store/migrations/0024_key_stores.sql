-- What a passkey's attestation statement says keeps its key, and the thumbprint (SHA-1, as directories name certificates) of the
-- certificate that vouches for it first. Of passkeys from before, only the formats that one kind of hardware makes are known.
ALTER TABLE passkeys ADD COLUMN key_store TEXT;
ALTER TABLE passkeys ADD COLUMN attestation_certificate TEXT;
UPDATE passkeys SET key_store = 'tpm' WHERE attestation_format = 'tpm';
UPDATE passkeys SET key_store = 'secureEnclave' WHERE attestation_format = 'apple';
