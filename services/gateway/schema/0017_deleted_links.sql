-- Personal links of deleted galleries, by which they are known for a year, so that they can say what has happened.
CREATE TABLE deleted_link (
    digest bytea PRIMARY KEY, -- SHA-256 of the link's token
    deleted_id uuid NOT NULL
);
CREATE INDEX deleted_link_by_deletion ON deleted_link (deleted_id);
