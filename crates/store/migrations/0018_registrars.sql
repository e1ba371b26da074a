-- Whose hand added a passkey: the owner's, an administrator's or an application's. Absent in rows from before: of those that
-- were provisioned nobody knows any more.
ALTER TABLE passkeys ADD COLUMN registrar TEXT;
