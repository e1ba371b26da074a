-- Where a passkey was used: a row for each place, written at most once a day.
CREATE TABLE sightings (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    passkey_id {BLOB} NOT NULL,
    system TEXT NOT NULL,
    browser TEXT NOT NULL,
    attachment TEXT NOT NULL,
    network TEXT NOT NULL,
    transport TEXT,
    language TEXT,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    days BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, passkey_id, system, browser, attachment, network),
    FOREIGN KEY (tenant_id, user_id, passkey_id)
        REFERENCES passkeys (tenant_id, user_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX sightings_last_seen ON sightings (last_seen);

-- The backup state (BS) of a passkey over time: at registration, and each time it changed.
CREATE TABLE backup_changes (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    passkey_id {BLOB} NOT NULL,
    changed BIGINT NOT NULL,
    backed_up BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, passkey_id, changed),
    FOREIGN KEY (tenant_id, user_id, passkey_id)
        REFERENCES passkeys (tenant_id, user_id, id) ON DELETE CASCADE
) {CLUSTERED};
