-- What administrators decided: one document each, with a version of its own for edits that must not
-- overwrite each other, and every earlier text, so that a decision can be replayed under the policy
-- version that it names.

CREATE TABLE policy_documents (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
);

-- An absent body is a document that was taken away.
CREATE TABLE policy_history (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    body TEXT,
    changed BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id, policy_version)
);

-- What was shown in a session, with its moments: strengths are judged from it. The older column
-- `methods` stays filled for programs that do not know this one.
ALTER TABLE sessions ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
ALTER TABLE attempts ADD COLUMN proofs TEXT NOT NULL DEFAULT '[]';
