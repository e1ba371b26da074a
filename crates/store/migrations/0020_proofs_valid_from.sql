-- Two factors that were shown before this moment are asked for again: another system raised an alarm about the person.
ALTER TABLE users ADD COLUMN proofs_valid_from BIGINT;
