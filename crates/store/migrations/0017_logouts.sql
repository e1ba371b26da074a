-- Applications that a session signed in to and that want to be told when it is over. `sid` is what their tokens name it by, and
-- `session_id` the session that is there now: a later sign-in in the same browser takes the place of the first. `due` is empty
-- while the session lives; then it is the lease of whoever tells, as in `outbox`.
CREATE TABLE session_clients (
    tenant_id {BLOB} NOT NULL,
    sid {BLOB} NOT NULL,
    application_id {BLOB} NOT NULL,
    session_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    since BIGINT NOT NULL,
    ended BIGINT,
    due BIGINT,
    epoch BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, sid, application_id),
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX session_clients_session ON session_clients (tenant_id, user_id, session_id);
CREATE INDEX session_clients_application ON session_clients (tenant_id, application_id);
CREATE INDEX session_clients_due ON session_clients (due) WHERE due IS NOT NULL;
CREATE INDEX session_clients_since ON session_clients (since);
