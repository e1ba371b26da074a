-- Whether somebody has to show two factors whatever the policies say: disabled, enabled, enforced.
ALTER TABLE users ADD COLUMN mfa TEXT NOT NULL DEFAULT 'disabled';
