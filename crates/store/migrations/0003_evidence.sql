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
