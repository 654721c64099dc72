-- The orders and payments whose people are erased: nothing that names them is kept any more.
CREATE TABLE erased_subject (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX erased_subject_by_gallery ON erased_subject (gallery_id);

-- Whether the people of an order or payment are erased. When they are not, they will not be before the commit: the shared lock
-- waits for an erasure that is under way; plpgsql then looks with fresh eyes.
CREATE FUNCTION erased(subject uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('erased:' || subject, 0));
    RETURN EXISTS (SELECT FROM erased_subject WHERE id = subject);
END $$;
