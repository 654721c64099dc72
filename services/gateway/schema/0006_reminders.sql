-- Reminders, at most one for an order and kind.
CREATE TABLE reminder (
    order_id uuid NOT NULL,
    kind text NOT NULL, -- contracts.notifier.ReminderKind
    gallery_id uuid NOT NULL,
    state text NOT NULL,
    changed_at timestamptz NOT NULL,
    error text,
    revision bigint NOT NULL, -- 0: asked for here, not yet heard of from the notifier
    PRIMARY KEY (order_id, kind)
);
CREATE INDEX reminder_by_gallery ON reminder (gallery_id);

-- Whom there is something to remind of, and since when: the order is not paid; or its client was mailed, could download
-- all of it, and has fetched nothing.
CREATE VIEW remindable AS
SELECT id AS order_id, gallery_id, 'unpaid' AS kind, placed_at AS since FROM client_order WHERE status = 'placed'
UNION ALL
SELECT o.id, o.gallery_id, 'not_downloaded', n.sent_at
FROM client_order o
JOIN gallery g ON g.id = o.gallery_id
JOIN readiness r ON r.order_id = o.id
JOIN notification n ON n.order_id = o.id
WHERE o.status = 'paid' AND r.ready AND n.sent_at IS NOT NULL AND n.state NOT IN ('queued', 'sending')
    AND g.settings ->> 'download_policy' <> 'none' AND NOT EXISTS (SELECT FROM download d WHERE d.order_id = o.id);
