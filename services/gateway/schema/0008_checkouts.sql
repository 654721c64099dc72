-- Online payments that clients have started on a provider's page.
CREATE TABLE checkout (
    id uuid PRIMARY KEY, -- also the idempotency key, and what the provider tells us back
    order_id uuid NOT NULL,
    gallery_id uuid NOT NULL,
    studio_id uuid NOT NULL,
    provider text NOT NULL,
    external_id text, -- the provider's own name for it, once it has answered
    url text, -- its page
    amount bigint NOT NULL,
    currency text NOT NULL,
    state text NOT NULL, -- services.gateway.payments.providers.CheckoutState
    started_at timestamptz NOT NULL DEFAULT now(),
    next_look_at timestamptz, -- when the provider is asked what has become of it; null: never
    looks int NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX checkout_open ON checkout (order_id) WHERE state IN ('starting', 'open');
CREATE INDEX checkout_by_order ON checkout (order_id, id);
CREATE INDEX checkout_by_gallery ON checkout (gallery_id);
CREATE INDEX checkout_to_look_at ON checkout (next_look_at) WHERE next_look_at IS NOT NULL;

-- Refunds of providers that tell each by itself, and not what went back in all.
CREATE TABLE payment_refund (
    studio_id uuid NOT NULL,
    provider text NOT NULL,
    payment_id text NOT NULL,
    refund_id text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (studio_id, provider, payment_id, refund_id)
);
