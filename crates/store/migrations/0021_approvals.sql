-- Changes that wait for a second person, and those that waited. Whoever asked is gone with their requests; what was done stands in
-- the audit log.
CREATE TABLE approvals (
    tenant_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    proposal TEXT NOT NULL,
    before_body TEXT,
    basis BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    -- All absent while the request is open.
    outcome TEXT,
    settled_by {BLOB},
    settled BIGINT,
    reason TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX approvals_user ON approvals (tenant_id, user_id, id);
CREATE INDEX approvals_expires ON approvals (expires);
