-- Nobody knows any more whose order it is: nobody is written to about it.
ALTER TABLE client_order ADD COLUMN erased boolean NOT NULL DEFAULT false;

-- The mails that are due, as before, but for orders of erased clients.
CREATE OR REPLACE VIEW due_mail AS
SELECT o.id AS order_id, o.gallery_id, could.kind
FROM client_order o
JOIN gallery g ON g.id = o.gallery_id
LEFT JOIN readiness r ON r.order_id = o.id
CROSS JOIN LATERAL (
    SELECT max(changed_at) FILTER (WHERE state = 'sent') AS last_at,
        count(*) FILTER (WHERE state IN ('queued', 'sending')) AS on_its_way
    FROM mail WHERE order_id = o.id AND kind = 'ready') notification
CROSS JOIN LATERAL (VALUES
    ('ready', o.status = 'paid' AND r.ready AND g.download_policy <> 'none', g.auto_notify),
    ('unpaid', o.status = 'placed', o.placed_at + make_interval(days => g.remind_unpaid_days) <= now()),
    ('not_downloaded',
     o.status = 'paid' AND r.ready AND g.download_policy <> 'none' AND notification.last_at IS NOT NULL
         AND NOT EXISTS (SELECT FROM downloaded d WHERE d.order_id = o.id),
     notification.on_its_way = 0 AND notification.last_at + make_interval(days => g.remind_download_days) <= now())
) AS could (kind, possible, by_itself)
WHERE could.possible AND NOT o.erased
    AND (could.by_itself OR EXISTS (SELECT FROM asked a WHERE a.order_id = o.id AND a.kind = could.kind));
