-- What makes a record provable. `leaf` is hashed from the row itself (docs/evidence.md); `shard` and `number` say where it
-- stands among the records that are written, NULL in rows of a program that did not know them yet. A salt goes when the
-- person is erased, and the commitment that was made with it stays.

ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN actor_id {BLOB};
ALTER TABLE audit ADD COLUMN target_ids TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN actor_salt {BLOB};
ALTER TABLE audit ADD COLUMN actor_commitment {BLOB};
ALTER TABLE audit ADD COLUMN subject_salt {BLOB};
ALTER TABLE audit ADD COLUMN subject_commitment {BLOB};
ALTER TABLE audit ADD COLUMN leaf {BLOB};
ALTER TABLE audit ADD COLUMN shard BIGINT;
ALTER TABLE audit ADD COLUMN number BIGINT;
CREATE UNIQUE INDEX audit_shard ON audit (tenant_id, shard, number);
CREATE INDEX audit_actor ON audit (tenant_id, actor_id, id);

ALTER TABLE sign_ins ADD COLUMN salt {BLOB};
ALTER TABLE sign_ins ADD COLUMN commitment {BLOB};
ALTER TABLE sign_ins ADD COLUMN leaf {BLOB};
ALTER TABLE sign_ins ADD COLUMN shard BIGINT;
ALTER TABLE sign_ins ADD COLUMN number BIGINT;
CREATE UNIQUE INDEX sign_ins_shard ON sign_ins (tenant_id, shard, number);

-- The last number given in a shard. One row per PostgreSQL backend (modulo), moved by the statement that writes the record.
CREATE TABLE evidence_shards (
    tenant_id {BLOB} NOT NULL,
    log TEXT NOT NULL,
    shard BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, log, shard)
) {CLUSTERED};

-- Who does what only one node may do: a lease with a fencing epoch that grows with each new holder. Apart from `leases`,
-- whose row is the lock of the migrations: changing that table would wait for the nodes that wait for it.
CREATE TABLE node_leases (
    name TEXT NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    holder {BLOB},
    expires BIGINT NOT NULL
);

-- How far the sequencer has read each shard. Apart from evidence_shards, so that it never holds a row that a sign-in needs.
CREATE TABLE evidence_folds (
    tenant_id {BLOB} NOT NULL,
    log TEXT NOT NULL,
    shard BIGINT NOT NULL,
    folded BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, log, shard)
) {CLUSTERED};

-- The tree of a log: its size, how many leaves retention has dropped from its beginning, and its head as a signed note.
CREATE TABLE evidence_trees (
    tenant_id {BLOB} NOT NULL,
    log TEXT NOT NULL,
    size BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    head TEXT NOT NULL,
    PRIMARY KEY (tenant_id, log)
);

-- Hashes of the tree, 64 to a row. A tile of level 0 holds leaves, one of level n the hashes of full tiles of level n - 1.
CREATE TABLE evidence_tiles (
    tenant_id {BLOB} NOT NULL,
    log TEXT NOT NULL,
    level BIGINT NOT NULL,
    place BIGINT NOT NULL,
    hashes {BLOB} NOT NULL,
    PRIMARY KEY (tenant_id, log, level, place)
) {CLUSTERED};

-- Which records stand where: leaf `position + i` is record `number + i` of the shard, for i below `count`.
CREATE TABLE evidence_ranges (
    tenant_id {BLOB} NOT NULL,
    log TEXT NOT NULL,
    position BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    number BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, log, position)
) {CLUSTERED};
CREATE UNIQUE INDEX evidence_ranges_shard ON evidence_ranges (tenant_id, log, shard, number);

-- Heads that were given to the outside.
CREATE TABLE evidence_checkpoints (
    tenant_id {BLOB} NOT NULL,
    log TEXT NOT NULL,
    size BIGINT NOT NULL,
    made BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (tenant_id, log, size, made)
) {CLUSTERED};

-- Each key is certified by the one before it; the private half is destroyed when the next one takes over.
CREATE TABLE evidence_keys (
    tenant_id {BLOB} NOT NULL,
    number BIGINT NOT NULL,
    created BIGINT NOT NULL,
    ed25519 {BLOB} NOT NULL,
    ml_dsa {BLOB} NOT NULL,
    statement TEXT NOT NULL,
    wrapped {BLOB},
    PRIMARY KEY (tenant_id, number)
);
