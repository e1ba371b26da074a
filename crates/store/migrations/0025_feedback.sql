-- What authenticators that belong to this organisation say went wrong, under the id that a person reads out. It names nobody.
CREATE TABLE feedback (
    tenant_id {BLOB} NOT NULL,
    id TEXT NOT NULL,
    received BIGINT NOT NULL,
    bundle {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX feedback_received ON feedback (received);
