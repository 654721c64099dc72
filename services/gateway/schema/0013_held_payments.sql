-- What a client has paid and the provider keeps until it is settled, in the provider's words.
ALTER TABLE checkout ADD COLUMN payment_id text, ADD COLUMN paid bigint, ADD COLUMN paid_in text;
