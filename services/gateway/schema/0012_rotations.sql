-- When its secret was replaced before `rotated_at`, newest first: for a day each, deliveries are signed by old ones as well.
ALTER TABLE webhook_endpoint ADD COLUMN rotated_before timestamptz[] NOT NULL DEFAULT '{}';
