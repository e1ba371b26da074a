-- A wish for a session that outlives the browser's window, given before the last factor is shown.
ALTER TABLE attempts ADD COLUMN keep_signed_in BIGINT NOT NULL DEFAULT 0;
