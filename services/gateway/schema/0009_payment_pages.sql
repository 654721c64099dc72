-- When a connected provider's webhook was last refused, and why (the photographer is shown it).
ALTER TABLE payment_connection ADD COLUMN refused_at timestamptz, ADD COLUMN refused_why text;

-- Whether a webhook told orders anything; others are recorded only.
ALTER TABLE webhook ADD COLUMN told boolean NOT NULL DEFAULT true;

-- What the pages of payments look up.
CREATE INDEX payment_by_name ON payment (studio_id, provider, payment_id);
CREATE INDEX client_order_unpaid ON client_order (studio_id, currency, amount) WHERE status = 'placed';
