-- Where photographers' own systems want to be told what happens.
CREATE TABLE webhook_endpoint (
    id uuid PRIMARY KEY,
    studio_id uuid NOT NULL REFERENCES studio ON DELETE CASCADE,
    url text NOT NULL,
    events text[] NOT NULL,
    rotation int NOT NULL DEFAULT 0, -- of the secret that deliveries are signed by; it is derived, never stored
    rotated_at timestamptz, -- for a day, they are signed by the secret before as well
    disabled_at timestamptz, -- it said that it is gone for good (410)
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_endpoint_by_studio ON webhook_endpoint (studio_id, id);

-- What is to be told, until its order is in the view and it is known whom to tell.
CREATE TABLE webhook_news (
    event_id text PRIMARY KEY,
    order_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    more json NOT NULL -- beside the order's own data
);
CREATE INDEX webhook_news_by_order ON webhook_news (order_id);
CREATE INDEX webhook_news_by_gallery ON webhook_news (gallery_id);

CREATE TABLE webhook_delivery (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    gallery_id uuid,
    event_id text NOT NULL, -- the same for every try, and for a replay
    kind text NOT NULL,
    body text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries int NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    status int, -- of the last answer
    answer text, -- its beginning, or why there was none
    created_at timestamptz NOT NULL DEFAULT now(),
    tried_at timestamptz,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_try_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_by_age ON webhook_delivery USING brin (created_at);
CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (endpoint_id, id);
CREATE INDEX webhook_delivery_by_gallery ON webhook_delivery (gallery_id);
