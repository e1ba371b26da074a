-- The end of its life of which the owner of a passkey was told that it has come.
ALTER TABLE passkeys ADD COLUMN ended BIGINT;
