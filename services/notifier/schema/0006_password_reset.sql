-- `reset` goes to whoever logs in as a studio, is about no gallery, and not sent any more once its link has expired.
ALTER TABLE mail ALTER COLUMN gallery_id DROP NOT NULL,
    ADD COLUMN expires_at timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN locale text, -- of a mail about a password; every other is in the language of its order or gallery
    DROP CONSTRAINT mail_kind_check, DROP CONSTRAINT mail_check, DROP CONSTRAINT mail_check1,
    ADD CHECK (kind IN ('ready', 'links', 'unpaid', 'not_downloaded', 'last_days', 'ends_14', 'ends_3', 'reset')),
    ADD CHECK ((kind IN ('links', 'reset')) = (email IS NOT NULL) AND (kind IN ('links', 'reset')) = (attempt IS NULL)),
    ADD CHECK ((kind IN ('links', 'reset', 'ends_14', 'ends_3')) = (order_id IS NULL)),
    ADD CHECK ((kind = 'reset') = (gallery_id IS NULL) AND (kind = 'reset') = (locale IS NOT NULL));
CREATE INDEX mail_of_reset ON mail (email) WHERE kind = 'reset';
CREATE INDEX mail_to_expire ON mail (expires_at) WHERE kind = 'reset' AND state = 'queued';
