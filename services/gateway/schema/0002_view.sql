-- The view: filled from events only, made for the pages and the API. Rows may arrive in any order, so nothing refers to
-- anything; a row is replaced only by a newer revision of itself.
CREATE TABLE gallery (
    id uuid PRIMARY KEY,
    studio_id uuid NOT NULL,
    public_digest bytea NOT NULL UNIQUE, -- SHA-256 of the public link's token
    settings json NOT NULL, -- contracts.orders.GallerySettings
    studio json NOT NULL, -- contracts.orders.Studio
    opened_at timestamptz NOT NULL,
    revision int NOT NULL
);
CREATE INDEX gallery_by_studio ON gallery (studio_id, id);

CREATE TABLE photo (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    filename text NOT NULL,
    match_key text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    width int NOT NULL,
    height int NOT NULL,
    small_key text NOT NULL,
    large_key text NOT NULL,
    shown text NOT NULL, -- `photo_shown`, with presigned URLs, so that a page of the listing puts ready pieces together
    signed_until timestamptz NOT NULL
);

-- A photo in a listing, as JSON.
CREATE FUNCTION photo_shown(
    id uuid, filename text, match_key text, width int, height int, small_url text, large_url text
) RETURNS text LANGUAGE sql AS $$
    SELECT json_build_object('id', id, 'filename', filename, 'match_key', match_key, 'width', width, 'height', height,
                             'previews', json_build_object('small', small_url, 'large', large_url))::text
$$;
CREATE INDEX photo_by_name ON photo (gallery_id, match_key, id);

CREATE TABLE transfer (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    filename text NOT NULL,
    match_key text NOT NULL,
    version int NOT NULL,
    size bigint NOT NULL,
    crc32 bigint NOT NULL,
    sha256 text NOT NULL,
    content_type text NOT NULL,
    object_key text NOT NULL,
    stored_at timestamptz NOT NULL,
    preview_key text NOT NULL,
    preview_url text NOT NULL,
    signed_until timestamptz NOT NULL
);
CREATE INDEX transfer_by_name ON transfer (gallery_id, match_key, id);

-- Later versions of finals: who had been mailed by then finds them in the order's timeline.
CREATE TABLE new_version (
    transfer_id uuid NOT NULL,
    version int NOT NULL,
    gallery_id uuid NOT NULL,
    at timestamptz NOT NULL,
    message_id uuid NOT NULL,
    filename text NOT NULL,
    PRIMARY KEY (transfer_id, version)
);
CREATE INDEX new_version_by_gallery ON new_version (gallery_id);

-- Photos and finals that are gone. Their ids never come back.
CREATE TABLE removed_file (id uuid PRIMARY KEY, gallery_id uuid NOT NULL);

-- Whether a file is not removed, and will not be before the commit. The shared lock waits for a removal that is under way;
-- plpgsql then looks with fresh eyes.
CREATE FUNCTION stays(file_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('removed:' || file_id, 0));
    RETURN NOT EXISTS (SELECT FROM removed_file WHERE id = file_id);
END $$;

CREATE TABLE transfer_match (
    transfer_id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    photo_id uuid,
    by_hand boolean NOT NULL,
    suggestions json NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX transfer_match_by_gallery ON transfer_match (gallery_id);

CREATE TABLE client_order (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    studio_id uuid NOT NULL,
    number int NOT NULL,
    client json NOT NULL, -- contracts.orders.Client
    email text NOT NULL, -- of the client, lower case
    status text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    link_rotation int NOT NULL,
    placed_at timestamptz NOT NULL,
    revision int NOT NULL
);
CREATE INDEX client_order_by_number ON client_order (gallery_id, number);
CREATE INDEX client_order_by_email ON client_order (gallery_id, email);

CREATE TABLE order_line (
    order_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    position int NOT NULL,
    filename text NOT NULL,
    PRIMARY KEY (order_id, photo_id)
);
CREATE INDEX order_line_by_photo ON order_line (photo_id);
CREATE INDEX order_line_by_gallery ON order_line (gallery_id);

CREATE TABLE client_link (
    digest bytea PRIMARY KEY, -- SHA-256 of the personal link's token
    order_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    rotation int NOT NULL
);
CREATE INDEX client_link_by_gallery ON client_link (gallery_id);

CREATE TABLE entitlement (
    order_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    photo_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    granted boolean NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (order_id, transfer_id)
);
CREATE INDEX entitlement_by_transfer ON entitlement (transfer_id);
CREATE INDEX entitlement_by_gallery ON entitlement (gallery_id);

CREATE TABLE readiness (
    order_id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    ready boolean NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX readiness_by_gallery ON readiness (gallery_id);

CREATE TABLE notification (
    order_id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    state text NOT NULL,
    sent_at timestamptz,
    error text,
    revision bigint NOT NULL, -- 0: asked for here, not yet heard of from the notifier
    asked_at timestamptz NOT NULL DEFAULT now() -- when its latest mail was asked for: mails asked for together go together
);
CREATE INDEX notification_by_gallery ON notification (gallery_id);

CREATE TABLE timeline (
    order_id uuid NOT NULL,
    at timestamptz NOT NULL,
    what text NOT NULL,
    message_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    detail text,
    PRIMARY KEY (order_id, at, what, message_id)
);
CREATE INDEX timeline_by_gallery ON timeline (gallery_id);

CREATE INDEX photo_by_signature ON photo (signed_until);
CREATE INDEX transfer_by_signature ON transfer (signed_until);
-- Where the store was when the preview URLs were signed.
CREATE TABLE signed_for (one boolean PRIMARY KEY DEFAULT true CHECK (one), base text NOT NULL);
