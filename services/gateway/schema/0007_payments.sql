-- Payment providers that studios have connected.
CREATE TABLE payment_connection (
    studio_id uuid NOT NULL REFERENCES studio ON DELETE CASCADE,
    provider text NOT NULL,
    sealed bytea NOT NULL, -- services.gateway.payments.connections.Secrets
    connected_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (studio_id, provider)
);

-- Every webhook that was verified, as it came.
CREATE TABLE webhook (
    studio_id uuid NOT NULL,
    provider text NOT NULL,
    event_id text NOT NULL, -- the provider's: a repeat is harmless
    type text NOT NULL,
    payment_id text,
    order_id uuid,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (studio_id, provider, event_id)
);
CREATE INDEX webhook_by_age ON webhook (studio_id, received_at);
CREATE INDEX webhook_by_order ON webhook (order_id);

-- The view of payments: filled from events only.
CREATE TABLE payment (
    id uuid PRIMARY KEY,
    studio_id uuid NOT NULL,
    provider text NOT NULL,
    payment_id text NOT NULL,
    order_id uuid,
    gallery_id uuid,
    amount bigint NOT NULL,
    currency text NOT NULL,
    refunded bigint NOT NULL,
    pays boolean NOT NULL,
    problem text,
    dismissed text,
    received_at timestamptz NOT NULL,
    revision int NOT NULL
);
CREATE INDEX payment_by_studio ON payment (studio_id, id);
CREATE INDEX payment_problem ON payment (studio_id, id) WHERE problem IS NOT NULL AND dismissed IS NULL;
CREATE INDEX payment_by_gallery ON payment (gallery_id);
CREATE INDEX payment_by_order ON payment (order_id);
