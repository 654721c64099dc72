-- Galleries that were deleted, and what each service says that it has removed. Names nobody.
CREATE TABLE deletion (
    deleted_id uuid PRIMARY KEY,
    studio_id uuid NOT NULL,
    asked_at timestamptz NOT NULL
);
CREATE INDEX deletion_by_studio ON deletion (studio_id, asked_at);

CREATE TABLE deletion_part (
    deleted_id uuid NOT NULL,
    service text NOT NULL,
    finished_at timestamptz NOT NULL,
    counts json NOT NULL,
    PRIMARY KEY (deleted_id, service)
);
