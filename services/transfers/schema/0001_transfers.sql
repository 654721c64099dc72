-- What becomes of an upload is decided once.
CREATE TABLE upload (
    id uuid PRIMARY KEY,
    gallery_id uuid NOT NULL
);
CREATE INDEX upload_by_gallery ON upload (gallery_id);

-- The files of both tabs; in a gallery's tab, a key names one.
CREATE TABLE file (
    id uuid PRIMARY KEY, -- the upload that brought its first version
    gallery_id uuid NOT NULL,
    tab text NOT NULL CHECK (tab IN ('photos', 'transfers')),
    match_key text NOT NULL,
    filename text NOT NULL,
    version int NOT NULL DEFAULT 1,
    folder text NOT NULL, -- where its objects are
    UNIQUE (gallery_id, tab, match_key)
);

-- What is to be removed from the object store, and when. A folder that is being filled stands here from before its first
-- object until the file counts, so that whatever comes between, nothing stays behind.
CREATE TABLE doomed (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    target text NOT NULL, -- the key of an object, or of a folder with all that is in it, which ends in /
    due_at timestamptz NOT NULL
);
CREATE INDEX doomed_by_due ON doomed (due_at);
