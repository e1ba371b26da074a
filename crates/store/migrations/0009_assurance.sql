-- How well somebody signed in for a code and what it gave: the authentication contexts that were
-- satisfied and the authentication context class (acr), as tokens say it.
ALTER TABLE codes ADD COLUMN assurance TEXT NOT NULL DEFAULT '{}';
ALTER TABLE grants ADD COLUMN assurance TEXT NOT NULL DEFAULT '{}';
