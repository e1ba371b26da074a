-- What the two logs are looked through by. The newest first, or a stretch of time, is a range of `id`, which begins with the
-- moment; so each index ends with it, and no answer has to be sorted.

CREATE INDEX sign_ins_attempt ON sign_ins (tenant_id, correlation, id);
DROP INDEX sign_ins_correlation;
CREATE INDEX sign_ins_application ON sign_ins (tenant_id, application_id, id);
CREATE INDEX sign_ins_error ON sign_ins (tenant_id, error_code, id);
CREATE INDEX sign_ins_failed ON sign_ins (tenant_id, id) WHERE error_code <> 0;
CREATE INDEX sign_ins_name ON sign_ins (tenant_id, lower(user_principal_name), id);

CREATE INDEX audit_attempt ON audit (tenant_id, correlation, id);
DROP INDEX audit_correlation;
CREATE INDEX audit_activity ON audit (tenant_id, lower(activity), id);
CREATE INDEX audit_category ON audit (tenant_id, category, id);
CREATE INDEX audit_service ON audit (tenant_id, lower(service), id);
