-- How far each log stream of the configuration has come: the next leaf of a tree, or the last checkpoint (size and moment).
CREATE TABLE log_cursors (
    tenant_id {BLOB} NOT NULL,
    stream TEXT NOT NULL,
    source TEXT NOT NULL,
    position BIGINT NOT NULL,
    moment BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, stream, source)
) {CLUSTERED};
