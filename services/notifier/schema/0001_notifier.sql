-- Revisions of notifications: taken under the lock on an order's mail, so that the later is the higher.
CREATE SEQUENCE revision;

-- Numbers of sending loops. Each holds an advisory lock on its number for as long as it lives.
CREATE SEQUENCE sender AS int;

CREATE TABLE gallery (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    studio_name text NOT NULL,
    studio_email text NOT NULL,
    download_policy text NOT NULL,
    auto_notify boolean NOT NULL,
    remind_unpaid_days int, -- NULL: nobody is reminded by itself
    remind_download_days int,
    payment_instructions text NOT NULL,
    revision int NOT NULL
);

CREATE TABLE client_order (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    number int NOT NULL,
    status text NOT NULL,
    photos int NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    placed_at timestamptz NOT NULL,
    client_name text NOT NULL,
    client_email text NOT NULL,
    locale text NOT NULL,
    link_rotation int NOT NULL,
    revision int NOT NULL
);
CREATE INDEX client_order_by_gallery ON client_order (gallery_id);

CREATE TABLE readiness (
    order_id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    ready boolean NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX readiness_by_gallery ON readiness (gallery_id);

-- The orders whose clients have fetched something.
CREATE TABLE downloaded (
    order_id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL
);
CREATE INDEX downloaded_by_gallery ON downloaded (gallery_id);

-- The mails that the photographer has asked for: *Notify clients* (`ready`), or a confirmed reminder.
CREATE TABLE asked (
    order_id uuid NOT NULL,
    kind text NOT NULL,
    gallery_id uuid NOT NULL,
    PRIMARY KEY (order_id, kind)
);
CREATE INDEX asked_by_gallery ON asked (gallery_id);

CREATE TABLE mail (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    gallery_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('ready', 'links', 'unpaid', 'not_downloaded')), -- mails.writing.Kind
    order_id uuid, -- whose mail this is; NULL: one that only lists links
    attempt int,
    email text, -- where a mail that only lists links goes; every other goes to the order's client
    order_ids uuid[] NOT NULL, -- whose personal links stand in it
    on_purpose boolean NOT NULL, -- somebody wants just this mail: it does not wait for the order to be ready
    held boolean NOT NULL DEFAULT false, -- wanted on purpose before it can be written, see wanted_mail
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown')),
    error text,
    due_at timestamptz NOT NULL DEFAULT now(),
    tries int NOT NULL DEFAULT 0,
    first_tried_at timestamptz,
    claimed_by int, -- the sender that has it in hand
    changed_at timestamptz NOT NULL DEFAULT now(),
    revision bigint NOT NULL DEFAULT nextval('revision'),
    correlation_id uuid NOT NULL,
    causation_id uuid,
    UNIQUE (order_id, kind, attempt), -- each order is mailed once (S5), once more for each *Send again*, reminded once
    CHECK ((kind = 'links') = ALL (ARRAY[order_id IS NULL, attempt IS NULL, email IS NOT NULL]))
);
CREATE UNIQUE INDEX mail_in_hand ON mail (order_id, kind) WHERE state IN ('queued', 'sending');
CREATE INDEX mail_to_send ON mail (on_purpose DESC, due_at) WHERE state = 'queued' AND NOT held;
CREATE INDEX mail_wanted ON mail (gallery_id) WHERE state = 'queued' AND on_purpose;
CREATE INDEX mail_being_sent ON mail (claimed_by) WHERE state = 'sending';
CREATE INDEX mail_by_gallery ON mail (gallery_id);

-- The mails of orders that are due, or have been sent: notifications (S5) and reminders, which are asked for or, where the
-- gallery says so, wait for their days. It tells what is due by what is known, and by the time.
CREATE VIEW due_mail AS
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
WHERE could.possible
    AND (could.by_itself OR EXISTS (SELECT FROM asked a WHERE a.order_id = o.id AND a.kind = could.kind));

-- Who wants a mail on purpose may be ahead of what the notifier has heard: the mail waits until the orders in it are known,
-- a notification also until its order is paid and somebody may download.
CREATE VIEW wanted_mail AS
SELECT m.id, m.gallery_id, m.held, count(o.id) < cardinality(m.order_ids) AS hold
FROM mail m
LEFT JOIN gallery g ON g.id = m.gallery_id
LEFT JOIN client_order o ON o.id = ANY (m.order_ids) AND g.id IS NOT NULL
    AND (m.order_id IS NULL OR o.status = 'paid' AND g.download_policy <> 'none')
WHERE m.state = 'queued' AND m.on_purpose
GROUP BY m.id;
