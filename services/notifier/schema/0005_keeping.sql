-- How long a gallery is kept, and the language in which its photographer is told.
ALTER TABLE gallery ADD COLUMN keep_until timestamptz, ADD COLUMN locale text NOT NULL DEFAULT 'en';

-- The finals that each order's client has fetched, since this version.
CREATE TABLE fetched (
    order_id uuid NOT NULL,
    transfer_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    PRIMARY KEY (order_id, transfer_id)
);
CREATE INDEX fetched_by_gallery ON fetched (gallery_id);

-- `ends_14` and `ends_3` go to the photographer. What tells of a date goes once for it: `attempt` is the date's number.
ALTER TABLE mail DROP CONSTRAINT mail_kind_check, DROP CONSTRAINT mail_check,
    ADD CHECK (kind IN ('ready', 'links', 'unpaid', 'not_downloaded', 'last_days', 'ends_14', 'ends_3')),
    ADD CHECK ((kind = 'links') = (email IS NOT NULL) AND (kind = 'links') = (attempt IS NULL)),
    ADD CHECK ((kind IN ('links', 'ends_14', 'ends_3')) = (order_id IS NULL));
CREATE UNIQUE INDEX mail_to_studio ON mail (gallery_id, kind, attempt) WHERE order_id IS NULL AND attempt IS NOT NULL;

CREATE FUNCTION number_of(moment timestamptz) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT (moment AT TIME ZONE 'UTC')::date - date '1970-01-01'
$$;

-- The mails that are due, as before, but for orders of erased clients; and who has not fetched all is told a week before the gallery is deleted.
CREATE OR REPLACE VIEW due_mail AS
SELECT o.id AS order_id, o.gallery_id, could.kind, could.attempt
FROM client_order o
JOIN gallery g ON g.id = o.gallery_id
LEFT JOIN readiness r ON r.order_id = o.id
CROSS JOIN LATERAL (
    SELECT max(changed_at) FILTER (WHERE state = 'sent') AS last_at,
        count(*) FILTER (WHERE state IN ('queued', 'sending')) AS on_its_way
    FROM mail WHERE order_id = o.id AND kind = 'ready') notification
CROSS JOIN LATERAL (VALUES
    ('ready', 1, o.status = 'paid' AND r.ready AND g.download_policy <> 'none', g.auto_notify),
    ('unpaid', 1, o.status = 'placed', o.placed_at + make_interval(days => g.remind_unpaid_days) <= now()),
    ('not_downloaded', 1,
     o.status = 'paid' AND r.ready AND g.download_policy <> 'none' AND notification.last_at IS NOT NULL
         AND NOT EXISTS (SELECT FROM downloaded d WHERE d.order_id = o.id),
     notification.on_its_way = 0 AND notification.last_at + make_interval(days => g.remind_download_days) <= now()),
    ('last_days', number_of(g.keep_until),
     o.status = 'paid' AND r.ready AND g.download_policy <> 'none' AND g.keep_until > now()
         AND (SELECT count(*) FROM fetched f WHERE f.order_id = o.id) < o.photos,
     g.keep_until - interval '7 days' <= now())
) AS could (kind, attempt, possible, by_itself)
WHERE could.possible AND NOT o.erased
    AND (could.by_itself OR EXISTS (SELECT FROM asked a WHERE a.order_id = o.id AND a.kind = could.kind));

-- What the photographer is to be told of a gallery now: 14 days before its end, and again 3 days before.
CREATE VIEW due_studio_mail AS
SELECT g.id AS gallery_id, CASE WHEN g.keep_until - interval '3 days' <= now() THEN 'ends_3' ELSE 'ends_14' END AS kind,
    number_of(g.keep_until) AS attempt
FROM gallery g
WHERE g.keep_until > now() AND g.keep_until - interval '14 days' <= now();
