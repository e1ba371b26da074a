-- A passkey that somebody else registered and that is disabled until its owner activates it. A program that does not know the
-- column refuses it as disabled.
ALTER TABLE passkeys ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0;
