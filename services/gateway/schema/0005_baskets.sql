-- What clients have chosen and not ordered yet; a basket is known by its cookie.
CREATE TABLE basket (
    gallery_id uuid NOT NULL,
    digest bytea NOT NULL, -- SHA-256 of the cookie
    photo_ids uuid[] NOT NULL, -- in the order of choosing
    ordered_by uuid, -- the request that orders what is in it; once the order is there, the basket is empty
    used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (gallery_id, digest)
);
CREATE INDEX basket_by_order ON basket (ordered_by);
CREATE INDEX basket_by_use ON basket (used_at);
