-- Conventions: ids are 16 bytes (UUID version 7), times are microseconds since the epoch, yes/no is
-- 1/0, lists are JSON text. The tenant is the first part of every key. Tables of a person carry
-- user_id. No sequences, no identity columns, no database clock.

CREATE TABLE tenants (
    id {BLOB} NOT NULL PRIMARY KEY,
    display_name TEXT NOT NULL,
    domains TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE tenant_domains (
    domain TEXT NOT NULL PRIMARY KEY,
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX tenant_domains_tenant ON tenant_domains (tenant_id);

CREATE TABLE versions (
    tenant_id {BLOB} NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    policy BIGINT NOT NULL,
    revocation BIGINT NOT NULL,
    keys BIGINT NOT NULL
) {CLUSTERED};

CREATE TABLE bootstrap (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    tenant_id {BLOB} NOT NULL,
    administrator_id {BLOB} NOT NULL,
    happened BIGINT NOT NULL
);

CREATE TABLE settings (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
) {CLUSTERED};

CREATE TABLE users (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id {BLOB} NOT NULL,
    user_principal_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    mail TEXT,
    enabled BIGINT NOT NULL,
    handle {BLOB} NOT NULL,
    user_type TEXT NOT NULL,
    break_glass BIGINT NOT NULL,
    created BIGINT NOT NULL,
    sessions_valid_from BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Lookup tables: they keep names unique in the tenant even when users are spread over shards.
CREATE TABLE user_names (
    tenant_id {BLOB} NOT NULL,
    folded TEXT NOT NULL,
    user_id {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, folded),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX user_names_user ON user_names (tenant_id, user_id);

CREATE TABLE user_handles (
    tenant_id {BLOB} NOT NULL,
    handle {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, handle),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX user_handles_user ON user_handles (tenant_id, user_id);

CREATE TABLE passwords (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    hash TEXT NOT NULL,
    must_change BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE totp (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    wrapped {BLOB} NOT NULL,
    last_step BIGINT NOT NULL,
    enrolled BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- One pass per user: the key says so.
CREATE TABLE passes (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    mac {BLOB} NOT NULL,
    starts BIGINT NOT NULL,
    lifetime BIGINT NOT NULL,
    usable_once BIGINT NOT NULL,
    used BIGINT,
    created BIGINT NOT NULL,
    ends_with_registration BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE user_groups (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id {BLOB} NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    role_assignable BIGINT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE group_members (
    tenant_id {BLOB} NOT NULL,
    group_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, group_id, user_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES user_groups (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX group_members_user ON group_members (tenant_id, user_id);

CREATE TABLE role_assignments (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    role {BLOB} NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX role_assignments_role ON role_assignments (tenant_id, role);

CREATE TABLE passkeys (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    credential_id {BLOB} NOT NULL,
    stored_key {BLOB} NOT NULL,
    algorithm BIGINT NOT NULL,
    aaguid {BLOB} NOT NULL,
    display_name TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT,
    sign_count BIGINT NOT NULL,
    passkey_type TEXT NOT NULL,
    backed_up BIGINT NOT NULL,
    transports TEXT NOT NULL,
    discoverable BIGINT,
    attestation_format TEXT NOT NULL,
    attestation_level TEXT NOT NULL,
    user_verified BIGINT NOT NULL,
    suspected_clone BIGINT,
    enabled BIGINT NOT NULL,
    provenance TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);

-- Large and never needed to sign in, so not in the row that every sign-in rewrites.
CREATE TABLE attestations (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    passkey_id {BLOB} NOT NULL,
    attestation_object {BLOB} NOT NULL,
    client_data {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, user_id, passkey_id),
    FOREIGN KEY (tenant_id, user_id, passkey_id)
        REFERENCES passkeys (tenant_id, user_id, id) ON DELETE CASCADE
);

CREATE TABLE credentials (
    tenant_id {BLOB} NOT NULL,
    credential_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    passkey_id {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, credential_id),
    FOREIGN KEY (tenant_id, user_id, passkey_id)
        REFERENCES passkeys (tenant_id, user_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX credentials_passkey ON credentials (tenant_id, user_id, passkey_id);

CREATE TABLE spent_challenges (
    tenant_id {BLOB} NOT NULL,
    nonce {BLOB} NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, nonce)
) {CLUSTERED};
CREATE INDEX spent_challenges_expires ON spent_challenges (expires);

CREATE TABLE attempts (
    tenant_id {BLOB} NOT NULL,
    token {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    proved TEXT NOT NULL,
    pass_id {BLOB},
    user_version BIGINT NOT NULL,
    correlation {BLOB} NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, token),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX attempts_user ON attempts (tenant_id, user_id);
CREATE INDEX attempts_expires ON attempts (expires);

CREATE TABLE failures (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    method TEXT NOT NULL,
    source TEXT NOT NULL,
    count BIGINT NOT NULL,
    since BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, method, source),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX failures_last ON failures (last);

CREATE TABLE sessions (
    tenant_id {BLOB} NOT NULL,
    token {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    passkey_id {BLOB},
    pass_id {BLOB},
    methods TEXT NOT NULL,
    authenticated BIGINT NOT NULL,
    mfa BIGINT,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    keep_signed_in BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    ip_address TEXT NOT NULL,
    ended BIGINT,
    end_reason TEXT,
    PRIMARY KEY (tenant_id, token),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id, id);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE applications (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id {BLOB} NOT NULL,
    display_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    secrets TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    logout_uris TEXT NOT NULL,
    app_permissions TEXT NOT NULL,
    id_token_algorithm TEXT,
    enabled BIGINT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE codes (
    tenant_id {BLOB} NOT NULL,
    code {BLOB} NOT NULL,
    grant_id {BLOB} NOT NULL,
    application_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    session_id {BLOB} NOT NULL,
    passkey_id {BLOB},
    pass_id {BLOB},
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    nonce TEXT,
    scopes TEXT NOT NULL,
    methods TEXT NOT NULL,
    authenticated BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    redeemed BIGINT,
    ended BIGINT,
    PRIMARY KEY (tenant_id, code),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX codes_user ON codes (tenant_id, user_id);
CREATE INDEX codes_application ON codes (tenant_id, application_id);
CREATE INDEX codes_expires ON codes (expires);

CREATE TABLE grants (
    tenant_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    application_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    session_id {BLOB} NOT NULL,
    passkey_id {BLOB},
    pass_id {BLOB},
    scopes TEXT NOT NULL,
    methods TEXT NOT NULL,
    authenticated BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    access_expires BIGINT NOT NULL,
    ended BIGINT,
    end_reason TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX grants_user ON grants (tenant_id, user_id);
CREATE INDEX grants_application ON grants (tenant_id, application_id);
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE refresh_tokens (
    tenant_id {BLOB} NOT NULL,
    token {BLOB} NOT NULL,
    grant_id {BLOB} NOT NULL,
    generation BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    rotated BIGINT,
    PRIMARY KEY (tenant_id, token),
    FOREIGN KEY (tenant_id, grant_id) REFERENCES grants (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE UNIQUE INDEX refresh_tokens_grant ON refresh_tokens (tenant_id, grant_id, generation);

CREATE TABLE signing_keys (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id {BLOB} NOT NULL,
    algorithm TEXT NOT NULL,
    state TEXT NOT NULL,
    public_jwk TEXT NOT NULL,
    wrapped {BLOB} NOT NULL,
    created BIGINT NOT NULL,
    activated BIGINT,
    retired BIGINT,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE seal_keys (
    id {BLOB} NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    wrapped {BLOB} NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE metadata_blob (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    number BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    fetched BIGINT NOT NULL,
    jwt {BLOB} NOT NULL
);

-- The two logs outlive the users they speak about, so they reference nobody.
CREATE TABLE audit (
    tenant_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    happened BIGINT NOT NULL,
    activity TEXT NOT NULL,
    category TEXT NOT NULL,
    service TEXT NOT NULL,
    result TEXT NOT NULL,
    reason TEXT NOT NULL,
    initiated_by TEXT NOT NULL,
    targets TEXT NOT NULL,
    details TEXT NOT NULL,
    user_id {BLOB},
    credential_id {BLOB},
    aaguid {BLOB},
    passkey_type TEXT,
    correlation {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {CLUSTERED};
CREATE INDEX audit_user ON audit (tenant_id, user_id, id);
CREATE INDEX audit_correlation ON audit (tenant_id, correlation);

CREATE TABLE sign_ins (
    tenant_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    happened BIGINT NOT NULL,
    user_id {BLOB},
    user_principal_name TEXT NOT NULL,
    user_display_name TEXT NOT NULL,
    application_id {BLOB},
    application_name TEXT NOT NULL,
    interactive BIGINT NOT NULL,
    error_code BIGINT NOT NULL,
    failure_code TEXT NOT NULL,
    failure_reason TEXT NOT NULL,
    steps TEXT NOT NULL,
    multi_factor BIGINT NOT NULL,
    passkey_id {BLOB},
    credential_id {BLOB},
    aaguid {BLOB},
    passkey_type TEXT,
    backed_up BIGINT,
    session_id {BLOB},
    ip_address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    decision TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    correlation {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {CLUSTERED};
CREATE INDEX sign_ins_user ON sign_ins (tenant_id, user_id, id);
CREATE INDEX sign_ins_correlation ON sign_ins (tenant_id, correlation);
