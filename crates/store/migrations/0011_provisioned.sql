-- What another directory says of an account that it provisions (SCIM). Most accounts have no row.
CREATE TABLE user_profiles (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    external_id TEXT,
    given_name TEXT,
    family_name TEXT,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX user_profiles_external ON user_profiles (tenant_id, external_id);

-- The version grows with every change of names and members, so that whoever changes what they read is told if it moved on.
ALTER TABLE user_groups ADD COLUMN external_id TEXT;
ALTER TABLE user_groups ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX user_groups_external ON user_groups (tenant_id, external_id);
