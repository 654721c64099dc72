-- Every service's schema has these.
CREATE TABLE inbox (
    consumer text NOT NULL,
    message_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_by_age ON inbox USING brin (handled_at);

CREATE TABLE deleted_gallery (
    id uuid PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT now()
);

-- Whether a gallery is not deleted, and will not be before the commit. The shared lock waits for a deletion that is under
-- way; plpgsql then looks with fresh eyes.
CREATE FUNCTION lives(gallery_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('deleted:' || gallery_id, 0));
    RETURN NOT EXISTS (SELECT FROM deleted_gallery WHERE id = gallery_id);
END $$;

-- Claims a message for a consumer; false when it was claimed before, or when its gallery is deleted and nothing may come
-- of it any more.
CREATE FUNCTION claim(consumer text, message_id uuid, gallery_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF gallery_id IS NOT NULL AND NOT lives(gallery_id) THEN
        RETURN false;
    END IF;
    INSERT INTO inbox VALUES (consumer, message_id) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,
    topic text NOT NULL,
    gallery_id uuid, -- whose personal data the payload may hold, so that deleting the gallery deletes it here too
    payload json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_by_gallery ON outbox (gallery_id) WHERE gallery_id IS NOT NULL;
