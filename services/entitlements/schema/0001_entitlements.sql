-- Of two decisions about one thing, the one with the higher revision is the newer; taken under the gallery's lock.
CREATE SEQUENCE revision;

CREATE TABLE client_order (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    paid boolean NOT NULL,
    ready boolean NOT NULL DEFAULT false, -- as last told
    revision int NOT NULL -- of the order, counted by orders
);
CREATE INDEX client_order_by_gallery ON client_order (gallery_id);

CREATE TABLE order_line (
    order_id uuid NOT NULL REFERENCES client_order ON DELETE CASCADE,
    photo_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    match_key text NOT NULL,
    PRIMARY KEY (order_id, photo_id)
);
CREATE INDEX order_line_by_key ON order_line (gallery_id, match_key);

CREATE TABLE photo (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    filename text NOT NULL,
    match_key text NOT NULL
);
CREATE INDEX photo_by_key ON photo (gallery_id, match_key);

CREATE TABLE final (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    match_key text NOT NULL, -- its own
    photo_key text NOT NULL, -- of the photo that it serves: its own, unless a match is confirmed
    photo_id uuid, -- NULL: unmatched
    by_hand boolean NOT NULL,
    suggestions jsonb NOT NULL DEFAULT '[]' -- contracts.entitlements.Suggestion[], while it is unmatched
);
CREATE INDEX final_by_key ON final (gallery_id, match_key);
CREATE INDEX final_by_photo_key ON final (gallery_id, photo_key);
CREATE INDEX final_unmatched ON final (gallery_id) WHERE photo_id IS NULL;

-- What the photographer said about finals of a name; the last word counts.
CREATE TABLE confirmed_match (
    gallery_id uuid NOT NULL,
    transfer_key text NOT NULL,
    photo_id uuid, -- NULL: taken back
    photo_key text,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (gallery_id, transfer_key)
);

-- Photos and finals that were removed, perhaps before they were heard of: their ids never come back.
CREATE TABLE gone (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL
);
CREATE INDEX gone_by_gallery ON gone (gallery_id);

CREATE TABLE entitlement (
    order_id uuid NOT NULL REFERENCES client_order ON DELETE CASCADE,
    photo_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    PRIMARY KEY (order_id, photo_id, transfer_id)
);

-- Where a final of this name belongs, in one row. A confirmed match counts until its photo is gone; it may be confirmed
-- before its photo is heard of.
CREATE FUNCTION belonging(of_gallery uuid, of_key text)
RETURNS TABLE (photo_key text, photo_id uuid, by_hand boolean) LANGUAGE sql STABLE AS $$
    SELECT coalesce(confirmed.photo_key, of_key), coalesce(confirmed.photo_id, namesake.id), confirmed.photo_id IS NOT NULL
    FROM (SELECT) AS always
    LEFT JOIN LATERAL (
        SELECT c.photo_key, coalesce(p.id, c.photo_id) AS photo_id
        FROM confirmed_match c LEFT JOIN photo p ON p.gallery_id = c.gallery_id AND p.match_key = c.photo_key
        WHERE c.gallery_id = of_gallery AND c.transfer_key = of_key AND c.photo_id IS NOT NULL
            AND (p.id IS NOT NULL OR NOT EXISTS (SELECT FROM gone g WHERE g.id = c.photo_id))
        ORDER BY p.id DESC LIMIT 1
    ) confirmed ON true
    LEFT JOIN LATERAL (
        SELECT p.id FROM photo p WHERE p.gallery_id = of_gallery AND p.match_key = of_key ORDER BY p.id DESC LIMIT 1
    ) namesake ON true
$$;
