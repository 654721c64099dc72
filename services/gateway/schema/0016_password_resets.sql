-- What the mailed link that sets a new password is known by: each is good once, and for a time; a newer one replaces it.
CREATE TABLE password_reset (
    studio_id uuid PRIMARY KEY REFERENCES studio ON DELETE CASCADE,
    digest bytea NOT NULL UNIQUE, -- SHA-256 of the token
    expires_at timestamptz NOT NULL
);
