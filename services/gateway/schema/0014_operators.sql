ALTER TABLE studio ADD COLUMN is_operator boolean NOT NULL DEFAULT false; -- may see the queues and dead messages
