-- What came in through payment providers, whether it fits an order or not.
CREATE TABLE payment (
    id uuid PRIMARY KEY,
    studio_id uuid NOT NULL,
    provider text NOT NULL,
    payment_id text NOT NULL, -- the provider's own name for it
    order_id uuid, -- that it is meant for; it may not be here yet, or never
    gallery_id uuid, -- of that order, once it is here
    amount bigint NOT NULL, -- minor units; 0 while only a refund was heard of
    currency text NOT NULL,
    refunded bigint NOT NULL,
    pays boolean NOT NULL,
    assigned boolean NOT NULL,
    disputed boolean NOT NULL,
    problem text, -- contracts.payments.PaymentProblem
    dismissed text,
    received_at timestamptz NOT NULL,
    revision int NOT NULL,
    UNIQUE (studio_id, provider, payment_id) -- two different events about one payment pay once
);
CREATE INDEX payment_by_order ON payment (order_id);
CREATE INDEX payment_by_gallery ON payment (gallery_id);

-- The number of the lock under which a studio's payments meet their orders.
CREATE FUNCTION payments_of(studio_id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('payments:' || studio_id, 0)
$$;
