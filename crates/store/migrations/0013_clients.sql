-- What applications may do besides the code flow, as JSON.
ALTER TABLE applications ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

-- Device authorizations (RFC 8628), until the device has fetched its answer or is too late. What a person gave is a row of
-- `codes` under the same hash.
CREATE TABLE device_codes (
    tenant_id {BLOB} NOT NULL,
    code {BLOB} NOT NULL,
    user_code {BLOB} NOT NULL,
    application_id {BLOB} NOT NULL,
    scopes TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    pause BIGINT NOT NULL,
    polled BIGINT,
    typed BIGINT,
    declined BIGINT,
    PRIMARY KEY (tenant_id, code),
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX device_codes_user_code ON device_codes (tenant_id, user_code);
CREATE INDEX device_codes_application ON device_codes (tenant_id, application_id);
CREATE INDEX device_codes_expires ON device_codes (expires);
