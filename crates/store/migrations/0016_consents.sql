-- What a person agreed to give an application, beside what an administrator agreed to for everybody.
CREATE TABLE consents (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    application_id {BLOB} NOT NULL,
    scopes TEXT NOT NULL,
    given BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, application_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX consents_application ON consents (tenant_id, application_id, user_id);
