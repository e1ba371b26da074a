-- The key that a code, and the refresh tokens of a public client, are bound to (RFC 9449): its JWK thumbprint.
ALTER TABLE codes ADD COLUMN proof_key {BLOB};
ALTER TABLE grants ADD COLUMN proof_key {BLOB};
