-- What came of the newest tries of a delivery, newest first, also of those before a replay: [{at, status, answer}].
ALTER TABLE webhook_delivery ADD COLUMN attempts jsonb NOT NULL DEFAULT '[]';
UPDATE webhook_delivery
    SET attempts = jsonb_build_array(jsonb_build_object('at', tried_at, 'status', status, 'answer', answer))
    WHERE tried_at IS NOT NULL;
