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

-- Notices on their way: a row for each copy, written with the change it tells about and gone once
-- delivered. `due` is also the lease of whoever is delivering it, and `epoch` fences the lease.
CREATE TABLE outbox (
    tenant_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    notice TEXT NOT NULL,
    token {BLOB},
    created BIGINT NOT NULL,
    due BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    given_up BIGINT,
    problem TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX outbox_user ON outbox (tenant_id, user_id);
CREATE INDEX outbox_due ON outbox (due);

-- What the link "this wasn't me" of a notice takes back. Kept until it expires, so that a second use
-- is recognised as one.
CREATE TABLE disclaimers (
    tenant_id {BLOB} NOT NULL,
    token {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    notice TEXT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (tenant_id, token),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX disclaimers_user ON disclaimers (tenant_id, user_id);
CREATE INDEX disclaimers_expires ON disclaimers (expires);
