-- Streams of security events to other systems (SSF), and what is on its way along them.

-- `last` is the number of the newest event, `waiting` how many were not acknowledged. `due`, `epoch` and `attempts` are the
-- lease of whoever pushes: one event of a stream is under way at a time. `due` is 0 while nothing went wrong and nobody pushes.
CREATE TABLE signal_streams (
    tenant_id {BLOB} NOT NULL,
    id {BLOB} NOT NULL,
    application_id {BLOB} NOT NULL,
    endpoint TEXT,
    wrapped_authorization {BLOB},
    requested TEXT NOT NULL,
    format TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    created BIGINT NOT NULL,
    verified BIGINT,
    last BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    due BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    failing_since BIGINT,
    problem TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX signal_streams_application ON signal_streams (tenant_id, application_id);

-- People whom a receiver does not want to hear of.
CREATE TABLE signal_exclusions (
    tenant_id {BLOB} NOT NULL,
    stream_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, stream_id, user_id),
    FOREIGN KEY (tenant_id, stream_id) REFERENCES signal_streams (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX signal_exclusions_user ON signal_exclusions (tenant_id, user_id);

-- One event on one stream, written with the change it tells about. It refers to no user: that somebody was deleted is told
-- after they are gone. What was acknowledged stays for a while, for the receipt of a revocation.
CREATE TABLE signals (
    tenant_id {BLOB} NOT NULL,
    stream_id {BLOB} NOT NULL,
    number BIGINT NOT NULL,
    user_id {BLOB},
    address TEXT,
    signal TEXT NOT NULL,
    happened BIGINT NOT NULL,
    correlation {BLOB},
    acknowledged BIGINT,
    refusal TEXT,
    PRIMARY KEY (tenant_id, stream_id, number),
    FOREIGN KEY (tenant_id, stream_id) REFERENCES signal_streams (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};
CREATE INDEX signals_waiting ON signals (tenant_id, stream_id, number) WHERE acknowledged IS NULL;
CREATE INDEX signals_acknowledged ON signals (acknowledged);
CREATE INDEX signals_correlation ON signals (tenant_id, correlation);
