-- The bodies of webhooks that are still kept.
CREATE INDEX webhook_body_by_age ON webhook (received_at) WHERE body <> '';
