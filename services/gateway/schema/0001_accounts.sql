CREATE TABLE studio (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    locale text NOT NULL,
    contact_email text NOT NULL, -- where clients' answers go
    revision int NOT NULL DEFAULT 0, -- of name and contact_email
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX studio_by_email ON studio (lower(email));

CREATE TABLE login_session (
    digest bytea PRIMARY KEY, -- SHA-256 of the cookie
    studio_id uuid NOT NULL REFERENCES studio ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

CREATE TABLE api_token (
    id uuid PRIMARY KEY,
    studio_id uuid NOT NULL REFERENCES studio ON DELETE CASCADE,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE, -- SHA-256 of the token
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_token_by_studio ON api_token (studio_id);

-- Wrong passwords and access codes, per account and per address.
CREATE TABLE wrong_try (
    subject text PRIMARY KEY,
    count int NOT NULL,
    last_at timestamptz NOT NULL
);

-- Every write that a command does, and every POST with an Idempotency-Key.
CREATE TABLE request (
    id uuid PRIMARY KEY, -- of the command, too: its answers carry it as their cause
    scope text NOT NULL, -- who asks: keys of different callers never meet
    idempotency_key text,
    fingerprint bytea NOT NULL, -- of method, path and body, by the secret: bodies hold passwords
    action text NOT NULL, -- how to make the answer
    subject json NOT NULL, -- what the answer is about
    gallery_id uuid,
    pending int NOT NULL, -- answers still to come
    refusals json[] NOT NULL DEFAULT '{}',
    gave_up boolean NOT NULL DEFAULT false, -- the caller was told to come back
    answer bytea, -- the first one, sealed by the secret: it may show links
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (scope, idempotency_key)
);
CREATE INDEX request_by_age ON request USING brin (created_at);
CREATE INDEX request_by_gallery ON request (gallery_id) WHERE gallery_id IS NOT NULL;
