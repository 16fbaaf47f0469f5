-- The name by which people know somebody of the staff, as minutes print it; NULL where it is the one to sign in with
ALTER TABLE person ADD COLUMN full_name TEXT;
